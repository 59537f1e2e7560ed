//! Plain Rust: the safe path, on every machine. Arrays of eight that the compiler may turn into what vectors there are.

use super::{Simd, Task, bytes};

/// No instruction set beyond the architecture's baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

const N: usize = 8;

#[inline(always)]
fn each<T: Copy, U: Copy, V: Copy + Default>(x: [T; N], y: [U; N], f: impl Fn(T, U) -> V) -> [V; N] {
    let mut out = [V::default(); N];
    for lane in 0..N {
        out[lane] = f(x[lane], y[lane]);
    }
    out
}

impl Simd for Portable {
    const LANES: usize = N;
    const VECTORS: usize = 1;
    const CENTERS: usize = 4;
    const FEW: usize = 4;
    const FUSED: bool = false;
    type Floats = [f32; N];
    type Ints = [i32; N];
    type Mask = [bool; N];

    #[inline(always)]
    fn splat(self, x: f32) -> [f32; N] {
        [x; N]
    }
    #[inline(always)]
    fn splat_int(self, j: i32) -> [i32; N] {
        [j; N]
    }
    #[inline(always)]
    fn load(self, from: &[f32]) -> [f32; N] {
        let mut out = [0.0; N];
        out.copy_from_slice(&from[..N]);
        out
    }
    #[inline(always)]
    fn load_int(self, from: &[i32]) -> [i32; N] {
        let mut out = [0; N];
        out.copy_from_slice(&from[..N]);
        out
    }
    #[inline(always)]
    fn store(self, x: [f32; N], to: &mut [f32]) {
        to[..N].copy_from_slice(&x);
    }
    #[inline(always)]
    fn store_int(self, j: [i32; N], to: &mut [i32]) {
        to[..N].copy_from_slice(&j);
    }
    #[inline(always)]
    fn add(self, x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(x, y, |x, y| x + y)
    }
    #[inline(always)]
    fn subtract(self, x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(x, y, |x, y| x - y)
    }
    #[inline(always)]
    fn multiply(self, x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(x, y, |x, y| x * y)
    }
    #[inline(always)]
    fn subtract_product(self, a: [f32; N], x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(a, self.multiply(x, y), |a, p| a - p)
    }
    #[inline(always)]
    fn add_product(self, a: [f32; N], x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(a, self.multiply(x, y), |a, p| a + p)
    }
    #[inline(always)]
    fn least(self, x: [f32; N]) -> f32 {
        x.iter().fold(f32::INFINITY, |least, &x| if x < least { x } else { least })
    }
    #[inline(always)]
    fn bits(self, mask: [bool; N]) -> u32 {
        mask.iter().rev().fold(0, |bits, &bit| bits << 1 | bit as u32)
    }
    #[inline(always)]
    fn min(self, x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(x, y, |x, y| if x < y { x } else { y })
    }
    #[inline(always)]
    fn max(self, x: [f32; N], y: [f32; N]) -> [f32; N] {
        each(x, y, |x, y| if x > y { x } else { y })
    }
    #[inline(always)]
    fn sqrt(self, x: [f32; N]) -> [f32; N] {
        each(x, x, |x, _| x.sqrt())
    }
    #[inline(always)]
    fn at_most(self, x: [f32; N], y: [f32; N]) -> [bool; N] {
        each(x, y, |x, y| x <= y)
    }
    #[inline(always)]
    fn below(self, x: [f32; N], y: [f32; N]) -> [bool; N] {
        each(x, y, |x, y| x < y)
    }
    #[inline(always)]
    fn add_int(self, i: [i32; N], j: [i32; N]) -> [i32; N] {
        each(i, j, |i, j| i + j)
    }
    #[inline(always)]
    fn add_pairs(self, s: [i32; N], x: [i32; N], y: [i32; N]) -> [i32; N] {
        let products = each(x, y, |x, y| (x as i16 as i32 * y as i16 as i32).wrapping_add((x >> 16) * (y >> 16)));
        each(s, products, |s, p| s.wrapping_add(p))
    }
    #[inline(always)]
    fn add_quads(self, s: [i32; N], x: [i32; N], y: [i32; N]) -> [i32; N] {
        let byte = |x: i32, y: i32, at: u32| (x >> (8 * at)) as u8 as i32 * (y >> (8 * at)) as i8 as i32;
        let products = each(x, y, |x, y| (0..4).map(|at| byte(x, y, at)).sum::<i32>());
        each(s, products, |s, p| s.wrapping_add(p))
    }
    #[inline(always)]
    fn above_int(self, i: [i32; N], j: [i32; N]) -> [bool; N] {
        each(i, j, |i, j| i > j)
    }
    #[inline(always)]
    fn pair(self, low: [i32; N], high: [i32; N]) -> [i32; N] {
        each(low, high, |low, high| (low & 0xffff) | (high << 16))
    }
    #[inline(always)]
    fn round(self, x: [f32; N]) -> [i32; N] {
        each(x, x, |x, _| x.round_ties_even() as i32)
    }
    #[inline(always)]
    fn to_floats(self, i: [i32; N]) -> [f32; N] {
        each(i, i, |i, _| i as f32)
    }
    #[inline(always)]
    fn select_int(self, mask: [bool; N], i: [i32; N], j: [i32; N]) -> [i32; N] {
        each(mask, each(i, j, |i, j| (i, j)), |mask, (i, j)| if mask { i } else { j })
    }
    #[inline(always)]
    fn add_where(self, mask: [bool; N], i: [i32; N], j: [i32; N]) -> [i32; N] {
        each(i, each(mask, j, |mask, j| if mask { j } else { 0 }), |i, j| i + j)
    }
    #[inline(always)]
    fn unequal(self, i: [i32; N], j: [i32; N]) -> u32 {
        self.bits(each(i, j, |i, j| i != j))
    }
    #[inline(always)]
    fn transpose(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
        for i in 0..8 {
            for q in 0..8 {
                to[q * to_stride + i] = from[i * from_stride + q];
            }
        }
    }
    #[inline(always)]
    fn add_bytes<const R: usize, const C: usize>(
        self,
        rows: &[i32],
        centers: &[i32],
        groups: usize,
        sums: &mut [[[i32; N]; R]; C],
    ) {
        bytes::add_bytes(self, rows, centers, groups, sums);
    }
    #[inline(always)]
    fn vectorize<T: Task>(self, task: T) -> T::Out {
        // A function of its own, as for the other sets: a tile is compiled once, not into every sweep.
        #[inline(never)]
        fn enabled<T: Task>(simd: Portable, task: T) -> T::Out {
            task.run(simd)
        }
        enabled(self, task)
    }
}
