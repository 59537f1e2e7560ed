//! Reported distances of rows to the center of their label.

use crate::distance::reported;
use crate::rows::Rows;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Rows that a thread takes at a time, at most.
const PIECE: usize = 2048;

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
