//! Assignment: every row gets the label of its nearest center, and the exact sums follow.
//!
//! [`exhaustive`] scores every row, [`blocks`] every block of neighbouring rows against the centers that remain,
//! [`hamerly`] the rows whose label may have changed; [`worker`] is what all of them do alike.

pub mod blocks;
pub mod exhaustive;
pub mod hamerly;
pub mod worker;
