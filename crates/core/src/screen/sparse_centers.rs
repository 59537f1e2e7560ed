//! Centers for sparse rows: transposed, one column after the other.

use crate::exact::double_double::EIGHT;
use crate::memory::{collected, zeros};
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::simd::{Simd, Task};
use crate::threads::{Interrupted, Workers};

/// Columns of sparse rows' centers that a thread takes at a time.
const SHARE: usize = 4096;
/// Bytes that are placed together: a part of the second-level cache.
const PLACED: usize = 512 << 10;

impl PreparedCenters {
    /// For sparse rows: the frame's origin must be zero.
    pub(crate) fn sparse<S: Simd>(
        simd: S,
        workers: &Workers,
        frame: &Frame,
        centers: &[f64],
        columns: usize,
    ) -> Result<PreparedCenters, Interrupted> {
        let mut prepared = PreparedCenters::start(frame, centers, columns, |_| S::LANES, 0);
        let places: Vec<_> = collected(prepared.distinct_indices(centers, columns).into_iter().enumerate());
        prepared.centers = zeros(prepared.padded * columns);
        let centers = Placed { centers, columns, scale: frame.scale, places: &places, fresh: true };
        let squares = place(simd, workers, &centers, (&mut prepared.centers, prepared.padded))?;
        squares.into_iter().enumerate().for_each(|(at, square)| prepared.halves[at] = prepared.measured(square));
        Ok(prepared.finish())
    }
}

/// Centers to be placed.
pub(crate) struct Placed<'a> {
    /// k x d.
    pub(crate) centers: &'a [f64],
    /// Number of columns.
    pub(crate) columns: usize,
    /// The frame's scale.
    pub(crate) scale: f64,
    /// Where, and which.
    pub(crate) places: &'a [(usize, i32)],
    /// Whether there are zeros in these places.
    pub(crate) fresh: bool,
}

/// Writes centers transposed, `padded` numbers a column; returns their |b|^2, which is not finite where a center is
/// not.
pub(crate) fn place<S: Simd>(
    simd: S,
    workers: &Workers,
    what: &Placed,
    (transposed, padded): (&mut [f32], usize),
) -> Result<Vec<f64>, Interrupted> {
    let count = what.places.len();
    // By shares of the columns, in order, so that the same rows are certified whoever sums what.
    let mut squares = zeros(what.columns.div_ceil(SHARE) * count);
    let shares = transposed.chunks_mut(SHARE * padded).zip(squares.chunks_mut(count.max(1))).enumerate();
    workers.each(
        shares,
        || (),
        |(), (share, (transposed, squares))| {
            simd.vectorize(Place { what, from: share * SHARE, padded, transposed, squares });
        },
    )?;
    Ok(collected((0..count).map(|at| squares.iter().skip(at).step_by(count).sum())))
}

/// Some columns of the centers.
struct Place<'a> {
    what: &'a Placed<'a>,
    from: usize,
    padded: usize,
    transposed: &'a mut [f32],
    squares: &'a mut [f64],
}

impl Task for Place<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Place { what: &Placed { centers, columns, scale, places, fresh }, from, padded, transposed, squares } =
            self;
        // So few columns of all centers at a time stay in the cache.
        let strip = (PLACED / 4 / padded).max(EIGHT);
        for (at, transposed) in transposed.chunks_mut(strip * padded).enumerate() {
            let from = from + at * strip;
            if !fresh {
                for column in transposed.chunks_exact_mut(padded) {
                    places.iter().for_each(|&(at, _)| column[at] = 0.0);
                }
            }
            for (&(at, j), square) in places.iter().zip(&mut *squares) {
                let center = &centers[j as usize * columns + from..][..transposed.len() / padded];
                for (some, eight) in center.chunks(EIGHT).enumerate() {
                    // Most coordinates are zero, and written already.
                    if eight.iter().fold(0, |any, c| any | c.to_bits()) == 0 {
                        continue;
                    }
                    for (lane, c) in eight.iter().enumerate().filter(|(_, c)| **c != 0.0) {
                        let b = c * scale;
                        *square += b * b;
                        transposed[(some * EIGHT + lane) * padded + at] = b as f32;
                    }
                }
            }
        }
    }
}
