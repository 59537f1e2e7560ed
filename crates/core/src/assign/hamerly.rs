//! Assignment by Hamerly's bound: rows whose label stands are left out, as the centers have not moved as far as their
//! gap (prune/hamerly.rs).
//!
//! The other rows of a block are packed side by side, so that the tile (kernel/tile.rs) works on full microtiles.

use crate::assign::worker::{Counters, SharedSums, Worker};
use crate::distance::reported::Error;
use crate::memory::{Grow, collected, zeros};
use crate::prune::hamerly::{CenterDrift, gaps};
use crate::rows::Selection;
use crate::screen::centers::PreparedCenters;
use crate::screen::dense::Picked;
use crate::screen::frame::Frame;
use crate::screen::packed_rows::{PackedBlock, PackedRows, Packing};
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::ClusterSums;
use crate::threads::{self, Interrupted, Workers};

/// Rows of a block.
const BLOCK: usize = 2048;
/// What it costs to pack a row, in scores.
const PACKING: usize = 100;

/// Dense rows, their labels and bounds, and where the sums go.
pub struct HamerlySweep<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels: negative for a row that no cluster has counted yet.
    pub labels: &'a mut [i32],
    /// How far the centers may have moved before a label falls; negative infinity where nothing is known.
    pub bounds: &'a mut [f32],
    /// How far they have.
    pub drift: &'a CenterDrift,
    /// The frame that `drift` is in.
    pub frame: &'a Frame,
    /// Exact sums by the labels before the sweep, and after it by those after it.
    pub sums: Option<&'a mut ClusterSums>,
    /// As in `Sweep`.
    pub max_norm: Option<f64>,
    /// PackedBlock packed rows, if there are any.
    pub packed_rows: Option<&'a mut PackedRows>,
}

struct Shared<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    drift: &'a CenterDrift,
    frame: &'a Frame,
    centers: &'a [f64],
    prepared: &'a PreparedCenters,
    error: Error,
    workers: &'a Workers<'a>,
}

struct Block<'a> {
    from: usize,
    labels: &'a mut [i32],
    bounds: &'a mut [f32],
    kept: Option<PackedBlock<'a>>,
}

/// What one worker keeps between blocks.
struct Local {
    worker: Worker,
    room: Room,
    /// Rows whose label may have failing, as positions in the block.
    failing: Vec<u32>,
    best: Vec<i32>,
    gaps: Vec<f32>,
}

impl<R: AddRow + ScreenRows> HamerlySweep<'_, R> {
    /// Labels every row with its nearest center (k x d, by rows).
    pub fn run(self, workers: &Workers, isa: Isa, centers: &[f64]) -> Result<Counters, Interrupted> {
        isa.run(Run { sweep: self, workers, isa, centers })
    }
}

struct Run<'a, 'c, R> {
    sweep: HamerlySweep<'a, R>,
    workers: &'a Workers<'c>,
    isa: Isa,
    centers: &'a [f64],
}

impl<R: AddRow + ScreenRows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let HamerlySweep { rows, weights, labels, bounds, drift, frame, sums, max_norm, packed_rows } = self.sweep;
        let (workers, isa, centers) = (self.workers, self.isa, self.centers);
        let (n, d) = (rows.len(), rows.columns());
        assert!(labels.len() == n && bounds.len() == n && drift.columns() == d, "shapes do not fit");
        assert!(centers.len() == drift.clusters() * d && rows.is_dense(), "shapes do not fit");
        assert!(weights.is_none_or(|weights| weights.len() == n), "a weight for every row");
        let prepared = PreparedCenters::dense(simd, frame, centers, d, max_norm);
        let workers = workers.sized(n as f64 * 100.0);
        let (width, work) = (rows.microtile::<S>(), centers.len() as f64 / (2 * S::LANES) as f64);
        let block = BLOCK
            .min(n.div_ceil(4 * workers.threads()))
            .min(threads::share(BLOCK, work))
            .max(1)
            .next_multiple_of(width);
        let what = Packing::of(&prepared);
        let packed_rows = packed_rows.filter(|packed_rows| what != Packing::Floats && packed_rows.holds(what));
        let kept = packed_rows
            .map_or(Vec::new(), |packed_rows| packed_rows.blocks(what, n.next_multiple_of(width), d, block).0);
        let mut kept = kept.into_iter();
        let parts = labels.chunks_mut(block).zip(bounds.chunks_mut(block)).enumerate();
        let blocks: Vec<Block> = collected(parts.map(|(at, (labels, bounds))| Block {
            from: at * block,
            labels,
            bounds,
            kept: kept.next(),
        }));
        let shared = Shared {
            rows,
            weights,
            drift,
            frame,
            centers,
            prepared: &prepared,
            error: Error::of(d),
            workers: &workers,
        };
        let all = SharedSums::new(sums);
        let make = || Local {
            worker: all.worker(),
            room: Room::default(),
            failing: Vec::new(),
            best: zeros(block),
            gaps: Vec::new(),
        };
        let locals = workers.each(blocks.into_iter(), make, |local, block| {
            isa.run(OneBlock { shared: &shared, local, block });
        })?;
        Ok(all.gather(locals.into_iter().map(|local| local.worker)))
    }
}

struct OneBlock<'a, 'b, R> {
    shared: &'a Shared<'a, R>,
    local: &'a mut Local,
    block: Block<'b>,
}

impl<R: AddRow + ScreenRows> Task for OneBlock<'_, '_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneBlock { shared, local, block: Block { from, labels, bounds, kept } } = self;
        let Shared { rows, drift, frame, prepared, centers, .. } = *shared;
        let Local { worker, room, failing, best, gaps: found } = local;
        drift.failing(labels, bounds, failing);
        worker.relabeler.changed.clear();
        // Where many have to be looked at, all of those that are kept cost less than packing these.
        let kept = kept.filter(|_| failing.len() * (PACKING + prepared.padded) > labels.len() * prepared.padded);
        if kept.is_some() {
            failing.clear();
            failing.extend(0..labels.len() as u32);
        }
        let picked = Picked { rows, frame, prepared, selection: Selection::some(from, failing) };
        match (kept, &prepared.grid) {
            (Some(PackedBlock::Shorts(kept)), Some(grid)) => {
                picked.screen_shorts(simd, grid, Some((kept, true)), room, &mut worker.verdicts);
            }
            _ => picked.screen(simd, room, &mut worker.verdicts),
        }
        let all = 0..drift.clusters() as i32;
        worker.decide(
            simd,
            prepared,
            (rows, |at| from + failing[at] as usize),
            failing.len(),
            (centers, &shared.error, shared.workers),
            all,
        );
        let Worker { relabeler, verdicts, .. } = &mut *worker;
        found.set_length(failing.len(), 0.0);
        if prepared.all_distinct() {
            gaps(prepared.columns, &room.norms, verdicts, found);
            verdicts.unsure.iter().for_each(|&at| found[at as usize] = f32::NEG_INFINITY);
        } else {
            // Equal centers may part later on.
            found.fill(f32::NEG_INFINITY);
        }
        for ((&at, &nearest), &gap) in failing.iter().zip(&verdicts.best).zip(&found[..]) {
            let at = at as usize;
            bounds[at] = drift.bound(nearest, gap);
            if labels[at] != nearest {
                best[at] = nearest;
                relabeler.changed.push(at as u32);
            }
        }
        let Worker { relabeler, counters, .. } = worker;
        counters.rows += labels.len() as u64;
        counters.examined += failing.len() as u64;
        counters.scored += (failing.len() * prepared.padded) as u64;
        counters.changed += relabeler.apply(simd, rows, shared.weights, |at| from + at, labels, best);
    }
}
