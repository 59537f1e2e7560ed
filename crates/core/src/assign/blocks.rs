//! A sweep over boxes of rows: every box scores only the centres that may be nearest to one of its rows (boxes.rs).
//!
//! Labels come in the order of the boxes.

use crate::assign::worker::{Counters, Hand, Share};
use crate::distance::reported::Error;
use crate::prune::blocks::{BLOCK, Boxes, Lanes, Margins};
use crate::prune::morton::BOX;
use crate::rows::Rows;
use crate::screen::centers::{Frame, Screen};
use crate::screen::kernel::micro::Block;
use crate::screen::kernel::tile;
use crate::simd::{Isa, Simd, Task};
use crate::sums::cluster_sums::Tally;
use crate::threads::{Crew, Interrupted};

/// Rows in boxes, their labels, and where the sums go.
pub struct BoxedSweep<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels, in the order of the boxes: negative for a row that no cluster has counted yet.
    pub labels: &'a mut [i32],
    /// The frame that the boxes were made in.
    pub frame: &'a Frame,
    /// The boxes of these rows.
    pub boxes: &'a Boxes,
    /// Exact sums by the labels before the sweep, and after it by those after it.
    pub tally: Option<&'a mut Tally>,
}

struct Shared<'a, R> {
    rows: &'a R,
    weights: Option<&'a [f64]>,
    boxes: &'a Boxes,
    centres: &'a [f64],
    screen: &'a Screen,
    margins: Margins,
    error: Error,
}

/// What one worker keeps between blocks.
struct Worker {
    hand: Hand,
    best: Vec<i32>,
    /// All centres, those of a block, and those of a box.
    all: Lanes,
    near: Lanes,
    few: Vec<u32>,
    part: Screen,
}

impl<R: Rows> BoxedSweep<'_, R> {
    /// Labels every row with its nearest centre (k x d, by rows).
    pub fn run(self, crew: &Crew, isa: Isa, centres: &[f64]) -> Result<Counters, Interrupted> {
        isa.run(Run { sweep: self, crew, isa, centres })
    }
}

struct Run<'a, 'c, R> {
    sweep: BoxedSweep<'a, R>,
    crew: &'a Crew<'c>,
    isa: Isa,
    centres: &'a [f64],
}

impl<R: Rows> Task for Run<'_, '_, R> {
    type Out = Result<Counters, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Run { sweep: BoxedSweep { rows, weights, labels, frame, boxes, tally }, crew, isa, centres } = self;
        let (n, d) = (rows.len(), rows.columns());
        assert!(labels.len() == n && boxes.order.len() == n && boxes.columns() == d, "shapes do not fit");
        assert!(weights.is_none_or(|weights| weights.len() == n) && centres.len() % d == 0, "shapes do not fit");
        let screen = Screen::dense(simd, frame, centres, d, 0.0, None);
        let margins = Margins::new(d, screen.radius);
        let shared = Shared { rows, weights, boxes, centres, screen: &screen, margins, error: Error::of(d) };
        let share = Share::new(tally);
        let make = || Worker {
            hand: share.hand(),
            best: Vec::new(),
            all: Lanes::all(simd, &screen),
            near: Lanes::default(),
            few: Vec::new(),
            part: screen.part::<S>(),
        };
        let blocks = labels.chunks_mut(BLOCK * BOX).enumerate();
        let workers = crew.each(blocks, make, |worker, (block, labels)| {
            isa.run(OneBlock { shared: &shared, worker, block, labels });
        })?;
        Ok(share.gather(workers.into_iter().map(|worker| worker.hand)))
    }
}

struct OneBlock<'a, 'b, R> {
    shared: &'a Shared<'a, R>,
    worker: &'a mut Worker,
    block: usize,
    labels: &'b mut [i32],
}

impl<R: Rows> Task for OneBlock<'_, '_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let OneBlock { shared, worker, block, labels } = self;
        let Shared { rows, boxes, screen, margins, .. } = *shared;
        let Worker { hand, best, all, near, few, part } = worker;
        let d = rows.columns();
        let order = &boxes.order[block * BLOCK * BOX..][..labels.len()];
        all.remaining(simd, d, &boxes.blocks[block], margins, &mut near.places);
        near.fill(simd, screen);
        best.resize(BLOCK * BOX, 0);
        for (at, best) in best.chunks_exact_mut(BOX).take(labels.len().div_ceil(BOX)).enumerate() {
            let place = block * BLOCK + at;
            let (ball, count) = (&boxes.balls[place], BOX.min(labels.len() - at * BOX));
            near.remaining(simd, d, ball, margins, few);
            if let [only] = few[..] {
                best.fill(screen.original(only as i32));
                continue;
            }
            hand.counters.examined += count as u64;
            hand.counters.scored += (count * few.len()) as u64;
            part.take_part(screen, few);
            let packed = &boxes.packed[place * BOX * d..][..BOX * d];
            let norms = &[ball.norm; BOX];
            let block = Block { numbers: packed, norms, errors: norms, count };
            hand.verdicts.unsure.clear();
            tile::screen(simd, &part.floats(), block, 0, &mut hand.verdicts);
            let row_at = |row: usize| order[at * BOX + row] as usize;
            let some = few.iter().map(|&place| screen.original(place as i32));
            hand.decide(simd, part, (rows, row_at), count, (shared.centres, &shared.error), some);
            best[..count].copy_from_slice(&hand.verdicts.best[..count]);
        }
        let Hand { mover, counters, .. } = hand;
        counters.rows += labels.len() as u64;
        mover.compare(simd, labels, &best[..labels.len()]);
        counters.changed += mover.apply(simd, rows, shared.weights, |at| order[at] as usize, labels, best);
    }
}
