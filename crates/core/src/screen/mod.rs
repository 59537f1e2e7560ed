//! Screening: which center is nearest in low precision, and which rows that decides for certain.
//!
//! [`frame`] is the unit, [`certificate`] the proof, [`centers`] what rows are scored against, and [`verdicts`] what
//! comes of it; [`pack`] brings rows into a frame's coordinates, and [`packed_rows`] keeps them; [`kernel`] scores rows
//! against centers, [`shortlists`] those few that bytes leave, [`doubles`] in float64 those rows that are left;
//! [`dense`] and [`sparse`] pass rows through; [`activity`] leaves out centers that did not move, [`norms`] finds the
//! longest row.

pub mod activity;
pub mod centers;
pub(crate) mod certificate;
pub(crate) mod dense;
pub(crate) mod doubles;
pub mod frame;
pub mod kernel;
pub mod norms;
pub(crate) mod pack;
pub mod packed_rows;
pub(crate) mod place;
pub(crate) mod room;
pub(crate) mod screen_rows;
pub mod shortlists;
pub(crate) mod sparse;
pub(crate) mod sparse_centers;
pub(crate) mod verdicts;
