//! The filter by activity: sparse rows are scored against the centers that moved, and against others only where these
//! do not decide (screen/activity.rs); and rows whose label stands are left out, as the centers have not moved as far
//! as their gap (prune/hamerly.rs).
//!
//! What is kept of a row takes twelve bytes: two scores, and its bound. It is for sparse rows in memory, from the
//! second pass on. None of the entries of a row that is left out is read, but its scores are no longer those of the
//! centers: when its turn comes, it is scored against all of them. So it is left out only where its bound holds for
//! some more passes like the last one ([`LEAD`]), or where all centers moved. For a row that is certified, the bound
//! follows from the same two scores as the certificate: with |s~ - s| <= eps(B) both distances are known within an
//! interval (screen/sparse.rs).

use crate::assign::driver::{Assignment, Block, Filter, Found, Given, drive};
use crate::assign::exhaustive::{MOST, block};
use crate::assign::worker::{Counters, Worker};
use crate::memory::Grow;
use crate::prune::hamerly::CenterDrift;
use crate::rows::Selection;
use crate::screen::activity::{CenterActivity, KnownScores, Scores, UNKNOWN};
use crate::screen::centers::PreparedCenters;
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd};
use crate::sums::add_row::AddRow;
use crate::threads::{Interrupted, Workers};

/// For so many more passes like the last one a label must be sure to stand, if a row is left out of a pass that would
/// score it against some centers only.
pub const LEAD: f64 = 3.0;

/// Labels every row, and keeps its scores.
#[inline(always)]
pub(super) fn run<S: Simd, R: AddRow + ScreenRows>(
    (simd, isa, workers): (S, Isa, &Workers),
    assignment: Assignment<R>,
    (activity, drift): (&CenterActivity, &CenterDrift),
    scores: &mut [Scores],
) -> Result<Counters, Interrupted> {
    let Assignment { rows, centers, .. } = assignment;
    let (n, d) = (rows.len(), rows.columns());
    let prepared = activity.prepared().filter(|prepared| prepared.columns == d && !rows.is_dense());
    assert!(
        activity.clusters() * d == centers.len() && drift.clusters() == activity.clusters() && scores.len() == n,
        "shapes do not fit"
    );
    let prepared = prepared.expect("the centers have been placed, for sparse rows");
    let workers = &workers.sized(n as f64 * centers.len() as f64);
    let block = block::<S, R>(rows, centers, workers, MOST);
    let mut scores = scores.chunks_mut(block);
    let part = || scores.next().unwrap_or_default();
    drive((simd, isa, workers), assignment, &Activity { activity, drift, prepared }, block, part)
}

struct Activity<'a> {
    activity: &'a CenterActivity,
    drift: &'a CenterDrift,
    prepared: &'a PreparedCenters,
}

impl<'a, R: ScreenRows> Filter<R> for Activity<'a> {
    /// Room, and rows whose label may have fallen, as positions in the block.
    type Scratch = (Room, Vec<u32>);
    type Part = &'a mut [Scores];

    fn scratch<S: Simd>(&self, _: S) -> Self::Scratch {
        Default::default()
    }

    #[inline(always)]
    fn find<S: Simd>(
        &self,
        simd: S,
        given: &Given<R>,
        worker: &mut Worker,
        (room, failing): &mut Self::Scratch,
        Block { from, labels, part: scores }: &mut Block<Self::Part>,
    ) -> Found {
        let (&Activity { activity, drift, prepared }, from) = (self, *from);
        drift.failing(labels, scores.iter().map(|scores| scores[2]), failing);
        worker.relabeler.changed.clear();
        let mut next = failing.iter().peekable();
        for (at, scores) in scores.iter_mut().enumerate() {
            if next.next_if_eq(&&(at as u32)).is_none() {
                // Left out: what is known of scores is not so any more.
                [scores[0], scores[1], _] = UNKNOWN;
            }
        }
        let known = Some(KnownScores { activity, labels, scores, places: Some(failing) });
        let (rows, selection) = (given.rows, Selection::some(from, failing));
        rows.screen(simd, (given.frame, prepared), selection, known, room, &mut worker.verdicts);
        let all = 0..activity.clusters() as i32;
        let row_at = |at: usize| from + failing[at] as usize;
        worker.decide(simd, prepared, (rows, row_at), failing.len(), given.among(), all);
        let Worker { relabeler, verdicts, counters, best, .. } = worker;
        best.set_length(labels.len(), 0);
        for (&at, &nearest) in failing.iter().zip(&verdicts.best) {
            let at = at as usize;
            scores[at][2] = drift.bound(nearest, scores[at][2]);
            if labels[at] != nearest {
                best[at] = nearest;
                relabeler.changed.push(at as u32);
            }
        }
        counters.examined += failing.len() as u64;
        counters.scored += (failing.len() * prepared.padded) as u64;
        Found::Changed
    }
}
