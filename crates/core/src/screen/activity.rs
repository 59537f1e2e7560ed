//! Activity of centers: sparse rows are scored against those that moved, and against others only where these do not
//! decide.
//!
//! Eight bytes a row, and four for a bound that leaves rows out (assign/activity.rs); a pass costs as much as the share
//! of centers that moved, and a little for what they do not decide.
//!
//! Let a row have been certified (screen/certificate.rs) with label a, score s_a, and every other score no less than s.
//! Scores are functions of a row and a center, each off by at most its own error. So when some centers have moved,
//! every center that stood, but a, still has a score of at least s; and that of a is s_a, if it stood too. With the
//! scores of the centers that moved the least score of all, and a bound of the others', are known, or, where a moved,
//! the least of those that moved, and s as a bound of the rest. If one is less than the other by the certificate's 2
//! eps, the row is decided; else the centers that stood are scored as well. The bound may be that of a center which has
//! gone away since: it only errs towards looking again. (Kaukoranta, Fränti and Nevalainen, "A fast exact GLA based on
//! code vector activity detection", IEEE Trans. Image Process. 9(8), 2000, compare with the centers that moved if a
//! stood or came nearer; the bound s is Hamerly's, SDM 2010, which needs no distances here, because nothing is said of
//! centers that moved.)
//!
//! Centers that moved come first in the columns of the prepared centers, so that both parts of it are read in one
//! piece.

use crate::memory::{Grow, collected, zeros};
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::sparse_centers::{Left, Placed, place};
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// No position.
const NONE: u32 = u32::MAX;

/// What is kept of a row: the score of its label, a number which no other center's is below, and how much farther than
/// its own center all others are at least, or what follows from it (assign/activity.rs).
pub(crate) type Scores = [f32; 3];

/// Nothing is known.
pub(crate) const UNKNOWN: Scores = [0.0, f32::NEG_INFINITY, f32::NEG_INFINITY];

/// The prepared centers of a sweep, and which of them stood still since the sweep before.
#[derive(Default)]
pub struct CenterActivity {
    prepared: Option<PreparedCenters>,
    /// |b|^2, by position.
    squares: Vec<f64>,
    /// Index to position.
    at: Vec<u32>,
    /// Centers from this position on stood still.
    active: usize,
    /// How far each center has moved, rounded up, in the frame's unit; empty where that is not known.
    shifts: Vec<f64>,
}

/// Where centers went.
#[derive(Clone, Copy)]
pub struct MovedCenters<'a> {
    /// k x d.
    pub centers: &'a [f64],
    /// Number of columns.
    pub columns: usize,
    /// Which of them are others than in the sweep before; `None` where there was none.
    pub moved: Option<&'a [bool]>,
    /// The centers of the sweep before, if they are still there.
    pub before: Option<&'a [f64]>,
}

impl CenterActivity {
    /// Takes note of where the centers are now; the frame and the instruction set must be the same each time. False if
    /// a center is not finite.
    pub fn advance(
        &mut self,
        workers: &Workers,
        isa: Isa,
        frame: &Frame,
        went: MovedCenters,
    ) -> Result<bool, Interrupted> {
        isa.run(Advance { activity: self, workers, frame, went })
    }

    /// The centers.
    pub fn prepared(&self) -> Option<&PreparedCenters> {
        self.prepared.as_ref()
    }

    /// How far each center has moved since the sweep before, rounded up, in the frame's unit, if that is known and no
    /// two are equal.
    pub fn shifts(&self) -> Option<&[f64]> {
        (!self.shifts.is_empty()).then_some(&self.shifts)
    }

    /// Number of centers.
    pub fn clusters(&self) -> usize {
        self.at.len()
    }

    /// Whether no center is known to have stood still.
    pub fn all_active(&self) -> bool {
        self.prepared().is_none_or(|prepared| self.active == prepared.padded)
    }

    /// How many positions hold centers that may have moved; those of the others follow.
    #[inline(always)]
    pub(crate) fn active(&self) -> usize {
        self.active
    }

    /// The position of a label's center.
    #[inline(always)]
    pub(crate) fn position(&self, label: i32) -> usize {
        // A row without a label has no scores either: any position will do.
        self.at.get(label as usize).map_or(0, |&at| at as usize)
    }
}

struct Advance<'a, 'c> {
    activity: &'a mut CenterActivity,
    workers: &'a Workers<'c>,
    frame: &'a Frame,
    went: MovedCenters<'a>,
}

impl Task for Advance<'_, '_> {
    type Out = Result<bool, Interrupted>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Advance { activity, workers, frame, went: MovedCenters { centers, columns, moved, before: left } } = self;
        let mut prepared = PreparedCenters::start(frame, centers, columns, |_| S::LANES, 0);
        let mut places = prepared.distinct_indices(centers, columns);
        // Taken out, so that after an interruption nothing is known.
        let before = activity.prepared.take().zip(moved).filter(|(before, _)| {
            // The same distinct centers: none became another's equal, or ceased to be.
            before.distinct == places.len() && places.iter().all(|&j| activity.at[j as usize] != NONE)
        });
        let fresh = before.is_none();
        let left = left.filter(|left| !fresh && left.len() == centers.len());
        let renewed: Vec<(usize, i32, Left)> = match before {
            None => {
                activity.active = prepared.padded;
                prepared.centers = zeros(prepared.padded * columns);
                activity.squares = zeros(places.len());
                collected(places.iter().enumerate().map(|(at, &j)| (at, j, Left::Zeros)))
            }
            Some((before, moved)) => {
                (0..places.len()).for_each(|at| places[at] = before.original(at as i32));
                let count = places.iter().filter(|&&j| moved[j as usize]).count();
                activity.active = count.next_multiple_of(S::LANES);
                prepared.centers = before.centers;
                let renewed = bring_forward(&mut places, moved, activity.active);
                collected(renewed.into_iter().map(|at| {
                    let stayed = left.is_some() && activity.at[places[at] as usize] as usize == at;
                    (at, places[at], if stayed { Left::Itself } else { Left::Another })
                }))
            }
        };
        activity.at.clear();
        activity.at.set_length(centers.len() / columns, NONE);
        places.iter().enumerate().for_each(|(at, &j)| activity.at[j as usize] = at as u32);
        let workers = workers.sized(4.0 * (renewed.len() * columns) as f64);
        let centers = Placed { centers, before: left, columns, scale: frame.scale, places: &renewed };
        let (squares, shifts) = place(simd, &workers, &centers, (&mut prepared.centers, prepared.padded))?;
        activity.shifts.clear();
        // Equal centers have one score, and may part: of them nothing is known.
        if left.is_some() && places.len() == activity.at.len() {
            activity.shifts.set_length(places.len(), 0.0);
            renewed.iter().zip(shifts).for_each(|(&(_, j, _), shift)| activity.shifts[j as usize] = shift);
        }
        let finite = squares.iter().all(|square| square.is_finite());
        renewed.iter().zip(squares).for_each(|(&(at, ..), square)| activity.squares[at] = square);
        (0..places.len()).for_each(|at| prepared.halves[at] = prepared.measured(activity.squares[at]));
        prepared.reorder(places);
        activity.prepared = Some(prepared.finish());
        Ok(finite)
    }
}

/// What is known of some rows from the sweep before.
pub struct KnownScores<'a> {
    /// Which centers moved since.
    pub(crate) activity: &'a CenterActivity,
    /// Their labels.
    pub(crate) labels: &'a [i32],
    /// Their scores, and where those of now are kept.
    pub(crate) scores: &'a mut [Scores],
    /// Which of these rows are screened, ascending; `None` for all.
    pub(crate) places: Option<&'a [u32]>,
}

impl KnownScores<'_> {
    /// The nearest center of a row, its score and a bound of the others', if that is what the centers which moved say.
    #[inline(always)]
    pub(crate) fn add(&self, at: usize, (best, first, second): (i32, f32, f32)) -> (i32, f32, f32) {
        let row = self.row(at);
        let (own, [least, bound, _]) = (self.activity.position(self.labels[row]), self.scores[row]);
        if own < self.activity.active() {
            (best, first, second.min(bound))
        } else if least <= first {
            (own as i32, least, first.min(bound))
        } else {
            (best, first, second.min(least).min(bound))
        }
    }

    /// What is kept of a row that is screened.
    #[inline(always)]
    pub(crate) fn of(&mut self, at: usize) -> &mut Scores {
        let row = self.row(at);
        &mut self.scores[row]
    }

    #[inline(always)]
    fn row(&self, at: usize) -> usize {
        self.places.map_or(at, |places| places[at] as usize)
    }
}

/// Exchanges centers that moved and lie behind the first `active` places with those before that stood. Returns the
/// places whose center is another one now, by moving or by exchange.
fn bring_forward(places: &mut [i32], moved: &[bool], active: usize) -> Vec<usize> {
    let active = active.min(places.len());
    let moves = |places: &[i32], at: usize| moved[places[at] as usize];
    let mut renewed: Vec<usize> = collected((0..active).filter(|&at| moves(places, at)));
    let mut before = 0;
    for at in active..places.len() {
        if moves(places, at) {
            // There is one: no more than `active` moved.
            while moves(places, before) {
                before += 1;
            }
            places.swap(before, at);
            renewed.make_room(2);
            renewed.extend([before, at]);
        }
    }
    renewed.sort_unstable();
    renewed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centers_that_moved_come_first() {
        let moved = [false, true, false, true, false, true];
        let mut places = [0, 1, 2, 3, 4, 5];
        assert_eq!(bring_forward(&mut places, &moved, 3), [0, 1, 2, 3, 5]);
        assert_eq!(places, [3, 1, 5, 0, 4, 2]);
        assert_eq!(bring_forward(&mut places, &moved, 4), [0, 1, 2]);
        assert_eq!(bring_forward(&mut places, &[false; 6], 0), []);
        assert_eq!(bring_forward(&mut places, &[true; 6], 8), [0, 1, 2, 3, 4, 5]);
    }
}
