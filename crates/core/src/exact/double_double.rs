//! Double-double arithmetic: exact sums as pairs of float64, for what is rounded once.
//!
//! A filter before exact integers, eight columns at a time: some ten operations a column, and nearly always enough.
//!
//! A pair stands for its sum high + low, which is off by a known part of a `size`. Every step below is exact (the error
//! of a sum by Knuth's two-sum, of a product by a fused multiply-add) or rounds a number that is 2^-50 of the size
//! already; what these roundings make is bounded, and the result counts only if the bound either way rounds to the same
//! float64. (Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit", ACM TOMS
//! 17(3), 1991; sums as in Ogita, Rump and Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput. 26(6), 2005,
//! Algorithm 4.4.)

// Eight numbers at a time are indexed by constants.
#![allow(clippy::needless_range_loop)]

use crate::exact::superaccumulator::Superaccumulator;

/// Columns that are worked on at once.
pub(crate) const EIGHT: usize = 8;

/// So many of eight columns that count are worked on where they are, others being nothing: to gather some costs as
/// much.
const MANY: u32 = 3;

/// Columns that are worked on at once: side by side, or here and there.
pub(crate) enum Eight {
    /// From one on; there may be fewer than eight.
    From(usize),
    /// These.
    These([u32; EIGHT]),
}

impl Eight {
    /// The column of a lane.
    #[inline(always)]
    pub(crate) fn column(&self, lane: usize) -> usize {
        match self {
            Eight::From(start) => start + lane,
            Eight::These(columns) => columns[lane] as usize,
        }
    }

    /// Their numbers, or something else after the last column.
    #[inline(always)]
    pub(crate) fn read<T: Copy>(&self, numbers: &[T], other: T) -> [T; EIGHT] {
        match self {
            Eight::These(columns) => std::array::from_fn(|lane| numbers[columns[lane] as usize]),
            Eight::From(start) => {
                let mut out = [other; EIGHT];
                if let Some(whole) = numbers.get(*start..start + EIGHT) {
                    out.copy_from_slice(whole);
                } else {
                    out.iter_mut().zip(numbers.iter().skip(*start)).for_each(|(out, x)| *out = *x);
                }
                out
            }
        }
    }
}

/// The columns that count, eight at a time: most columns of sparse rows' clusters and centers are zero.
#[derive(Default)]
pub(crate) struct Eights {
    waiting: [u32; 2 * EIGHT],
    count: usize,
}

impl Eights {
    /// Where to look: eight columns from each of these on, and at last behind the last column, for those still waiting.
    pub(crate) fn starts(columns: usize) -> impl Iterator<Item = usize> {
        (0..columns + EIGHT).step_by(EIGHT)
    }

    /// Adds those of eight columns from one on that count, by bits; returns eight when there are so many, and how many
    /// they are.
    #[inline(always)]
    pub(crate) fn add(&mut self, start: usize, bits: u8, columns: usize) -> Option<(Eight, usize)> {
        if bits.count_ones() >= MANY && start + EIGHT <= columns {
            return Some((Eight::From(start), EIGHT));
        }
        let mut rest = bits;
        while rest != 0 {
            self.waiting[self.count] = start as u32 + rest.trailing_zeros();
            rest &= rest - 1;
            self.count += 1;
        }
        let count = self.count.min(EIGHT);
        if count == 0 || count < EIGHT && start < columns {
            return None;
        }
        let these = std::array::from_fn(|lane| self.waiting[lane.min(count - 1)]);
        self.waiting.copy_within(EIGHT.., 0);
        self.count -= count;
        Some((Eight::These(these), count))
    }
}

/// Which of eight patterns of bits are not zero.
#[inline(always)]
pub(crate) fn filled(patterns: [u64; EIGHT]) -> u8 {
    if patterns.iter().fold(0, |all, x| all | x) == 0 {
        return 0;
    }
    patterns.iter().enumerate().fold(0, |bits, (lane, x)| bits | ((*x != 0) as u8) << lane)
}

/// 2^exponent, for exponents of normal numbers.
pub(crate) const fn power(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// 1 / x for a power of two; both are normal numbers.
#[inline(always)]
pub(crate) fn inverse(x: f64) -> f64 {
    debug_assert!(x.to_bits() << 12 == 0 && x.is_normal() && (1.0 / x).is_normal());
    f64::from_bits((2046 << 52) - x.to_bits())
}

/// x + y = high + low exactly.
#[inline(always)]
fn two_sum(x: f64, y: f64) -> (f64, f64) {
    let high = x + y;
    let part = high - x;
    (high, (x - (high - part)) + (y - part))
}

/// An integer as a pair, exactly: |low| <= 2^-53 |high|.
#[inline(always)]
fn split(limb: i64) -> (f64, f64) {
    let (a, b) = ((limb >> 32) as i32 as f64 * power(32), (limb as u32) as f64);
    // a is zero or larger than b.
    let high = a + b;
    (high, b - (high - a))
}

/// Sums of eight columns: each is high + low, off by at most 2^-104 size.
pub(crate) struct Sums {
    /// The larger part.
    pub(crate) high: [f64; EIGHT],
    /// The smaller: at most 2^-52 size.
    pub(crate) low: [f64; EIGHT],
    /// No less than the sum's absolute value, but for a factor of 1 + 2^-50.
    pub(crate) size: [f64; EIGHT],
}

impl Sums {
    /// Of limbs of two levels, whose units are exact powers of two, all multiples of them float64 numbers.
    ///
    /// With limbs h0 + r0 and h1 + r1 in their units, high and e are h0 + h1 exactly, and low = e + (r0 + r1) rounds
    /// twice, numbers of at most 2^-52 (|h0| + |h1|) = 2^-52 size.
    #[inline(always)]
    pub(crate) fn of(first: &[i64; EIGHT], second: &[i64; EIGHT], units: &[f64; EIGHT], ratio: f64) -> Sums {
        let zeros = [0.0; EIGHT];
        let mut sums = Sums { high: zeros, low: zeros, size: zeros };
        for q in 0..EIGHT {
            let ((h0, r0), (h1, r1)) = (split(first[q]), split(second[q]));
            let (unit, lower) = (units[q], units[q] * ratio);
            let (h0, h1) = (h0 * unit, h1 * lower);
            let (high, e) = two_sum(h0, h1);
            sums.high[q] = high;
            sums.low[q] = e + (r0 * unit + r1 * lower);
            sums.size[q] = h0.abs() + h1.abs();
        }
        sums
    }

    /// Quotients by a weight, an integer below 2^53; not a number where rounding them is not certain.
    ///
    /// With q = high / W rounded, high - q W is a float64, so that q + ((high - q W) + low) / W is off by at most 2^-51
    /// (2^-53 |q| + 2^-52 size / W) for its roundings, 1 / W being rounded before it is a factor, and 2^-104 size / W
    /// for the pair: together less than 2^-101 size / W. In the range that is asked for nothing underflows. A size of
    /// zero is that of limbs of zero.
    #[inline(always)]
    pub(crate) fn quotients(&self, weight: f64) -> [f64; EIGHT] {
        let (mut out, inverse) = ([0.0; EIGHT], 1.0 / weight);
        for q in 0..EIGHT {
            let (high, low) = (self.high[q], self.low[q]);
            let quotient = high / weight;
            let correction = ((-quotient).mul_add(weight, high) + low) * inverse;
            let slack = self.size[q] * inverse * power(-99);
            let (below, above) = (quotient + (correction - slack), quotient + (correction + slack));
            let in_range = quotient.abs() > power(-900) && quotient.abs() < power(1000);
            let sure = if below == above && in_range { below } else { f64::NAN };
            out[q] = if self.size[q] == 0.0 { 0.0 } else { sure };
        }
        out
    }
}

/// A sum of many terms: high + low, off by at most `error` of the size.
#[derive(Clone, Copy, Default)]
pub(crate) struct Total {
    high: f64,
    low: f64,
    /// No less than the sum of the terms' sizes, but for rounding.
    size: f64,
}

impl Total {
    /// An exact number, as a pair.
    pub(crate) fn of(exact: &Superaccumulator) -> Total {
        let mut rest = exact.clone();
        let high = rest.rounded();
        if !high.is_finite() {
            return Total { high, low: 0.0, size: high };
        }
        rest.add(-high);
        Total { high, low: rest.rounded(), size: high.abs() }
    }

    /// Adds another total.
    #[inline(always)]
    pub(crate) fn add(&mut self, other: Total) {
        let (high, e) = two_sum(self.high, other.high);
        *self = Total { high, low: self.low + (e + other.low), size: self.size + other.size };
    }

    /// The sum rounded once, where that is certain, if no term has been through more than so many sums.
    ///
    /// Terms are off by 2^-100 of their sizes. Each sum is exact in high and e; low rounds twice, and after n sums is
    /// at most (n 2^-53 + 2^-50) of the size: so all roundings are at most n (n + 8) 2^-104 of it. 2^-1000 is far more
    /// than all that can underflow, and whatever overflows ends as no number.
    pub(crate) fn rounded(&self, sums: usize) -> Option<f64> {
        let n = sums as f64;
        let error =
            (power(-99) + 2.0 * n * (n + 8.0) * power(-104)) * self.size + self.low.abs() * power(-50) + power(-1000);
        let (below, above) = (self.high + (self.low - error), self.high + (self.low + error));
        (below == above && below.abs() > power(-900) && below.is_finite()).then_some(below)
    }
}

/// W |c|^2 - 2 c.S in eight columns, lane by lane.
#[derive(Default)]
pub(crate) struct Inertia([Total; EIGHT]);

impl Inertia {
    /// Adds c (W c - 2 S) for eight columns.
    ///
    /// p + p' = W c exactly, and t + t' + (p' - 2 low) = W c - 2 S but for the pair, with t, t' from a two-sum: two
    /// roundings of numbers below 2^-50 (|p| + 2 size). The product with c is exact in y and its error, which is added
    /// to c times the low part: one more. Together less than 2^-100 (|p| + 2 size) |c|, the size of the term.
    #[inline(always)]
    pub(crate) fn add(&mut self, weight: f64, center: &[f64; EIGHT], sums: &Sums) {
        for q in 0..EIGHT {
            let c = center[q];
            let p = weight * c;
            let p_low = weight.mul_add(c, -p);
            let (t, e) = two_sum(p, -2.0 * sums.high[q]);
            let t_low = e + (p_low - 2.0 * sums.low[q]);
            let y = t * c;
            let low = t_low.mul_add(c, t.mul_add(c, -y));
            let size = (p.abs() + 2.0 * sums.size[q]) * c.abs();
            self.0[q].add(Total { high: y, low, size });
        }
    }

    /// All lanes together.
    pub(crate) fn total(&self) -> Total {
        let mut total = Total::default();
        self.0.iter().for_each(|lane| total.add(*lane));
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_split_exactly() {
        for limb in [0, 1, -1, i64::MAX, i64::MIN + 1, (1 << 53) + 1, -(1 << 32), (1 << 62) - 1, 0x1234_5678_9abc_def1]
        {
            let (high, low) = split(limb);
            assert_eq!(high as i128 + low as i128, limb as i128);
            assert!(low.abs() <= high.abs() * power(-53));
        }
    }

    #[test]
    fn a_total_is_rounded_where_that_is_certain_only() {
        let mut exact = Superaccumulator::new();
        exact.add(1.0);
        exact.add(power(-60));
        assert_eq!(Total::of(&exact).rounded(10), Some(1.0));
        exact.add(power(-53) - power(-60));
        // Half way between two numbers.
        assert_eq!(Total::of(&exact).rounded(10), None);
        exact.add(power(-90));
        assert_eq!(Total::of(&exact).rounded(10), Some(1.0 + 2.0 * power(-53)));
        assert_eq!(Total::default().rounded(1), None);
    }

    #[test]
    fn quotients_are_rounded_once_or_not_at_all() {
        let (first, second) = ([6, 1, -7, 0, 1 << 20, 3, 5, 9], [0, 1, 12345, 0, -1, 0, 0, 1]);
        let sums = Sums::of(&first, &second, &[1.0; EIGHT], power(-50));
        let found = sums.quotients(3.0);
        assert_eq!(found[0], 2.0);
        assert_eq!(found[3].to_bits(), 0, "a sum of no limbs is zero for certain");
        for q in [1, 2, 4, 5, 6, 7] {
            let exact = ((first[q] as i128) << 50) + second[q] as i128;
            assert_eq!(found[q], ((exact << 40) / 3) as f64 * power(-90), "{q}");
        }
    }
}
