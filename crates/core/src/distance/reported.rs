//! The reported squared distance, the one target where an order of operations is fixed.
//!
//! D(x, c) = sum over columns of (x_q - c_q)^2 in float64: subtract, multiply, add, never fused; column q goes to
//! accumulator q mod 8, and the accumulators are combined pairwise. Every instruction set can follow it: eight lanes of
//! AVX-512, two registers of AVX2, plain scalars. Seeding draws from D, `transform` and relocation report it.
//!
//! Error: |D - |x - c|^2| <= rho |x - c|^2 + sigma with v = 2^-53. A difference has relative error v, its square 2v + v
//! more from the product; a term then passes at most ceil(d/8) - 1 additions in its lane and 3 in the combination, each
//! of relative error v: rho = (ceil(d/8) + 6) v covers 3 + ceil(d/8) + 2 of them with second-order terms for d < 2^40.
//! A square that underflows is off by at most 2^-1074 (differences never are: Hauser): sigma = (d + 1) 2^-1074.

use crate::memory::collected;
use crate::rows::Rows;

/// A number that is not zero costs as much, in a sparse row, as so many columns of a dense one.
const FEW: usize = 8;
/// Accumulators of the fixed order.
pub(crate) const LANES: usize = 8;

/// Combines the accumulators pairwise.
#[inline(always)]
pub(crate) fn combine(a: [f64; LANES]) -> f64 {
    ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
}

/// D(x, c).
#[inline(always)]
pub(crate) fn squared(x: &[f64], c: &[f64]) -> f64 {
    if x.len() <= LANES / 2 {
        return narrow(x, c);
    }
    let mut sums = [0.0; LANES];
    let (xs, cs) = (x.chunks_exact(LANES), c.chunks_exact(LANES));
    let (x_rest, c_rest) = (xs.remainder(), cs.remainder());
    for (x, c) in xs.zip(cs) {
        for lane in 0..LANES {
            let t = x[lane] - c[lane];
            sums[lane] += t * t;
        }
    }
    for ((sum, x), c) in sums.iter_mut().zip(x_rest).zip(c_rest) {
        let t = x - c;
        *sum += t * t;
    }
    combine(sums)
}

/// D(x, c) of at most four columns: accumulators that stay 0 change nothing, squares being no less than +0.
#[inline(always)]
fn narrow(x: &[f64], c: &[f64]) -> f64 {
    let square = |q: usize| {
        let t = x[q] - c[q];
        t * t
    };
    match x.len() {
        0 => 0.0,
        1 => square(0),
        2 => square(0) + square(1),
        3 => (square(0) + square(1)) + square(2),
        _ => (square(0) + square(1)) + (square(2) + square(3)),
    }
}

/// A target, to which the distances of many rows are taken.
pub(crate) struct Target<'a> {
    numbers: &'a [f64],
    /// Columns and numbers of those that are not zero, where rows are sparse and these are few.
    entries: Option<Vec<(usize, f64)>>,
}

impl<'a> Target<'a> {
    /// For rows of a kind.
    pub(crate) fn new<R: Rows>(rows: &R, numbers: &'a [f64]) -> Target<'a> {
        let entries = || numbers.iter().copied().enumerate().filter(|&(_, c)| c != 0.0);
        let few = !rows.is_dense() && FEW * entries().count() <= numbers.len();
        Target { numbers, entries: few.then(|| collected(entries())) }
    }

    /// Whether it wants all columns of a row, zeros included.
    pub(crate) fn is_dense(&self) -> bool {
        self.entries.is_none()
    }

    /// D(x, c), x being a row, given as `whole` where that is wanted. Columns in which both are zero are left out:
    /// accumulators, which are no less than +0, stay what they are when +0 is added.
    #[inline(always)]
    pub(crate) fn from<R: Rows>(&self, rows: &R, row: usize, whole: &[f64]) -> f64 {
        let Some(entries) = &self.entries else {
            return squared(whole, self.numbers);
        };
        let (mut sums, mut rest) = ([0.0; LANES], entries.iter().peekable());
        let mut add = |q: usize, t: f64| sums[q % LANES] += t * t;
        rows.entries(row, |q, x| {
            while let Some(&(before, c)) = rest.next_if(|&&(column, _)| column < q) {
                add(before, c);
            }
            add(q, x - rest.next_if(|&&(column, _)| column == q).map_or(0.0, |&(_, c)| c));
        });
        rest.for_each(|&(q, c)| add(q, c));
        combine(sums)
    }
}

/// The error bound of D: |D - d2| <= rho d2 + sigma.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Error {
    /// Relative part.
    pub(crate) rho: f64,
    /// Absolute part, from underflow.
    pub(crate) sigma: f64,
}

impl Error {
    /// For d columns.
    pub(crate) fn of(d: usize) -> Error {
        let v = f64::EPSILON / 2.0;
        Error { rho: (d.div_ceil(LANES) + 6) as f64 * v, sigma: (d + 1) as f64 * f64::from_bits(1) }
    }

    /// A number that |x - c|^2 does not exceed: (D + sigma) / (1 - rho), the factor and the roundings taken upward.
    #[inline(always)]
    pub(crate) fn upper(&self, distance: f64) -> f64 {
        (distance + 2.0 * self.sigma) * (1.0 + 3.0 * self.rho)
    }

    /// A number that |x - c| does not exceed; 0 for the same numbers.
    pub(crate) fn longest(&self, x: &[f64], c: &[f64]) -> f64 {
        if x == c { 0.0 } else { self.upper(squared(x, c)).sqrt() * (1.0 + 1e-12) }
    }

    /// A number that |x - c|^2 is not below: (D - sigma) / (1 + rho), rounded downward likewise. An overflowed D stays
    /// infinite: then |x - c|^2 >= MAX (1 - 2 rho), which exceeds every |x - c|^2 whose `upper` is finite.
    #[inline(always)]
    pub(crate) fn lower(&self, distance: f64) -> f64 {
        distance * (1.0 - 2.0 * self.rho) - 2.0 * self.sigma
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Csr;

    #[test]
    fn the_order_is_the_documented_one() {
        let x: Vec<f64> = (0..21).map(|q| 0.1 * q as f64).collect();
        let c: Vec<f64> = (0..21).map(|q| 1.0 / (q + 1) as f64).collect();
        let mut sums = [0.0; 8];
        for q in 0..21 {
            sums[q % 8] += (x[q] - c[q]) * (x[q] - c[q]);
        }
        let expected = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        assert_eq!(squared(&x, &c), expected);
        assert_eq!(squared(&[1.0], &[3.0]), 4.0);
        for d in 0..=8 {
            let mut sums = [0.0; 8];
            (0..d).for_each(|q| sums[q] = (x[q] - c[q]) * (x[q] - c[q]));
            assert_eq!(squared(&x[..d], &c[..d]).to_bits(), combine(sums).to_bits());
        }
    }

    #[test]
    fn sparse_places_change_no_bit() {
        let (columns, starts) = ([0i32, 5, 17, 31, 60, 63], [0i32, 3, 3, 6]);
        let values = [0.1, -0.7, 1e-3, 3.3, -0.0, 1e200];
        let rows = Csr::new(&values, &columns, &starts, 64).unwrap();
        for few in [vec![], vec![5], vec![0, 1, 2, 3, 5, 17, 62, 63]] {
            let mut c = vec![0.0; 64];
            few.iter().for_each(|&q: &usize| c[q] = 0.3 / (q + 1) as f64);
            let target = Target::new(&rows, &c);
            assert!(!target.is_dense());
            let mut x = vec![0.0; 64];
            for row in 0..3 {
                rows.write(row, &mut x);
                assert_eq!(target.from(&rows, row, &[]).to_bits(), squared(&x, &c).to_bits());
            }
        }
        assert!(Target::new(&rows, &[1.0; 64]).is_dense());
    }

    #[test]
    fn bounds_enclose() {
        let error = Error::of(2);
        let d = squared(&[1e-170, 0.0], &[0.0, 0.0]);
        assert_eq!(d, 0.0);
        assert!(error.lower(d) < 0.0 && error.upper(d) > 0.0);
        assert!(error.lower(f64::INFINITY) == f64::INFINITY);
    }
}
