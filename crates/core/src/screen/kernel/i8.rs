//! The kernel of bytes: scores in int16 from products of bytes, for processors that multiply tiles of those
//! (x86_64/amx.rs).
//!
//! An int16 is 256 h + l, h with a sign and l without. The product of two is 65536 h h' + 256 (h l' + l h') + l l', and
//! so is a sum of products, kind by kind: four sums of products of bytes give the very integers that kernel/i16.rs
//! scores with, whatever wraps on the way, being right modulo 2^32. Its certificate holds unchanged.
//!
//! Four columns are a group: two cells of rows in pairs become one of high bytes and one of low bytes. A tile takes 16
//! groups at a time (a step). Rows of up to `WHOLE` groups are cut into equal steps, longer ones filled up to whole
//! ones with zeros.

use crate::memory::Grow;
use crate::screen::kernel::micro::{self, Kernel, Sums};
use crate::simd::{SIDE, Simd};

/// Groups that pass at once: 256 columns of a microtile, 16 KB, and half as much of centers.
const WHOLE: usize = 64;
/// The first and third byte of a cell.
const LOW: i32 = 0x00ff_00ff;

/// Cells of a row of so many columns.
pub(crate) fn cells(columns: usize) -> usize {
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
pub(crate) fn split(pairs: &mut [i32], width: usize) {
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

/// Centers in pairs, [group of centers][pair][center], step by step: [group of centers][step][high,
/// low][center][group].
pub(crate) fn regroup(pairs: &[i32], centers: usize, cells: usize) -> Vec<i32> {
    let (groups, _) = steps(cells);
    let mut out = Vec::new();
    out.make_room(pairs.len());
    for step in pairs.chunks_exact(2 * groups * centers) {
        let both = |c: usize, g: usize| bytes(step[2 * g * centers + c], step[(2 * g + 1) * centers + c]);
        for c in 0..centers {
            out.extend((0..groups).map(|g| both(c, g).0));
        }
        for c in 0..centers {
            out.extend((0..groups).map(|g| both(c, g).1));
        }
    }
    out
}

/// The kernel.
pub(crate) struct Quads;

impl Kernel<i32> for Quads {
    const STRIP: usize = 2 * WHOLE;
    // Centers pass by while a microtile of rows stays in the first-level cache, for all of them.
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
        centers: &[i32],
        mut sums: Sums<S, i32, R, C>,
    ) -> Sums<S, i32, R, C> {
        let (groups, _) = steps(centers.len() / C);
        simd.add_bytes(rows, centers, groups, &mut sums);
        sums
    }

    #[inline(always)]
    fn finish<S: Simd, const R: usize, const C: usize>(simd: S, sums: Sums<S, i32, R, C>) -> [[S::Floats; R]; C] {
        micro::to_floats(simd, sums)
    }
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
            let centers: Vec<i32> = (0..cells * C).map(&mut next).collect();
            let start = [[simd.splat_int(-5); R]; C];
            let expected = micro::add_cells::<S, i32, R, C, 0>(simd, &pairs, &centers, start);
            let mut rows = pairs.clone();
            split(&mut rows, width);
            Quads::open(simd, cells);
            let found = Quads::add::<S, R, C>(simd, &rows, &regroup(&centers, C, cells), start);
            Quads::close(simd);
            for (c, (found, expected)) in found.iter().zip(&expected).enumerate() {
                for (r, (found, expected)) in found.iter().zip(expected).enumerate() {
                    assert_eq!(simd.unequal(*found, *expected), 0, "{} columns, center {c}, vector {r}", self.columns);
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
