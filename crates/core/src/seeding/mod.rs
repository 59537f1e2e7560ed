//! Seeding: distances to draw from, exact potentials, and the trials of greedy k-means++.
//!
//! k-means++ draws a row with probability proportional to w D (Arthur and Vassilvitskii, "k-means++: the advantages of careful
//! seeding", SODA 2007, section 2.2). D is the reported distance (distance/reported.rs), the addend is the float64 product w D, and
//! a potential is the exact sum of the addends: so a draw falls on the same row whatever the blocks or threads.
//!
//! [`sampler`] draws; [`candidates`] and [`filters`] rule out rows that a candidate cannot come nearer to, with the proofs; [`trials`]
//! finds what each candidate would gain, and which rows it would take.

pub mod candidates;
pub mod filters;
pub mod sampler;
pub mod trials;

use crate::distance::reported::{self, Target};
use crate::rows::Rows;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Rows that a thread takes at a time, at most.
const PIECE: usize = 2048;

/// Rows of a block as the filters read them, kept from step to step.
#[derive(Default)]
pub enum Kept {
    /// Nothing: rows are packed anew in every step.
    #[default]
    None,
    /// Packed in float32 (filters/f32.rs): 4 d bytes a row.
    Floats(Vec<f32>),
    /// Rounded to bytes (filters/i8.rs): d + 2 bytes a row, and these rows need no floors.
    Bytes(filters::i8::Bytes),
}

/// Lowers every row's distance to that to a new center, where it is nearer, and notes the center's label there. Infinite
/// distances are none yet.
pub fn lower<R: Rows>(
    workers: &Workers,
    isa: Isa,
    rows: &R,
    center: &[f64],
    label: i32,
    distances: &mut [f64],
    nearest: &mut [i32],
) -> Result<(), Interrupted> {
    let pieces = distances.chunks_mut(PIECE).zip(nearest.chunks_mut(PIECE)).enumerate();
    let place = &Target::new(rows, center);
    workers.sized(rows.len() as f64 * center.len() as f64 * 3.0).each(
        pieces,
        Vec::new,
        |buffer, (piece, (distances, nearest))| {
            isa.run(Lower { rows, place, label, from: piece * PIECE, distances, nearest, buffer });
        },
    )?;
    Ok(())
}

struct Lower<'a, R> {
    rows: &'a R,
    place: &'a Target<'a>,
    label: i32,
    from: usize,
    distances: &'a mut [f64],
    nearest: &'a mut [i32],
    buffer: &'a mut Vec<f64>,
}

impl<R: Rows> Task for Lower<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Lower { rows, place, label, from, distances, nearest, buffer } = self;
        for (row, (least, nearest)) in (from..).zip(distances.iter_mut().zip(nearest)) {
            let x = if place.is_dense() { rows.read(row, buffer) } else { &[] };
            let distance = place.from(rows, row, x);
            // Without a branch: which rows come nearer is as good as random.
            let nearer = distance < *least;
            *least = if nearer { distance } else { *least };
            *nearest = if nearer { label } else { *nearest };
        }
    }
}

/// D of every row to the center of its label.
pub fn distances<R: Rows>(
    workers: &Workers,
    isa: Isa,
    rows: &R,
    centers: &[f64],
    labels: &[i32],
    out: &mut [f64],
) -> Result<(), Interrupted> {
    let columns = rows.columns();
    let piece = (PIECE * 16 / columns).clamp(1, PIECE);
    let pieces = out.chunks_mut(piece).enumerate();
    workers.sized(rows.len() as f64 * columns as f64 * 3.0).each(pieces, Vec::new, |buffer, (at, out)| {
        isa.run(Distances { rows, centers, labels, from: at * piece, out, buffer });
    })?;
    Ok(())
}

struct Distances<'a, R> {
    rows: &'a R,
    centers: &'a [f64],
    labels: &'a [i32],
    from: usize,
    out: &'a mut [f64],
    buffer: &'a mut Vec<f64>,
}

impl<R: Rows> Task for Distances<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let columns = self.rows.columns();
        for (row, out) in (self.from..).zip(self.out) {
            let x = self.rows.read(row, self.buffer);
            *out = reported::squared(x, &self.centers[self.labels[row] as usize * columns..][..columns]);
        }
    }
}
