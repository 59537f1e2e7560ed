//! Vectors of float32: the few operations that the tile needs, once for every instruction set.
//!
//! A kernel is written against [`Simd`] and run through [`Isa::run`], which picks the instruction set at run time: the
//! task is compiled once per set, inside a function that enables it. No answer depends on the choice (the certificate
//! sees to that), so `CENTRA_ISA=scalar|avx2|avx512|amx` may force one.

mod bytes;
#[cfg(test)]
mod conformance;
mod isa;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86_64;

pub use isa::Isa;
pub(crate) use portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{Avx2, Avx512};

/// Centers and rows of a tile.
pub(crate) const SIDE: usize = 16;

/// Proof that an instruction set is there, and its float32 vectors.
pub trait Simd: Copy + Send + Sync + 'static {
    /// float32 numbers in a vector.
    const LANES: usize;
    /// Vectors of rows in a microtile.
    const VECTORS: usize;
    /// Centers in a microtile: VECTORS * CENTERS accumulators must fit the registers.
    const CENTERS: usize;
    /// The same for microtiles of few centers: less padding.
    const FEW: usize;
    /// Whether `subtract_product` rounds once.
    const FUSED: bool;
    /// A vector of float32.
    type Floats: Copy;
    /// A vector of int32, lane for lane beside the floats.
    type Ints: Copy;
    /// A lane-wise truth value.
    type Mask: Copy;

    /// All lanes x.
    fn splat(self, x: f32) -> Self::Floats;
    /// All lanes j.
    fn splat_int(self, j: i32) -> Self::Ints;
    /// The first LANES numbers of a slice that has at least as many.
    fn load(self, from: &[f32]) -> Self::Floats;
    /// Likewise for integers.
    fn load_int(self, from: &[i32]) -> Self::Ints;
    /// Writes LANES numbers.
    fn store(self, x: Self::Floats, to: &mut [f32]);
    /// Writes LANES integers.
    fn store_int(self, j: Self::Ints, to: &mut [i32]);
    /// x + y.
    fn add(self, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// x - y.
    fn subtract(self, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// x * y.
    fn multiply(self, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// a - x * y, rounded once where `FUSED`.
    fn subtract_product(self, a: Self::Floats, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// a + x * y, rounded once where `FUSED`.
    fn add_product(self, a: Self::Floats, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// The least lane. Beside lanes that are NaN it may be any lane.
    fn least(self, x: Self::Floats) -> f32;
    /// A mask as bits, lane 0 lowest.
    fn bits(self, mask: Self::Mask) -> u32;
    /// x where x < y, elsewhere y.
    fn min(self, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// x where x > y, elsewhere y.
    fn max(self, x: Self::Floats, y: Self::Floats) -> Self::Floats;
    /// Square root, correctly rounded.
    fn sqrt(self, x: Self::Floats) -> Self::Floats;
    /// x <= y, false where either is not a number.
    fn at_most(self, x: Self::Floats, y: Self::Floats) -> Self::Mask;
    /// x < y, false where either is not a number.
    fn below(self, x: Self::Floats, y: Self::Floats) -> Self::Mask;
    /// i > j.
    fn above_int(self, i: Self::Ints, j: Self::Ints) -> Self::Mask;
    /// i + j.
    fn add_int(self, i: Self::Ints, j: Self::Ints) -> Self::Ints;
    /// Where the mask holds i, elsewhere j.
    fn select_int(self, mask: Self::Mask, i: Self::Ints, j: Self::Ints) -> Self::Ints;
    /// s + x y + x' y', where each lane of the last two is a pair of int16; the sum may wrap.
    fn add_pairs(self, s: Self::Ints, x: Self::Ints, y: Self::Ints) -> Self::Ints;
    /// s + four products, where each lane of x holds four unsigned bytes, and of y four signed ones; the sum may wrap.
    fn add_quads(self, s: Self::Ints, x: Self::Ints, y: Self::Ints) -> Self::Ints;
    /// Pairs of int16 from integers that fit.
    fn pair(self, low: Self::Ints, high: Self::Ints) -> Self::Ints;
    /// The nearest integers, ties to even, of numbers that int32 holds.
    fn round(self, x: Self::Floats) -> Self::Ints;
    /// float32 numbers from integers, rounded.
    fn to_floats(self, i: Self::Ints) -> Self::Floats;
    /// Where the mask holds i + j, elsewhere i.
    fn add_where(self, mask: Self::Mask, i: Self::Ints, j: Self::Ints) -> Self::Ints;
    /// Lanes that differ, as bits, lane 0 lowest.
    fn unequal(self, i: Self::Ints, j: Self::Ints) -> u32;
    /// Transposes 8 x 8 numbers: row i begins at `from[i * from_stride]`, column q goes to `to[q * to_stride]`.
    fn transpose(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize);
    /// Says that what lies here will be read soon.
    #[inline(always)]
    fn prefetch<T>(self, _: &T) {}
    /// Does nothing, but keeps the compiler from beginning with what comes after before all of these are known. (It
    /// would rather finish some of the sums early, and then wait for chains of multiply-adds that are too few to hide
    /// their latency.)
    #[inline(always)]
    fn settle<const R: usize, const C: usize>(self, _: &mut [[Self::Floats; R]; C]) {}
    /// Whether `add_bytes` multiplies tiles of `SIDE` centers and rows at once.
    #[inline(always)]
    fn has_tiles(self) -> bool {
        false
    }
    /// Must be called before `add_bytes` is, for so many groups,
    #[inline(always)]
    fn open_tiles(self, _groups: usize) {}
    /// and this afterwards, by the same thread.
    #[inline(always)]
    fn close_tiles(self) {}
    /// Adds products of int16 from their high and low bytes, four columns to a group (kernel/i8.rs): rows lie
    /// [group][high, low][lane], centers [step][high, low][center][group of the step].
    fn add_bytes<const R: usize, const C: usize>(
        self,
        rows: &[i32],
        centers: &[i32],
        groups: usize,
        sums: &mut [[Self::Ints; R]; C],
    );
    /// Runs a task compiled for this instruction set.
    fn vectorize<T: Task>(self, task: T) -> T::Out;
}

/// Something to run under an instruction set. `run` must be `#[inline(always)]`.
pub trait Task {
    /// What it returns.
    type Out;
    /// The work.
    fn run<S: Simd>(self, simd: S) -> Self::Out;
}
