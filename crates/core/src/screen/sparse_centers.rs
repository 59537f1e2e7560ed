//! Centers for sparse rows: transposed, one column after the other.

use crate::distance::reported::{self, Error};
use crate::exact::double_double::{EIGHT, Eight};
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
        let distinct = prepared.distinct_indices(centers, columns).into_iter().enumerate();
        let places: Vec<_> = collected(distinct.map(|(at, j)| (at, j, Left::Zeros)));
        prepared.centers = zeros(prepared.padded * columns);
        let centers = Placed { centers, before: None, columns, scale: frame.scale, places: &places };
        let (squares, _) = place(simd, workers, &centers, (&mut prepared.centers, prepared.padded))?;
        squares.into_iter().enumerate().for_each(|(at, square)| prepared.halves[at] = prepared.measured(square));
        Ok(prepared.finish())
    }
}

/// Centers to be placed.
pub(crate) struct Placed<'a> {
    /// k x d.
    pub(crate) centers: &'a [f64],
    /// The same centers as they were before, if it is asked how far they moved.
    pub(crate) before: Option<&'a [f64]>,
    /// Number of columns.
    pub(crate) columns: usize,
    /// The frame's scale.
    pub(crate) scale: f64,
    /// Where, which, and what was left there.
    pub(crate) places: &'a [(usize, i32, Left)],
}

/// What is in the place of a center before it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Left {
    /// Zeros.
    Zeros,
    /// The center as it was before.
    Itself,
    /// Another one, or nobody knows.
    Another,
}

/// Writes centers transposed, `padded` numbers a column; returns their |b|^2, which is not finite where a center is
/// not, and how far they moved.
///
/// These are roots of reported squared distances D (distance/reported.rs), of strips of the columns: no fewer than
/// eight each, but for the last. Their terms pass through no more than d / 8 + 1 additions of strips and d / 4096 + 1
/// of shares besides the d / 8 + 6 roundings of D: less than the 3 rho that `upper` adds. Where a sum is not finite,
/// neither is the result, and nothing follows from it.
pub(crate) fn place<S: Simd>(
    simd: S,
    workers: &Workers,
    what: &Placed,
    (transposed, padded): (&mut [f32], usize),
) -> Result<(Vec<f64>, Vec<f64>), Interrupted> {
    let count = what.places.len();
    // By shares of the columns, in order, so that the same rows are certified whoever sums what.
    let sums = what.columns.div_ceil(SHARE) * count;
    let (mut squares, mut shifts) = (zeros(sums), zeros(sums));
    let sums = squares.chunks_mut(count.max(1)).zip(shifts.chunks_mut(count.max(1)));
    let shares = transposed.chunks_mut(SHARE * padded).zip(sums).enumerate();
    workers.each(
        shares,
        || (),
        |(), (share, (transposed, (squares, shifts)))| {
            simd.vectorize(Place { what, from: share * SHARE, padded, transposed, squares, shifts });
        },
    )?;
    let sum = |sums: &[f64], at: usize| sums.iter().skip(at).step_by(count).sum::<f64>();
    let error = Error::of(what.columns);
    let longest = |at| error.upper(sum(&shifts, at)).sqrt() * (1.0 + 1e-12) * what.scale;
    let shifts = collected((0..count).map(longest));
    Ok((collected((0..count).map(|at| sum(&squares, at))), shifts))
}

/// Some columns of the centers.
struct Place<'a> {
    what: &'a Placed<'a>,
    from: usize,
    padded: usize,
    transposed: &'a mut [f32],
    squares: &'a mut [f64],
    shifts: &'a mut [f64],
}

impl Task for Place<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Place { what, from, padded, transposed, squares, shifts } = self;
        let &Placed { centers, before, columns, scale, places } = what;
        // So few columns of all centers at a time stay in the cache.
        let strip = (PLACED / 4 / padded).max(EIGHT);
        for (at, transposed) in transposed.chunks_mut(strip * padded).enumerate() {
            let from = from + at * strip;
            let sums = squares.iter_mut().zip(&mut *shifts);
            for (&(at, j, left), (square, shift)) in places.iter().zip(sums) {
                let here = j as usize * columns + from;
                let here = here..here + transposed.len() / padded;
                let before = before.map(|before| &before[here.clone()]);
                let mut moved = [0.0; EIGHT];
                for (some, eight) in centers[here].chunks(EIGHT).enumerate() {
                    let now = read(Some(eight), 0);
                    let was = read(before, some * EIGHT);
                    let rest = if left == Left::Itself { was } else { [0.0; EIGHT] };
                    // Most coordinates are zero, and written already.
                    let any = now.iter().chain(&was).fold(0, |any, c| any | c.to_bits());
                    if any == 0 && left != Left::Another {
                        continue;
                    }
                    for lane in 0..eight.len() {
                        let b = now[lane] * scale;
                        *square += b * b;
                        if now[lane] != rest[lane] || left == Left::Another {
                            transposed[(some * EIGHT + lane) * padded + at] = b as f32;
                        }
                    }
                    for lane in 0..EIGHT {
                        let t = now[lane] - was[lane];
                        moved[lane] += t * t;
                    }
                }
                *shift += reported::combine(moved);
            }
        }
    }
}

/// Eight of some numbers from one on; zeros where there are none.
#[inline(always)]
fn read(numbers: Option<&[f64]>, from: usize) -> [f64; EIGHT] {
    numbers.map_or([0.0; EIGHT], |numbers| Eight::From(from).read(numbers, 0.0))
}
