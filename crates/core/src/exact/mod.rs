//! Exact arithmetic: sums of products of float64 numbers, rounded once.
//!
//! [`superaccumulator`] holds any such sum; [`fixed_point`] adds up columns in a few integers each, at about the cost
//! of floating point, and [`range`] says how many; [`double_double`] rounds such sums by pairs of float64 where that is
//! certain, and [`rounding`] has quotients.

pub(crate) mod double_double;
pub(crate) mod fixed_point;
pub(crate) mod range;
pub(crate) mod rounding;
pub(crate) mod superaccumulator;
