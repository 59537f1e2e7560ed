//! A superaccumulator: a fixed-point number wide enough for any sum of products of float64 numbers.
//!
//! An addition touches five words of 206. It is for sums of few numbers and for those that cheaper forms leave
//! undecided: the sums of whole columns are in [`super::fixed_point`].
//!
//! A float64 is an integer of at most 53 bits times a power of two between 2^-1074 and 2^971, so a product of three of
//! them is an integer of at most 159 bits times a power of two between 2^-3222 and 2^2913. Such products are added here
//! as integers: nothing is rounded until [`Superaccumulator::rounded`] rounds once. (Kulisch and Miranker, "The
//! arithmetic of the digital computer: a new approach", SIAM Review 28(1), 1986; the loose digits that put off carries
//! are those of Neal, "Fast exact summation using small and large superaccumulators", arXiv:1505.05571, section 2.)

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Bits of one digit. Digits live in 64-bit words, so 2^30 additions fit before carries must move.
const DIGIT: u32 = 32;
const MASK: u64 = (1 << DIGIT) - 1;
/// Weight of digit 0 is 2^LOWEST: below the last bit of a product of three subnormals, one of which may be a limb whose
/// unit lies up to 50 bits below the lowest bit of what it sums (-3222 - 50), doubled or not.
const LOWEST: i32 = -3296;
/// 2^(LOWEST + 32 DIGITS) = 2^3296: above 2^64 products of three of the largest numbers.
const DIGITS: usize = 206;
/// Carries must move before a word could overflow: each addition adds less than 2^32 to a word.
const LOOSE: u32 = 1 << 30;

/// Digits from here on are zero after carries, of whatever was added: 2^64 products of three of the largest numbers
/// end below.
const HIGHEST: usize = DIGITS - 4;

/// An exact real number: the sum of everything that was added.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Digits", try_from = "Digits")]
pub struct Superaccumulator {
    digits: [i64; DIGITS],
    /// Digits outside `low..high` are zero.
    low: usize,
    high: usize,
    loose: u32,
}

/// What travels of an accumulator: its digits after carries, from the lowest to the highest that is not zero.
#[derive(Serialize, Deserialize)]
struct Digits {
    low: usize,
    digits: Vec<i64>,
}

impl From<Superaccumulator> for Digits {
    fn from(mut number: Superaccumulator) -> Digits {
        number.carry();
        let low = number.digits.iter().position(|&digit| digit != 0).unwrap_or(0);
        let high = number.digits.iter().rposition(|&digit| digit != 0).map_or(low, |at| at + 1);
        Digits { low, digits: number.digits[low..high].to_vec() }
    }
}

impl TryFrom<Digits> for Superaccumulator {
    type Error = &'static str;

    fn try_from(Digits { low, digits }: Digits) -> Result<Superaccumulator, &'static str> {
        let mut number = Superaccumulator::new();
        let Some((top, below)) = digits.split_last() else { return Ok(number) };
        let one = 1i64 << DIGIT;
        if !(-one..one).contains(top) || below.iter().any(|digit| !(0..one).contains(digit)) {
            return Err("a digit of an exact sum is too large");
        }
        let high = low.saturating_add(digits.len());
        if high > HIGHEST {
            return Err("an exact sum is too large");
        }
        number.digits[low..high].copy_from_slice(&digits);
        (number.low, number.high) = (low, high);
        Ok(number)
    }
}

/// Sign, integer significand and exponent of a finite float64: x = (-1)^negative * significand * 2^exponent.
#[inline(always)]
pub(crate) fn decompose(x: f64) -> (bool, u64, i32) {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    debug_assert!(exponent != 0x7ff, "finite numbers only");
    if exponent == 0 {
        (bits >> 63 == 1, fraction, -1074)
    } else {
        (bits >> 63 == 1, fraction | (1 << 52), exponent - 1075)
    }
}

impl Default for Superaccumulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Superaccumulator {
    /// Zero.
    pub(crate) fn new() -> Self {
        Superaccumulator { digits: [0; DIGITS], low: DIGITS, high: 0, loose: 0 }
    }

    /// Back to zero, touching only what was used.
    pub(crate) fn clear(&mut self) {
        if self.low < self.high {
            self.digits[self.low..self.high].fill(0);
        }
        (self.low, self.high, self.loose) = (DIGITS, 0, 0);
    }

    /// Adds (-1)^negative * magnitude * 2^exponent.
    #[inline]
    pub(crate) fn add_int(&mut self, negative: bool, magnitude: u128, exponent: i32) {
        if magnitude == 0 {
            return;
        }
        if self.loose >= LOOSE {
            self.carry();
        }
        self.loose += 1;
        let place = (exponent - LOWEST) as usize;
        let (at, shift) = (place / DIGIT as usize, (place % DIGIT as usize) as u32);
        // magnitude << shift has at most 160 bits: five digits.
        let lower = magnitude << shift;
        let upper = if shift == 0 { 0 } else { (magnitude >> (128 - shift)) as u64 };
        let sign = if negative { -1 } else { 1 };
        let parts = [
            (lower as u64 & MASK) as i64,
            ((lower >> 32) as u64 & MASK) as i64,
            ((lower >> 64) as u64 & MASK) as i64,
            (lower >> 96) as i64,
            upper as i64,
        ];
        let words = &mut self.digits[at..at + 5];
        for (word, part) in words.iter_mut().zip(parts) {
            *word += sign * part;
        }
        self.low = self.low.min(at);
        self.high = self.high.max(at + 5);
    }

    /// Adds x.
    #[inline]
    pub(crate) fn add(&mut self, x: f64) {
        let (negative, significand, exponent) = decompose(x);
        self.add_int(negative, significand as u128, exponent);
    }

    /// Adds x * y.
    #[inline]
    pub(crate) fn add_product(&mut self, x: f64, y: f64) {
        let (nx, mx, ex) = decompose(x);
        let (ny, my, ey) = decompose(y);
        self.add_int(nx != ny, mx as u128 * my as u128, ex + ey);
    }

    /// Adds 2 * x * y.
    #[inline]
    pub(crate) fn add_twice_product(&mut self, x: f64, y: f64) {
        let (nx, mx, ex) = decompose(x);
        let (ny, my, ey) = decompose(y);
        self.add_int(nx != ny, mx as u128 * my as u128, ex + ey + 1);
    }

    /// Adds factor * magnitude * 2^exponent * (-1)^negative, the product being as wide as 192 bits.
    #[inline]
    pub(crate) fn add_scaled(&mut self, negative: bool, magnitude: u128, factor: u64, exponent: i32) {
        let low = (magnitude as u64) as u128 * factor as u128;
        let high = (magnitude >> 64) * factor as u128;
        self.add_int(negative, low, exponent);
        self.add_int(negative, high, exponent + 64);
    }

    /// Adds w * x * x.
    #[inline]
    pub(crate) fn add_weighted_square(&mut self, w: f64, x: f64) {
        let (negative, mw, ew) = decompose(w);
        let (_, mx, ex) = decompose(x);
        self.add_scaled(negative, mx as u128 * mx as u128, mw, ew + 2 * ex);
    }

    /// Adds another accumulator.
    pub(crate) fn merge(&mut self, other: &Superaccumulator) {
        if other.low >= other.high {
            return;
        }
        if self.loose + other.loose >= LOOSE {
            self.carry();
            if other.loose >= LOOSE - 1 {
                let mut tidy = other.clone();
                tidy.carry();
                return self.merge(&tidy);
            }
        }
        self.loose += other.loose + 1;
        for at in other.low..other.high {
            self.digits[at] += other.digits[at];
        }
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }

    /// Adds factor times another accumulator.
    pub(crate) fn add_multiple(&mut self, other: &Superaccumulator, factor: u64) {
        let mut tidy = other.clone();
        tidy.carry();
        for at in tidy.low..tidy.high {
            let digit = tidy.digits[at];
            let magnitude = digit.unsigned_abs() as u128 * factor as u128;
            self.add_int(digit < 0, magnitude, LOWEST + at as i32 * DIGIT as i32);
        }
    }

    /// Changes the sign.
    pub(crate) fn negate(&mut self) {
        for at in self.low..self.high {
            self.digits[at] = -self.digits[at];
        }
    }

    /// Moves carries up, so that every digit but the highest is in 0..2^32; the highest holds the sign.
    fn carry(&mut self) {
        self.loose = 0;
        if self.low >= self.high {
            return;
        }
        let mut carry = 0i64;
        let mut at = self.low;
        while at < self.high || (carry != 0 && carry != -1) {
            let word = self.digits[at] + carry;
            self.digits[at] = (word as u64 & MASK) as i64;
            carry = word >> DIGIT;
            at += 1;
        }
        self.high = self.high.max(at);
        if carry == -1 {
            // Negative: the highest digit takes the sign back, so that it alone is negative.
            self.digits[self.high - 1] -= 1 << DIGIT;
        }
    }

    /// Compares the number with zero.
    pub(crate) fn sign(&mut self) -> Ordering {
        self.carry();
        for at in (self.low..self.high).rev() {
            match self.digits[at].cmp(&0) {
                Ordering::Equal => continue,
                // After carries only the highest digit can be negative, and it outweighs all below.
                order => return order,
            }
        }
        Ordering::Equal
    }

    /// The top of the number: (negative, 64 leading bits, exponent of their last bit, whether anything lies below).
    fn top(&mut self) -> Option<(bool, u64, i32, bool)> {
        let negative = match self.sign() {
            Ordering::Equal => return None,
            Ordering::Less => true,
            Ordering::Greater => false,
        };
        let mut copy;
        let number = if negative {
            copy = self.clone();
            copy.negate();
            copy.carry();
            &copy
        } else {
            &*self
        };
        let first = (number.low..number.high).rev().find(|&at| number.digits[at] != 0)?;
        let digit = |at: isize| if at >= 0 { number.digits[at as usize] as u64 } else { 0 };
        let first = first as isize;
        // A highest digit may use up to 33 bits or so after `negate`; `carry` has spread it, so 32 bits here.
        let head = ((digit(first) as u128) << 64) | ((digit(first - 1) as u128) << 32) | digit(first - 2) as u128;
        let length = 128 - head.leading_zeros();
        let shift = length - 64.min(length);
        let (bits, shift) = if length < 64 { (head as u64, 0) } else { ((head >> shift) as u64, shift) };
        let dropped = head & ((1u128 << shift) - 1) != 0;
        let below = number.low as isize..(first - 2).max(number.low as isize);
        let sticky = dropped || below.into_iter().any(|at| number.digits[at as usize] != 0);
        let exponent = LOWEST + (first as i32 - 2) * DIGIT as i32 + shift as i32;
        Some((negative, bits, exponent, sticky))
    }

    /// The number as f * 2^e with 1 <= |f| < 2, f within an ulp; (0, 0) for zero. Never overflows.
    pub(crate) fn parts(&mut self) -> (f64, i32) {
        match self.top() {
            None => (0.0, 0),
            Some((negative, bits, exponent, _)) => {
                let (value, length) = (bits as f64, 64 - bits.leading_zeros() as i32);
                let fraction = value / 2f64.powi(length - 1);
                (if negative { -fraction } else { fraction }, exponent + length - 1)
            }
        }
    }

    /// The number rounded once to float64, to nearest, ties to even; infinite where float64 cannot hold it.
    pub(crate) fn rounded(&mut self) -> f64 {
        let Some((negative, bits, exponent, sticky)) = self.top() else {
            return 0.0;
        };
        let length = 64 - bits.leading_zeros() as i32;
        // The last bit that the result may have: 53 bits in all, none below 2^-1074.
        let last = (exponent + length - 53).max(-1074);
        let drop = last - exponent;
        let rounded = if drop <= 0 {
            // Everything fits; `sticky` is false here, since 64 bits were taken and at most 53 are kept.
            bits << (-drop).min(63)
        } else if drop > 64 {
            0
        } else {
            let kept = if drop == 64 { 0 } else { bits >> drop };
            let half = 1u64 << (drop - 1);
            let rest = bits & (half | (half - 1));
            let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
            kept + up as u64
        };
        let magnitude = scale_exactly(rounded as f64, last);
        if negative { -magnitude } else { magnitude }
    }
}

/// x * 2^exponent for an integer x of at most 53 bits whose scaled value is a float64 (or beyond its largest): exact.
fn scale_exactly(x: f64, exponent: i32) -> f64 {
    let step = |e: i32| f64::from_bits(((e + 1023) as u64) << 52);
    if exponent > 970 {
        let rest = (exponent - 970).min(1000);
        x * step(970) * step(rest)
    } else if exponent < -1000 {
        // x * 2^-1000 is normal; the second factor lands on a representable number, hence exactly.
        x * step(-1000) * step((exponent + 1000).max(-1000))
    } else {
        x * step(exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut wide = Superaccumulator::new();
        values.iter().for_each(|&x| wide.add(x));
        wide.rounded()
    }

    #[test]
    fn single_numbers_come_back() {
        for x in [0.0, 1.0, -1.5, f64::MAX, f64::MIN_POSITIVE, 5e-324, -5e-324, 1e-310, 0.1, 1e300, 4503599627370497.0]
        {
            assert_eq!(sum(&[x]), x);
        }
    }

    #[test]
    fn cancellation_is_exact() {
        assert_eq!(sum(&[1e300, 1.0, -1e300]), 1.0);
        assert_eq!(sum(&[1e300, -5e-324, -1e300]), -5e-324);
        assert_eq!(sum(&[1.0, -1.0]), 0.0);
    }

    #[test]
    fn ties_round_to_even_and_sticky_breaks_them() {
        let ulp = f64::EPSILON;
        assert_eq!(sum(&[1.0, ulp / 2.0]), 1.0);
        assert_eq!(sum(&[1.0 + ulp, ulp / 2.0]), 1.0 + 2.0 * ulp);
        assert_eq!(sum(&[1.0, ulp / 2.0, 5e-324]), 1.0 + ulp);
        assert_eq!(sum(&[1.0, ulp / 2.0, -5e-324]), 1.0);
        assert_eq!(sum(&[-1.0, -ulp / 2.0, -5e-324]), -1.0 - ulp);
    }

    #[test]
    fn overflow_is_infinite_and_subnormals_round() {
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        let mut wide = Superaccumulator::new();
        wide.add_product(5e-324, 0.5);
        assert_eq!(wide.rounded(), 0.0);
        wide.add_product(5e-324, 1e-10);
        assert_eq!(wide.rounded(), 5e-324);
    }

    #[test]
    fn signs_and_merges() {
        let (mut a, mut b) = (Superaccumulator::new(), Superaccumulator::new());
        a.add_product(0.1, 0.3);
        b.add_product(-0.3, 0.1);
        assert_eq!(a.sign(), Ordering::Greater);
        assert_eq!(b.sign(), Ordering::Less);
        a.merge(&b);
        assert_eq!(a.sign(), Ordering::Equal);
        a.add_weighted_square(3.0, 1e-200);
        assert_eq!(a.sign(), Ordering::Greater);
        let (fraction, exponent) = a.parts();
        assert!((1.0..2.0).contains(&fraction) && exponent == -1328, "{fraction} {exponent}");
    }

    #[test]
    fn many_random_sums_agree_with_integers() {
        let mut state = 1u64;
        let mut next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as i64 - (1 << 52)
        };
        for _ in 0..200 {
            let (mut wide, mut whole) = (Superaccumulator::new(), 0i128);
            for _ in 0..100 {
                let (x, y) = (next(), next());
                wide.add_product(x as f64, y as f64);
                whole += x as i128 * y as i128;
            }
            assert_eq!(wide.rounded(), whole as f64);
            assert_eq!(wide.sign(), whole.cmp(&0));
        }
    }
}
