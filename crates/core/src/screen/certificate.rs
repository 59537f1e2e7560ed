//! The certificate: which rows a float32 tile has decided, proved row by row.
//!
//! In a frame (m, s), s a power of two, let y = s (x - m), b_j = s (c_j - m) be exact reals and
//! s_j = |b_j|^2 / 2 - y.b_j, so that s^2 |x - c_j|^2 = |y|^2 + 2 s_j. The tile holds x~ = round(y), b~_j = round(b_j),
//! h~_j = round(|b_j|^2 / 2) in float32 and computes s~_j. With u = 2^-24, v = 2^-53, gamma(n) = n u / (1 - n u),
//!
//!   |s~_j - s_j| <= rx |b_j| + |x~| rb_j + g (|x~| (|b_j| + rb_j) + h_j (1 + 2u)) + 1.01 u h_j + w0,
//!
//! * rx >= |y - x~| and rb_j >= |b_j - b~_j|: a float64 difference (relative error v), then float32 (u), or for float32
//!   rows and an m that float32 holds one float32 difference (u; s x and s m are exact): both are at most r |y| and
//!   r |b_j| with r = (u + v)(1 + 2^-26), plus subnormal roundings of 2^-150 a column, which w0 covers;
//! * g bounds the rounding of the sum: gamma(w + ceil(d/w) + 1) where columns are summed in blocks of w;
//! * 1.01 u h_j: h~_j is rounded from a float64 sum of relative error (d + 4) v < 0.01 u;
//! * w0 = (d + 2) 2^-125: underflow, whether subnormals are kept or flushed.
//!
//! All terms grow with |b|, and |x~| <= (1 + r) |y|, so eps(R) = |y| k1 R + k2 R^2 + w0 bounds |s~_j - s_j| for all
//! |b_j| <= R, with k1 = r + (1 + r)(r + g (1 + r)) and k2 = (g (1 + 2u) + 1.01 u) / 2.
//!
//! Theorem. Let j0 be the tile's argmin and s~ its score. Let R_0 >= max |b_j| and, for i = 0, 1, ..., t_i = |y|^2 +
//! 2 (s~ + eps(R_i)), R_(i+1) = min(R_i, |y| + sqrt(max(t_i, 0))). For every i, each center at least as near as c_j0
//! has |b_j| <= R_i, and its score is at most s~ + 2 eps(R_i).
//!
//! Proof, by induction. |b_j| <= R_0 for all j. If |b_j| <= R_i for those centers, of which c_j0 is one, then s^2 d2_j0
//! = |y|^2 + 2 s_j0 <= t_i; and d2_j <= d2_j0 gives |b_j| <= |y| + s sqrt(d2_j) <= |y| + sqrt(t_i), so |b_j| <=
//! R_(i+1). And s~_j <= s_j + eps(R_i) <= s_j0 + eps(R_i) <= s~ + 2 eps(R_i). QED
//!
//! It holds for larger radii, too, and rounding only makes them larger. Up to `STEPS` are taken, as far as a row needs
//! them. Beside one far center t_0 is mostly 2 eps(R_0), some 2^-20 R_0^2: each step takes the radius to a thousandth,
//! until it is |y| + s sqrt(d2_j0), wherever other centers are.
//!
//! So the argmin is the nearest center, and no other is as near, if every other score exceeds s~ + 2 eps(R_i) for some
//! i.
//!
//! Corollary, for gaps (prune/hamerly.rs). Let s2~ >= s~ be the least of the other scores, and R_i the radii that s2~
//! gives in the place of s~: t_i is larger, so the theorem holds. Every other center has s d_j >= sqrt(max(|y|^2 + 2
//! s2~ - 2 eps(R_i), 0)): one with |b_j| <= R_i because s_j >= s~_j - eps(R_i) >= s2~ - eps(R_i), and one beyond, which
//! comes with i > 0 only, because s d_j >= |b_j| - |y| > sqrt(|y|^2 + 2 s2~ + 2 eps(R_(i-1))).

use crate::simd::Simd;

const U: f64 = 1.0 / (1u64 << 24) as f64;
const V: f64 = f64::EPSILON / 2.0;
/// Bounds are computed in floating point and inflated by this: far more than the few roundings that they pass through.
pub(crate) const INFLATE: f64 = 1.0 + 1e-5;
/// How often the radius is taken anew, at most: for centers 10^18 times as far as a row, and squares in float32 reach
/// no farther.
pub(crate) const STEPS: usize = 6;
/// R is taken anew where scores differ by less than so many times 2 eps: else it costs gaps little.
const PLENTY: f64 = 8.0;
/// Columns summed in one chain.
pub(crate) const CHAIN: usize = 64;

/// k1, k2 and w0 of the module's head, for one length of sums.
#[derive(Clone, Copy)]
pub(crate) struct Certificate {
    pub(crate) k1: f64,
    pub(crate) k2: f64,
    pub(crate) w0: f64,
}

impl Certificate {
    /// Certifies nothing.
    pub(crate) const NONE: Certificate = Certificate { k1: f64::INFINITY, k2: f64::INFINITY, w0: f64::INFINITY };

    pub(crate) fn new(roundings: usize, columns: usize) -> Certificate {
        let n = roundings as f64 * U;
        let g = if n < 0.5 { n / (1.0 - n) } else { f64::INFINITY };
        let r = (U + V) * (1.0 + 2f64.powi(-26));
        Certificate {
            k1: (r + (1.0 + r) * (r + g * (1.0 + r))) * INFLATE,
            k2: 0.5 * (g * (1.0 + 2.0 * U) + 1.01 * U) * INFLATE,
            w0: (columns + 2) as f64 * 2f64.powi(-125),
        }
    }

    /// The same for scores that are sums of products of float64, for rows and centers in float64 (screen/doubles.rs).
    pub(crate) fn double(columns: usize) -> Certificate {
        let (n, half) = ((2 * columns + 2) as f64 * V, (columns + 6) as f64 * V);
        let g = if n < 0.5 { n / (1.0 - n) } else { f64::INFINITY };
        let r = V * (1.0 + 2f64.powi(-26));
        Certificate {
            k1: (r + (1.0 + r) * (r + g * (1.0 + r))) * INFLATE,
            k2: 0.5 * (g * (1.0 + half) + half) * INFLATE,
            w0: (columns + 2) as f64 * 2f64.powi(-1000),
        }
    }

    /// 2 eps(R) for a row of norm at most `norm`, R being as small as the theorem makes it of a score.
    #[inline(always)]
    fn twice(&self, norm: f64, largest: f64, score: f64) -> f64 {
        let mut radius = largest;
        for _ in 0..STEPS {
            let reach = norm * norm + 2.0 * (score + self.error(norm, radius));
            // (A NaN leaves the radius as it is.)
            let closer = radius.min((norm + reach.max(0.0).sqrt()) * INFLATE);
            let little = 2.0 * closer >= radius;
            radius = closer;
            if little {
                break;
            }
        }
        2.0 * self.error(norm, radius) * INFLATE
    }

    /// 2 eps(R) of a row with two least scores, R being taken from the second: for the certificate and the gap, as in
    /// the tile. R is as small as the theorem makes it where the scores differ by less than `PLENTY` times 2 eps.
    #[inline(always)]
    pub(crate) fn twice_of(&self, norm: f64, largest: f64, (first, second): (f64, f64)) -> f64 {
        let quick = 2.0 * self.error(norm, largest) * INFLATE;
        // (Written so that a NaN is not enough.)
        if second - first > PLENTY * quick { quick } else { self.twice(norm, largest, second) }
    }

    /// eps(R) for a row of norm at most `norm`.
    #[inline(always)]
    pub(crate) fn error(&self, norm: f64, radius: f64) -> f64 {
        (norm * self.k1 + radius * self.k2) * radius * INFLATE + self.w0
    }
}

/// Roundings that a score passes through when d columns are summed in chains of `CHAIN`.
pub(crate) fn roundings<S: Simd>(columns: usize) -> usize {
    let chain = columns.min(CHAIN) + columns.div_ceil(CHAIN) + 1;
    // A single chain that starts from h~ has d fused steps; unfused products round once more.
    let chain = if columns <= CHAIN { columns } else { chain };
    chain + if S::FUSED { 0 } else { 1 }
}

/// 2 eps(R) = constant + by_norm |y| + by_error e + (norm |y| + error e + square R) R for a row of norm |y| that is off
/// by at most e, inflated for being evaluated in float32.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terms {
    /// The part that does not depend on the row.
    pub(crate) constant: f32,
    /// Times |y|.
    pub(crate) by_norm: f32,
    /// Times e.
    pub(crate) by_error: f32,
    /// Times |y| R.
    pub(crate) norm: f32,
    /// Times e R.
    pub(crate) error: f32,
    /// Times R^2.
    pub(crate) square: f32,
}

/// A coefficient of 2 eps, inflated for being rounded to float32 and evaluated in it.
pub(crate) fn twice_inflated(coefficient: f64) -> f32 {
    (2.0 * coefficient * INFLATE * INFLATE) as f32
}
