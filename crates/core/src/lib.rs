//! The exact k-means core.
//!
//! # Definitions
//!
//! They name no order of operations, no instruction set and no layout: any correct implementation gives the same bits.
//!
//! * **Nearest.** The label of row x is the lowest j that minimises |x - c_j|^2 *in real arithmetic*, x and c_j being the
//!   given floating-point numbers, exactly.
//! * **Centre.** The exact weighted mean of its rows, rounded once to float64.
//! * **Inertia.** sum w |x - c|^2, a function of the exact sums of w, w x and w x^2, rounded once to float64.
//! * **Reported distance.** The one place where an order is fixed: see [`distance`].
//!
//! # Rooms
//!
//! [`wide`] exact integers; [`limbs`] exact sums of columns, and [`pairs`] what is rounded of them; [`rows`] matrices; [`gate`] the first pass; [`screen`] and
//! [`tile`] the certified filter, over [`cells`] of float32 ([`products`]) or int16 ([`short`]), which [`screening`] passes rows through, some of them from a [`cache`], [`sparse`] for CSR, against the centres that did not stay [`standing`];
//! [`nearest`] the comparator behind it; [`tally`] what a sweep returns, [`rounded`] what is rounded of it, and [`ledger`] which of that is known; [`sweep`] the assignment, [`boxed`] over [`boxes`] of
//! neighbours in [`order`], [`bounded`] by the [`gaps`] of rows, and [`hand`] what they do alike; [`moves`] the update; [`seeding`] distances to draw from; [`apart`] those to all centres; [`simd`] instruction sets; [`team`] threads.

pub mod apart;
pub mod bounded;
pub mod boxed;
pub mod boxes;
pub mod cache;
pub mod cells;
pub mod distance;
pub mod gaps;
pub mod gate;
pub mod hand;
pub mod ledger;
pub mod limbs;
pub mod longest;
pub mod moves;
pub mod nearest;
pub mod order;
pub mod pairs;
pub mod products;
pub mod quads;
pub mod rivals;
pub mod rounded;
pub mod rows;
pub mod screen;
pub mod screening;
pub mod seeding;
pub mod short;
pub mod simd;
pub mod sparse;
pub mod standing;
pub mod sweep;
pub mod tally;
pub mod team;
pub mod tile;
pub mod wide;
