//! Euclidean distances of all rows to all centers, for `transform` and silhouettes: roots of D (distance/reported.rs),
//! the same bits.
//!
//! Eight centers lie side by side, a lane of a vector each, and the eight accumulators of the fixed order are eight
//! such vectors: a column goes to the same accumulator as for one center, and they are combined in the same order. One
//! row at a time, each addition would wait for the last one.

// Register arrays are indexed by constants, so that loops over them unroll; iterators would hide which register.
#![allow(clippy::needless_range_loop)]

use crate::distance::reported::LANES;
use crate::memory::{Grow, zeros};
use crate::rows::Rows;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{self, Interrupted, Workers};

/// Centers side by side.
const SIDE: usize = 8;
/// Numbers of the rows that a thread takes at a time: they stay in the second level of caches.
const PIECE: usize = 1 << 14;

/// float32 or float64.
pub trait Number: Copy + Send {
    /// The largest.
    const MOST: f64;
    /// The nearest to a distance.
    fn of(distance: f64) -> Self;
}

impl Number for f64 {
    const MOST: f64 = f64::MAX;
    #[inline(always)]
    fn of(distance: f64) -> f64 {
        distance
    }
}

impl Number for f32 {
    const MOST: f64 = f32::MAX as f64;
    #[inline(always)]
    fn of(distance: f64) -> f32 {
        distance as f32
    }
}

/// Writes the distances, n x k by rows; returns whether all of them are within the numbers of this type.
pub fn all<R: Rows, T: Number>(
    workers: &Workers,
    isa: Isa,
    rows: &R,
    centers: &[f64],
    out: &mut [T],
) -> Result<bool, Interrupted> {
    let (n, columns) = (rows.len(), rows.columns());
    let k = centers.len() / columns;
    assert!(out.len() == n * k && centers.len() == k * columns, "shapes do not fit");
    if out.is_empty() {
        return Ok(true);
    }
    let panels = side_by_side(centers, columns);
    let piece = threads::share((PIECE / columns).clamp(1, 256), 3.0 * centers.len() as f64);
    let workers = workers.sized(out.len() as f64 * columns as f64 * 3.0);
    let parts = out.chunks_mut(piece * k).enumerate();
    let make = || (true, Vec::new());
    let done = workers.each(parts, make, |(held, buffer), (at, out)| {
        *held &= isa.run(Piece { rows, panels: &panels, k, from: at * piece, out, buffer });
    })?;
    Ok(done.into_iter().all(|(held, _)| held))
}

/// Centers as [panel][column][center of the panel], the last panel filled up with zeros.
fn side_by_side(centers: &[f64], columns: usize) -> Vec<f64> {
    let panels = (centers.len() / columns).div_ceil(SIDE);
    let mut out = zeros(panels * SIDE * columns);
    for (j, center) in centers.chunks_exact(columns).enumerate() {
        let panel = &mut out[j / SIDE * SIDE * columns..];
        center.iter().enumerate().for_each(|(q, c)| panel[q * SIDE + j % SIDE] = *c);
    }
    out
}

struct Piece<'a, R, T> {
    rows: &'a R,
    panels: &'a [f64],
    k: usize,
    from: usize,
    out: &'a mut [T],
    buffer: &'a mut Vec<f64>,
}

impl<R: Rows, T: Number> Task for Piece<'_, R, T> {
    type Out = bool;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> bool {
        let Piece { rows, panels, k, from, out, buffer } = self;
        let (columns, count) = (rows.columns(), out.len() / k);
        buffer.set_length(count * columns, 0.0);
        rows.write_block(from, from + count, buffer);
        let mut held = true;
        for (at, panel) in panels.chunks_exact(SIDE * columns).enumerate() {
            let (first, last) = (at * SIDE, (at * SIDE + SIDE).min(k));
            for (x, out) in buffer.chunks_exact(columns).zip(out.chunks_exact_mut(k)) {
                let distances = squares(x, panel).map(f64::sqrt);
                let (numbers, out) = (distances.map(T::of), &mut out[first..last]);
                // Eight at once, where there are: a loop of unknown length takes twice as long.
                match <&mut [T; SIDE]>::try_from(&mut *out) {
                    Ok(out) => *out = numbers,
                    Err(_) => out.copy_from_slice(&numbers[..last - first]),
                }
                held &= distances[..last - first].iter().fold(true, |all, distance| all & (*distance <= T::MOST));
            }
        }
        held
    }
}

/// A number of eight centers.
type Eight = [f64; SIDE];

/// D of a row to the centers of a panel.
#[inline(always)]
fn squares(x: &[f64], panel: &[f64]) -> Eight {
    let (numbers, last) = x.as_chunks::<LANES>();
    let (places, _) = panel.as_chunks::<SIDE>();
    let (places, last_places) = places.as_chunks::<LANES>();
    let mut sums = [[0.0; SIDE]; LANES];
    for (x, places) in numbers.iter().zip(places) {
        for q in 0..LANES {
            sums[q] = add_square(sums[q], x[q], places[q]);
        }
    }
    for q in 0..LANES {
        if q < last.len() {
            sums[q] = add_square(sums[q], last[q], last_places[q]);
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    add(add(add(a, b), add(c, d)), add(add(e, f), add(g, h)))
}

/// sum + (x - c)^2. (Arrays by value: the compiler keeps them in vectors.)
#[inline(always)]
fn add_square(mut sum: Eight, x: f64, centers: Eight) -> Eight {
    for lane in 0..SIDE {
        let t = x - centers[lane];
        sum[lane] += t * t;
    }
    sum
}

#[inline(always)]
fn add(mut a: Eight, b: Eight) -> Eight {
    for lane in 0..SIDE {
        a[lane] += b[lane];
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distance::reported;
    use crate::rows::Dense;

    #[test]
    fn they_are_the_reported_distances_in_every_bit() {
        let workers = Workers::new(2, &|| true);
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for (n, d, k) in [(1, 1, 1), (5, 3, 9), (33, 8, 8), (7, 21, 17), (300, 70, 3)] {
                let data: Vec<f64> = (0..n * d).map(|at| (at as f64 * 0.7).sin()).collect();
                let centers: Vec<f64> = (0..k * d).map(|at| (at as f64 * 0.3).cos()).collect();
                let rows = Dense::contiguous(&data, n, d).unwrap();
                let (mut wide, mut narrow) = (vec![0f64; n * k], vec![0f32; n * k]);
                assert!(all(&workers, isa, &rows, &centers, &mut wide).unwrap());
                assert!(all(&workers, isa, &rows, &centers, &mut narrow).unwrap());
                for (at, (wide, narrow)) in wide.iter().zip(&narrow).enumerate() {
                    let (x, c) = (&data[at / k * d..][..d], &centers[at % k * d..][..d]);
                    assert_eq!(*wide, reported::squared(x, c).sqrt());
                    assert_eq!(*narrow, *wide as f32);
                }
            }
        }
    }

    #[test]
    fn what_no_number_holds_is_told() {
        let (workers, isa) = (Workers::new(1, &|| true), Isa::best());
        let above = f32::MAX as f64 * (1.0 + 1e-9); // float32 would round it down
        for (x, held) in [(1e30, (true, true)), (above, (false, true)), (1e39, (false, true)), (1e160, (false, false))]
        {
            let data = [x];
            let rows = Dense::contiguous(&data, 1, 1).unwrap();
            assert_eq!(all(&workers, isa, &rows, &[0.0], &mut [0f32]).unwrap(), held.0);
            assert_eq!(all(&workers, isa, &rows, &[0.0], &mut [0f64]).unwrap(), held.1);
        }
    }
}
