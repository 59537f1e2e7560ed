//! The filter by activity: sparse rows are scored against the centers that moved, and against others only where these
//! do not decide (screen/activity.rs).
//!
//! Scores of every row take eight bytes. It is for sparse rows in memory, from the second pass on.

use crate::assign::driver::{Assignment, Block, Filter, Found, Given, drive};
use crate::assign::exhaustive::{MOST, block};
use crate::assign::worker::{Counters, Worker};
use crate::rows::Selection;
use crate::screen::activity::{CenterActivity, KnownScores, Scores};
use crate::screen::centers::PreparedCenters;
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd};
use crate::sums::add_row::AddRow;
use crate::threads::{Interrupted, Workers};

/// Labels every row, and keeps its scores.
#[inline(always)]
pub(super) fn run<S: Simd, R: AddRow + ScreenRows>(
    (simd, isa, workers): (S, Isa, &Workers),
    assignment: Assignment<R>,
    activity: &CenterActivity,
    scores: &mut [Scores],
) -> Result<Counters, Interrupted> {
    let Assignment { rows, centers, .. } = assignment;
    let (n, d) = (rows.len(), rows.columns());
    let prepared = activity.prepared().filter(|prepared| prepared.columns == d && !rows.is_dense());
    assert!(activity.clusters() * d == centers.len() && scores.len() == n, "shapes do not fit");
    let prepared = prepared.expect("the centers have been placed, for sparse rows");
    let workers = &workers.sized(n as f64 * centers.len() as f64);
    let block = block::<S, R>(rows, centers, workers, MOST);
    let mut scores = scores.chunks_mut(block);
    let part = || scores.next().unwrap_or_default();
    drive((simd, isa, workers), assignment, &Activity { activity, prepared }, block, part)
}

struct Activity<'a> {
    activity: &'a CenterActivity,
    prepared: &'a PreparedCenters,
}

impl<'a, R: ScreenRows> Filter<R> for Activity<'a> {
    type Scratch = Room;
    type Part = &'a mut [Scores];

    fn scratch<S: Simd>(&self, _: S) -> Room {
        Room::default()
    }

    #[inline(always)]
    fn find<S: Simd>(
        &self,
        simd: S,
        given: &Given<R>,
        worker: &mut Worker,
        room: &mut Room,
        Block { from, labels, part }: &mut Block<Self::Part>,
    ) -> Found {
        let (&Activity { activity, prepared }, from, count) = (self, *from, labels.len());
        let known = Some(KnownScores { activity, labels, scores: part });
        let selection = Selection::Range(from, from + count);
        given.rows.screen(simd, (given.frame, prepared), selection, known, room, &mut worker.verdicts);
        given.decide_all(simd, worker, prepared, |at| from + at, count)
    }
}
