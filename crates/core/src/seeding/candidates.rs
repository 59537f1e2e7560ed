//! The candidates of one step of k-means++, and which rows they certainly do not come nearer to.
//!
//! A step lowers D(x) to min(D(x), D(x, z)), D being the reported (computed) distance. Filters prove that D(x, z) >=
//! D(x), so that the minimum is D(x) bit for bit. Each shows |x - z|^2 >= U with U = `Error::upper`(D(x)), which is at
//! least (D(x) + sigma) / (1 - rho): then D(x, z) >= (1 - rho) |x - z|^2 - sigma >= D(x).
//!
//! Here, **by the nearest center**: let c be a center with D(x) = D(x, c), so |x - c|^2 <= U. If |z - c|^2 >= 4 U then
//! |x - z| >= |z - c| - |x - c| >= 2 sqrt(U) - sqrt(U), so |x - z|^2 >= U (Elkan, "Using the triangle inequality to
//! accelerate k-means", ICML 2003, lemma 1; Raff, "Exact acceleration of k-means++ and k-means||", IJCAI 2021, for
//! seeding). The bound that c gives, `quarters`[c] <= |z - c|^2 / 4 for all candidates z, needs no look at the row
//! itself.
//!
//! Rows that it leaves are looked at by bytes or tiles (dense rows, filters/i8.rs, filters/f32.rs) or chains (sparse
//! rows, filters/sparse.rs).

use crate::distance::reported::{self, Error};
use crate::memory::{Grow, collected, copied};
use crate::screen::frame::Frame;

/// Rows that a thread takes at a time, at most.
pub(crate) const PIECE: usize = 2048;

/// The candidates.
pub struct Candidates {
    /// t x d, by rows.
    pub(crate) places: Vec<f64>,
    /// Columns.
    pub columns: usize,
    /// How far the reported distance is off.
    pub(crate) error: Error,
    /// For each center chosen so far; empty: do not look.
    pub quarters: Vec<f64>,
}

impl Candidates {
    /// For candidates (t x d), and the centers chosen so far (none: without the filter by them).
    #[inline(always)]
    pub(crate) fn new(places: &[f64], columns: usize, centers: &[f64]) -> Candidates {
        let error = Error::of(columns);
        // (D (1 - 2 rho) - 2 sigma) / 4: a subnormal quarter is rounded by at most 2^-1075, and 2 sigma leaves room for
        // it. An overflowed distance says no more than that of the largest number.
        let quarter = |center: &[f64]| {
            let from = places.chunks_exact(columns).map(|place| reported::squared(place, center));
            0.25 * error.lower(from.fold(f64::MAX, f64::min))
        };
        let quarters = collected(centers.chunks_exact(columns).map(quarter));
        Candidates { places: copied(places), columns, error, quarters }
    }

    /// How many candidates.
    pub(crate) fn count(&self) -> usize {
        self.places.len() / self.columns
    }

    /// What U must not exceed for rows to be ruled out, given the nearest center of each.
    #[inline(always)]
    pub(crate) fn limits(&self, nearest: &[i32], limits: &mut Vec<f64>) {
        limits.clear();
        limits.set_length(nearest.len(), f64::NEG_INFINITY);
        if !self.quarters.is_empty() {
            limits.iter_mut().zip(nearest).for_each(|(limit, nearest)| *limit = self.quarters[*nearest as usize]);
        }
    }
}

/// Rows of a block, with what is known of each.
pub struct Near<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Weights, if any.
    pub weights: Option<&'a [f64]>,
    /// Distance to the nearest center chosen so far.
    pub distances: &'a [f64],
    /// That center.
    pub nearest: &'a [i32],
    /// What the filters need (filters/f32.rs, filters/sparse.rs); nothing for rows in bytes.
    pub floors: &'a [f64],
    /// See `floors`.
    pub frame: &'a Frame,
    /// Lists hold one entry (16 bytes, and half as much again while they grow) for so many rows at most; 0 for no
    /// limit.
    pub list_one_in: usize,
}
