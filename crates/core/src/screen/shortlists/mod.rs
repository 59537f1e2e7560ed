//! Shortlists: rows and centers in bytes say which few centers can be nearest to a row, and only those are scored in
//! float32.
//!
//! For dense rows of many columns, or many centers. A byte makes twice as many products to an instruction as int16, and
//! says less; but of a thousand centers it leaves one or two.
//!
//! [`round`] makes bytes of numbers, [`centers`] keeps the centers, [`scores`] is the kernel, [`pick`] finds the lists
//! and scores what is on them.
//!
//! **Scores.** In a frame (screen/certificate.rs) let y be a row, b_j a center, and s_j = |b_j|^2 / 2 - y.b_j. A row
//! has a step 1/Q of its own, Q = 127 / max |y_q|; 64 neighbouring centers, when these are ordered by their lengths,
//! have one in common, 1/P. With integers q = round(Q y~), p_j = round(P b~_j), e = Q y - q and f_j = P b_j - p_j,
//!
//!   y.b_j - q.p_j / (Q P) = y.f_j / P + e.p_j / (Q P),
//!
//! so that t_j = |b_j|^2 / 2 - q.p_j / (Q P) is off by at most |y| F + E G, with F >= |f_j| / P and G >= |p_j| / P for
//! all centers of the group, and E >= |e| / Q for the row. q.p_j is exact in int32: at most 127^2 a column, 2^17
//! columns at most. t_j is computed in float32: q.p_j, 1/Q, 1/P, both products, |b_j|^2 / 2 and the difference are
//! rounded, each by a relative 2^-24, of numbers of at most (|y| + E) G and h >= |b_j|^2 / 2. That is less than 2^-21
//! of their sum; 2^-20 is taken, which also covers one more addition to t_j below. So with
//!
//!   eps = |y| (F + 2^-20 G) + E G (1 + 2^-20) + 2^-20 h + w0,
//!
//! |t~_j - s_j| <= eps. (Norms and errors of rows and centers cover the rounding of y and b_j to float32 before: a
//! relative r < 2^-23 and w0, as in certificate.rs.) eps is evaluated upward, by a factor of 1 + 1e-5. Q and P are 2^55
//! at most, so that 1/(Q P) does not underflow; w0 covers |b_j|^2 / 2, the difference and parts of eps that do, whether
//! subnormals are kept or flushed.
//!
//! **Lists.** Let U be the least t~_j + eps over all centers, eps being that of the center's group. Some center i has
//! s_i <= U. The list of the row are all centers with t~_j - eps <= U. Any other has s_j >= t~_j - eps > U >= s_i: it
//! is farther than i in real arithmetic, so it is neither nearest nor as near as the nearest. If one center is on the
//! list, it is the row's label. Otherwise those on it are scored in float32, and the theorem of certificate.rs, applied
//! to them alone, decides, or leaves those that it does not rule out to the comparator. (Rows with long lists are
//! scored against all centers in float64 instead: doubles.rs.)
//!
//! What is compared is t~_j > U + |U| 2^-20 + eps: the additions are rounded, by 2^-24 of their results, which are no
//! larger than |U| + eps; 1e-5 eps and 2^-20 |U| are more. The test is written so that what is not a number is listed.
//!
//! **Bounds.** Where a bound is kept (prune/hamerly.rs), U is the second least of the leasts of t~_j + eps over as many
//! classes of centers as a vector has lanes: no less than two different s_j. Centers that are not listed have a larger
//! s_j than both, and one of these two is not the nearest: so the least distance but for the nearest is that of a
//! center on the list. All of the list are scored in float32, and the corollary of certificate.rs, applied to them
//! alone, makes a gap of their two least scores. (Where there are not two classes, U is infinite and all centers are
//! listed.)

mod centers;
mod pick;
mod round;
mod scores;
#[cfg(test)]
mod tests;

pub(crate) use centers::ByteCenters;
pub(crate) use pick::{ByteRoom, roundings};
pub(crate) use round::PlaceRows;
