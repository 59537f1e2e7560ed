//! What the candidates of a step would gain, which of them gains most, and which rows each would take.
//!
//! Gains are first taken in double-double: differences are exact as two numbers, and for their non-negative high parts
//! the rounding of the low parts of a piece's m <= 4096 summands is at most (m v)^2 of the sum, 2^-82. Where a
//! comparison lies within that, gains are taken again in integers: from the lists, or, where those grew too long, in
//! another pass.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::sampler::{WeightedSampler, addend};
use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::Grow;
use crate::messages::checked;

/// Relative error of a quick gain.
pub(crate) const DOUBT: f64 = 1.0 / (1u128 << 80) as f64;

/// A row that a candidate would take, and its distance then.
pub(crate) type Taken = (usize, f64);
/// The rows that each candidate would take.
pub(crate) type Lists = Vec<Vec<Taken>>;

/// What trials did.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that passed.
    pub rows: u64,
    /// Those of them that their nearest center ruled out.
    pub skipped: u64,
    /// Distances that turned out no less: what filters let pass in vain.
    pub missed: u64,
}

/// What the candidates of a step would gain. Lists stay where they are: what travels has none.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Gains {
    pub(crate) sums: Vec<Superaccumulator>,
    pub(crate) exact: bool,
    /// The lists of every worker, as it made them: to join them would be to copy them.
    #[serde(skip)]
    pub(crate) taken: Option<Vec<Lists>>,
    /// Whether the rows that candidates take are listed, here or beside the blocks whose gains these add up.
    pub(crate) listed: bool,
    /// What was done.
    pub counts: Counts,
}

checked!(Gains);

impl Gains {
    fn checked(self) -> Result<Self, &'static str> {
        if self.sums.is_empty() { Err("there are no candidates") } else { Ok(self) }
    }

    /// The gains of both, without lists: those stay with their blocks.
    pub fn plus(&self, other: &Gains) -> Gains {
        let mut both = Gains { sums: self.sums.clone(), taken: None, ..*self };
        both.add_sums(other);
        both
    }

    fn add_sums(&mut self, other: &Gains) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, part)| sum.merge(part));
        self.exact &= other.exact;
        self.listed &= other.listed;
        self.counts.rows += other.counts.rows;
        self.counts.skipped += other.counts.skipped;
        self.counts.missed += other.counts.missed;
    }

    /// Adds those of other rows of the block.
    pub(crate) fn merge(&mut self, other: Gains) {
        self.add_sums(&other);
        self.taken = match (self.taken.take(), other.taken) {
            (Some(mut taken), Some(more)) => {
                taken.make_room(more.len());
                taken.extend(more);
                Some(taken)
            }
            _ => None,
        };
    }

    /// How many candidates.
    pub fn count(&self) -> usize {
        self.sums.len()
    }

    /// Whether the rows that candidates take are listed.
    pub fn listed(&self) -> bool {
        self.listed
    }

    /// The candidate that gains most, the first of equals; `None` where only exact gains can tell.
    pub fn best(&self) -> Option<usize> {
        best(&self.sums, if self.exact { 0.0 } else { 2.0 * DOUBT })
    }

    /// The same gains in integers, from the lists; `None` where there are none.
    pub fn exactly(&self, weights: Option<&[f64]>, distances: &[f64]) -> Option<Gains> {
        let taken = self.taken.as_ref()?;
        let exact = |candidate: usize| {
            let mut sum = Superaccumulator::new();
            for &(row, new) in taken.iter().flat_map(|lists| &lists[candidate]) {
                sum.add(addend(weights, row, distances[row]));
                sum.add(-addend(weights, row, new));
            }
            sum
        };
        let sums = (0..self.count()).map(exact).collect();
        Some(Gains { sums, exact: true, taken: None, ..*self })
    }

    /// Gives the rows that a candidate takes to it, under a label, if they were listed; whether they were.
    pub fn take(
        &self,
        candidate: usize,
        label: i32,
        weights: Option<&[f64]>,
        distances: &mut [f64],
        nearest: &mut [i32],
        sampler: &mut WeightedSampler,
    ) -> bool {
        let Some(taken) = &self.taken else { return false };
        for &(row, new) in taken.iter().flat_map(|lists| &lists[candidate]) {
            sampler.change(row, addend(weights, row, distances[row]), addend(weights, row, new));
            (distances[row], nearest[row]) = (new, label);
        }
        true
    }
}

/// The first of the largest sums; `None` where a relative doubt blurs that.
pub(crate) fn best(sums: &[Superaccumulator], doubt: f64) -> Option<usize> {
    let mut best = 0;
    for at in 1..sums.len() {
        let mut difference = sums[best].clone();
        difference.negate();
        difference.merge(&sums[at]);
        let order = difference.sign();
        let size = sums[at].clone().rounded() + sums[best].clone().rounded();
        if doubt > 0.0 && difference.rounded().abs() <= size * doubt {
            return None;
        }
        if order == Ordering::Greater {
            best = at;
        }
    }
    Some(best)
}

/// Adds a - b to a pair of numbers (Knuth's two-sum, twice).
#[inline(always)]
pub(crate) fn gain((high, low): &mut (f64, f64), a: f64, b: f64) {
    let d = a - b;
    let t = d - a;
    let rest = (a - (d - t)) - (b + t);
    let s = *high + d;
    let t = s - *high;
    *low += ((*high - (s - t)) + (d - t)) + rest;
    *high = s;
}
