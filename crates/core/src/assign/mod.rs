//! Assignment: every row gets the label of its nearest center, and the exact sums follow.
//!
//! One [`driver`] takes rows block by block, with the workers, sums and counters of [`worker`]; a filter says which
//! centers are scored for which rows: [`exhaustive`], spatial [`blocks`], [`hamerly`]'s bound, or the [`activity`] of
//! centers. Which filter is used changes the work, never a label. Rows that repeat others ([`repeats`]) get their
//! label.

mod activity;
mod blocks;
mod driver;
mod exhaustive;
mod hamerly;
mod repeats;
pub mod steps;
mod worker;

pub use activity::LEAD;
pub use driver::Assignment;
pub use hamerly::Bounds;
pub use worker::Counters;

use crate::prune::blocks::SpatialBlocks;
use crate::prune::hamerly::CenterDrift;
use crate::screen::activity::{CenterActivity, Scores};
use crate::screen::centers::Precision;
use crate::screen::packed_rows::PackedRows;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::threads::{Interrupted, Workers};

/// The filter that rows pass through, and what it keeps of them.
pub enum By<'a> {
    /// Every row against every center. Rows may stay packed; dense ones are screened in some precision first.
    Exhaustive(Option<&'a mut PackedRows>, Precision),
    /// Rows of few columns, in spatial blocks.
    Blocks(&'a SpatialBlocks),
    /// Dense rows with bounds; the rest is as for all of them.
    Hamerly(Bounds<'a>, Option<&'a mut PackedRows>, Precision),
    /// Sparse rows, by which centers moved and how far, and what is known of every row.
    Activity(&'a CenterActivity, &'a CenterDrift, &'a mut [Scores]),
}

/// Labels every row with its nearest center.
pub fn assign<R: AddRow + ScreenRows>(
    workers: &Workers,
    isa: Isa,
    assignment: Assignment<R>,
    by: By,
) -> Result<Counters, Interrupted> {
    isa.run(Run { workers, isa, assignment, by })
}

struct Run<'a, 'w, R> {
    workers: &'a Workers<'w>,
    isa: Isa,
    assignment: Assignment<'a, R>,
    by: By<'a>,
}

impl<R: AddRow + ScreenRows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Run { workers, isa, assignment, by } = self;
        let with = (simd, isa, workers);
        match by {
            By::Exhaustive(packed_rows, precision) => exhaustive::run(with, assignment, packed_rows, precision),
            By::Blocks(blocks) => blocks::run(with, assignment, blocks),
            By::Hamerly(bounds, packed_rows, precision) => {
                hamerly::run(with, assignment, bounds, packed_rows, precision)
            }
            By::Activity(activity, drift, scores) => activity::run(with, assignment, (activity, drift), scores),
        }
    }
}
