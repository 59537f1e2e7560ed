//! The exact k-means core.
//!
//! # Definitions
//!
//! They name no order of operations, no instruction set and no layout: any correct implementation gives the same bits.
//!
//! * **Nearest.** The label of row x is the lowest j that minimises |x - c_j|^2 *in real arithmetic*, x and c_j being
//!   the given floating-point numbers, exactly.
//! * **Center.** The exact weighted mean of its rows, rounded once to float64.
//! * **Inertia.** sum w |x - c|^2, a function of the exact sums of w, w x and w x^2, rounded once to float64.
//! * **Reported distance.** The one place where an order is fixed: see [`distance::reported`].
//!
//! # Layers
//!
//! A folder uses only those above it in this list (`tools/layers.py` checks it).
//!
//! | folder | what it is |
//! |---|---|
//! | [`memory`] | vectors of any length, where memory may run out |
//! | [`messages`] | what travels between processes, as bytes |
//! | [`simd`] | instruction sets |
//! | [`threads`] | threads that share a queue of work |
//! | [`exact`] | exact sums, and rounding them once |
//! | [`rows`] | reading rows, dense or sparse |
//! | [`distance`] | distances, reported and compared exactly |
//! | [`sums`] | exact sums of clusters: means, inertia, rows that change cluster |
//! | [`screen`] | nearest centers in low precision, with a certificate |
//! | [`prune`] | rows and blocks of rows that need not be scored |
//! | [`seeding`] | the first centers: k-means++ |
//! | [`assign`] | the nearest center of every row |

#![warn(unreachable_pub)]

pub mod assign;
pub mod distance;
pub(crate) mod exact;
pub mod memory;
pub mod messages;
pub mod prune;
pub mod rows;
pub mod screen;
pub mod seeding;
pub mod simd;
pub mod sums;
pub mod threads;
