//! The filter by Hamerly's bound: rows whose label stands are left out, as the centers have not moved as far as their
//! gap (prune/hamerly.rs).
//!
//! A row that is left out costs one comparison, and four bytes for its bound. It is for dense rows of five columns and
//! more, once few of their labels change. The other rows of a block are packed side by side, so that the tile
//! (kernel/tile.rs) works on full microtiles.

use crate::assign::driver::{Assignment, Block, Filter, Found, Given, drive};
use crate::assign::exhaustive::{MOST, block};
use crate::assign::repeats::Repeats;
use crate::assign::worker::{Counters, Worker};
use crate::memory::Grow;
use crate::prune::hamerly::{CenterDrift, gaps};
use crate::rows::Selection;
use crate::screen::centers::{Precision, PreparedCenters};
use crate::screen::dense::Picked;
use crate::screen::packed_rows::{PackedBlock, PackedRows, Packing};
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd};
use crate::sums::add_row::AddRow;
use crate::threads::{Interrupted, Workers};

/// What it costs to pack a row, in scores.
const PACKING: usize = 100;

/// Bounds of dense rows, and how far the centers have moved.
pub struct Bounds<'a> {
    /// How far the centers may have moved before a label falls; negative infinity where nothing is known.
    pub bounds: &'a mut [f32],
    /// How far they have, in the frame of the rows.
    pub drift: &'a CenterDrift,
}

/// Labels every row, and brings its bound up to date.
#[inline(always)]
pub(super) fn run<S: Simd, R: AddRow + ScreenRows>(
    (simd, isa, workers): (S, Isa, &Workers),
    assignment: Assignment<R>,
    Bounds { bounds, drift }: Bounds,
    packed_rows: Option<&mut PackedRows>,
    precision: Precision,
) -> Result<Counters, Interrupted> {
    let Assignment { rows, frame, centers, .. } = assignment;
    let (n, d) = (rows.len(), rows.columns());
    assert!(bounds.len() == n && drift.columns() == d, "shapes do not fit");
    assert!(centers.len() == drift.clusters() * d && rows.is_dense(), "shapes do not fit");
    let prepared = &PreparedCenters::first_in(simd, frame, (centers, d), precision, true);
    let workers = &workers.sized(n as f64 * 100.0);
    let (width, block) = (rows.microtile::<S>(), block::<S, R>(rows, centers, workers, MOST));
    let what = Packing::of(prepared);
    let packed_rows = packed_rows.filter(|packed_rows| what != Packing::Floats && packed_rows.holds(what));
    let kept =
        packed_rows.map_or(Vec::new(), |packed_rows| packed_rows.blocks(what, n.next_multiple_of(width), d, block).0);
    let (mut kept, mut bounds) = (kept.into_iter(), bounds.chunks_mut(block));
    let part = || (bounds.next().unwrap_or_default(), kept.next());
    drive((simd, isa, workers), assignment, &Hamerly { drift, prepared }, block, part)
}

struct Hamerly<'a> {
    drift: &'a CenterDrift,
    prepared: &'a PreparedCenters,
}

/// What one worker keeps between blocks.
#[derive(Default)]
struct Scratch {
    room: Room,
    /// Rows whose label may have fallen, as positions in the block.
    failing: Vec<u32>,
    gaps: Vec<f32>,
    repeats: Repeats,
    /// Those that are screened.
    some: Vec<u32>,
}

impl<'a, R: ScreenRows> Filter<R> for Hamerly<'a> {
    type Scratch = Scratch;
    /// Bounds, and rows that stay packed.
    type Part = (&'a mut [f32], Option<PackedBlock<'a>>);

    fn scratch<S: Simd>(&self, _: S) -> Scratch {
        Scratch::default()
    }

    #[inline(always)]
    fn find<S: Simd>(
        &self,
        simd: S,
        given: &Given<R>,
        worker: &mut Worker,
        Scratch { room, failing, gaps: found, repeats, some }: &mut Scratch,
        Block { from, labels, part: (bounds, kept) }: &mut Block<Self::Part>,
    ) -> Found {
        let (&Hamerly { drift, prepared }, Given { rows, frame, .. }, from) = (self, given, *from);
        drift.failing(labels, bounds.iter().copied(), failing);
        worker.relabeler.changed.clear();
        // Where many have to be looked at, all of those that are kept cost less than packing these.
        let kept = kept.take();
        let kept = kept.filter(|_| failing.len() * (PACKING + prepared.padded) > labels.len() * prepared.padded);
        if kept.is_some() {
            failing.clear();
            failing.extend(0..labels.len() as u32);
        }
        // Of rows that equal each other, one is screened.
        let once = kept.is_none() && repeats.find(simd, *rows, failing.len(), |at| from + failing[at] as usize);
        if once {
            some.clear();
            some.extend(repeats.firsts.iter().map(|&first| failing[first as usize]));
        }
        let screened: &[u32] = if once { some } else { failing };
        let picked = Picked { rows: *rows, frame, prepared, selection: Selection::some(from, screened) };
        match (kept, &prepared.grid) {
            (Some(PackedBlock::Shorts(kept)), Some(grid)) => {
                picked.screen_shorts(simd, grid, Some((kept, true)), room, &mut worker.verdicts);
            }
            _ => picked.screen(simd, room, &mut worker.verdicts),
        }
        let all = 0..drift.clusters() as i32;
        let row_at = |at: usize| from + screened[at] as usize;
        worker.decide(simd, prepared, (*rows, row_at), screened.len(), given.among_all(true), all);
        let Worker { relabeler, verdicts, counters, best, gaps: others, .. } = worker;
        found.set_length(screened.len(), 0.0);
        if prepared.all_distinct() {
            gaps(prepared.columns, &room.norms, verdicts, found);
            verdicts.unsure.iter().zip(others).for_each(|(&at, gap)| found[at as usize] = *gap);
        } else {
            // Equal centers may part later on.
            found.fill(f32::NEG_INFINITY);
        }
        best.set_length(labels.len(), 0);
        for (i, &at) in failing.iter().enumerate() {
            let (at, i) = (at as usize, if once { repeats.of[i] as usize } else { i });
            let (nearest, gap) = (verdicts.best[i], found[i]);
            bounds[at] = drift.bound(nearest, gap);
            if labels[at] != nearest {
                best[at] = nearest;
                relabeler.changed.push(at as u32);
            }
        }
        counters.examined += failing.len() as u64;
        counters.scored += (screened.len() * prepared.padded) as u64;
        Found::Changed
    }
}
