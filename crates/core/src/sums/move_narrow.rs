//! Rows of few columns that change cluster, many at a time.
//!
//! Row by row ([`crate::sums::add_row`]), what is asked before the first addition costs more than the additions: how
//! rows lie, how columns are split, whether there are weights. Here it is asked once for a block, and the loop that
//! remains is compiled for each number of columns and of limbs. Sums are the same bit by bit: integers.

use crate::exact::fixed_point::{Plain, take};
use crate::rows::{Dense, Real, array_at};
use crate::simd::{Simd, Task};

/// Most columns of such rows.
const COLUMNS: usize = 4;
/// How many moving rows ahead are asked for.
const AHEAD: usize = 16;

/// Sums of clusters that are plain: without weights, and with one limb for each column or two.
pub struct PlainSums<'a> {
    pub(crate) plain: Plain<'a>,
    /// [cluster][limb][column]
    pub(crate) limbs: &'a mut [i64],
    /// Rows of each cluster.
    pub(crate) weights: &'a mut [i64],
    /// How often rows were put into each cluster or taken out.
    pub(crate) changes: &'a mut [u64],
}

/// Rows of a block that change cluster.
pub struct Moves<'a> {
    /// Their positions in the block.
    pub(crate) changed: &'a [u32],
    /// Which rows they are.
    pub(crate) rows: &'a [usize],
    /// Labels of the block: negative for a row that no cluster has counted yet. They become those after.
    pub(crate) labels: &'a mut [i32],
    /// The block's nearest centers.
    pub(crate) best: &'a [i32],
}

/// Whether rows can be moved so.
pub(crate) fn takes<T: Real>(rows: &Dense<T>) -> bool {
    rows.columns <= COLUMNS && (rows.column_stride == 1 || rows.columns == 1)
}

/// Moves rows that `takes` says can be. A function of its own for each instruction set, as the tile.
#[inline(always)]
pub(crate) fn move_rows<S: Simd, T: Real>(simd: S, rows: &Dense<T>, sums: PlainSums, moves: Moves) {
    simd.vectorize(MoveRows { rows, sums, moves });
}

struct MoveRows<'a, T> {
    rows: &'a Dense<'a, T>,
    sums: PlainSums<'a>,
    moves: Moves<'a>,
}

impl<T: Real> Task for MoveRows<'_, T> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match (self.rows.columns, self.sums.plain.two) {
            (1, false) => self.by::<S, 1, 1>(simd),
            (2, false) => self.by::<S, 2, 2>(simd),
            (3, false) => self.by::<S, 3, 3>(simd),
            (4, false) => self.by::<S, 4, 4>(simd),
            (1, true) => self.by::<S, 1, 2>(simd),
            (2, true) => self.by::<S, 2, 4>(simd),
            (3, true) => self.by::<S, 3, 6>(simd),
            (4, true) => self.by::<S, 4, 8>(simd),
            (columns, _) => unreachable!("rows of {columns} columns"),
        }
    }
}

impl<T: Real> MoveRows<'_, T> {
    /// For D columns of W limbs together.
    #[inline(always)]
    fn by<S: Simd, const D: usize, const W: usize>(self, simd: S) {
        let MoveRows { rows, sums: PlainSums { plain, limbs, weights, changes }, moves } = self;
        let (scale, ratio): ([f64; D], f64) = (array_at(plain.scale, 0), plain.unit_ratio);
        let (limbs, _) = limbs.as_chunks_mut::<W>();
        let start = |row: usize| (rows.origin as isize + row as isize * rows.row_stride) as usize;
        let Moves { changed, rows: moving, labels, best } = moves;
        for (place, (&at, &row)) in changed.iter().zip(moving).enumerate() {
            if let Some(&soon) = moving.get(place + AHEAD) {
                // Rows that move lie far apart: each would be a miss of the caches.
                simd.prefetch(&rows.data[start(soon)]);
            }
            let x: [T; D] = array_at(rows.data, start(row));
            let mut digits = [0; W];
            for q in 0..D {
                let (digit, left) = take(x[q].widen() * scale[q], ratio);
                digits[q] = digit;
                if W > D {
                    digits[D + q] = take(left, ratio).0;
                }
            }
            let (label, to) = (&mut labels[at as usize], best[at as usize] as usize);
            if let Ok(from) = usize::try_from(*label) {
                let limbs = &mut limbs[from];
                for l in 0..W {
                    limbs[l] = limbs[l].wrapping_sub(digits[l]);
                }
                weights[from] -= 1;
                changes[from] += 1;
            }
            let limbs = &mut limbs[to];
            for l in 0..W {
                limbs[l] = limbs[l].wrapping_add(digits[l]);
            }
            weights[to] += 1;
            changes[to] += 1;
            *label = to as i32;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::exact::fixed_point::FixedPointFormat;
    use crate::exact::range::Range;
    use crate::simd::Isa;
    use crate::sums::cluster_sums::ClusterSums;

    struct Moved<'a>(&'a Dense<'a, f64>, PlainSums<'a>, Moves<'a>);

    impl Task for Moved<'_> {
        type Out = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            move_rows(simd, self.0, self.1, self.2);
        }
    }

    #[test]
    fn many_rows_move_as_single_ones_do() {
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as i64
        };
        // Numbers of 31 bits, in one limb, or at such different places that they need two.
        for (columns, lowest) in (1..=4).flat_map(|columns| [(columns, -31), (columns, -66)]) {
            let (n, clusters, stride) = (200, 5, columns + 1);
            let data: Vec<f64> = (0..n * stride)
                .map(|at| (random() - (1 << 30)) as f64 * 2f64.powi(if at % 3 == 0 { lowest } else { -31 }))
                .collect();
            let range = Range { above: 0, lowest };
            let format = Arc::new(FixedPointFormat::new(&vec![range; columns], 10 * n as u64, false));
            // Upside down: the last row comes first.
            let shape = ((n, columns), (-(stride as isize), 1));
            let rows = Dense::new(&data, (n - 1) * stride, shape.0, shape.1).unwrap();
            assert!(takes(&rows) && format.plain().is_some_and(|plain| plain.two == (lowest == -66)));
            let mut many = ClusterSums::new(clusters, format.clone(), None);
            let mut single = ClusterSums::new(clusters, format, None);
            let (mut labels, mut buffer) = (vec![-1; n], Vec::new());
            for _ in 0..4 {
                let best: Vec<i32> = labels.iter().map(|_| (random() % clusters as i64) as i32).collect();
                let changed: Vec<u32> = (0..n as u32).filter(|&at| labels[at as usize] != best[at as usize]).collect();
                for &at in &changed {
                    let (row, from, to) = (at as usize, labels[at as usize], best[at as usize] as usize);
                    if from < 0 {
                        single.count(&rows, row, to, 1.0, false, &mut buffer);
                    } else {
                        single.transfer(&rows, row, (from as usize, to), 1.0, &mut buffer);
                    }
                }
                let moving: Vec<usize> = changed.iter().map(|&at| at as usize).collect();
                let moves = Moves { changed: &changed, rows: &moving, labels: &mut labels, best: &best };
                Isa::best().run(Moved(&rows, many.plain().unwrap(), moves));
                assert_eq!(labels, best);
                assert!(many.equals(&single));
                assert!((0..clusters).all(|cluster| many.changes(cluster) == single.changes(cluster)));
            }
        }
    }
}
