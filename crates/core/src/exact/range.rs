//! Between which powers of two the numbers of a column lie: what a format of exact sums is made from
//! (exact/fixed_point.rs).

use serde::{Deserialize, Serialize};

use crate::exact::superaccumulator::decompose;

/// What the first pass over rows knows of one column's addends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Every addend is smaller than 2^above in magnitude.
    pub(crate) above: i32,
    /// Every addend is an integer times 2^lowest. Above `above` when all addends are zero.
    pub(crate) lowest: i32,
}

impl Range {
    /// Nothing but zeros.
    pub(crate) const ZEROS: Range = Range { above: i32::MIN / 4, lowest: i32::MAX / 4 };

    /// The range of products of two numbers.
    pub(crate) fn product(self, other: Range) -> Range {
        if self == Range::ZEROS || other == Range::ZEROS {
            return Range::ZEROS;
        }
        Range { above: self.above + other.above, lowest: self.lowest + other.lowest }
    }

    /// The range of numbers from either.
    pub(crate) fn join(self, other: Range) -> Range {
        Range { above: self.above.max(other.above), lowest: self.lowest.min(other.lowest) }
    }

    /// Whether float64 numbers have such a range, or products of so many of them.
    pub fn is_of(self, factors: i32) -> bool {
        let within = -1074 * factors <= self.lowest && self.lowest < self.above && self.above <= 1024 * factors;
        self == Range::ZEROS || within
    }

    /// From the largest magnitude and the smallest lowest set bit (infinite when all are zero), both as float64.
    pub(crate) fn of(largest: f64, bit: f64) -> Range {
        if largest == 0.0 {
            return Range::ZEROS;
        }
        let (_, significand, exponent) = decompose(largest);
        let (_, unit, place) = decompose(bit);
        Range {
            above: exponent + (64 - significand.leading_zeros() as i32),
            lowest: place + unit.trailing_zeros() as i32,
        }
    }
    /// The range of numbers, from the bits of each.
    #[cfg(test)]
    pub(crate) fn of_all(values: &[f64]) -> Range {
        values.iter().filter(|&&x| x != 0.0).fold(Range::ZEROS, |range, &x| {
            let (_, m, e) = decompose(x);
            let above = e + 64 - m.leading_zeros() as i32;
            range.join(Range { above, lowest: e + m.trailing_zeros() as i32 })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 9] = [1.0, -0.75, 6.0, 0.1, 1e300, -1e-300, 5e-324, -3e-320, f64::MAX];

    #[test]
    fn numbers_lie_within_their_range() {
        for x in VALUES {
            let range = Range::of_all(&[x]);
            let units = |lowest: i32| x / 2f64.powi(lowest / 2) / 2f64.powi(lowest - lowest / 2);
            // An integer of units, and not of twice as much.
            assert!(units(range.lowest) % 2.0 != 0.0 && units(range.lowest).fract() == 0.0, "{x}");
            // Smaller than 2^above, and not than half of it.
            assert!((0.5..1.0).contains(&units(range.above).abs()), "{x}");
            assert!(range.is_of(1), "{x}");
        }
    }

    #[test]
    fn the_largest_number_and_the_lowest_bit_say_the_range() {
        for x in VALUES {
            for y in VALUES {
                let all = Range::of_all(&[x, 0.0, y]);
                let bit = 2f64.powi(all.lowest / 2) * 2f64.powi(all.lowest - all.lowest / 2);
                assert_eq!(Range::of(x.abs().max(y.abs()), bit), all);
            }
        }
        assert_eq!(Range::of(0.0, f64::INFINITY), Range::ZEROS);
    }

    #[test]
    fn zeros_add_nothing_to_a_range() {
        let range = Range::of_all(&[0.1, 3.0]);
        assert_eq!(Range::of_all(&[0.0, -0.0]), Range::ZEROS);
        assert_eq!(range.join(Range::ZEROS), range);
        assert_eq!(range.product(Range::ZEROS), Range::ZEROS);
        assert!(Range::ZEROS.is_of(1) && Range::ZEROS.is_of(2));
    }

    #[test]
    fn products_lie_within_the_product_of_ranges() {
        let (small, large) = (Range::of_all(&[5e-324]), Range::of_all(&[f64::MAX]));
        for (range, of_one) in [(small.product(small), false), (small.product(large), true), (large, true)] {
            assert!(range.is_of(2) && range.is_of(1) == of_one, "{range:?}");
        }
        assert!(!small.product(small).product(small).is_of(2));
        assert!(!Range { above: 3, lowest: 3 }.is_of(1));
        let integers = Range::of_all(&[3.0, 12.0]);
        let product = integers.product(integers);
        for x in [9.0, 36.0, 144.0] {
            let one = Range::of_all(&[x]);
            assert!(product.lowest <= one.lowest && one.above <= product.above, "{x}");
        }
    }
}
