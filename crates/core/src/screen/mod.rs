//! Screening: which center is nearest in low precision, and which rows that decides for certain.
//!
//! [`frame`] is the unit, [`certificate`] the proof, [`centers`] what rows are scored against, and [`verdicts`] what comes of it;
//! [`pack`] brings rows into a frame's coordinates, and [`packed_rows`] keeps them; [`kernel`] scores rows against centers; [`dense`] and [`sparse`] pass rows through; [`activity`] leaves out centers that did not
//! move, [`norms`] finds the longest row.

pub mod activity;
pub mod centers;
pub mod certificate;
pub mod dense;
pub mod frame;
pub mod kernel;
pub mod norms;
pub mod pack;
pub mod packed_rows;
pub mod place;
pub mod room;
pub mod screen_rows;
pub mod sparse;
pub mod sparse_centers;
pub mod verdicts;
