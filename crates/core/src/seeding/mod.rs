//! Seeding: distances to draw from, exact potentials, and the trials of greedy k-means++.
//!
//! k-means++ draws a row with probability proportional to w D (Arthur and Vassilvitskii, "k-means++: the advantages of
//! careful seeding", SODA 2007, section 2.2). D is the reported distance (distance/reported.rs), the addend is the
//! float64 product w D, and a potential is the exact sum of the addends: so a draw falls on the same row whatever the
//! blocks or threads.
//!
//! [`sampler`] draws a row, and [`lower`] takes its distances to all rows. Greedy k-means++ draws several
//! [`candidates`] in a step: [`filters`] rule out rows that a candidate cannot come nearer to, with the proofs, and
//! [`trials`] find the [`gains`] of each.

pub mod candidates;
pub mod filters;
pub mod gains;
pub mod lower;
pub mod sampler;
pub mod trials;
