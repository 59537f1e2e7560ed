//! Packing: rows in a frame's coordinates as float32, microtile by microtile, column by column, a row to a lane.
//!
//! A microtile is filled some columns at a time, and whoever wants it takes them while they are in the first-level
//! cache: as they are ([`Packed`]), or as int16 (kernel/i16.rs).

use crate::memory::Grow;
use crate::rows::{Csr, Dense, Index, Real, Rows, Selection, array_at};
use crate::screen::frame::Frame;
use crate::screen::kernel::micro::Block;
use crate::screen::place::Place;
use crate::simd::{Simd, Task};

/// Columns of a strip, a multiple of eight. The last of a row is longer if less than eight columns would be left.
pub(crate) const STRIP: usize = 128;

/// Rows that can be brought into a frame's coordinates.
pub trait Pack: Rows {
    /// The row in a frame's coordinates, every column rounded to float32 (screen/certificate.rs has the error).
    fn place(&self, row: usize, frame: &Frame, out: &mut [f32]) {
        for (out, shift) in out.iter_mut().zip(&frame.shift) {
            *out = -shift as f32;
        }
        self.entries(row, |q, x| out[q] = (x * frame.scale - frame.shift[q]) as f32);
    }

    /// How wide a microtile of packed rows is for this instruction set.
    fn microtile<S: Simd>(&self) -> usize;

    /// Whether packing rows takes no longer than reading them from memory, whether packed or not.
    fn packs_quickly(&self, _: &Frame) -> bool {
        false
    }

    /// Packs some rows (dense ones only).
    fn pack<S: Simd>(&self, simd: S, frame: &Frame, selection: Selection, sink: &mut impl Sink<S>);
}

/// Where the microtiles of some rows go.
pub trait Sink<S: Simd> {
    /// Room for columns from..to of a microtile: [column][lane].
    fn room(&mut self, tile: usize, columns: (usize, usize)) -> &mut [f32];
    /// These columns are there. (Those of a microtile come in order.)
    fn take(&mut self, simd: S, tile: usize, columns: (usize, usize));
}

/// Packed rows.
#[derive(Default)]
pub(crate) struct Packed {
    /// [microtile][column][lane]
    pub(crate) rows: Vec<f32>,
    /// An upper bound of every row's norm, [microtile][lane].
    pub(crate) norms: Vec<f32>,
}

impl Packed {
    /// Packs some rows (dense ones).
    #[inline(always)]
    pub(crate) fn fill<S: Simd, R: Pack>(&mut self, simd: S, rows: &R, frame: &Frame, selection: Selection) {
        let padded = selection.len().next_multiple_of(rows.microtile::<S>());
        self.rows.set_length(padded * rows.columns(), 0.0);
        self.norms.set_length(padded, 0.0);
        rows.pack(simd, frame, selection, self);
    }

    /// The first `count` of them, for the tile.
    #[inline(always)]
    pub(crate) fn block(&self, count: usize) -> Block<'_, f32> {
        Block { numbers: &self.rows, norms: &self.norms, errors: &self.norms, count }
    }
}

impl<S: Simd> Sink<S> for Packed {
    #[inline(always)]
    fn room(&mut self, tile: usize, (from, to): (usize, usize)) -> &mut [f32] {
        let (width, columns) = (S::VECTORS * S::LANES, self.rows.len() / self.norms.len());
        &mut self.rows[tile * width * columns..][from * width..to * width]
    }

    #[inline(always)]
    fn take(&mut self, simd: S, tile: usize, (from, to): (usize, usize)) {
        let (width, columns) = (S::VECTORS * S::LANES, self.rows.len() / self.norms.len());
        let strip = &self.rows[tile * width * columns..][from * width..to * width];
        let norms = &mut self.norms[tile * width..][..width];
        for (v, norm) in norms.chunks_exact_mut(S::LANES).enumerate() {
            let mut sum = if from == 0 { simd.splat(0.0) } else { simd.load(norm) };
            for row in strip.chunks_exact(width) {
                let x = simd.load(&row[v * S::LANES..]);
                sum = simd.add(sum, simd.multiply(x, x));
            }
            simd.store(if to == columns { norm_of(simd, sum, to) } else { sum }, norm);
        }
    }
}

/// Upper bounds of norms from float32 sums of squares.
///
/// |y| <= |x~| (1 + 2u) and a float32 sum of d squares is low by a factor of at most 1 - (d + 2) u; the square of a
/// number below 2^-63 may be lost, which the absolute term makes good.
#[inline(always)]
pub(crate) fn norm_of<S: Simd>(simd: S, sum: S::Floats, columns: usize) -> S::Floats {
    let inflate = simd.splat(1.0 + (columns + 16) as f32 * f32::EPSILON);
    let lost = simd.splat(columns as f32 * 2f32.powi(-62));
    simd.add(simd.multiply(simd.sqrt(sum), inflate), lost)
}

/// Rows that are placed and split into columns at a time, or a quarter where a microtile is smaller.
const SPLIT: usize = 16;

/// A microtile of rows of less than eight columns, one after the other. A function of its own for each instruction set,
/// as the tile.
struct Split<'a, T> {
    rows: &'a [T],
    columns: usize,
    frame: &'a Frame,
    out: &'a mut [f32],
}

impl<T: Place> Task for Split<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        match self.columns {
            1 => self.by::<1>(),
            2 => self.by::<2>(),
            3 => self.by::<3>(),
            4 => self.by::<4>(),
            5 => self.by::<5>(),
            6 => self.by::<6>(),
            7 => self.by::<7>(),
            _ => unreachable!("rows of {} columns", self.columns),
        }
    }
}

impl<T: Place> Split<'_, T> {
    /// Packs rows of D columns: what the compiler knows the strides of, it shuffles.
    #[inline(always)]
    fn by<const D: usize>(self) {
        let (rows, _) = self.rows.as_chunks::<D>();
        let width = rows.len();
        let whole = width / SPLIT * SPLIT;
        for lane in (0..whole).step_by(SPLIT) {
            split_some::<T, D, SPLIT>(&rows[lane..], self.frame, &mut self.out[lane..], width);
        }
        for lane in (whole..width).step_by(SPLIT / 4) {
            split_some::<T, D, { SPLIT / 4 }>(&rows[lane..], self.frame, &mut self.out[lane..], width);
        }
    }
}

/// N of these rows. (Row by row, as eights are placed, it is a fifth slower: the shifts must stay in registers.)
#[inline(always)]
fn split_some<T: Place, const D: usize, const N: usize>(rows: &[[T; D]], frame: &Frame, out: &mut [f32], width: usize) {
    let (rows, _) = rows.as_chunks::<N>();
    let mut columns = [[0.0; N]; D];
    if let Some((scale, shift)) = T::directly(frame) {
        let shift: [f32; D] = array_at(shift, 0);
        for at in 0..N {
            for q in 0..D {
                columns[q][at] = rows[0][at][q].place_directly(scale, shift[q]);
            }
        }
    } else {
        let (scale, shift): (f64, [f64; D]) = (frame.scale, array_at(&frame.shift, 0));
        for at in 0..N {
            for q in 0..D {
                columns[q][at] = rows[0][at][q].place(scale, shift[q]);
            }
        }
    }
    for (q, column) in columns.iter().enumerate() {
        out[q * width..][..N].copy_from_slice(column);
    }
}

impl<T: Place> Pack for Dense<'_, T> {
    #[inline(always)]
    fn place(&self, row: usize, frame: &Frame, out: &mut [f32]) {
        assert!(row < self.rows && out.len() == self.columns, "no row {row}, or another width");
        match self.slice(row) {
            Some(slice) => T::place_all(slice, frame, out),
            None => self.place_columns(row, frame, out),
        }
    }

    fn microtile<S: Simd>(&self) -> usize {
        S::VECTORS * S::LANES
    }

    fn packs_quickly(&self, frame: &Frame) -> bool {
        let whole = self.column_stride == 1 && self.row_stride == self.columns as isize;
        whole && self.columns < 8 && T::directly(frame).is_some()
    }

    #[inline(always)]
    fn pack<S: Simd>(&self, simd: S, frame: &Frame, selection: Selection, sink: &mut impl Sink<S>) {
        self.pack_into(simd, frame, selection, sink);
    }
}

impl<T: Real, I: Index> Pack for Csr<'_, T, I> {
    fn microtile<S: Simd>(&self) -> usize {
        1
    }

    fn pack<S: Simd>(&self, _: S, _: &Frame, _: Selection, _: &mut impl Sink<S>) {
        unreachable!("sparse rows are not packed");
    }
}

impl<T: Place> Dense<'_, T> {
    /// Whether rows have eight columns side by side, which are transposed together.
    fn has_eights(&self) -> bool {
        self.columns >= 8 && self.column_stride == 1
    }

    /// Packs some columns of a microtile one by one, whatever the strides.
    #[inline(always)]
    fn pack_by_columns(
        &self,
        frame: &Frame,
        row_of: impl Fn(usize) -> usize,
        start: usize,
        width: usize,
        out: &mut [f32],
    ) {
        let directly = T::directly(frame);
        for (q, out) in out.chunks_exact_mut(width).enumerate() {
            let (q, lanes) = (start + q, out.iter_mut().enumerate());
            match directly {
                Some((scale, shift)) => {
                    let shift = shift[q];
                    lanes.for_each(|(lane, out)| *out = self.at(row_of(lane), q).place_directly(scale, shift));
                }
                None => {
                    let (shift, scale) = (frame.shift[q], frame.scale);
                    lanes.for_each(|(lane, out)| *out = self.at(row_of(lane), q).place(scale, shift));
                }
            }
        }
    }

    /// Packs some columns, eight or more, of rows whose columns lie side by side: eight columns of eight rows at a
    /// time, placed and then transposed in registers.
    #[inline(always)]
    fn pack_by_eights<S: Simd>(
        &self,
        simd: S,
        frame: &Frame,
        row_of: impl Fn(usize) -> usize,
        (from, to): (usize, usize),
        width: usize,
        out: &mut [f32],
    ) {
        let mut block = [[0.0; 8]; 8];
        for lane in (0..width).step_by(8) {
            let row = |i: usize| self.slice(row_of(lane + i)).unwrap_or(&[]);
            let rows = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
            let mut start = from;
            loop {
                for (placed, row) in block.iter_mut().zip(rows) {
                    *placed = T::place_eight(row, frame, start);
                }
                simd.transpose(block.as_flattened(), 8, &mut out[(start - from) * width + lane..], width);
                if start + 8 >= to {
                    break;
                }
                // The last eight columns may be some of the eight before, once more.
                start = (start + 8).min(to - 8);
            }
        }
    }

    /// The same for whole microtiles of neighbouring float32 rows: transposed as they are, then placed column by
    /// column.
    #[inline(always)]
    fn pack_directly<S: Simd>(
        &self,
        simd: S,
        (rows, scale, shift): (&[f32], f32, &[f32]),
        (from, to): (usize, usize),
        width: usize,
        out: &mut [f32],
    ) {
        let (stride, scale) = (self.row_stride as usize, simd.splat(scale));
        let last = from + (to - from) / 8 * 8;
        for lane in (0..width).step_by(8) {
            for q in (from..last).step_by(8) {
                simd.transpose(&rows[lane * stride + q..], stride, &mut out[(q - from) * width + lane..], width);
            }
        }
        for q in last..to {
            for (lane, out) in out[(q - from) * width..][..width].iter_mut().enumerate() {
                *out = rows[lane * stride + q];
            }
        }
        for (out, &shift) in out.chunks_exact_mut(width).zip(&shift[from..to]) {
            let shift = simd.splat(shift);
            for out in out.chunks_exact_mut(S::LANES) {
                let placed = simd.subtract(simd.multiply(simd.load(out), scale), shift);
                simd.store(placed, out);
            }
        }
    }

    /// Says that some columns of a row will be read soon.
    #[inline(always)]
    fn prefetch_columns<S: Simd>(&self, simd: S, row: usize, (from, to): (usize, usize)) {
        if let Some(slice) = self.slice(row) {
            let columns = &slice[from..to];
            columns.iter().step_by(64 / size_of::<T>()).for_each(|x| simd.prefetch(x));
            simd.prefetch(&columns[columns.len() - 1]);
        }
    }

    /// Packs columns from..to of the microtile that begins at a place of some rows. Lanes that are left over hold the
    /// last row.
    #[inline(always)]
    fn pack_strip<S: Simd>(
        &self,
        simd: S,
        frame: &Frame,
        selection: Selection,
        first: usize,
        (from, to): (usize, usize),
        out: &mut [f32],
    ) {
        let (width, last) = (self.microtile::<S>(), selection.len() - 1);
        // The kinds of picks apart, so that the loops within ask no question for every number.
        match selection {
            Selection::Range(start, end) => {
                let whole = first + width <= selection.len();
                if whole && self.columns < 8 && self.column_stride == 1 && self.row_stride == self.columns as isize {
                    let begin = self.origin + (start + first) * self.columns;
                    let rows = &self.data[begin..begin + width * self.columns];
                    return simd.vectorize(Split { rows, columns: self.columns, frame, out });
                }
                if whole
                    && self.has_eights()
                    && self.row_stride > 0
                    && let (Some((scale, shift)), Some(data)) = (T::directly(frame), T::as_f32(self.data))
                {
                    let begin = self.origin + (start + first) * self.row_stride as usize;
                    return self.pack_directly(simd, (&data[begin..], scale, shift), (from, to), width, out);
                }
                self.pack_lanes(simd, frame, |lane| (start + first + lane).min(end - 1), (from, to), out);
            }
            Selection::At(start, some) => {
                let row_of = |lane: usize| start + some[(first + lane).min(last)] as usize;
                self.pack_lanes(simd, frame, row_of, (from, to), out);
            }
        }
    }

    #[inline(always)]
    fn pack_lanes<S: Simd>(
        &self,
        simd: S,
        frame: &Frame,
        row_of: impl Fn(usize) -> usize,
        (from, to): (usize, usize),
        out: &mut [f32],
    ) {
        let width = self.microtile::<S>();
        if self.has_eights() {
            self.pack_by_eights(simd, frame, row_of, (from, to), width, out);
        } else {
            self.pack_by_columns(frame, row_of, from, width, out);
        }
    }

    /// Packs some rows, strip by strip.
    #[inline(always)]
    fn pack_into<S: Simd>(&self, simd: S, frame: &Frame, selection: Selection, sink: &mut impl Sink<S>) {
        let (count, d, width) = (selection.len(), self.columns, self.microtile::<S>());
        let there = match selection {
            Selection::Range(from, to) => from <= to && to <= self.rows,
            Selection::At(from, some) => some.iter().all(|&at| from + (at as usize) < self.rows),
        };
        assert!(there && frame.shift.len() == d, "no such rows");
        for (tile, first) in (0..count).step_by(width).enumerate() {
            let soon = first + width..(first + 2 * width).min(count);
            let mut from = 0;
            while from < d {
                let to = if d - from < STRIP + 8 { d } else { from + STRIP };
                // Neighbouring rows the processor fetches by itself.
                if let Selection::At(..) = selection {
                    soon.clone().for_each(|place| self.prefetch_columns(simd, selection.row(place), (from, to)));
                }
                self.pack_strip(simd, frame, selection, first, (from, to), sink.room(tile, (from, to)));
                sink.take(simd, tile, (from, to));
                from = to;
            }
        }
    }

    /// Places a row whose columns lie anywhere.
    fn place_columns(&self, row: usize, frame: &Frame, out: &mut [f32]) {
        self.pack_by_columns(frame, |_| row, 0, 1, out);
    }
}
