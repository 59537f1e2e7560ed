//! Exact sums over rows, and what is rounded of them.
//!
//! [`column_stats`] is the first pass over rows, which finds what exact sums need, [`moments`] the second;
//! [`cluster_sums`] are the sums of every cluster, to which [`add_row`] adds rows, [`means`] and inertia are rounded of
//! them, [`incremental`] knows which of these did not change; [`relabel`] moves rows from the sums of one cluster to
//! those of another, [`move_narrow`] many of few columns.

pub(crate) mod add_row;
pub mod cluster_sums;
pub mod column_stats;
pub mod formats;
pub mod incremental;
pub(crate) mod means;
pub mod moments;
pub(crate) mod move_narrow;
pub mod relabel;
