//! Hamerly's bound: how far the centers may move before a row can have another nearest center.
//!
//! Four bytes a row, and one comparison for a row whose label stands; for dense rows of five columns and more, once few
//! of their labels change.
//!
//! In the frame (screen/certificate.rs), let a row have distance d1 to its nearest center c_a and at least d2 to every
//! other. When the centers have moved by at most p_j each, |y - b_a'| <= d1 + p_a and |y - b_j'| >= d2 - max p_j: the
//! label stands, and no tie has come up, while d2 - d1 > p_a + max over j != a of p_j. This is Hamerly's bound ("Making
//! k-means even faster", SDM 2010) with one number a row in place of two: nothing is brought up to date but a sum for
//! every center,
//!
//!   R_a = sum over the sweeps of (p_a + max over j != a of p_j),  rounded up,
//!
//! and a row labelled when that was R_a(e) keeps its label while d2 - d1 + R_a(e) > R_a. The left side is kept, rounded
//! down to float32; R_a is compared rounded up; the inequality is strict.
//!
//! **d1 and d2 from the tile.** s^2 |x - c_j|^2 = |y|^2 + 2 s_j and |s~_j - s_j| <= eps(R), so the least score gives an
//! upper bound of d1 and the least of the others a lower bound of d2, for all centers, those beyond R too
//! (screen/certificate.rs has the corollary; B would do, but beside one far center no bound would hold). `norms` holds
//! upper bounds of |y|; from the way they are computed (screen/pack.rs), |y| >= (norm - 2 lost) (1 - (2 d + 64) 2^-23),
//! with lost = d 2^-62. What float32 sums of three terms lose, a relative 2^-22 of their sizes, is given away at 2^-20.

use serde::{Deserialize, Serialize};

use crate::distance::reported::Error;
use crate::memory::{Grow, collected, copied, filled, zeros};
use crate::messages::checked;
use crate::screen::frame::Frame;
use crate::screen::verdicts::Verdicts;

/// How far the centers have moved, in all.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct CenterDrift {
    columns: usize,
    centers: Vec<f64>,
    /// R_a, in the frame's unit.
    totals: Vec<f64>,
    /// R_a in float32, rounded up; as many as a power of two, so that a masked label is always one of them.
    now: Vec<f32>,
}

checked!(CenterDrift);

impl CenterDrift {
    fn checked(self) -> Result<Self, &'static str> {
        let k = self.totals.len();
        if k == 0 || self.columns == 0 || k.checked_mul(self.columns) != Some(self.centers.len()) {
            return Err("centers are missing");
        }
        if k.checked_next_power_of_two() != Some(self.now.len()) {
            return Err("there are too few or too many sums of shifts");
        }
        // Sums of shifts never fall, and in float32 they are no less. (Not numbers, they let no label stand.)
        let rounded_up = |(&total, &now): (&f64, &f32)| !(total < 0.0 || (now as f64) < total);
        if !self.totals.iter().zip(&self.now).all(rounded_up) {
            return Err("a sum of shifts was not rounded up");
        }
        Ok(self)
    }

    /// For centers from which rows will be labelled.
    pub fn new(centers: &[f64], columns: usize) -> CenterDrift {
        let k = centers.len() / columns;
        CenterDrift { columns, centers: copied(centers), totals: zeros(k), now: zeros(k.next_power_of_two()) }
    }

    /// Number of centers.
    pub fn clusters(&self) -> usize {
        self.totals.len()
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Takes note of where the centers are now. The frame must be the same each time.
    pub fn advance(&mut self, frame: &Frame, centers: &[f64]) {
        assert_eq!(centers.len(), self.centers.len(), "other centers");
        let error = Error::of(self.columns);
        let pairs = centers.chunks_exact(self.columns).zip(self.centers.chunks_exact(self.columns));
        // Exact sums make centers that stand still common; those have moved by 0.
        let moved: Vec<f64> = collected(pairs.map(|(new, old)| error.longest(new, old) * frame.scale));
        self.centers.copy_from_slice(centers);
        self.advance_by(&moved, 0.0);
    }

    /// For centers whose shifts are found elsewhere: no label stands before it is told of some.
    pub fn unplaced(clusters: usize) -> CenterDrift {
        let now = filled(f32::INFINITY, clusters.next_power_of_two());
        CenterDrift { columns: 0, centers: Vec::new(), totals: zeros(clusters), now }
    }

    /// Takes note of how far centers have moved, rounded up. A label stands only if it would after `lead` more such
    /// shifts.
    pub fn advance_by(&mut self, moved: &[f64], lead: f64) {
        assert_eq!(moved.len(), self.totals.len(), "other centers");
        // The largest and the second largest: a center is not one of its others.
        let (mut first, mut second, mut which) = (0f64, 0f64, usize::MAX);
        for (j, &p) in moved.iter().enumerate() {
            if p > first {
                (second, first, which) = (first, p, j);
            } else if p > second {
                second = p;
            }
        }
        for (j, total) in self.totals.iter_mut().enumerate() {
            let others = if j == which { second } else { first };
            let step = moved[j] + others;
            *total = (*total + step) * (1.0 + 4.0 * f64::EPSILON);
            self.now[j] = ((*total + lead * step) as f32).next_up();
        }
    }

    /// Lists the rows, of some side by side, whose label may have fallen. (A row without a label has no gap: its bound
    /// is minus infinity, and it does not matter what it is compared with.)
    #[inline(always)]
    pub(crate) fn failing(&self, labels: &[i32], bounds: impl Iterator<Item = f32>, out: &mut Vec<u32>) {
        let mask = self.now.len() - 1;
        let now = &self.now[..=mask];
        out.set_length(labels.len(), 0);
        let mut count = 0;
        for (at, (&label, bound)) in labels.iter().zip(bounds).enumerate() {
            // Without branches; and a NaN does not let a label stand.
            out[count] = at as u32;
            let stands = bound > now[label as usize & mask];
            count += !stands as usize;
        }
        out.truncate(count);
    }

    /// What to keep for a row with this label and gap.
    #[inline(always)]
    pub(crate) fn bound(&self, label: i32, gap: f32) -> f32 {
        // A negative gap says nothing; neither does a NaN.
        if gap > 0.0 { ((gap as f64 + self.totals[label as usize]) as f32).next_down() } else { f32::NEG_INFINITY }
    }
}

/// Lower bounds of d2 - d1 for rows that the tile has decided.
#[inline(always)]
pub(crate) fn gaps(columns: usize, norms: &[f32], verdicts: &Verdicts, out: &mut [f32]) {
    const GIVEN: f32 = 1.0 / (1 << 20) as f32;
    let columns = columns as f32;
    let (lost, shrink) = (columns * 2f32.powi(-61), 1.0 - (2.0 * columns + 64.0) * f32::EPSILON);
    let scores = verdicts.least.iter().zip(&verdicts.second).zip(&verdicts.twice);
    for ((out, &norm), ((&s1, &s2), &twice)) in out.iter_mut().zip(norms).zip(scores) {
        let low = (norm - lost).max(0.0) * shrink.max(0.0);
        let (square, a1, a2) = (norm * norm, s1.abs(), s2.abs());
        let near = square + 2.0 * s1 + twice + GIVEN * (square + 2.0 * a1 + twice);
        let far = low * low + 2.0 * s2 - twice - GIVEN * (square + 2.0 * a2 + twice);
        *out = far.max(0.0).sqrt() * (1.0 - GIVEN) - near.max(0.0).sqrt() * (1.0 + GIVEN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_center_is_not_one_of_its_others() {
        let frame = Frame::new(&[0.0], &[1.0]);
        let mut drift = CenterDrift::new(&[0.0, 0.5, 1.0], 1);
        drift.advance(&frame, &[0.0, 0.5, 0.75]);
        let unit = frame.scale * 0.25;
        for (total, expected) in drift.totals.iter().zip([unit, unit, unit]) {
            assert!(*total >= expected && *total < expected * 1.0001);
        }
        drift.advance(&frame, &[0.125, 0.5, 0.75]);
        assert!(drift.totals[0] >= 1.5 * unit && drift.totals[0] < 1.51 * unit);
        let mut failing = Vec::new();
        let bound = [1.6 * unit as f32, 1.4 * unit as f32, f32::NEG_INFINITY, f32::NAN];
        drift.failing(&[0, 0, -1, 0], bound.into_iter(), &mut failing);
        assert_eq!(failing, [1, 2, 3]);
        assert!(drift.bound(0, f32::NAN) == f32::NEG_INFINITY && drift.bound(0, 0.0) == f32::NEG_INFINITY);
    }
}
