//! Centers in bytes: ordered by length, in groups that have a step and bounds in common.

use crate::memory::{Grow, collected, filled as filled_with, zeros};
use crate::screen::certificate::INFLATE;
use crate::screen::frame::Frame;
use crate::screen::place::Place;
use crate::screen::shortlists::round::{self, MOST_COLUMNS, RAISE};
use crate::simd::{Simd, Task};

/// Vectors of centers in a group.
pub(super) const VECTORS: usize = 4;

/// What the centers of a group have in common.
#[derive(Clone, Copy, Default)]
pub(super) struct Group {
    /// 1 / P.
    pub(super) unit: f32,
    /// F + 2^-20 G of the certificate, times |y|.
    along: f32,
    /// G (1 + 2^-20), times E.
    off: f32,
    /// 2^-20 h + w0.
    constant: f32,
}

impl Group {
    /// eps for a row, rounded up.
    #[inline(always)]
    pub(super) fn error(&self, norm: f32, error: f32) -> f32 {
        norm * self.along + error * self.off + self.constant
    }
}

/// Distinct centers in bytes.
pub(crate) struct ByteCenters {
    /// p + 128, four columns to a cell: [group][cell][center of the group].
    pub(super) cells: Vec<i32>,
    /// |b|^2 / 2, filled up with infinity.
    pub(super) halves: Vec<f32>,
    /// The groups; the last may have fewer vectors.
    pub(super) groups: Vec<Group>,
    /// Place to position among the distinct centers.
    pub(super) order: Vec<i32>,
    /// b~, filled up, by place.
    pub(super) floats: Vec<f32>,
    pub(super) columns: usize,
    /// Whether lists have the two nearest centers.
    pub(super) pairs: bool,
}

impl ByteCenters {
    /// For the centers at some indices. None where it would not do. `measured` takes note of every |b|^2, by
    /// position, and returns h~. `pairs` tells whether lists shall have the two nearest centers of every row.
    #[inline(always)]
    pub(crate) fn new<S: Simd>(
        simd: S,
        frame: &Frame,
        (centers, distinct): (&[f64], &[i32]),
        pairs: bool,
        mut measured: impl FnMut(usize, f64) -> f32,
    ) -> Option<ByteCenters> {
        let columns = frame.shift.len();
        let center = |at: usize| &centers[distinct[at] as usize * columns..][..columns];
        let squares: Vec<f64> = collected((0..distinct.len()).map(|at| square(center(at), frame)));
        let lengths: Vec<f32> = collected(squares.iter().enumerate().map(|(at, &square)| measured(at, square)));
        if !frame.holds || columns > MOST_COLUMNS || !lengths.iter().all(|half| half.is_finite()) {
            return None;
        }
        Some(simd.vectorize(Make { frame, centers, distinct, squares: &squares, lengths: &lengths, pairs }))
    }

    /// Number of centers, filled up.
    pub(crate) fn padded(&self) -> usize {
        self.halves.len()
    }

    /// b~ of the center at a place.
    #[inline(always)]
    pub(super) fn floats(&self, place: usize) -> &[f32] {
        let wide = round::filled(self.columns);
        &self.floats[place * wide..][..wide]
    }
}

/// Makes bytes of centers. (A function of its own for the instruction set, as the tile is.)
struct Make<'a> {
    frame: &'a Frame,
    centers: &'a [f64],
    distinct: &'a [i32],
    /// |b|^2 and h~, by position.
    squares: &'a [f64],
    lengths: &'a [f32],
    pairs: bool,
}

impl Task for Make<'_> {
    type Out = ByteCenters;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> ByteCenters {
        let Make { frame, centers, distinct, squares, lengths, pairs } = self;
        let columns = frame.shift.len();
        let (wide, each) = (round::filled(columns), round::cells(columns));
        let center = |at: usize| &centers[distinct[at] as usize * columns..][..columns];
        let mut order: Vec<i32> = collected(0..distinct.len() as i32);
        order.sort_unstable_by(|&a, &b| squares[a as usize].total_cmp(&squares[b as usize]).then(a.cmp(&b)));
        let padded = distinct.len().next_multiple_of(S::LANES);
        let (mut cells, mut halves) = (zeros(padded * each), filled_with(f32::INFINITY, padded));
        let mut floats = zeros(padded * wide);
        for (place, &at) in order.iter().enumerate() {
            f64::place_all(center(at as usize), frame, &mut floats[place * wide..][..columns]);
            halves[place] = lengths[at as usize];
        }
        let mut groups = Vec::new();
        let mut integers = zeros(wide);
        for from in (0..padded).step_by(VECTORS * S::LANES) {
            let count = (padded - from).min(VECTORS * S::LANES);
            let floats = &floats[from * wide..][..count * wide];
            let cells = &mut cells[from * each..][..count * each];
            let fine = round::fineness(round::largest(simd, floats));
            let (mut off, mut length, mut half) = (0f32, 0f32, 0f32);
            for (at, numbers) in floats.chunks_exact(wide).enumerate() {
                let rounded = round::round(simd, numbers, fine, columns, &mut integers);
                off = off.max(rounded.off);
                length = length.max(rounded.length);
                let cells = cells[at..].iter_mut().step_by(count);
                for (cell, four) in cells.zip(integers.as_chunks::<4>().0) {
                    *cell = i32::from_le_bytes(four.map(|p| p.wrapping_add(RAISE) as u8));
                }
            }
            for &h in &halves[from..from + count] {
                half = if h.is_finite() { half.max(h) } else { half };
            }
            groups.add(group(fine, (off, length, half), columns));
        }
        ByteCenters { cells, halves, groups, order, floats, columns, pairs }
    }
}

fn group(fine: f32, (off, length, half): (f32, f32, f32), columns: usize) -> Group {
    const SLACK: f64 = 1.0 / (1 << 20) as f64;
    let (off, length, half) = (off as f64, length as f64, half as f64);
    let up = |x: f64| (x * INFLATE * INFLATE) as f32;
    Group {
        unit: 1.0 / fine,
        along: up(off + SLACK * length),
        off: up(length * (1.0 + SLACK)),
        constant: up(SLACK * half + (columns + 2) as f64 * 2f64.powi(-124)),
    }
}

/// |b|^2 in eight sums.
#[inline(always)]
fn square(center: &[f64], frame: &Frame) -> f64 {
    let mut sums = [0.0; 8];
    let (centers, shifts) = (center.chunks(8), frame.shift.chunks(8));
    for (center, shift) in centers.zip(shifts) {
        for ((sum, c), shift) in sums.iter_mut().zip(center).zip(shift) {
            let b = c * frame.scale - shift;
            *sum += b * b;
        }
    }
    sums.iter().sum()
}
