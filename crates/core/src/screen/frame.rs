//! The frame: where low precision puts its origin, and its unit.

use serde::{Deserialize, Serialize};

use crate::memory::{collected, zeros};
use crate::messages::checked;
use crate::sums::column_stats::ColumnStats;

/// Where the tile puts the origin, and its unit: results do not depend on them, only how much is certified.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Frame {
    /// s m, the origin times the scale.
    pub shift: Vec<f64>,
    /// s, a power of two.
    pub(crate) scale: f64,
    /// The scale and s m as float32, where float32 holds them exactly: then a float32 row is placed by one rounding.
    #[serde(skip)]
    pub(crate) single: Option<(f32, Vec<f32>)>,
    /// No less than s times the largest difference of a coordinate from the origin.
    pub(crate) largest: f64,
    /// False where rows may lie beyond the unit (reach overflows): then nothing is certified.
    pub(crate) holds: bool,
}

checked!(Frame);

/// Frames and rows whose scale is within this factor of 1 fit float32.
const SINGLE: f64 = (1u128 << 120) as f64;

/// The scale and s m as float32, where float32 holds them exactly.
fn single(scale: f64, shift: &[f64]) -> Option<(f32, Vec<f32>)> {
    let exact = |&x: &f64| x as f32 as f64 == x;
    ((1.0 / SINGLE..=SINGLE).contains(&scale) && shift.iter().all(exact))
        .then(|| (scale as f32, collected(shift.iter().map(|&x| x as f32))))
}

impl Frame {
    fn checked(self) -> Result<Self, &'static str> {
        let power = self.scale.to_bits() << 12 == 0;
        if self.shift.is_empty() || !power || !(2f64.powi(-1000)..=2f64.powi(1000)).contains(&self.scale) {
            return Err("this is no unit of a frame");
        }
        if self.largest.is_nan() || self.largest < 0.0 {
            return Err("no rows lie in such a frame");
        }
        Ok(Frame { single: single(self.scale, &self.shift), ..self })
    }

    /// For rows with these columns and for centers (k x d) like these. Sparse rows keep their origin at zero; that of
    /// others may depend on some of them (by rows).
    pub fn of(stats: &ColumnStats, centers: &[f64], sparse: bool, some: &[f64]) -> Frame {
        let columns = stats.largest.len();
        let origin = if sparse { zeros(columns) } else { stats.origin(some) };
        let far = |q: usize| (stats.low[q] - origin[q]).abs().max((stats.high[q] - origin[q]).abs());
        let mut reach: Vec<f64> = collected((0..columns).map(far));
        for center in centers.chunks_exact(columns) {
            for (q, c) in center.iter().enumerate() {
                reach[q] = reach[q].max((c - origin[q]).abs());
            }
        }
        Frame::new(&origin, &reach)
    }

    /// A frame with its origin at `origin` (zeros for sparse rows) for coordinates that differ from it by at most
    /// `reach` in every column.
    pub(crate) fn new(origin: &[f64], reach: &[f64]) -> Frame {
        // |y| <= s sqrt(d) max reach <= 1. Clamped from below, |y| is smaller still; from above, nothing is certified.
        let largest = reach.iter().fold(0f64, |a, &b| a.max(b));
        let exponent = if largest > 0.0 && largest.is_finite() {
            largest.log2().ceil() + (0.5 * (reach.len().max(1) as f64).log2()).ceil() + 1.0
        } else if largest > 0.0 {
            1025.0
        } else {
            0.0
        };
        let scale = 2f64.powi(-(exponent as i32).clamp(-1000, 1000));
        let shift: Vec<f64> = collected(origin.iter().map(|m| m * scale));
        Frame { single: single(scale, &shift), shift, scale, largest: largest * scale, holds: exponent <= 1000.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_scale_by_powers_of_two() {
        let frame = Frame::new(&[1e6, 1.0], &[3.0, 1e-3]);
        assert_eq!(frame.scale, 2f64.powi(-4));
        assert_eq!(frame.shift[0], 1e6 / 16.0);
        assert_eq!(Frame::new(&[0.0], &[0.0]).scale, 1.0);
        assert!(Frame::new(&[0.0], &[f64::INFINITY]).scale > 0.0);
    }
}
