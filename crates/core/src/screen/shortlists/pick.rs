//! Picking: which centers are on the list of a row, and which of them is nearest.

use crate::memory::Grow;
use crate::screen::certificate::Certificate;
use crate::screen::shortlists::centers::{ByteCenters, Group, VECTORS};
use crate::screen::shortlists::round::{ByteRows, PlaceRows, added, filled};
use crate::screen::shortlists::scores::{Scores, TILE};
use crate::screen::verdicts::Verdicts;
use crate::simd::{Simd, Task};

/// Bytes of scores of some rows that are worked on at once: they stay in the second-level cache.
const PANEL: usize = 192 << 10;
/// Rows of such a panel at most: their bytes stay in the first-level cache.
const MOST: usize = 48;

/// Room for the list of a row.
#[derive(Default)]
pub(super) struct Room {
    places: Vec<u32>,
    scores: Vec<f32>,
}

/// Room that one worker keeps for rows in bytes.
#[derive(Default)]
pub(crate) struct ByteRoom {
    pub(super) rows: ByteRows,
    pub(super) scores: Scores,
    pick: Room,
}

impl ByteRoom {
    /// Upper bounds of the norms of the rows that were screened last.
    pub(crate) fn norms(&self) -> &[f32] {
        &self.rows.norms
    }
}

/// Roundings that a score in float32 passes through.
pub(crate) fn roundings<S: Simd>(columns: usize) -> usize {
    filled(columns) / S::LANES + S::LANES + 4
}

impl ByteCenters {
    /// Rows to pass at once.
    pub(crate) fn panel(&self) -> usize {
        (PANEL / (4 * self.padded())).clamp(TILE, MOST) / TILE * TILE
    }

    /// Screens rows, no more than `panel`, which `rows` gives; `error` is the certificate of float32, with B. The first
    /// of them is at place `from` of the verdicts.
    #[inline(always)]
    pub(crate) fn screen<S: Simd>(
        &self,
        simd: S,
        error: (&Certificate, f64),
        from: usize,
        given: &impl PlaceRows,
        room: &mut ByteRoom,
        verdicts: &mut Verdicts,
    ) {
        let ByteRoom { rows, scores, pick: room } = room;
        // Each a function of its own, as the tile is.
        simd.vectorize(Fill { rows, given, columns: self.columns });
        scores.fill(simd, self, rows);
        simd.vectorize(Pick { centers: self, error, from, count: given.count(), rows, scores, room, verdicts });
    }

    /// Lists the centers that can be nearest to a row.
    #[inline(always)]
    fn list<S: Simd>(&self, simd: S, rows: &ByteRows, scores: &Scores, row: usize, places: &mut Vec<u32>) {
        let (mut first, mut second) = (f32::INFINITY, f32::INFINITY);
        for &upper in &scores.upper[row * S::LANES..][..S::LANES] {
            second = second.min(first.max(upper));
            first = first.min(upper);
        }
        let least = if self.pairs { second } else { first };
        let bar = least + least.abs() * 2f32.powi(-20);
        let (norm, error) = (rows.norms[row], rows.errors[row]);
        let all = &scores.all[row * self.padded()..][..self.padded()];
        let leasts = &scores.leasts[row * self.groups.len() * S::LANES..][..self.groups.len() * S::LANES];
        let every = u32::MAX >> (32 - S::LANES);
        places.clear();
        for (at, (group, leasts)) in self.groups.iter().zip(leasts.chunks_exact(S::LANES)).enumerate() {
            let group: &Group = group;
            let bar = simd.splat(bar + group.error(norm, error));
            // Written so that a NaN is on the list.
            if simd.bits(simd.below(bar, simd.load(leasts))) == every {
                continue;
            }
            let start = at * VECTORS * S::LANES;
            let scores = &all[start..(start + VECTORS * S::LANES).min(all.len())];
            for (v, scores) in scores.chunks_exact(S::LANES).enumerate() {
                let mut near = every & !simd.bits(simd.below(bar, simd.load(scores)));
                while near != 0 {
                    let place = start + v * S::LANES + near.trailing_zeros() as usize;
                    near &= near - 1;
                    if place < self.order.len() {
                        places.add(place as u32);
                    }
                }
            }
        }
    }

    /// Decides a row among the centers on its list.
    #[inline(always)]
    fn decide<S: Simd>(
        &self,
        simd: S,
        (certificate, largest): (&Certificate, f64),
        (at, rows, row): (usize, &ByteRows, usize),
        Room { places, scores }: &mut Room,
        verdicts: &mut Verdicts,
    ) {
        if let ([only], false) = (&places[..], self.pairs) {
            verdicts.best[at] = self.order[*only as usize];
            return;
        }
        let wide = filled(self.columns);
        let numbers = &rows.floats[row * wide..][..wide];
        let (mut first, mut second, mut best) = (f32::INFINITY, f32::INFINITY, 0);
        scores.clear();
        scores.make_room(places.len());
        for &place in places.iter() {
            let score = self.halves[place as usize] - dot(simd, numbers, self.floats(place as usize));
            scores.push(score);
            if score < first {
                (second, first, best) = (first, score, place);
            } else {
                // Of equal scores the other is the second; what is not a number decides nothing.
                second = if score < second || score.is_nan() { score } else { second };
            }
        }
        let norm = rows.norms[row] as f64;
        let twice = certificate.twice_of(norm, largest, (first as f64, second as f64));
        verdicts.best[at] = self.order[best as usize];
        verdicts.least[at] = first;
        verdicts.second[at] = second;
        verdicts.twice[at] = twice as f32;
        verdicts.lists.scored += places.len() as u64;
        verdicts.repeated += 1;
        // Written so that what is not a number decides nothing, and rules nothing out.
        let far = |score: f32| score as f64 - first as f64 > twice;
        if places.len() > 1 && !far(second) {
            let near = places.iter().zip(&*scores).filter(|(_, score)| !far(**score));
            verdicts.lists.centers.make_room(places.len());
            verdicts.lists.centers.extend(near.map(|(&place, _)| self.order[place as usize]));
            verdicts.lists.close();
            verdicts.unsure.add(at as u32);
        }
    }
}

struct Fill<'a, P> {
    rows: &'a mut ByteRows,
    given: &'a P,
    columns: usize,
}

impl<P: PlaceRows> Task for Fill<'_, P> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.rows.fill(simd, self.given, self.columns, TILE);
    }
}

struct Pick<'a> {
    centers: &'a ByteCenters,
    error: (&'a Certificate, f64),
    from: usize,
    count: usize,
    rows: &'a ByteRows,
    scores: &'a Scores,
    room: &'a mut Room,
    verdicts: &'a mut Verdicts,
}

impl Task for Pick<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Pick { centers, error, from, count, rows, scores, room, verdicts } = self;
        for row in 0..count {
            centers.list(simd, rows, scores, row, &mut room.places);
            centers.decide(simd, error, (from + row, rows, row), room, verdicts);
        }
    }
}

/// y~.b~ of numbers that were filled up.
#[inline(always)]
fn dot<S: Simd>(simd: S, x: &[f32], b: &[f32]) -> f32 {
    let mut sum = simd.splat(0.0);
    for (x, b) in x.chunks_exact(S::LANES).zip(b.chunks_exact(S::LANES)) {
        sum = simd.add_product(sum, simd.load(x), simd.load(b));
    }
    added(simd, sum)
}
