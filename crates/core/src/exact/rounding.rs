//! Rounding a quotient once: quickly where that is certain, and else by an exact comparison with the middle of two
//! numbers.

use std::cmp::Ordering;

use crate::exact::double_double::power;

/// Neighbours that an estimate of a quotient is off at most, and many more.
const FARTHEST: usize = 64;

/// A quotient rounded once to float64, from an estimate of it: moves to the neighbour until the quotient rounds to it.
///
/// `side(a, b)` is the order of the quotient and the middle (a + b) / 2 of two neighbours, exactly. An estimate is a
/// few neighbours off at most. Should it be farther off, as only numbers can make it that changed while they were
/// summed, a float64 that is not the quotient comes back, so that there is an end.
pub(crate) fn settle(estimate: f64, mut side: impl FnMut(f64, f64) -> Ordering) -> f64 {
    let even = |x: f64| x.to_bits() & 1 == 0;
    let mut value = estimate;
    for _ in 0..FARTHEST {
        if value.is_infinite() {
            return value;
        }
        let (up, down) = (value.next_up(), value.next_down());
        match side(value, up) {
            Ordering::Greater => value = up,
            Ordering::Equal => return if even(value) { value } else { up },
            Ordering::Less => match side(value, down) {
                Ordering::Less => value = down,
                Ordering::Equal => return if even(value) { value } else { down },
                Ordering::Greater => return value,
            },
        }
    }
    value
}

/// f * 2^exponent to within a few units in the last place (of a subnormal, too): an estimate for [`settle`].
pub(crate) fn scale_roughly(f: f64, exponent: i32) -> f64 {
    let half = exponent / 2;
    f * 2f64.powi(half.clamp(-1020, 1020)) * 2f64.powi((exponent - half).clamp(-1020, 1020))
}

/// T 2^t / (W 2^w) rounded once, where that is certain; `None` near a rounding boundary or outside the normal range.
///
/// With Th + Tl = T, Wh + Wl = W to twice the precision, q = Th / Wh rounded, the remainder Th - q Wh is a float64 (a
/// fused multiply-add gives it), so the correction (Th - q Wh + Tl - q Wl) / Wh is off by a few units of 2^-53 of
/// itself and of |Tl| / Wh, |q Wl| / Wh <= |q| 2^-53: in all less than |q| 2^-102. If moving it by |q| 2^-99 either way
/// changes nothing, the rounded sum is the rounded quotient.
#[inline(always)]
pub(crate) fn divide((sum, t): (i128, i32), (weight, w): (i128, i32)) -> Option<f64> {
    if sum == 0 {
        return Some(0.0);
    }
    let th = sum as f64;
    let tl = (sum - th as i128) as f64;
    let wh = weight as f64;
    let wl = (weight - wh as i128) as f64;
    let q = th / wh;
    let correction = ((-q).mul_add(wh, th) + (tl - q * wl)) / wh;
    let slack = q.abs() * power(-99);
    let (below, above) = (q + (correction - slack), q + (correction + slack));
    let exponent = t - w;
    let size = ((q.to_bits() >> 52) & 0x7ff) as i32 - 1023 + exponent;
    if below != above || !(-1000..=1000).contains(&size) || !(-1000..=1000).contains(&exponent) {
        return None;
    }
    Some(below * power(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settling_ends_on_sides_that_contradict_themselves() {
        for side in [Ordering::Less, Ordering::Greater] {
            let value = settle(1.0, |_, _| side);
            assert!((value - 1.0).abs() < 1e-13, "{value}");
        }
    }
}
