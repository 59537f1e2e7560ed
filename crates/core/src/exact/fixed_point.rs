//! Fixed-point sums of columns: exact, a few 64-bit integers (limbs) to a column.
//!
//! A row costs about what adding it in floating point does. All sums of clusters are kept so; a row leaves a cluster as
//! it came.
//!
//! Let |p| < 2^e for every addend p of a column, B = bits per limb. Limb 0 counts units of 2^(e-B), limb l units of
//! 2^(e-(l+1)B). With MAGIC = 1.5 * 2^52 and v = p * 2^(B-e), |v| < 2^50, the sum t = v + MAGIC lies in [2^52, 2^53),
//! where the spacing of float64 is 1: so t - MAGIC is v rounded to an integer, bits(t) - bits(MAGIC) is that integer,
//! and r = v - (t - MAGIC) is exact with |r| <= 1/2 (Sterbenz). The next limb takes r * 2^B, |r 2^B| <= 2^(B-1).
//! The format gives a column as many limbs as leave no residual for any row, so that nothing is ever dropped.
//! Limbs are 64-bit integers: additions are associative and removing a row is adding its negative.
//! (The splitting is that of Rump, Ogita and Oishi, "Accurate floating-point summation part I", SIAM J. Sci. Comput.
//! 31(1), 2008, section 3; fixed point in place of floats makes it independent of order.)

use serde::{Deserialize, Serialize};

use crate::exact::double_double::{EIGHT, Eight, Sums, filled, inverse};
use crate::exact::range::Range;
use crate::exact::superaccumulator::{Superaccumulator, decompose};
use crate::memory::{Grow, collected, copied};
use crate::messages::MOST_ROWS;

/// 1.5 * 2^52.
const MAGIC: f64 = 6755399441055744.0;

/// Rows of so few columns are never split into columns with and without a limb.
const NARROW: usize = 32;

/// One step down: the integer nearest to v, |v| <= 2^50, and what is left of v in units of the next limb. Exact.
#[inline(always)]
pub(crate) fn take(v: f64, unit_ratio: f64) -> (i64, f64) {
    let t = v + MAGIC;
    (t.to_bits().wrapping_sub(MAGIC.to_bits()) as i64, (v - (t - MAGIC)) * unit_ratio)
}

/// How the columns of a matrix are split into limbs: the same format for every row, block, thread and machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Origin", try_from = "Origin")]
pub struct FixedPointFormat {
    /// Where all else comes from.
    origin: Origin,
    /// Bits per limb.
    bits: u32,
    /// Exponents of the units of each column's limbs start here: unit(q, l) = above[q] - (l + 1) bits.
    above: Vec<i32>,
    /// 2^(bits - above[q]).
    scale: Vec<f64>,
    /// 2^bits.
    unit_ratio: f64,
    /// Columns that have a limb at level l; level 0 has all of them.
    levels: Vec<Vec<u32>>,
    /// Where level l starts in a cluster's limbs.
    starts: Vec<usize>,
    /// Where the second limb of each column lies, or its first once more.
    seconds: Vec<u32>,
    /// Whether a step of the float recipe could leave float64's range: then limbs are cut out of integers instead.
    careful: bool,
    weighted: bool,
}

/// Where a format comes from, which is all that travels of it; formats of the same origin are the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Origin {
    ranges: Vec<Range>,
    addends: u64,
    weighted: bool,
}

impl From<FixedPointFormat> for Origin {
    fn from(format: FixedPointFormat) -> Origin {
        format.origin
    }
}

impl TryFrom<Origin> for FixedPointFormat {
    type Error = &'static str;

    fn try_from(Origin { ranges, addends, weighted }: Origin) -> Result<FixedPointFormat, &'static str> {
        let factors = if weighted { 2 } else { 1 };
        if ranges.is_empty() || !ranges.iter().all(|range| range.is_of(factors)) || addends > MOST_ROWS {
            return Err("no such rows are summed");
        }
        Ok(FixedPointFormat::new(&ranges, addends, weighted))
    }
}

/// What splits rows into limbs: a column's limb l is `take`n of what is left of x scale, from 0 on.
pub(crate) struct Plain<'a> {
    /// Of every column.
    pub(crate) scale: &'a [f64],
    pub(crate) unit_ratio: f64,
    /// Whether there is a second limb of each column, after the first ones.
    pub(crate) two: bool,
}

impl PartialEq for FixedPointFormat {
    fn eq(&self, other: &FixedPointFormat) -> bool {
        self.origin == other.origin
    }
}

// With this, two references to one format are compared at a glance.
impl Eq for FixedPointFormat {}

impl FixedPointFormat {
    /// The format for `addends` additions (of either sign) of numbers within `ranges`, one per column.
    ///
    /// With weights an addend is a product; it is added as its rounding and its rounding error.
    pub(crate) fn new(ranges: &[Range], addends: u64, weighted: bool) -> FixedPointFormat {
        let origin = Origin { ranges: copied(ranges), addends, weighted };
        let addends = addends.max(1) * if weighted { 2 } else { 1 };
        // A limb's sum stays below 2^63: addends * 2^bits <= 2^62.
        let bits = 50.min(62 - (64 - (addends - 1).leading_zeros()));
        let mut above = Vec::new();
        above.make_room(ranges.len());
        let all = || collected(0..ranges.len() as u32);
        let mut levels: Vec<Vec<u32>> = vec![all()];
        let mut careful = false;
        for (q, range) in ranges.iter().enumerate() {
            if *range == Range::ZEROS {
                above.push(0);
                continue;
            }
            above.push(range.above);
            let limbs = ((range.above - range.lowest).max(1) as u32).div_ceil(bits) as usize;
            for level in 1..limbs {
                if levels.len() == level {
                    levels.push(Vec::new());
                }
                levels[level].add(q as u32);
            }
            // The recipe is exact while p, its error, the scale and v stay in range with all their bits.
            let shift = bits as i32 - range.above;
            careful |= !(-960..=960).contains(&shift)
                || range.lowest + shift < -1060
                || range.lowest < -1060
                || range.above > 1000;
        }
        // A level that most columns have, all have, and in narrow rows any: whole rows are faster than lists.
        for level in &mut levels {
            if 2 * level.len() > ranges.len() || ranges.len() <= NARROW {
                *level = all();
            }
        }
        let mut starts = vec![0];
        for level in &levels {
            starts.push(starts.last().unwrap_or(&0) + level.len());
        }
        let scale = collected(above.iter().map(|&e| if careful { 1.0 } else { 2f64.powi(bits as i32 - e) }));
        let mut seconds = all();
        for (at, &q) in levels.get(1).into_iter().flatten().enumerate() {
            seconds[q as usize] = (starts[1] + at) as u32;
        }
        FixedPointFormat {
            origin,
            bits,
            above,
            scale,
            unit_ratio: 2f64.powi(bits as i32),
            levels,
            starts,
            seconds,
            careful,
            weighted,
        }
    }

    /// How many additions it was made for.
    pub fn addends(&self) -> u64 {
        self.origin.addends
    }

    /// The ranges of the columns.
    pub fn ranges(&self) -> &[Range] {
        &self.origin.ranges
    }

    /// Whether what is added are products with weights.
    pub fn is_weighted(&self) -> bool {
        self.weighted
    }

    /// Number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.above.len()
    }

    /// Limbs of one cluster: the sum over columns of their number of limbs.
    pub(crate) fn width(&self) -> usize {
        self.starts[self.levels.len()]
    }

    /// The largest number of limbs that a column has.
    pub fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Adds sign * w * x to the limbs of one cluster, for a row given by all its columns.
    #[inline(always)]
    pub(crate) fn add_row(&self, limbs: &mut [i64], row: &[f64], weight: f64, subtract: bool) {
        debug_assert!(row.len() == self.columns() && limbs.len() == self.width());
        if self.careful {
            for (q, &x) in row.iter().enumerate() {
                self.add_carefully(limbs, q, x, weight, subtract);
            }
        } else if self.weighted {
            for (q, &x) in row.iter().enumerate() {
                self.add_weighted(limbs, q, x, weight, subtract);
            }
        } else {
            let sign = if subtract { -1.0 } else { 1.0 };
            match row.len() {
                1 => self.add_plain::<1>(limbs, row, sign),
                2 => self.add_plain::<2>(limbs, row, sign),
                3 => self.add_plain::<3>(limbs, row, sign),
                4 => self.add_plain::<4>(limbs, row, sign),
                _ => self.add_plain::<0>(limbs, row, sign),
            }
        }
    }

    /// The unweighted recipe. N is the number of columns, or 0 for any: short rows are worth unrolling.
    #[inline(always)]
    fn add_plain<const N: usize>(&self, limbs: &mut [i64], row: &[f64], sign: f64) {
        let n = if N == 0 { row.len() } else { N };
        let (row, scale, ratio) = (&row[..n], &self.scale[..n], self.unit_ratio);
        let (first, rest) = limbs.split_at_mut(n);
        let Some(second) = self.levels.get(1) else {
            for q in 0..n {
                first[q] = first[q].wrapping_add(take(row[q] * (scale[q] * sign), ratio).0);
            }
            return;
        };
        if self.levels.len() == 2 && second.len() == n {
            let rest = &mut rest[..n];
            for q in 0..n {
                let (high, left) = take(row[q] * (scale[q] * sign), ratio);
                first[q] = first[q].wrapping_add(high);
                rest[q] = rest[q].wrapping_add(take(left, ratio).0);
            }
            return;
        }
        for q in 0..n {
            first[q] = first[q].wrapping_add(take(row[q] * (scale[q] * sign), ratio).0);
        }
        // The few columns with more limbs go down from what the first left.
        for &q in second {
            let (_, left) = take(row[q as usize] * (scale[q as usize] * sign), ratio);
            self.add_below(limbs, q as usize, left, 1);
        }
    }

    /// Takes w * x out of the limbs of one cluster and puts it into those of another.
    #[inline(always)]
    pub(crate) fn move_row(&self, from: &mut [i64], to: &mut [i64], row: &[f64], weight: f64) {
        if self.careful || self.weighted || !self.two_whole_levels_at_most() {
            self.add_row(from, row, weight, true);
            self.add_row(to, row, weight, false);
            return;
        }
        match row.len() {
            1 => self.move_plain::<1>(from, to, row),
            2 => self.move_plain::<2>(from, to, row),
            3 => self.move_plain::<3>(from, to, row),
            4 => self.move_plain::<4>(from, to, row),
            _ => self.move_plain::<0>(from, to, row),
        }
    }

    /// What splits rows without weights into limbs, where each column has one limb or each has two.
    pub(crate) fn plain(&self) -> Option<Plain<'_>> {
        let plain = !self.careful && !self.weighted && self.two_whole_levels_at_most();
        plain.then_some(Plain { scale: &self.scale, unit_ratio: self.unit_ratio, two: self.levels.len() == 2 })
    }

    fn two_whole_levels_at_most(&self) -> bool {
        self.levels.len() <= 2 && self.levels.iter().all(|level| level.len() == self.above.len())
    }

    /// The unweighted recipe of `add_plain`; each number is split once for both clusters.
    #[inline(always)]
    fn move_plain<const N: usize>(&self, from: &mut [i64], to: &mut [i64], row: &[f64]) {
        let n = if N == 0 { row.len() } else { N };
        let (row, scale, ratio) = (&row[..n], &self.scale[..n], self.unit_ratio);
        let (from_first, from_second) = from.split_at_mut(n);
        let (to_first, to_second) = to.split_at_mut(n);
        if self.levels.len() == 1 {
            for q in 0..n {
                let digit = take(row[q] * scale[q], ratio).0;
                from_first[q] = from_first[q].wrapping_sub(digit);
                to_first[q] = to_first[q].wrapping_add(digit);
            }
            return;
        }
        let (from_second, to_second) = (&mut from_second[..n], &mut to_second[..n]);
        for q in 0..n {
            let (digit, left) = take(row[q] * scale[q], ratio);
            from_first[q] = from_first[q].wrapping_sub(digit);
            to_first[q] = to_first[q].wrapping_add(digit);
            let digit = take(left, ratio).0;
            from_second[q] = from_second[q].wrapping_sub(digit);
            to_second[q] = to_second[q].wrapping_add(digit);
        }
    }

    /// Adds sign * w * x to the limbs of one cluster, for a row given by its stored entries.
    #[inline(always)]
    pub(crate) fn add_entries(
        &self,
        limbs: &mut [i64],
        entries: impl Iterator<Item = (usize, f64)>,
        weight: f64,
        subtract: bool,
    ) {
        if self.careful || self.weighted || !self.two_whole_levels_at_most() {
            return entries.for_each(|(q, x)| self.add_entry(limbs, q, x, weight, subtract));
        }
        // Without a branch for what is left of an entry: nearly all have something, or nearly none.
        let (sign, ratio) = (if subtract { -1.0 } else { 1.0 }, self.unit_ratio);
        let (first, second) = limbs.split_at_mut(self.columns());
        if second.is_empty() {
            for (q, x) in entries {
                first[q] = first[q].wrapping_add(take(x * (self.scale[q] * sign), ratio).0);
            }
            return;
        }
        for (q, x) in entries {
            let (digit, left) = take(x * (self.scale[q] * sign), ratio);
            first[q] = first[q].wrapping_add(digit);
            second[q] = second[q].wrapping_add(take(left, ratio).0);
        }
    }

    /// Adds sign * w * x to the limbs of one column.
    #[inline(always)]
    pub(crate) fn add_entry(&self, limbs: &mut [i64], q: usize, x: f64, weight: f64, subtract: bool) {
        if self.careful {
            self.add_carefully(limbs, q, x, weight, subtract);
        } else if self.weighted {
            self.add_weighted(limbs, q, x, weight, subtract);
        } else {
            self.add_float(limbs, q, if subtract { -x } else { x });
        }
    }

    /// w * x = p + error exactly, the error by a fused multiply-add; each is added by itself.
    #[inline(always)]
    fn add_weighted(&self, limbs: &mut [i64], q: usize, x: f64, weight: f64, subtract: bool) {
        let x = if subtract { -x } else { x };
        let p = weight * x;
        let error = weight.mul_add(x, -p);
        self.add_float(limbs, q, p);
        if error != 0.0 {
            self.add_float(limbs, q, error);
        }
    }

    #[inline(always)]
    fn add_float(&self, limbs: &mut [i64], q: usize, p: f64) {
        let (high, left) = take(p * self.scale[q], self.unit_ratio);
        limbs[q] = limbs[q].wrapping_add(high);
        if left != 0.0 {
            self.add_below(limbs, q, left, 1);
        }
    }

    /// Goes on from a level with what is left for it.
    #[inline(always)]
    fn add_below(&self, limbs: &mut [i64], q: usize, mut left: f64, level: usize) {
        for level in level..self.levels.len() {
            let Some(at) = self.place(q, level) else { break };
            let (digit, below) = take(left, self.unit_ratio);
            limbs[at] = limbs[at].wrapping_add(digit);
            left = below;
            if left == 0.0 {
                break;
            }
        }
        debug_assert!(left == 0.0, "a residual is left: the format has too few limbs");
    }

    /// Where the limb of a column at a level lies, if the column has one.
    #[inline(always)]
    fn place(&self, q: usize, level: usize) -> Option<usize> {
        let columns = &self.levels[level];
        if columns.len() == self.above.len() {
            return Some(self.starts[level] + q);
        }
        columns.binary_search(&(q as u32)).ok().map(|at| self.starts[level] + at)
    }

    /// The same number of units, cut out of the integer significand: for ranges where the float recipe is not exact.
    #[cold]
    fn add_carefully(&self, limbs: &mut [i64], q: usize, x: f64, weight: f64, subtract: bool) {
        let (nx, mx, ex) = decompose(x);
        let (_, mw, ew) = if self.weighted { decompose(weight) } else { (false, 1, 0) };
        let mut rest = mx as u128 * mw as u128;
        if rest == 0 {
            return;
        }
        // Without trailing zeros, so that every bit belongs to a limb of the format.
        let zeros = rest.trailing_zeros();
        rest >>= zeros;
        let exponent = ex + ew + zeros as i32;
        let sign = if nx != subtract { -1 } else { 1 };
        for level in 0..self.levels.len() {
            let Some(at) = self.place(q, level) else { break };
            let below = self.unit(q, level) - exponent;
            let digit = if below <= 0 {
                // All the rest is a whole number of units; it is smaller than 2^bits of them.
                let digit = rest << -below;
                rest = 0;
                digit
            } else if below < 128 {
                let digit = rest >> below;
                rest &= (1u128 << below) - 1;
                digit
            } else {
                0
            };
            limbs[at] = limbs[at].wrapping_add(sign * digit as i64);
            if rest == 0 {
                break;
            }
        }
        debug_assert!(rest == 0, "a residual is left: the format has too few limbs");
    }

    /// Exponent of the unit of a limb.
    #[inline]
    fn unit(&self, q: usize, level: usize) -> i32 {
        self.above[q] - (level as i32 + 1) * self.bits as i32
    }

    /// Which of eight columns from `start` on may have something but zero limbs, as bits.
    #[inline(always)]
    pub(crate) fn filled(&self, limbs: &[i64], start: usize) -> u8 {
        let all = (1u32 << self.columns().saturating_sub(start).min(EIGHT)) - 1;
        if !self.two_whole_levels_at_most() {
            return all as u8;
        }
        let eight = Eight::From(start);
        let mut any = eight.read(&limbs[..self.columns()], 0);
        if self.levels.len() == 2 {
            any.iter_mut().zip(eight.read(&limbs[self.columns()..], 0)).for_each(|(any, second)| *any |= second);
        }
        filled(any.map(|limb| limb as u64))
    }

    /// Calls `each(limb, exponent)` for the limbs of column q: the sum is that of limb * 2^exponent.
    #[inline(always)]
    pub(crate) fn limbs_of(&self, limbs: &[i64], q: usize, mut each: impl FnMut(i64, i32)) {
        for level in 0..self.levels.len() {
            let Some(at) = self.place(q, level) else { break };
            each(limbs[at], self.unit(q, level));
        }
    }

    /// The sum of column q as (integer, exponent of its unit), where 128 bits hold it: at most two limbs.
    #[inline]
    pub(crate) fn short(&self, limbs: &[i64], q: usize) -> Option<(i128, i32)> {
        let (mut total, mut unit, mut count) = (0i128, 0, 0);
        self.limbs_of(limbs, q, |limb, exponent| {
            if count < 2 {
                total = (total << self.bits) + limb as i128;
            }
            unit = exponent;
            count += 1;
        });
        (count <= 2).then_some((total, unit))
    }

    /// Whether `pairs` may be asked.
    pub(crate) fn has_pairs(&self) -> bool {
        !self.careful && self.levels.len() <= 2
    }

    /// The sums of eight columns, for formats of two limbs a column at most.
    #[inline(always)]
    pub(crate) fn pairs(&self, limbs: &[i64], eight: &Eight) -> Sums {
        let first = eight.read(&limbs[..self.columns()], 0);
        let mut second = [0; EIGHT];
        if self.levels.len() == 2 && self.levels[1].len() == self.columns() {
            second = eight.read(&limbs[self.columns()..], 0);
        } else if self.levels.len() == 2 {
            let places = eight.read(&self.seconds, 0);
            for (lane, (place, second)) in places.into_iter().zip(&mut second).enumerate() {
                *second = if place as usize == eight.column(lane) { 0 } else { limbs[place as usize] };
            }
        }
        // The unit of a column's first limb is 1 / scale, a power of two.
        let units = eight.read(&self.scale, 1.0).map(inverse);
        Sums::of(&first, &second, &units, 1.0 / self.unit_ratio)
    }

    /// Adds factor * (the sum of column q) to an accumulator.
    #[inline]
    pub(crate) fn add_to(&self, wide: &mut Superaccumulator, limbs: &[i64], q: usize, factor: f64) {
        let (negative, significand, exponent) = decompose(factor);
        self.limbs_of(limbs, q, |limb, unit| {
            let magnitude = limb.unsigned_abs() as u128 * significand as u128;
            wide.add_int(negative != (limb < 0), magnitude, unit + exponent);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], weights: Option<&[f64]>) {
        let weighted = weights.is_some();
        let range = match weights {
            None => Range::of_all(values),
            Some(w) => Range::of_all(values).product(Range::of_all(w)),
        };
        let format = FixedPointFormat::new(&[range, Range::ZEROS, range], values.len() as u64, weighted);
        let (mut limbs, mut entries, mut wide) =
            (vec![0; format.width()], vec![0; format.width()], Superaccumulator::new());
        for (i, &x) in values.iter().enumerate() {
            let w = weights.map_or(1.0, |w| w[i]);
            format.add_row(&mut limbs, &[x, 0.0, -x], w, false);
            for q in [0, 2] {
                format.add_entry(&mut entries, q, if q == 0 { x } else { -x }, w, false);
            }
            wide.add_product(w, x);
        }
        assert_eq!(limbs, entries);
        for (q, expected) in [(0, wide.rounded()), (1, 0.0), (2, -wide.rounded())] {
            let mut sum = Superaccumulator::new();
            format.add_to(&mut sum, &limbs, q, 1.0);
            assert_eq!(sum.rounded(), expected, "column {q} of {values:?} with {format:?}");
        }
        for (i, &x) in values.iter().enumerate() {
            format.add_row(&mut limbs, &[x, 0.0, -x], weights.map_or(1.0, |w| w[i]), true);
        }
        let mut sum = Superaccumulator::new();
        format.add_to(&mut sum, &limbs, 0, 1.0);
        assert_eq!(sum.rounded(), 0.0);
    }

    #[test]
    fn sums_are_exact_for_every_range() {
        let sets: [&[f64]; 9] = [
            &[1.0, 2.0, -3.0, 0.5],
            &[0.1, 0.2, 0.3, -0.7, 1e-9],
            &[1e20, 1.0, -1e20, 1e-20],
            &[1e36, 0.1, 0.3, 7e-5],
            &[1e300, 1e-300, 5e-324, -1e300],
            &[5e-324, 1e-310, -2e-320],
            &[f64::MAX, -f64::MAX, 1.0],
            &[0.0, -0.0],
            &[3.0, -1e-320, 2f64.powi(-1000)],
        ];
        for values in sets {
            check(values, None);
            let weights: Vec<f64> = (0..values.len()).map(|i| 0.1 + i as f64 / 3.0).collect();
            if values[0] != f64::MAX {
                check(values, Some(&weights));
            }
            check(values, Some(&vec![1e-200; values.len()]));
        }
    }

    #[test]
    fn one_limb_suffices_for_short_significands() {
        let range = Range::of_all(&[0.5f32 as f64, 0.1f32 as f64, 3.7f32 as f64]);
        assert_eq!(FixedPointFormat::new(&[range], 1_000_000, false).depth(), 1);
        assert_eq!(FixedPointFormat::new(&[Range::of_all(&[0.1, 3.7])], 1_000_000, false).depth(), 2);
    }
}
