//! The filter by spatial blocks: every block scores only the centers that may be nearest to one of its rows
//! (prune/blocks.rs).
//!
//! A pass asks once for each block of 32 rows which centers remain: where those are few, rows cost next to nothing. It
//! is for rows of up to four columns in memory, once they are sorted. Labels come in the order of the blocks.

use crate::assign::driver::{Assignment, Block, Filter, Found, Given, drive};
use crate::assign::worker::{Counters, Worker};
use crate::memory::Grow;
use crate::prune::blocks::{GROUP, Lanes, Margins, SpatialBlocks};
use crate::prune::morton::BLOCK;
use crate::screen::centers::PreparedCenters;
use crate::screen::kernel::micro::Block as PackedBlock;
use crate::screen::kernel::tile;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd};
use crate::sums::add_row::AddRow;
use crate::threads::{Interrupted, Workers};

/// Labels every row.
#[inline(always)]
pub(super) fn run<S: Simd, R: AddRow + ScreenRows>(
    (simd, isa, workers): (S, Isa, &Workers),
    assignment: Assignment<R>,
    blocks: &SpatialBlocks,
) -> Result<Counters, Interrupted> {
    let Assignment { rows, frame, centers, .. } = assignment;
    let d = rows.columns();
    assert!(blocks.order.len() == rows.len() && blocks.columns() == d, "shapes do not fit");
    let prepared = &PreparedCenters::dense(simd, frame, centers, d, None);
    let filter = Blocks { blocks, prepared, margins: Margins::new(d, prepared.radius) };
    drive((simd, isa, workers), assignment, &filter, GROUP * BLOCK, || ())
}

struct Blocks<'a> {
    blocks: &'a SpatialBlocks,
    prepared: &'a PreparedCenters,
    margins: Margins,
}

/// What one worker keeps between groups of blocks.
struct Scratch {
    /// All centers, those of a group, and those of a block.
    all: Lanes,
    near: Lanes,
    few: Vec<u32>,
    part: PreparedCenters,
}

impl<R: ScreenRows> Filter<R> for Blocks<'_> {
    type Scratch = Scratch;
    type Part = ();

    fn scratch<S: Simd>(&self, simd: S) -> Scratch {
        Scratch {
            all: Lanes::all(simd, self.prepared),
            near: Lanes::default(),
            few: Vec::new(),
            part: self.prepared.part::<S>(),
        }
    }

    #[inline(always)]
    fn row_at(&self, place: usize) -> usize {
        self.blocks.order[place] as usize
    }

    #[inline(always)]
    fn find<S: Simd>(
        &self,
        simd: S,
        given: &Given<R>,
        worker: &mut Worker,
        Scratch { all, near, few, part }: &mut Scratch,
        Block { from, labels, .. }: &mut Block<()>,
    ) -> Found {
        let (&Blocks { blocks, prepared, margins }, rows) = (self, given.rows);
        let (d, group) = (rows.columns(), *from / (GROUP * BLOCK));
        let order = &blocks.order[*from..][..labels.len()];
        let count = all.remaining(simd, d, &blocks.groups[group], margins, &mut near.places);
        near.places.truncate(count);
        near.fill(simd, prepared);
        let mut best = std::mem::take(&mut worker.best);
        best.set_length(GROUP * BLOCK, 0);
        for (at, best) in best.chunks_exact_mut(BLOCK).take(labels.len().div_ceil(BLOCK)).enumerate() {
            let place = group * GROUP + at;
            let (ball, count) = (&blocks.balls[place], BLOCK.min(labels.len() - at * BLOCK));
            let remaining = near.remaining(simd, d, ball, margins, few);
            let few = &few[..remaining];
            if let &[only] = few {
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
            worker.decide(simd, part, (rows, row_at), count, given.among(), some);
            best[..count].copy_from_slice(&worker.verdicts.best[..count]);
        }
        worker.best = best;
        Found::All
    }
}
