//! The largest norm of the rows of a frame: what the step of int16 depends on (kernel/i16.rs).
//!
//! One pass over dense rows, once for all fits of them.

use crate::rows::Selection;
use crate::screen::frame::Frame;
use crate::screen::pack::{Pack, Packed};
use crate::simd::{Isa, Simd, Task};
use crate::threads::{self, Interrupted, Workers};

/// Rows of a piece.
const PIECE: usize = 1024;

/// An upper bound of the norms of dense rows: the largest of those that packing them computes.
pub fn max_norm<R: Pack>(workers: &Workers, isa: Isa, rows: &R, frame: &Frame) -> Result<f64, Interrupted> {
    let (n, d) = (rows.len(), rows.columns());
    assert!(rows.is_dense() && frame.shift.len() == d, "shapes do not fit");
    let (workers, share) = (workers.sized((n * d) as f64), threads::share(PIECE, 4.0 * d as f64));
    let make = || (Packed::default(), 0f32);
    let states = workers.each(0..n.div_ceil(share), make, |(packed, most), piece| {
        let (from, to) = (piece * share, ((piece + 1) * share).min(n));
        *most = isa.run(MaxNorm { rows, frame, from, to, packed, most: *most });
    })?;
    Ok(states.iter().fold(0f32, |most, (_, other)| most.max(*other)) as f64)
}

struct MaxNorm<'a, R> {
    rows: &'a R,
    frame: &'a Frame,
    from: usize,
    to: usize,
    packed: &'a mut Packed,
    most: f32,
}

impl<R: Pack> Task for MaxNorm<'_, R> {
    type Out = f32;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        self.packed.fill(simd, self.rows, self.frame, Selection::Range(self.from, self.to));
        let norms = &self.packed.norms[..self.to - self.from];
        // A NaN is as long as anything.
        norms.iter().fold(self.most, |most, &norm| most.max(if norm.is_nan() { f32::INFINITY } else { norm }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;

    #[test]
    fn the_longest_row_is_found() {
        let rows: Vec<f64> = (0..3000).map(|i| if i == 1234 { -7.0 } else { 0.25 * (i % 5) as f64 }).collect();
        let frame = Frame::new(&[0.0; 3], &[7.0; 3]);
        let rows = Dense::contiguous(&rows, 1000, 3).expect("shape");
        let found = max_norm(&Workers::new(2, &|| true), Isa::best(), &rows, &frame).expect("not interrupted");
        let true_norm = frame.scale * (49.0f64 + 0.75 * 0.75 + 0.0).sqrt();
        assert!(found >= true_norm * 0.99 && found < true_norm * 1.2, "{found} {true_norm}");
    }
}
