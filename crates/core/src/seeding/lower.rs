//! Lowering distances: the nearest of the centers chosen so far, when one more is chosen.

use crate::distance::reported::Target;
use crate::rows::Rows;
use crate::seeding::candidates::PIECE;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{self, Interrupted, Workers};

/// Lowers every row's distance to that to a new center, where it is nearer, and notes the center's label there.
/// Infinite distances are none yet.
pub fn lower<R: Rows>(
    workers: &Workers,
    isa: Isa,
    rows: &R,
    center: &[f64],
    label: i32,
    distances: &mut [f64],
    nearest: &mut [i32],
) -> Result<(), Interrupted> {
    let share = threads::share(PIECE, 3.0 * center.len() as f64);
    let pieces = distances.chunks_mut(share).zip(nearest.chunks_mut(share)).enumerate();
    let place = &Target::new(rows, center);
    workers.sized(rows.len() as f64 * center.len() as f64 * 3.0).each(
        pieces,
        Vec::new,
        |buffer, (piece, (distances, nearest))| {
            isa.run(Lower { rows, place, label, from: piece * share, distances, nearest, buffer });
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
