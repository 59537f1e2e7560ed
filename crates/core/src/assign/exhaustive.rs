//! The exhaustive filter, which leaves nothing out: every row is scored against every center.
//!
//! It costs n k d multiply-adds in low precision, and little else. It is what everything begins with, and what rows of
//! many columns end with where labels keep changing. Blocks are sized to the caches: pack, screen (the tile and its
//! certificate), compare what is not certified.

use crate::assign::driver::{Assignment, Block, Filter, Found, Given, drive};
use crate::assign::repeats::Repeats;
use crate::assign::worker::{Counters, Worker};
use crate::rows::Selection;
use crate::screen::centers::{Precision, PreparedCenters};
use crate::screen::dense::Picked;
use crate::screen::kernel::micro;
use crate::screen::kernel::tile;
use crate::screen::pack::Packed;
use crate::screen::packed_rows::{PackedBlock, PackedRows, Packing};
use crate::screen::room::Room;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::{Isa, Simd};
use crate::sums::add_row::AddRow;
use crate::threads::{self, Interrupted, Workers};

/// Rows of a block: as many as 128 KB of packed rows, but enough that those which int16 does not decide fill
/// microtiles.
const FEWEST: usize = 1024;
pub(super) const MOST: usize = 2048;

/// Bytes of packed rows that stay in the last cache from sweep to sweep.
const CACHE: usize = 24 << 20;

/// Rows of a block of so many rows that pass with much else; whole microtiles.
#[inline(always)]
pub(super) fn block<S: Simd, R: ScreenRows>(rows: &R, centers: &[f64], workers: &Workers, fit: usize) -> usize {
    let (n, d) = (rows.len(), rows.columns());
    // Operations at a time. (Two for each lane; sparse rows wait for memory.)
    let speed = S::LANES as f64 * if rows.is_dense() { 2.0 } else { 0.5 };
    let work = (rows.numbers() * centers.len()) as f64 / (d as f64 * speed);
    let share = n.div_ceil(4 * workers.threads());
    fit.min(share).min(threads::share(MOST, work)).max(1).next_multiple_of(rows.microtile::<S>())
}

/// Labels every row.
#[inline(always)]
pub(super) fn run<S: Simd, R: AddRow + ScreenRows>(
    (simd, isa, workers): (S, Isa, &Workers),
    assignment: Assignment<R>,
    packed_rows: Option<&mut PackedRows>,
    precision: Precision,
) -> Result<Counters, Interrupted> {
    let Assignment { rows, frame, centers, .. } = assignment;
    let (n, d) = (rows.len(), rows.columns());
    let prepared = if rows.is_dense() {
        PreparedCenters::first_in(simd, frame, (centers, d), precision, false)
    } else {
        PreparedCenters::sparse(simd, &workers.sized(4.0 * centers.len() as f64), frame, centers, d)?
    };
    let workers = &workers.sized(n as f64 * centers.len() as f64);
    let fit = if rows.is_dense() { ((128 << 10) / (4 * d)).clamp(FEWEST, MOST) } else { MOST };
    let block = block::<S, R>(rows, centers, workers, fit);
    let what = Packing::of(&prepared);
    // Where int16 was to be kept but cannot be, there may be no room for float32; bytes are made anew.
    let packed_rows = packed_rows.filter(|_| precision == Precision::Float32 || what != Packing::Floats);
    // Rows that the caches do not hold come from memory, and are packed while they come.
    let far = 4 * n * (d + 1) > CACHE && rows.packs_quickly(frame);
    let packed_rows = packed_rows.filter(|_| what != Packing::Floats || !far);
    let filled = packed_rows.as_ref().is_some_and(|packed_rows| packed_rows.holds(what));
    let (kept, done) = match packed_rows {
        None => (Vec::new(), None),
        Some(packed_rows) => {
            let (blocks, filled) = packed_rows.blocks(what, n.next_multiple_of(rows.microtile::<S>()), d, block);
            (blocks, Some(filled))
        }
    };
    let mut kept = kept.into_iter();
    let filter = Exhaustive { prepared: &prepared, filled };
    let counters = drive((simd, isa, workers), assignment, &filter, block, || kept.next())?;
    if let Some(filled) = done {
        // Only now: an interrupted sweep leaves the packed rows to be filled again.
        *filled = Some(what);
    }
    Ok(counters)
}

struct Exhaustive<'a> {
    prepared: &'a PreparedCenters,
    /// Whether rows that stay packed are there.
    filled: bool,
}

impl<'a, R: ScreenRows> Filter<R> for Exhaustive<'a> {
    type Scratch = (Room, Packed, Repeats);
    /// Rows that stay packed.
    type Part = Option<PackedBlock<'a>>;

    fn scratch<S: Simd>(&self, _: S) -> Self::Scratch {
        Default::default()
    }

    #[inline(always)]
    fn find<S: Simd>(
        &self,
        simd: S,
        given: &Given<R>,
        worker: &mut Worker,
        (room, packed, repeats): &mut Self::Scratch,
        Block { from, labels, part }: &mut Block<Self::Part>,
    ) -> Found {
        let (&Exhaustive { prepared, filled }, Given { rows, frame, .. }, from) = (self, given, *from);
        let (count, selection) = (labels.len(), Selection::Range(from, from + labels.len()));
        match part.take() {
            Some(PackedBlock::Floats(kept_rows, kept_norms)) => {
                if !filled {
                    packed.fill(simd, *rows, frame, selection);
                    kept_rows.copy_from_slice(&packed.rows);
                    kept_norms.copy_from_slice(&packed.norms);
                }
                let block = micro::Block { numbers: kept_rows, norms: kept_norms, errors: kept_norms, count };
                worker.verdicts.unsure.clear();
                tile::screen(simd, &prepared.floats(), block, 0, &mut worker.verdicts);
            }
            Some(PackedBlock::Shorts(kept)) => {
                let grid = prepared.grid.as_ref().expect("rows are kept so for a grid");
                let picked = Picked { rows: *rows, frame, prepared, selection };
                picked.screen_shorts(simd, grid, Some((kept, filled)), room, &mut worker.verdicts);
            }
            None if repeats.find(simd, *rows, count, |at| from + at) => {
                let Repeats { firsts, of, .. } = &*repeats;
                let selection = Selection::some(from, firsts);
                rows.screen(simd, (frame, prepared), selection, None, room, &mut worker.verdicts);
                let found = given.decide_all(simd, worker, prepared, |at| from + firsts[at] as usize, firsts.len());
                std::mem::swap(&mut worker.best, &mut worker.verdicts.best);
                worker.best.clear();
                worker.best.extend(of.iter().map(|&first| worker.verdicts.best[first as usize]));
                worker.counters.examined += (count - firsts.len()) as u64;
                return found;
            }
            None => rows.screen(simd, (frame, prepared), selection, None, room, &mut worker.verdicts),
        }
        given.decide_all(simd, worker, prepared, |at| from + at, count)
    }
}
