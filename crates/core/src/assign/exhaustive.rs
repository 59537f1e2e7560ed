//! One sweep: the nearest centre of every row, and the exact sums of the rows that changed cluster.
//!
//! Rows pass in blocks sized to the caches: pack, screen (the tile and its certificate), compare what is not certified,
//! then move the rows whose label changed from the sums of the old cluster to those of the new one.

use crate::assign::worker::{Counters, Hand, Share};
use crate::distance::reported::Error;
use crate::rows::{Pick, Rows};
use crate::screen::activity::{Scores, Standing};
use crate::screen::centers::{Frame, Screen};
use crate::screen::dense::{Picked, Room};
use crate::screen::kernel::micro as cells;
use crate::screen::kernel::tile;
use crate::screen::pack::Packed;
use crate::screen::packed_rows::{Cache, Filled, Kept};
use crate::screen::sparse::Memory;
use crate::simd::{Isa, Simd, Task};
use crate::sums::cluster_sums::Tally;
use crate::sums::relabel::relabel;
use crate::threads::{Crew, Interrupted};

/// Rows of a block: as many as 128 KB of packed rows, but enough that those which int16 does not decide fill microtiles.
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
    /// The frame that rows are packed in; the same for all sweeps that share a cache.
    pub frame: &'a Frame,
    /// Kept packed rows.
    pub cache: Option<&'a mut Cache>,
    /// Exact sums by the labels before the sweep, and after it by those after it.
    pub tally: Option<&'a mut Tally>,
    /// Centres near these, and where to list the rows (ascending) that may have another nearest centre among them.
    pub nearby: Option<(&'a [f64], &'a mut Vec<u32>)>,
    /// No row is longer in the frame: dense rows are screened in int16 first (short.rs).
    pub longest: Option<f64>,
    /// The centres as sparse rows have them, and what is known of every row (standing.rs).
    pub standing: Option<(&'a Standing, &'a mut [Scores])>,
}

struct Shared<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    frame: &'a Frame,
    centres: &'a [f64],
    screen: &'a Screen,
    error: Error,
    standing: Option<&'a Standing>,
    /// Whether to list rows that were not certified.
    list: bool,
}

/// What one worker keeps between blocks.
struct Worker {
    hand: Hand,
    room: Room,
    packed: Packed,
    /// Rows that were not certified.
    doubtful: Vec<u32>,
}

struct Block<'a> {
    from: usize,
    labels: &'a mut [i32],
    kept: Option<Kept<'a>>,
    scores: Option<&'a mut [Scores]>,
}

impl<R: Rows> Sweep<'_, R> {
    /// Labels every row with its nearest centre (k x d, by rows).
    pub fn run(self, crew: &Crew, isa: Isa, centres: &[f64]) -> Result<Counters, Interrupted> {
        isa.run(Run { sweep: self, crew, isa, centres })
    }
}

struct Run<'a, 'c, R> {
    sweep: Sweep<'a, R>,
    crew: &'a Crew<'c>,
    isa: Isa,
    centres: &'a [f64],
}

impl<R: Rows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Run { sweep, crew, isa, centres } = self;
        let Sweep { rows, weights, labels, frame, cache, tally, nearby, longest, standing } = sweep;
        let (n, d) = (rows.len(), rows.columns());
        let drift = || nearby.as_ref().map_or(0.0, |(others, _)| farthest(centres, others, d) * frame.scale);
        let made;
        let screen = if let Some((standing, scores)) = &standing {
            let screen = standing.screen().filter(|screen| screen.columns == d && !rows.is_dense());
            assert!(standing.clusters() * d == centres.len() && scores.len() == n, "shapes do not fit");
            screen.expect("the centres have been placed, for sparse rows")
        } else if rows.is_dense() {
            made = Screen::dense(simd, frame, centres, d, drift(), longest);
            &made
        } else {
            made = Screen::sparse(simd, &crew.sized(4.0 * centres.len() as f64), frame, centres, d, drift())?;
            &made
        };
        let work = n as f64 * centres.len() as f64;
        let crew = crew.sized(work);
        let width = rows.microtile::<S>();
        let share = n.div_ceil(4 * crew.threads());
        let fit = if rows.is_dense() { ((128 << 10) / (4 * d)).clamp(FEWEST, MOST) } else { MOST };
        let block = fit.min(share).max(1).div_ceil(width) * width;
        assert!(labels.len() == n && centres.len() % d == 0 && frame.shift.len() == d, "shapes do not fit");
        assert!(nearby.as_ref().is_none_or(|(others, _)| others.len() == centres.len() && n <= u32::MAX as usize));
        assert!(weights.is_none_or(|weights| weights.len() == n), "a weight for every row");
        let what = Filled::of(screen);
        // Where int16 was to be kept but cannot be, there may be no room for float32.
        let cache = cache.filter(|_| longest.is_none() || what != Filled::Floats);
        let filled = cache.as_ref().is_some_and(|cache| cache.holds(what));
        let (kept, done) = match cache {
            None => (Vec::new(), None),
            Some(cache) => {
                let (blocks, filled) = cache.blocks(what, n.next_multiple_of(width), d, block);
                (blocks, Some(filled))
            }
        };
        let mut kept = kept.into_iter();
        let (standing, scores) = standing.unzip();
        let mut scores = scores.map(|scores| scores.chunks_mut(block));
        let blocks: Vec<Block> = labels
            .chunks_mut(block)
            .enumerate()
            .map(|(at, labels)| Block {
                from: at * block,
                labels,
                kept: kept.next(),
                scores: scores.as_mut().and_then(|scores| scores.next()),
            })
            .collect();
        let list = nearby.is_some();
        let shared = Shared { rows, weights, frame, centres, screen, error: Error::of(d), standing, list };
        let share = Share::new(tally);
        let make =
            || Worker { hand: share.hand(), room: Room::default(), packed: Packed::default(), doubtful: Vec::new() };
        let workers = crew.each(blocks.into_iter(), make, |worker, block| {
            isa.run(OneBlock { shared: &shared, worker, block, filled });
        })?;
        if let Some(filled) = done {
            // Only now: an interrupted sweep leaves the cache to be filled again.
            *filled = Some(what);
        }
        let (hands, doubtful): (Vec<_>, Vec<_>) = workers.into_iter().map(|w| (w.hand, w.doubtful)).unzip();
        if let Some((_, rows)) = nearby {
            *rows = doubtful.concat();
            rows.sort_unstable();
        }
        Ok(share.gather(hands))
    }
}

/// No less than the largest distance between two centres of the same index.
pub(crate) fn farthest(centres: &[f64], others: &[f64], columns: usize) -> f64 {
    let error = Error::of(columns);
    let pairs = centres.chunks_exact(columns).zip(others.chunks_exact(columns));
    pairs.map(|(a, b)| error.longest(a, b)).fold(0.0, f64::max)
}

struct OneBlock<'a, 'b, R> {
    shared: &'a Shared<'a, R>,
    worker: &'a mut Worker,
    block: Block<'b>,
    filled: bool,
}

impl<R: Rows> Task for OneBlock<'_, '_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneBlock { shared, worker, block: Block { from, labels, kept, scores }, filled } = self;
        let Worker { hand, room, packed, doubtful } = worker;
        let Shared { rows, frame, screen, centres, standing, .. } = *shared;
        let pick = Pick::Range(from, from + labels.len());
        match kept {
            Some(Kept::Floats(kept_rows, kept_norms)) => {
                if !filled {
                    packed.fill(simd, rows, frame, pick);
                    kept_rows.copy_from_slice(&packed.rows);
                    kept_norms.copy_from_slice(&packed.norms);
                }
                let count = labels.len();
                let block = cells::Block { numbers: kept_rows, norms: kept_norms, errors: kept_norms, count };
                hand.verdicts.unsure.clear();
                tile::screen(simd, &screen.floats(), block, 0, &mut hand.verdicts);
            }
            Some(Kept::Shorts(kept)) => {
                let grid = screen.grid.as_ref().expect("rows are kept so for a grid");
                let picked = Picked { rows, frame, screen, pick };
                picked.screen_shorts(simd, grid, Some((kept, filled)), room, &mut hand.verdicts);
            }
            None => {
                let known = standing.zip(scores);
                let memory = known.map(|(standing, scores)| Memory { standing, labels, scores });
                rows.screen(simd, (frame, screen), pick, memory, room, &mut hand.verdicts);
            }
        }
        let all = 0..(centres.len() / rows.columns()) as i32;
        hand.decide(simd, screen, (rows, |at| from + at), labels.len(), (centres, &shared.error), all);
        let Hand { mover, verdicts, counters, .. } = hand;
        if shared.list {
            doubtful.extend(verdicts.unsure.iter().map(|&at| from as u32 + at));
        }
        counters.rows += labels.len() as u64;
        counters.examined += labels.len() as u64;
        counters.scored += (labels.len() * screen.padded) as u64;
        let best = &verdicts.best[..labels.len()];
        counters.changed += if mover.has_sums() {
            mover.compare(simd, labels, best);
            mover.apply(simd, rows, shared.weights, |at| from + at, labels, best)
        } else {
            relabel(labels, best)
        };
    }
}
