//! What is rounded of the sums of clusters, once: a mean, the inertia. Pairs of float64 (exact/double_double.rs) come
//! first, integers where they are not sure.

use crate::exact::double_double::{EIGHT, Eights};
use crate::exact::rounding::{self, scale_roughly, settle};
use crate::exact::superaccumulator::{Superaccumulator, decompose};
use crate::sums::cluster_sums::ClusterSums;
use crate::threads::{self, Interrupted, Workers};

/// Clusters that a thread takes at a time.
const SHARE: usize = 16;

impl ClusterSums {
    /// Writes the mean of a cluster: the exact quotient, rounded once. False for a cluster of weight zero.
    #[inline(always)]
    pub(crate) fn mean(&self, cluster: usize, out: &mut [f64]) -> bool {
        let weight = self.weight(cluster);
        if weight == 0.0 {
            return false;
        }
        let quick = self.has_pairs();
        let short = match &self.weighing {
            None => Some((self.weights[cluster] as i128, 0)),
            Some(format) => format.short(&self.weights[cluster * format.width()..][..format.width()], 0),
        };
        // Most columns of sparse rows' clusters are zero.
        out.fill(0.0);
        let limbs = self.limbs(cluster);
        let (columns, mut eights) = (self.columns(), Eights::default());
        for start in Eights::starts(columns) {
            let Some((eight, count)) = eights.add(start, self.format.filled(limbs, start), columns) else { continue };
            let found = match quick {
                true => self.format.pairs(limbs, &eight).quotients(weight),
                false => [f64::NAN; EIGHT],
            };
            for (lane, found) in found.into_iter().enumerate().take(count) {
                let q = eight.column(lane);
                out[q] = if found.is_nan() { self.divide(cluster, short, q) } else { found };
            }
        }
        true
    }

    /// Whether sums and weights are such that pairs of float64 may stand for them (exact/double_double.rs).
    pub(crate) fn has_pairs(&self) -> bool {
        self.weighing.is_none() && self.format.has_pairs()
    }

    /// The mean of a cluster in one column, by integers; its weight is given where 128 bits hold it.
    #[inline(always)]
    fn divide(&self, cluster: usize, weight: Option<(i128, i32)>, q: usize) -> f64 {
        let quick = match (weight, self.format.short(self.limbs(cluster), q)) {
            (Some(weight), Some(sum)) => rounding::divide(sum, weight),
            _ => None,
        };
        quick.unwrap_or_else(|| self.divide_exactly(cluster, q))
    }

    /// The same quotient for any sums: an estimate, moved to the neighbour until the exact quotient rounds to it.
    #[cold]
    fn divide_exactly(&self, cluster: usize, q: usize) -> f64 {
        let mut wide = Superaccumulator::new();
        self.format.add_to(&mut wide, self.limbs(cluster), q, 1.0);
        let (sum, sum_exponent) = wide.parts();
        if sum == 0.0 {
            return 0.0;
        }
        wide.clear();
        self.add_weight(&mut wide, cluster, 1.0);
        let (weight, weight_exponent) = wide.parts();
        let mean = scale_roughly(sum / weight, sum_exponent - weight_exponent);
        // Sign of 2 sum - (a + b) weight: on which side of the middle between a and b the quotient lies.
        let side = |a: f64, b: f64| {
            wide.clear();
            self.format.add_to(&mut wide, self.limbs(cluster), q, 2.0);
            self.add_weight(&mut wide, cluster, -a);
            self.add_weight(&mut wide, cluster, -b);
            wide.sign()
        };
        settle(mean, side)
    }

    /// The inertia (sums/incremental.rs) by integers, for centers that are finite.
    pub(crate) fn exact_inertia(
        &self,
        workers: &Workers,
        squares: &Superaccumulator,
        centers: &[f64],
    ) -> Result<f64, Interrupted> {
        let columns = self.columns();
        let workers = workers.sized(centers.len() as f64 * 100.0);
        let share = threads::share(SHARE, 100.0 * columns as f64);
        let shares = centers.chunks(share * columns).enumerate();
        let parts = workers.each(shares, Superaccumulator::new, |wide, (at, centers)| {
            for (cluster, center) in centers.chunks_exact(columns).enumerate() {
                self.add_inertia(wide, at * share + cluster, center);
            }
        })?;
        let mut wide = squares.clone();
        parts.iter().for_each(|part| wide.merge(part));
        Ok(wide.rounded())
    }

    /// Adds W |c|^2 - 2 c.S of one cluster.
    fn add_inertia(&self, wide: &mut Superaccumulator, cluster: usize, center: &[f64]) {
        self.weight_limbs(cluster, |limb, unit| {
            if limb == 0 {
                return;
            }
            for &c in center.iter().filter(|c| **c != 0.0) {
                let (_, significand, exponent) = decompose(c);
                let square = significand as u128 * significand as u128;
                wide.add_scaled(limb < 0, square, limb.unsigned_abs(), 2 * exponent + unit);
            }
        });
        let limbs = self.limbs(cluster);
        // Centers of sparse rows are mostly zeros, which add nothing.
        for (q, &c) in center.iter().enumerate().filter(|(_, c)| **c != 0.0) {
            let (negative, significand, exponent) = decompose(c);
            self.format.limbs_of(limbs, q, |limb, unit| {
                let magnitude = limb.unsigned_abs() as u128 * significand as u128;
                wide.add_int(negative == (limb < 0), magnitude, exponent + unit + 1);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::exact::double_double::{Eight, Inertia, Total};
    use crate::exact::fixed_point::FixedPointFormat;
    use crate::exact::range::Range;
    use crate::rows::Dense;
    use crate::simd::Isa;
    use crate::sums::incremental::MeanCache;

    fn sums_of(values: &[f64], weights: Option<&[f64]>) -> ClusterSums {
        let range = |values: &[f64]| {
            let largest = values.iter().fold(0f64, |a, b| a.max(b.abs()));
            let bit = values.iter().filter(|x| **x != 0.0).map(|x| {
                let (_, m, e) = decompose(*x);
                let low = e + m.trailing_zeros() as i32;
                if low >= -1022 { 2f64.powi(low) } else { f64::from_bits(1 << (low + 1074)) }
            });
            Range::of(largest, bit.fold(f64::INFINITY, f64::min))
        };
        let n = values.len() as u64;
        let weighing = weights.map(|w| Arc::new(FixedPointFormat::new(&[range(w)], n, false)));
        let columns = weights.map_or(range(values), |w| range(values).product(range(w)));
        let format = Arc::new(FixedPointFormat::new(&[columns], n, weights.is_some()));
        let mut sums = ClusterSums::new(1, format, weighing);
        let rows = Dense::contiguous(values, values.len(), 1).unwrap();
        for row in 0..values.len() {
            sums.count(&rows, row, 0, weights.map_or(1.0, |w| w[row]), false, &mut Vec::new());
        }
        sums
    }

    fn mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
        let mut out = [0.0];
        assert!(sums_of(values, weights).mean(0, &mut out));
        assert_eq!(out[0], sums_of(values, weights).divide_exactly(0, 0), "{values:?} {weights:?}");
        out[0]
    }

    #[test]
    fn means_are_rounded_once() {
        assert_eq!(mean(&[1.0, 2.0, 2.0], None), 5.0 / 3.0);
        assert_eq!(mean(&[0.1; 7], None), 0.1);
        assert_eq!(mean(&[1e300, 1.0, -1e300], None), 1.0 / 3.0);
        assert_eq!(mean(&[5e-324, 0.0], None), 0.0);
        assert_eq!(mean(&[5e-324, 5e-324, 0.0], None), 5e-324);
        assert_eq!(mean(&[0.3, 0.3, 0.3], Some(&[0.1, 0.7, 1e-12])), 0.3);
        assert_eq!(mean(&[1.0, 4.0], Some(&[2.0, 1.0])), 2.0);
        let half = 1.0 + f64::EPSILON;
        assert_eq!(mean(&[1.0, half], None), 1.0);
        assert_eq!(mean(&[half, half + f64::EPSILON], None), half + f64::EPSILON);
    }

    #[test]
    fn inertia_is_rounded_once() {
        let values = [1e6 + 0.1, 1e6 + 0.2, 1e6 + 0.4];
        let (t, mut squares, mut expected) = (sums_of(&values, None), Superaccumulator::new(), Superaccumulator::new());
        let center = 1e6 + 0.25;
        for x in values {
            squares.add_product(x, x);
            expected.add_product(x - center, x - center);
        }
        let workers = Workers::new(1, &|| true);
        let exact = expected.rounded();
        for isa in [Isa::best(), Isa::Scalar] {
            assert_eq!(MeanCache::default().inertia((&workers, isa), &t, &squares, &[center]), Ok(exact));
        }
    }

    #[test]
    fn pairs_of_float64_agree_with_integers() {
        let mut state = 1u64;
        let mut random = move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        let workers = Workers::new(1, &|| true);
        let mut quick = 0;
        for case in 0..400 {
            // Ranges of one limb, of two and of more, offsets that cancel, and halves that end in ties.
            let (spread, offset) = ((random() * 80.0) as i32, if case % 3 == 0 { 1e6 } else { 0.0 });
            let n = 1 + (random() * 40.0) as usize;
            let mut values: Vec<f64> =
                (0..n).map(|_| offset + (random() - 0.5) * 2f64.powi(-(random() * spread as f64) as i32)).collect();
            if case % 5 == 0 {
                values.iter_mut().for_each(|x| *x = (*x * 8.0).round() / 8.0);
            }
            let t = sums_of(&values, None);
            let mean = mean(&values, None);
            let center = mean + (random() - 0.5) * 2f64.powi(-(random() * 60.0) as i32);
            let (mut squares, mut expected) = (Superaccumulator::new(), Superaccumulator::new());
            for &x in &values {
                squares.add_product(x, x);
                expected.add_product(x, x);
                expected.add_twice_product(-x, center);
                expected.add_product(center, center);
            }
            let found = MeanCache::default().inertia((&workers, Isa::best()), &t, &squares, &[center]);
            assert_eq!(found, Ok(expected.rounded()), "{values:?} {center}");
            let mut sum = Inertia::default();
            if t.has_pairs() {
                let one = Eight::From(0);
                sum.add(n as f64, &one.read(&[center], 0.0), &t.format.pairs(t.limbs(0), &one));
                let mut total = Total::of(&squares);
                total.add(sum.total());
                quick += total.rounded(20).is_some() as usize;
            }
        }
        assert!(quick > 150, "pairs decided {quick} of 400 only");
    }
}
