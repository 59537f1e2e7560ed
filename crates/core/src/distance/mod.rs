//! Distances of rows to centers: as they are reported, and compared in real arithmetic.
//!
//! [`reported`] has the one fixed order of operations and its error bound; [`exact`] decides which center is nearest;
//! [`assigned`] are the reported distances to the center of the label, [`pairwise`] those to all centers,
//! [`two_nearest`] those to the two nearest.

pub mod assigned;
pub(crate) mod exact;
pub mod pairwise;
pub(crate) mod reported;
pub mod two_nearest;
