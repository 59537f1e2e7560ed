//! Hits: rows that some candidates may come nearer to.

use crate::memory::Grow;
use crate::simd::Simd;

/// Rows of a microtile at most.
pub(crate) const LANES: usize = 32;

/// A row of the block, and bits for the candidates from `start` on that may come nearer to it.
#[derive(Clone, Copy)]
pub(crate) struct Hit {
    /// The row's number in the block.
    pub(crate) row: u32,
    /// Which candidate bit 0 stands for.
    pub(crate) start: u32,
    /// See `start`.
    pub(crate) bits: u32,
}

/// Lists the rows that have bits, the first of which is row `first`, and the candidate of bit 0 `start`; of these bits
/// only some are real.
#[inline(always)]
pub(crate) fn note<S: Simd, const R: usize>(
    simd: S,
    codes: &[S::Ints; R],
    first: usize,
    (start, real): (usize, u32),
    hits: &mut Vec<Hit>,
) {
    let mut bits = [0; LANES];
    for (r, code) in codes.iter().enumerate() {
        let mut lanes = simd.unequal(*code, simd.splat_int(0));
        if lanes != 0 {
            simd.store_int(*code, &mut bits);
        }
        while lanes != 0 {
            let lane = lanes.trailing_zeros() as usize;
            lanes &= lanes - 1;
            let row = (first + r * S::LANES + lane) as u32;
            hits.add(Hit { row, start: start as u32, bits: bits[lane] as u32 & real });
        }
    }
}
