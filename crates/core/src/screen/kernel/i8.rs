//! Scores in int16 from products of bytes, for processors that multiply tiles of those (simd/amx.rs).
//!
//! An int16 is 256 h + l, h with a sign and l without. The product of two is 65536 h h' + 256 (h l' + l h') + l l', and so is a
//! sum of products, kind by kind: four sums of products of bytes give the very integers that short.rs scores with, whatever
//! wraps on the way, being right modulo 2^32. Its certificate holds unchanged.
//!
//! Four columns are a group: two cells of rows in pairs become one of high bytes and one of low bytes. A tile takes 16 groups at
//! a time (a step). Rows of up to `WHOLE` groups are cut into equal steps, longer ones filled up to whole ones with zeros.

use crate::screen::kernel::micro::{self as cells, Kernel, Sums};
use crate::simd::{SIDE, Simd};

/// Groups that pass at once: 256 columns of a microtile, 16 KB, and half as much of centres.
const WHOLE: usize = 64;
/// The first and third byte of a cell.
const LOW: i32 = 0x00ff_00ff;

/// Cells of a row of so many columns.
pub fn cells(columns: usize) -> usize {
    let groups = columns.div_ceil(4);
    let steps = groups.div_ceil(SIDE);
    2 * steps * if groups > WHOLE { SIDE } else { groups.div_ceil(steps.max(1)) }
}

/// Groups of a step, and steps, of so many cells.
fn steps(cells: usize) -> (usize, usize) {
    let groups = cells / 2;
    let steps = groups.div_ceil(SIDE);
    (groups / steps, steps)
}

/// Splits rows of pairs, `width` to a microtile, into high and low bytes.
#[inline(always)]
pub fn split(pairs: &mut [i32], width: usize) {
    for two in pairs.chunks_exact_mut(2 * width) {
        let (first, second) = two.split_at_mut(width);
        for (a, b) in first.iter_mut().zip(second) {
            (*a, *b) = bytes(*a, *b);
        }
    }
}

/// High and low bytes of two pairs. (Columns 0, 2, 1, 3: their order does not matter, as long as it is the same.)
#[inline(always)]
fn bytes(first: i32, second: i32) -> (i32, i32) {
    (((first >> 8) & LOW) | (second & !LOW), (first & LOW) | ((second & LOW) << 8))
}

/// Centres in pairs, [group of centres][pair][centre], step by step: [group of centres][step][high, low][centre][group].
pub fn regroup(pairs: &[i32], centres: usize, cells: usize) -> Vec<i32> {
    let (groups, _) = steps(cells);
    let mut out = Vec::with_capacity(pairs.len());
    for step in pairs.chunks_exact(2 * groups * centres) {
        let both = |c: usize, g: usize| bytes(step[2 * g * centres + c], step[(2 * g + 1) * centres + c]);
        for c in 0..centres {
            out.extend((0..groups).map(|g| both(c, g).0));
        }
        for c in 0..centres {
            out.extend((0..groups).map(|g| both(c, g).1));
        }
    }
    out
}

/// The kernel.
pub struct Quads;

impl Kernel<i32> for Quads {
    const STRIP: usize = 2 * WHOLE;
    // Centres pass by while a microtile of rows stays in the first-level cache, for all of them.
    const PANEL: usize = usize::MAX;

    #[inline(always)]
    fn open<S: Simd>(simd: S, cells: usize) {
        simd.open_tiles(if cells > Self::STRIP { SIDE } else { steps(cells).0 });
    }

    #[inline(always)]
    fn close<S: Simd>(simd: S) {
        simd.close_tiles();
    }

    #[inline(always)]
    fn add<S: Simd, const R: usize, const C: usize>(
        simd: S,
        rows: &[i32],
        centres: &[i32],
        mut sums: Sums<S, i32, R, C>,
    ) -> Sums<S, i32, R, C> {
        let (groups, _) = steps(centres.len() / C);
        simd.add_bytes(rows, centres, groups, &mut sums);
        sums
    }

    #[inline(always)]
    fn finish<S: Simd, const R: usize, const C: usize>(simd: S, sums: Sums<S, i32, R, C>) -> [[S::Floats; R]; C] {
        cells::to_floats(simd, sums)
    }
}

/// What `Simd::add_bytes` does, number by number.
pub fn add_plainly<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[i32],
    centres: &[i32],
    groups: usize,
    sums: &mut Sums<S, i32, R, C>,
) {
    let width = R * S::LANES;
    let mut lanes = vec![0; S::LANES];
    for (rows, centres) in rows.chunks_exact(2 * groups * width).zip(centres.chunks_exact(2 * groups * C)) {
        let (high, low) = centres.split_at(groups * C);
        for (c, sums) in sums.iter_mut().enumerate() {
            for (r, sum) in sums.iter_mut().enumerate() {
                simd.store_int(*sum, &mut lanes);
                for (lane, sum) in lanes.iter_mut().enumerate() {
                    for g in 0..groups {
                        let row = |byte: usize| rows[(2 * g + byte) * width + r * S::LANES + lane];
                        let products = dot((high[c * groups + g], low[c * groups + g]), (row(0), row(1)));
                        *sum = sum.wrapping_add(products);
                    }
                }
                *sum = simd.load_int(&lanes);
            }
        }
    }
}

/// The sum of four products of int16 from their high and low bytes.
fn dot((high, low): (i32, i32), (other_high, other_low): (i32, i32)) -> i32 {
    let (h, l) = (high.to_le_bytes(), low.to_le_bytes());
    let (g, m) = (other_high.to_le_bytes(), other_low.to_le_bytes());
    let whole = |h: u8, l: u8| h as i8 as i32 * 256 + l as i32;
    (0..4).fold(0i32, |sum, i| sum.wrapping_add(whole(h[i], l[i]) * whole(g[i], m[i])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Isa, Task};

    #[test]
    fn rows_are_cut_into_equal_steps() {
        for columns in 1..3000 {
            let cells = cells(columns);
            let (groups, steps) = steps(cells);
            assert!(groups <= SIDE && 2 * groups * steps == cells && 2 * cells >= columns, "{columns} columns");
            assert!(columns > 4 * WHOLE || cells < columns.div_ceil(4) * 2 + 2 * steps, "{columns} columns");
            assert!(columns <= 4 * WHOLE || groups == SIDE);
        }
    }

    struct Both {
        columns: usize,
    }

    impl Task for Both {
        type Out = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            match S::LANES {
                16 => self.compare::<S, 2, 16>(simd),
                _ => self.compare::<S, 1, 4>(simd),
            }
        }
    }

    impl Both {
        #[inline(always)]
        fn compare<S: Simd, const R: usize, const C: usize>(self, simd: S) {
            let (cells, width) = (cells(self.columns), R * S::LANES);
            let mut state = 7u64;
            let mut next = |_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                // Two numbers of up to 32000, the largest among them.
                let half = |bits: u64| {
                    (if bits.is_multiple_of(9) { 32000 } else { bits % 32001 }) as i32
                        * if bits & 64 == 0 { 1 } else { -1 }
                };
                (half(state >> 33) & 0xffff) | (half(state >> 41) << 16)
            };
            let pairs: Vec<i32> = (0..cells * width).map(&mut next).collect();
            let centres: Vec<i32> = (0..cells * C).map(&mut next).collect();
            let start = [[simd.splat_int(-5); R]; C];
            let expected = cells::add_cells::<S, i32, R, C, 0>(simd, &pairs, &centres, start);
            let mut rows = pairs.clone();
            split(&mut rows, width);
            Quads::open(simd, cells);
            let found = Quads::add::<S, R, C>(simd, &rows, &regroup(&centres, C, cells), start);
            Quads::close(simd);
            for (c, (found, expected)) in found.iter().zip(&expected).enumerate() {
                for (r, (found, expected)) in found.iter().zip(expected).enumerate() {
                    assert_eq!(simd.unequal(*found, *expected), 0, "{} columns, centre {c}, vector {r}", self.columns);
                }
            }
        }
    }

    #[test]
    fn bytes_give_the_sums_of_pairs() {
        for isa in [Isa::Scalar, Isa::Avx2, Isa::Avx512, Isa::Amx] {
            for columns in [1, 4, 5, 31, 64, 65, 100, 384, 512] {
                isa.run(Both { columns });
            }
        }
    }
}
