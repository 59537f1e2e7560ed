//! Screening dense rows: packed in parts that fit the caches, in int16 first where the centers have a grid, and what
//! that does not decide in float32.

use crate::memory::Grow;
use crate::rows::{Dense, Selection};
use crate::screen::activity::KnownScores;
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::kernel::i16::{Grid, Slices};
use crate::screen::kernel::tile;
use crate::screen::pack::Pack;
use crate::screen::place::Place;
use crate::screen::room::{Again, Room};
use crate::screen::screen_rows::ScreenRows;
use crate::screen::shortlists::{ByteCenters, PlaceRows};
use crate::screen::verdicts::Verdicts;
use crate::simd::Simd;

/// Bytes of packed rows that are screened at once: half a second-level cache.
const PART: usize = 128 << 10;

/// Rows that are screened first, in whole microtiles of any instruction set.
const TRIED: usize = 64;
/// If all of them but one in so many are left, so are the others, and the scores would be for nothing.
const HOPELESS: usize = 8;

/// Some rows of a matrix, and what they are screened against.
pub(crate) struct Picked<'a, R> {
    /// The matrix.
    pub(crate) rows: &'a R,
    /// The frame of the centers.
    pub(crate) frame: &'a Frame,
    /// The centers.
    pub(crate) prepared: &'a PreparedCenters,
    /// Which rows.
    pub(crate) selection: Selection<'a>,
}

impl<R: Pack> Picked<'_, R> {
    /// Screens them.
    #[inline(always)]
    pub(crate) fn screen<S: Simd>(&self, simd: S, room: &mut Room, verdicts: &mut Verdicts) {
        verdicts.unsure.clear();
        if let Some(bytes) = &self.prepared.bytes {
            return self.screen_bytes(simd, bytes, room, verdicts);
        }
        match &self.prepared.grid {
            None => self.screen_floats(simd, room, verdicts),
            Some(grid) => self.screen_shorts(simd, grid, None, room, verdicts),
        }
    }

    /// Screens them in int16 first. They may be kept so, or shall be from now on, if that is false.
    #[inline(always)]
    pub(crate) fn screen_shorts<S: Simd>(
        &self,
        simd: S,
        grid: &Grid,
        mut kept: Option<(Slices, bool)>,
        room: &mut Room,
        verdicts: &mut Verdicts,
    ) {
        let (layout, width) = (grid.layout(), self.rows.microtile::<S>());
        verdicts.unsure.clear();
        room.norms.clear();
        for (from, part) in self.parts::<S>(4 * layout.cells) {
            let padded = part.len().next_multiple_of(width);
            let (mut slices, filled) = match &mut kept {
                Some((kept, filled)) => (kept.part(from, from + padded, layout), *filled),
                None => {
                    room.shorts.resize(padded, layout);
                    (room.shorts.slices(), false)
                }
            };
            if !filled {
                slices.fill(simd, grid, (self.rows, self.frame, part), &mut room.strip);
            }
            room.norms.extend_from_slice(slices.norms);
            tile::screen(simd, &grid.centers(), slices.block(part.len()), from, verdicts);
        }
        self.look_again(simd, room, verdicts);
    }

    /// Screens them in bytes, and those centers in float32 that these leave.
    #[inline(always)]
    fn screen_bytes<S: Simd>(&self, simd: S, bytes: &ByteCenters, room: &mut Room, verdicts: &mut Verdicts) {
        let (count, panel) = (self.selection.len(), bytes.panel());
        let Verdicts { best, least, second, twice, lists, .. } = verdicts;
        best.set_length(count, 0);
        [least, second, twice].into_iter().for_each(|list| list.set_length(count, 0.0));
        lists.clear();
        room.norms.clear();
        for from in (0..count).step_by(panel) {
            let part = self.selection.part(from, (from + panel).min(count));
            let Room { bytes: rows, norms, .. } = &mut *room;
            let given = Picked { selection: part, ..*self };
            bytes.screen(simd, self.prepared.error(), from, &given, rows, verdicts);
            norms.extend_from_slice(&rows.norms()[..part.len()]);
        }
    }

    #[inline(always)]
    fn screen_floats<S: Simd>(&self, simd: S, room: &mut Room, verdicts: &mut Verdicts) {
        let Room { norms, packed, .. } = room;
        norms.clear();
        let (count, mut done) = (self.selection.len(), 0);
        while done < count {
            let tried = done == 0 && count > 2 * TRIED;
            let rest = self.selection.part(done, if tried { TRIED } else { count });
            for (from, part) in (Picked { selection: rest, ..*self }).parts::<S>(4 * self.prepared.columns) {
                packed.fill(simd, self.rows, self.frame, part);
                norms.truncate(done + from);
                norms.extend_from_slice(&packed.norms);
                tile::screen(simd, &self.prepared.floats(), packed.block(part.len()), done + from, verdicts);
            }
            done += rest.len();
            if tried && verdicts.unsure.len() * HOPELESS > TRIED * (HOPELESS - 1) {
                verdicts.give_up(done, count);
                norms.set_length(count, 0.0);
                return;
            }
        }
    }

    /// The rows in parts that fit a cache with so many bytes a row, whole microtiles; and where each begins.
    #[inline(always)]
    fn parts<S: Simd>(&self, bytes: usize) -> impl Iterator<Item = (usize, Selection<'_>)> {
        let each = (PART / bytes).max(1).next_multiple_of(self.rows.microtile::<S>());
        let count = self.selection.len();
        (0..count).step_by(each).map(move |from| (from, self.selection.part(from, (from + each).min(count))))
    }

    /// Screens those that are unsure in float32, side by side.
    #[inline(always)]
    fn look_again<S: Simd>(&self, simd: S, room: &mut Room, verdicts: &mut Verdicts) {
        if verdicts.unsure.is_empty() {
            return;
        }
        let mut again = room.again.take().unwrap_or_default();
        let Again { room: other, verdicts: found, rows: some } = &mut *again;
        let first = self.selection.row(0);
        let unsure = std::mem::take(&mut verdicts.unsure);
        some.clear();
        some.extend(unsure.iter().map(|&at| (self.selection.row(at as usize) - first) as u32));
        found.unsure.clear();
        Picked { selection: Selection::At(first, some), ..*self }.screen_floats(simd, other, found);
        for (at, &row) in unsure.iter().enumerate() {
            let row = row as usize;
            verdicts.best[row] = found.best[at];
            verdicts.least[row] = found.least[at];
            verdicts.second[row] = found.second[at];
            verdicts.twice[row] = found.twice[at];
        }
        verdicts.repeated += unsure.len() as u64;
        verdicts.unsure.extend(found.unsure.iter().map(|&at| unsure[at as usize]));
        room.again = Some(again);
    }
}

impl<R: Pack> PlaceRows for Picked<'_, R> {
    #[inline(always)]
    fn count(&self) -> usize {
        self.selection.len()
    }

    #[inline(always)]
    fn place(&self, at: usize, out: &mut [f32]) {
        self.rows.place(self.selection.row(at), self.frame, out);
    }
}

impl<T: Place> ScreenRows for Dense<'_, T> {
    #[inline(always)]
    fn screen<S: Simd>(
        &self,
        simd: S,
        (frame, prepared): (&Frame, &PreparedCenters),
        selection: Selection,
        _: Option<KnownScores>,
        room: &mut Room,
        verdicts: &mut Verdicts,
    ) {
        Picked { rows: self, frame, prepared, selection }.screen(simd, room, verdicts);
    }
}
