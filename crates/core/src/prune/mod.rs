//! Pruning: rows, or whole blocks of neighbouring rows, for which few centers or none have to be scored.
//!
//! [`morton`] is an order of rows in which neighbours lie together, [`blocks`] are balls around some of them, and
//! [`hamerly`] says how far centers may move before a label can change.

pub mod blocks;
pub mod hamerly;
pub(crate) mod morton;
