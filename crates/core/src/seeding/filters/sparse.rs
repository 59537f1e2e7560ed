//! Which candidates a sparse row may come nearer to: by one multiply-add for each stored entry and candidate.
//!
//! |x - z|^2 = |x|^2 - 2 x.z + |z|^2. A chain a = -H + sum x_q z_q over the stored entries, H being |z|^2 / 2 less a
//! margin e, has at most d + 2 roundings: with g = gamma(d + 6) it is off by at most g (|H| + |x||z|) <= g (|z|^2 +
//! |x|^2 / 2) (1 + 2^-20), and H by at most g |z|^2. So with G = 2 (d + 16) 2^-53 > 1.9 g and e = 2 G |z|^2 + (8 d +
//! 64) 2^-1074 (underflow)
//!
//!   |x - z|^2 >= |x|^2 (1 - G) - 2 a.
//!
//! A row's floor is N (1 - 2 G) - (2 d + 8) 2^-1074, N being |x|^2 as computed (relative error (d + 3) 2^-53 < G / 2).
//! A candidate is ruled out (candidates.rs) if a < (floor - U) / 2; what is left of 2 G, and of the factor 1 + 3 rho in
//! U, covers these three roundings.
//!
//! NaN rules nothing out. Nothing overflows where |x|^2 and |z|^2 are below 2^900; where one is not, the floor is -inf,
//! or the chain starts at +inf (and ends there, or as NaN), and nothing is ruled out.

use crate::memory::{Grow, filled, zeros};
use crate::rows::Rows;
use crate::seeding::candidates::{Candidates, Near, PIECE};
use crate::seeding::filters::hits::Hit;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Candidates whose chains lie side by side.
const GROUP: usize = 8;
/// 2^900.
const LARGE: f64 = f64::from_bits((1023 + 900) << 52);

/// G of the module's head.
fn slack(columns: usize) -> f64 {
    (columns + 16) as f64 * f64::EPSILON
}

fn least(count: usize) -> f64 {
    f64::from_bits(count as u64)
}

/// The candidates of a step, side by side.
pub(crate) struct Chains {
    /// [group][column][candidate of the group].
    lanes: Vec<f64>,
    /// [group][candidate of the group]: -H.
    starts: Vec<[f64; GROUP]>,
}

impl Chains {
    /// For candidates (t x d).
    pub(crate) fn new(places: &[f64], columns: usize) -> Chains {
        let groups = (places.len() / columns).div_ceil(GROUP);
        let mut lanes = zeros(groups * GROUP * columns);
        let mut starts = filled([0.0; GROUP], groups);
        for (t, place) in places.chunks_exact(columns).enumerate() {
            let square: f64 = place.iter().map(|z| z * z).sum();
            let half = square * (0.5 - 2.0 * slack(columns)) - least(8 * columns + 64);
            starts[t / GROUP][t % GROUP] = if square < LARGE { -half } else { f64::INFINITY };
            let group = &mut lanes[t / GROUP * GROUP * columns..];
            place.iter().enumerate().for_each(|(q, z)| group[q * GROUP + t % GROUP] = *z);
        }
        Chains { lanes, starts }
    }
}

/// The rows' floors.
pub fn floors<R: Rows>(workers: &Workers, isa: Isa, rows: &R, out: &mut [f64]) -> Result<(), Interrupted> {
    assert!(out.len() == rows.len(), "a floor for every row");
    let pieces = out.chunks_mut(PIECE).enumerate();
    workers.sized(rows.len() as f64 * 64.0).each(
        pieces,
        || (),
        |(), (piece, out)| {
            isa.run(Floors { rows, from: piece * PIECE, out });
        },
    )?;
    Ok(())
}

struct Floors<'a, R> {
    rows: &'a R,
    from: usize,
    out: &'a mut [f64],
}

impl<R: Rows> Task for Floors<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let columns = self.rows.columns();
        let (factor, lost) = (1.0 - 2.0 * slack(columns), least(2 * columns + 8));
        for (at, floor) in self.out.iter_mut().enumerate() {
            let mut square = 0.0;
            self.rows.entries(self.from + at, |_, x| square += x * x);
            *floor = if square < LARGE { square * factor - lost } else { f64::NEG_INFINITY };
        }
    }
}

/// Finds the rows from..to that some candidates may come nearer to; returns how many rows their nearest center ruled
/// out.
#[inline(always)]
pub(crate) fn find<S: Simd, R: Rows>(
    near: &Near<R>,
    candidates: &Candidates,
    chains: &Chains,
    (from, to): (usize, usize),
    hits: &mut Vec<Hit>,
) -> u64 {
    let Candidates { error, quarters, .. } = candidates;
    let size = GROUP * candidates.columns;
    let mut skipped = 0;
    for row in from..to {
        let high = error.upper(near.distances[row]);
        if !quarters.is_empty() && high <= quarters[near.nearest[row] as usize] {
            skipped += 1;
            continue;
        }
        let bar = 0.5 * (near.floors[row] - high);
        for (group, (lanes, start)) in chains.lanes.chunks_exact(size).zip(&chains.starts).enumerate() {
            let mut chain = *start;
            near.rows.entries(row, |q, x| {
                for (a, z) in chain.iter_mut().zip(&lanes[q * GROUP..][..GROUP]) {
                    *a = if S::FUSED { x.mul_add(*z, *a) } else { *a + x * z };
                }
            });
            let first = group * GROUP;
            let real = (candidates.count() - first).min(GROUP);
            // Below the bar is ruled out; NaN is not below.
            let ruled_out = |a: &f64| *a < bar;
            let lanes = chain[..real].iter().enumerate();
            let bits = lanes.fold(0, |bits, (lane, a)| bits | u32::from(!ruled_out(a)) << lane);
            if bits != 0 {
                hits.add(Hit { row: row as u32, start: first as u32, bits });
            }
        }
    }
    skipped
}
