//! A sweep that leaves out rows whose label stands: the centres have not moved as far as the row's gap (gaps.rs).
//!
//! The other rows of a block are packed side by side, so that the tile (tile.rs) works on full microtiles.

use crate::assign::worker::{Counters, Hand, Share};
use crate::distance::reported::Error;
use crate::prune::hamerly::{Reach, gaps};
use crate::rows::{Pick, Rows};
use crate::screen::centers::{Frame, Screen};
use crate::screen::dense::{Picked, Room};
use crate::screen::packed_rows::{Cache, Filled, Kept};
use crate::simd::{Isa, Simd, Task};
use crate::sums::cluster_sums::Tally;
use crate::threads::{Crew, Interrupted};

/// Rows of a block.
const BLOCK: usize = 2048;
/// What it costs to pack a row, in scores.
const PACKING: usize = 100;

/// Dense rows, their labels and bounds, and where the sums go.
pub struct BoundedSweep<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels: negative for a row that no cluster has counted yet.
    pub labels: &'a mut [i32],
    /// How far the centres may have moved before a label falls; negative infinity where nothing is known.
    pub expiry: &'a mut [f32],
    /// How far they have.
    pub reach: &'a Reach,
    /// The frame that `reach` is in.
    pub frame: &'a Frame,
    /// Exact sums by the labels before the sweep, and after it by those after it.
    pub tally: Option<&'a mut Tally>,
    /// As in `Sweep`.
    pub longest: Option<f64>,
    /// Kept packed rows, if there are any.
    pub cache: Option<&'a mut Cache>,
}

struct Shared<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    reach: &'a Reach,
    frame: &'a Frame,
    centres: &'a [f64],
    screen: &'a Screen,
    error: Error,
}

struct Block<'a> {
    from: usize,
    labels: &'a mut [i32],
    expiry: &'a mut [f32],
    kept: Option<Kept<'a>>,
}

/// What one worker keeps between blocks.
struct Worker {
    hand: Hand,
    room: Room,
    /// Rows whose label may have fallen, as positions in the block.
    falling: Vec<u32>,
    best: Vec<i32>,
    gaps: Vec<f32>,
}

impl<R: Rows> BoundedSweep<'_, R> {
    /// Labels every row with its nearest centre (k x d, by rows).
    pub fn run(self, crew: &Crew, isa: Isa, centres: &[f64]) -> Result<Counters, Interrupted> {
        isa.run(Run { sweep: self, crew, isa, centres })
    }
}

struct Run<'a, 'c, R> {
    sweep: BoundedSweep<'a, R>,
    crew: &'a Crew<'c>,
    isa: Isa,
    centres: &'a [f64],
}

impl<R: Rows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let BoundedSweep { rows, weights, labels, expiry, reach, frame, tally, longest, cache } = self.sweep;
        let (crew, isa, centres) = (self.crew, self.isa, self.centres);
        let (n, d) = (rows.len(), rows.columns());
        assert!(labels.len() == n && expiry.len() == n && reach.columns() == d, "shapes do not fit");
        assert!(centres.len() == reach.clusters() * d && rows.is_dense(), "shapes do not fit");
        assert!(weights.is_none_or(|weights| weights.len() == n), "a weight for every row");
        let screen = Screen::dense(simd, frame, centres, d, 0.0, longest);
        let crew = crew.sized(n as f64 * 100.0);
        let width = rows.microtile::<S>();
        let block = BLOCK.min(n.div_ceil(4 * crew.threads())).max(1).next_multiple_of(width);
        let what = Filled::of(&screen);
        let cache = cache.filter(|cache| what != Filled::Floats && cache.holds(what));
        let kept = cache.map_or(Vec::new(), |cache| cache.blocks(what, n.next_multiple_of(width), d, block).0);
        let mut kept = kept.into_iter();
        let parts = labels.chunks_mut(block).zip(expiry.chunks_mut(block)).enumerate();
        let blocks: Vec<Block> =
            parts.map(|(at, (labels, expiry))| Block { from: at * block, labels, expiry, kept: kept.next() }).collect();
        let shared = Shared { rows, weights, reach, frame, centres, screen: &screen, error: Error::of(d) };
        let share = Share::new(tally);
        let make = || Worker {
            hand: share.hand(),
            room: Room::default(),
            falling: Vec::new(),
            best: vec![0; block],
            gaps: Vec::new(),
        };
        let workers = crew.each(blocks.into_iter(), make, |worker, block| {
            isa.run(OneBlock { shared: &shared, worker, block });
        })?;
        Ok(share.gather(workers.into_iter().map(|worker| worker.hand)))
    }
}

struct OneBlock<'a, 'b, R> {
    shared: &'a Shared<'a, R>,
    worker: &'a mut Worker,
    block: Block<'b>,
}

impl<R: Rows> Task for OneBlock<'_, '_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneBlock { shared, worker, block: Block { from, labels, expiry, kept } } = self;
        let Shared { rows, reach, frame, screen, centres, .. } = *shared;
        let Worker { hand, room, falling, best, gaps: found } = worker;
        reach.fallen(labels, expiry, falling);
        hand.mover.changed.clear();
        // Where many have to be looked at, all of those that are kept cost less than packing these.
        let kept = kept.filter(|_| falling.len() * (PACKING + screen.padded) > labels.len() * screen.padded);
        if kept.is_some() {
            falling.clear();
            falling.extend(0..labels.len() as u32);
        }
        let picked = Picked { rows, frame, screen, pick: Pick::some(from, falling) };
        match (kept, &screen.grid) {
            (Some(Kept::Shorts(kept)), Some(grid)) => {
                picked.screen_shorts(simd, grid, Some((kept, true)), room, &mut hand.verdicts);
            }
            _ => picked.screen(simd, room, &mut hand.verdicts),
        }
        let all = 0..reach.clusters() as i32;
        hand.decide(
            simd,
            screen,
            (rows, |at| from + falling[at] as usize),
            falling.len(),
            (centres, &shared.error),
            all,
        );
        let Hand { mover, verdicts, .. } = &mut *hand;
        found.resize(falling.len(), 0.0);
        if screen.all_distinct() {
            gaps(screen.columns, &room.norms, verdicts, found);
            verdicts.unsure.iter().for_each(|&at| found[at as usize] = f32::NEG_INFINITY);
        } else {
            // Equal centres may part later on.
            found.fill(f32::NEG_INFINITY);
        }
        for ((&at, &nearest), &gap) in falling.iter().zip(&verdicts.best).zip(&found[..]) {
            let at = at as usize;
            expiry[at] = reach.expiry(nearest, gap);
            if labels[at] != nearest {
                best[at] = nearest;
                mover.changed.push(at as u32);
            }
        }
        let Hand { mover, counters, .. } = hand;
        counters.rows += labels.len() as u64;
        counters.examined += falling.len() as u64;
        counters.scored += (falling.len() * screen.padded) as u64;
        counters.changed += mover.apply(simd, rows, shared.weights, |at| from + at, labels, best);
    }
}
