//! Exhaustive assignment: every row is scored against every center, and the exact sums follow.
//!
//! Rows pass in blocks sized to the caches: pack, screen (the tile and its certificate), compare what is not certified,
//! then move the rows whose label changed from the sums of the old cluster to those of the new one.

use crate::assign::worker::{Counters, SharedSums, Worker};
use crate::distance::reported::Error;
use crate::memory::collected;
use crate::rows::Selection;
use crate::screen::activity::{CenterActivity, KnownScores, Scores};
use crate::screen::centers::PreparedCenters;
use crate::screen::dense::Picked;
use crate::screen::frame::Frame;
use crate::screen::kernel::micro;
use crate::screen::kernel::tile;
use crate::screen::pack::Packed;
use crate::screen::packed_rows::{PackedBlock, PackedRows, Packing};
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::ClusterSums;
use crate::sums::relabel::relabel;
use crate::threads::{self, Interrupted, Workers};

/// Rows of a block: as many as 128 KB of packed rows, but enough that those which int16 does not decide fill
/// microtiles.
const FEWEST: usize = 1024;
const MOST: usize = 2048;

/// Rows, their labels, and where the sums go.
pub struct Sweep<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels: negative for a row that no cluster has counted yet.
    pub labels: &'a mut [i32],
    /// The frame that rows are packed in; the same for all sweeps that share packed rows.
    pub frame: &'a Frame,
    /// Rows that stay packed.
    pub packed_rows: Option<&'a mut PackedRows>,
    /// Exact sums by the labels before the sweep, and after it by those after it.
    pub sums: Option<&'a mut ClusterSums>,
    /// No row is longer in the frame: dense rows are screened in int16 first (kernel/i16.rs).
    pub max_norm: Option<f64>,
    /// The centers as sparse rows have them, and what is known of every row (screen/activity.rs).
    pub activity: Option<(&'a CenterActivity, &'a mut [Scores])>,
}

struct Shared<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    frame: &'a Frame,
    centers: &'a [f64],
    prepared: &'a PreparedCenters,
    error: Error,
    workers: &'a Workers<'a>,
    activity: Option<&'a CenterActivity>,
}

/// What one worker keeps between blocks.
struct Local {
    worker: Worker,
    room: Room,
    packed: Packed,
}

struct Block<'a> {
    from: usize,
    labels: &'a mut [i32],
    kept: Option<PackedBlock<'a>>,
    scores: Option<&'a mut [Scores]>,
}

impl<R: AddRow + ScreenRows> Sweep<'_, R> {
    /// Labels every row with its nearest center (k x d, by rows).
    pub fn run(self, workers: &Workers, isa: Isa, centers: &[f64]) -> Result<Counters, Interrupted> {
        isa.run(Run { sweep: self, workers, isa, centers })
    }
}

struct Run<'a, 'c, R> {
    sweep: Sweep<'a, R>,
    workers: &'a Workers<'c>,
    isa: Isa,
    centers: &'a [f64],
}

impl<R: AddRow + ScreenRows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Run { sweep, workers, isa, centers } = self;
        let Sweep { rows, weights, labels, frame, packed_rows, sums, max_norm, activity } = sweep;
        let (n, d) = (rows.len(), rows.columns());
        let made;
        let prepared = if let Some((activity, scores)) = &activity {
            let prepared = activity.prepared().filter(|prepared| prepared.columns == d && !rows.is_dense());
            assert!(activity.clusters() * d == centers.len() && scores.len() == n, "shapes do not fit");
            prepared.expect("the centers have been placed, for sparse rows")
        } else if rows.is_dense() {
            made = PreparedCenters::dense(simd, frame, centers, d, max_norm);
            &made
        } else {
            made = PreparedCenters::sparse(simd, &workers.sized(4.0 * centers.len() as f64), frame, centers, d)?;
            &made
        };
        let work = n as f64 * centers.len() as f64;
        let workers = workers.sized(work);
        let width = rows.microtile::<S>();
        let share = n.div_ceil(4 * workers.threads());
        let fit = if rows.is_dense() { ((128 << 10) / (4 * d)).clamp(FEWEST, MOST) } else { MOST };
        // Operations at a time. (Two for each lane; sparse rows wait for memory.)
        let speed = S::LANES as f64 * if rows.is_dense() { 2.0 } else { 0.5 };
        let work = (rows.numbers() * centers.len()) as f64 / (d as f64 * speed);
        let block = fit.min(share).min(threads::share(MOST, work)).max(1).div_ceil(width) * width;
        assert!(labels.len() == n && centers.len() % d == 0 && frame.shift.len() == d, "shapes do not fit");
        assert!(weights.is_none_or(|weights| weights.len() == n), "a weight for every row");
        let what = Packing::of(prepared);
        // Where int16 was to be kept but cannot be, there may be no room for float32.
        let packed_rows = packed_rows.filter(|_| max_norm.is_none() || what != Packing::Floats);
        let filled = packed_rows.as_ref().is_some_and(|packed_rows| packed_rows.holds(what));
        let (kept, done) = match packed_rows {
            None => (Vec::new(), None),
            Some(packed_rows) => {
                let (blocks, filled) = packed_rows.blocks(what, n.next_multiple_of(width), d, block);
                (blocks, Some(filled))
            }
        };
        let mut kept = kept.into_iter();
        let (activity, scores) = activity.unzip();
        let mut scores = scores.map(|scores| scores.chunks_mut(block));
        let blocks = labels.chunks_mut(block).enumerate().map(|(at, labels)| Block {
            from: at * block,
            labels,
            kept: kept.next(),
            scores: scores.as_mut().and_then(|scores| scores.next()),
        });
        let blocks: Vec<Block> = collected(blocks);
        let shared =
            Shared { rows, weights, frame, centers, prepared, error: Error::of(d), workers: &workers, activity };
        let all = SharedSums::new(sums);
        let make = || Local { worker: all.worker(), room: Room::default(), packed: Packed::default() };
        let locals = workers.each(blocks.into_iter(), make, |local, block| {
            isa.run(OneBlock { shared: &shared, local, block, filled });
        })?;
        if let Some(filled) = done {
            // Only now: an interrupted sweep leaves the packed rows to be filled again.
            *filled = Some(what);
        }
        Ok(all.gather(locals.into_iter().map(|local| local.worker)))
    }
}

struct OneBlock<'a, 'b, R> {
    shared: &'a Shared<'a, R>,
    local: &'a mut Local,
    block: Block<'b>,
    filled: bool,
}

impl<R: AddRow + ScreenRows> Task for OneBlock<'_, '_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneBlock { shared, local, block: Block { from, labels, kept, scores }, filled } = self;
        let Local { worker, room, packed } = local;
        let Shared { rows, frame, prepared, centers, activity, .. } = *shared;
        let selection = Selection::Range(from, from + labels.len());
        match kept {
            Some(PackedBlock::Floats(kept_rows, kept_norms)) => {
                if !filled {
                    packed.fill(simd, rows, frame, selection);
                    kept_rows.copy_from_slice(&packed.rows);
                    kept_norms.copy_from_slice(&packed.norms);
                }
                let count = labels.len();
                let block = micro::Block { numbers: kept_rows, norms: kept_norms, errors: kept_norms, count };
                worker.verdicts.unsure.clear();
                tile::screen(simd, &prepared.floats(), block, 0, &mut worker.verdicts);
            }
            Some(PackedBlock::Shorts(kept)) => {
                let grid = prepared.grid.as_ref().expect("rows are kept so for a grid");
                let picked = Picked { rows, frame, prepared, selection };
                picked.screen_shorts(simd, grid, Some((kept, filled)), room, &mut worker.verdicts);
            }
            None => {
                let known = activity.zip(scores).map(|(activity, scores)| KnownScores { activity, labels, scores });
                rows.screen(simd, (frame, prepared), selection, known, room, &mut worker.verdicts);
            }
        }
        let all = 0..(centers.len() / rows.columns()) as i32;
        worker.decide(
            simd,
            prepared,
            (rows, |at| from + at),
            labels.len(),
            (centers, &shared.error, shared.workers),
            all,
        );
        let Worker { relabeler, verdicts, counters, .. } = worker;
        counters.rows += labels.len() as u64;
        counters.examined += labels.len() as u64;
        counters.scored += (labels.len() * prepared.padded) as u64;
        let best = &verdicts.best[..labels.len()];
        counters.changed += if relabeler.has_sums() {
            relabeler.compare(simd, labels, best);
            relabeler.apply(simd, rows, shared.weights, |at| from + at, labels, best)
        } else {
            relabel(labels, best)
        };
    }
}
