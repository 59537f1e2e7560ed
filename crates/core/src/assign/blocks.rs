//! Assignment by spatial blocks: every block scores only the centers that may be nearest to one of its rows
//! (prune/blocks.rs).
//!
//! Labels come in the order of the blocks.

use crate::assign::worker::{Counters, SharedSums, Worker};
use crate::distance::reported::Error;
use crate::memory::Grow;
use crate::prune::blocks::{GROUP, Lanes, Margins, SpatialBlocks};
use crate::prune::morton::BLOCK;
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::kernel::micro::Block as PackedBlock;
use crate::screen::kernel::tile;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::ClusterSums;
use crate::threads::{Interrupted, Workers};

/// Rows in blocks, their labels, and where the sums go.
pub struct BlocksSweep<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels, in the order of the blocks: negative for a row that no cluster has counted yet.
    pub labels: &'a mut [i32],
    /// The frame that the blocks were made in.
    pub frame: &'a Frame,
    /// The blocks of these rows.
    pub blocks: &'a SpatialBlocks,
    /// Exact sums by the labels before the sweep, and after it by those after it.
    pub sums: Option<&'a mut ClusterSums>,
}

struct Shared<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    blocks: &'a SpatialBlocks,
    centers: &'a [f64],
    prepared: &'a PreparedCenters,
    margins: Margins,
    error: Error,
    workers: &'a Workers<'a>,
}

/// What one worker keeps between groups.
struct Local {
    worker: Worker,
    best: Vec<i32>,
    /// All centers, those of a group, and those of a block.
    all: Lanes,
    near: Lanes,
    few: Vec<u32>,
    part: PreparedCenters,
}

impl<R: AddRow + ScreenRows> BlocksSweep<'_, R> {
    /// Labels every row with its nearest center (k x d, by rows).
    pub fn run(self, workers: &Workers, isa: Isa, centers: &[f64]) -> Result<Counters, Interrupted> {
        isa.run(Run { sweep: self, workers, isa, centers })
    }
}

struct Run<'a, 'c, R> {
    sweep: BlocksSweep<'a, R>,
    workers: &'a Workers<'c>,
    isa: Isa,
    centers: &'a [f64],
}

impl<R: AddRow + ScreenRows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Run { sweep: BlocksSweep { rows, weights, labels, frame, blocks, sums }, workers, isa, centers } = self;
        let (n, d) = (rows.len(), rows.columns());
        assert!(labels.len() == n && blocks.order.len() == n && blocks.columns() == d, "shapes do not fit");
        assert!(weights.is_none_or(|weights| weights.len() == n) && centers.len() % d == 0, "shapes do not fit");
        let prepared = PreparedCenters::dense(simd, frame, centers, d, None);
        let margins = Margins::new(d, prepared.radius);
        let shared =
            Shared { rows, weights, blocks, centers, prepared: &prepared, margins, error: Error::of(d), workers };
        let all = SharedSums::new(sums);
        let make = || Local {
            worker: all.worker(),
            best: Vec::new(),
            all: Lanes::all(simd, &prepared),
            near: Lanes::default(),
            few: Vec::new(),
            part: prepared.part::<S>(),
        };
        let groups = labels.chunks_mut(GROUP * BLOCK).enumerate();
        let locals = workers.each(groups, make, |local, (group, labels)| {
            isa.run(OneGroup { shared: &shared, local, group, labels });
        })?;
        Ok(all.gather(locals.into_iter().map(|local| local.worker)))
    }
}

struct OneGroup<'a, 'b, R> {
    shared: &'a Shared<'a, R>,
    local: &'a mut Local,
    group: usize,
    labels: &'b mut [i32],
}

impl<R: AddRow + ScreenRows> Task for OneGroup<'_, '_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneGroup { shared, local, group, labels } = self;
        let Shared { rows, blocks, prepared, margins, .. } = *shared;
        let Local { worker, best, all, near, few, part } = local;
        let d = rows.columns();
        let order = &blocks.order[group * GROUP * BLOCK..][..labels.len()];
        all.remaining(simd, d, &blocks.groups[group], margins, &mut near.places);
        near.fill(simd, prepared);
        best.set_length(GROUP * BLOCK, 0);
        for (at, best) in best.chunks_exact_mut(BLOCK).take(labels.len().div_ceil(BLOCK)).enumerate() {
            let place = group * GROUP + at;
            let (ball, count) = (&blocks.balls[place], BLOCK.min(labels.len() - at * BLOCK));
            near.remaining(simd, d, ball, margins, few);
            if let [only] = few[..] {
                best.fill(prepared.original(only as i32));
                continue;
            }
            worker.counters.examined += count as u64;
            worker.counters.scored += (count * few.len()) as u64;
            part.take_part(prepared, few);
            let numbers = &blocks.packed[place * BLOCK * d..][..BLOCK * d];
            let norms = &[ball.norm; BLOCK];
            let packed = PackedBlock { numbers, norms, errors: norms, count };
            worker.verdicts.unsure.clear();
            tile::screen(simd, &part.floats(), packed, 0, &mut worker.verdicts);
            let row_at = |row: usize| order[at * BLOCK + row] as usize;
            let some = few.iter().map(|&place| prepared.original(place as i32));
            worker.decide(simd, part, (rows, row_at), count, (shared.centers, &shared.error, shared.workers), some);
            best[..count].copy_from_slice(&worker.verdicts.best[..count]);
        }
        let Worker { relabeler, counters, .. } = worker;
        counters.rows += labels.len() as u64;
        relabeler.compare(simd, labels, &best[..labels.len()]);
        counters.changed += relabeler.apply(simd, rows, shared.weights, |at| order[at] as usize, labels, best);
    }
}
