//! The rival of a row, the nearest of the centers that are not its own; and how wide a cluster is towards another.
//!
//! What views say about overlap (margins, silhouettes, zones between clusters) follows from reported distances
//! (distance/reported.rs). Labels are given, not found: they are the nearest centers in real arithmetic.
//!
//! Towards center b a row of cluster a lies at the share r = 1/2 + (D(x, a) - D(x, b)) / (2 |a - b|²) of the way from a
//! to b: 0 is at a, 1/2 on the bisector. The mean of r and of r² over the rows of a tell how wide a is in that
//! direction. Both are added as integers in units of 2^-20, so that they do not depend on the order of rows or on
//! threads.

use serde::{Deserialize, Serialize};

use crate::distance::reported;
use crate::memory::{copied, zeros};
use crate::messages::checked;
use crate::rows::Rows;
use crate::simd::{Isa, Simd, Task};
use crate::threads::{self, Interrupted, Workers};

/// Rows that a thread takes at a time.
const PIECE: usize = 1024;
/// One way from a center to another, in the units of the sums.
const UNIT: f64 = (1u64 << 20) as f64;
/// Shares count up to this many ways.
const FARTHEST: f64 = (1u64 << 10) as f64;

/// What is found of every row.
pub struct Found<'a> {
    /// D to the row's own center.
    pub own: &'a mut [f64],
    /// D to the rival; infinite where there is no other center.
    pub other: &'a mut [f64],
    /// Which center that is, the lowest index of equals; -1 where there is none.
    pub rival: &'a mut [i32],
}

/// Sums over the rows of every cluster of their shares of the way to every center (k x k).
#[derive(Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Shares {
    /// What the rows of a cluster weigh, in units of the largest weight's 2^-16, or their number.
    pub weights: Vec<u64>,
    /// Weighted sums of r.
    pub(crate) first: Vec<i128>,
    /// Weighted sums of r².
    pub(crate) second: Vec<i128>,
}

impl Clone for Shares {
    fn clone(&self) -> Shares {
        Shares { weights: copied(&self.weights), first: copied(&self.first), second: copied(&self.second) }
    }
}

checked!(Shares);

impl Shares {
    fn checked(self) -> Result<Self, &'static str> {
        let square = self.weights.len().checked_mul(self.weights.len());
        if square != Some(self.first.len()) || square != Some(self.second.len()) {
            return Err("clusters are missing");
        }
        Ok(self)
    }

    fn new(clusters: usize) -> Shares {
        let pairs = clusters * clusters;
        Shares { weights: zeros(clusters), first: zeros(pairs), second: zeros(pairs) }
    }

    /// Adds those of other rows.
    pub fn merge(&mut self, other: &Shares) {
        self.weights.iter_mut().zip(&other.weights).for_each(|(a, b)| *a += b);
        self.first.iter_mut().zip(&other.first).for_each(|(a, b)| *a += b);
        self.second.iter_mut().zip(&other.second).for_each(|(a, b)| *a += b);
    }

    /// Mean and variance of r for the rows of cluster a on the way to b; 0 for a cluster that weighs nothing.
    pub fn moments(&self, a: usize, b: usize) -> (f64, f64) {
        let at = a * self.weights.len() + b;
        let weight = self.weights[a] as f64;
        if weight == 0.0 {
            return (0.0, 0.0);
        }
        let mean = self.first[at] as f64 / weight / UNIT;
        let square = self.second[at] as f64 / weight / (UNIT * UNIT);
        (mean, (square - mean * mean).max(0.0))
    }
}

/// What rivals are looked for in.
pub struct Search<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// All centers.
    pub centers: &'a [f64],
    /// The cluster of every row.
    pub labels: &'a [i32],
    /// Integers in proportion to the rows' weights, if those differ.
    pub weights: Option<&'a [u32]>,
}

impl<R: Rows> Search<'_, R> {
    /// Finds the rival of every row, and the shares if they are wanted.
    pub fn run(&self, workers: &Workers, isa: Isa, found: Found, shares: bool) -> Result<Option<Shares>, Interrupted> {
        let Found { own, other, rival } = found;
        let columns = self.rows.columns();
        let clusters = self.centers.len() / columns;
        // 1 / (2 |a - b|²), and 0 for centers that are the same: their rows lie half way.
        let twice = |a: &[f64], b: &[f64]| match 2.0 * reported::squared(a, b) {
            0.0 => 0.0,
            square => 1.0 / square,
        };
        let all = || self.centers.chunks_exact(columns);
        let mut ways = zeros(if shares { clusters * clusters } else { 0 });
        workers.sized(3.0 * clusters as f64 * self.centers.len() as f64).each(
            ways.chunks_mut(clusters.max(1)).zip(all()),
            || (),
            |(), (ways, a)| ways.iter_mut().zip(all()).for_each(|(way, b)| *way = twice(a, b)),
        )?;
        let work = 3.0 * self.rows.len() as f64 * self.centers.len() as f64;
        let share = threads::share(PIECE, 3.0 * self.centers.len() as f64);
        let both = own.chunks_mut(share).zip(other.chunks_mut(share)).zip(rival.chunks_mut(share));
        let make = || (Vec::new(), zeros(clusters), shares.then(|| Shares::new(clusters)));
        let states = workers.sized(work).each(
            both.enumerate(),
            make,
            |(buffer, distances, sums), (at, ((own, other), rival))| {
                let found = Found { own, other, rival };
                isa.run(Piece { search: self, ways: &ways, from: at * share, found, buffer, distances, sums });
            },
        )?;
        Ok(states.into_iter().filter_map(|(_, _, sums)| sums).reduce(|mut all, some| {
            all.merge(&some);
            all
        }))
    }
}

struct Piece<'a, R> {
    search: &'a Search<'a, R>,
    ways: &'a [f64],
    from: usize,
    found: Found<'a>,
    buffer: &'a mut Vec<f64>,
    distances: &'a mut [f64],
    sums: &'a mut Option<Shares>,
}

impl<R: Rows> Task for Piece<'_, R> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Piece { search, ways, from, found: Found { own, other, rival }, buffer, distances, sums } = self;
        let Search { rows, centers, labels, weights } = *search;
        let columns = rows.columns();
        for at in 0..own.len() {
            let (row, label) = (from + at, labels[from + at]);
            let x = rows.read(row, buffer);
            let (mut least, mut which) = (f64::INFINITY, -1);
            for ((j, center), kept) in (0..).zip(centers.chunks_exact(columns)).zip(&mut *distances) {
                let distance = reported::squared(x, center);
                // Without a branch: which center is nearer than those before is as good as random.
                let nearer = j != label && (distance < least || which < 0);
                least = if nearer { distance } else { least };
                which = if nearer { j } else { which };
                *kept = distance;
            }
            own[at] = distances[label as usize];
            (other[at], rival[at]) = (least, which);
            if let Some(sums) = sums {
                let weight = weights.map_or(1, |weights| weights[row]);
                add_shares(sums, label as usize, distances, ways, weight);
            }
        }
    }
}

/// Adds one row of a cluster.
#[inline(always)]
fn add_shares(sums: &mut Shares, cluster: usize, distances: &[f64], ways: &[f64], weight: u32) {
    let clusters = distances.len();
    let line = cluster * clusters..(cluster + 1) * clusters;
    sums.weights[cluster] += weight as u64;
    let own = distances[cluster];
    let places = sums.first[line.clone()].iter_mut().zip(&mut sums.second[line.clone()]);
    for (((first, second), distance), way) in places.zip(distances).zip(&ways[line]) {
        // (An overflowed distance is as far as can be; a NaN of two of them becomes 0.)
        let share = (0.5 + (own - distance) * way).clamp(-FARTHEST, FARTHEST);
        let share = (share * UNIT) as i64;
        *first += (share * weight as i64) as i128;
        *second += share as i128 * share as i128 * weight as i128;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;

    fn find(rows: &[f64], centers: &[f64], labels: &[i32]) -> (Vec<f64>, Vec<f64>, Vec<i32>, Shares) {
        let n = rows.len();
        let (mut own, mut other, mut rival) = (vec![0.0; n], vec![0.0; n], vec![0; n]);
        let found = Found { own: &mut own, other: &mut other, rival: &mut rival };
        let rows = Dense::contiguous(rows, n, 1).expect("shape");
        let search = Search { rows: &rows, centers, labels, weights: None };
        let workers = Workers::new(2, &|| true);
        let shares = search.run(&workers, Isa::best(), found, true).expect("not interrupted").expect("asked for");
        (own, other, rival, shares)
    }

    #[test]
    fn the_nearest_of_the_others_with_the_lowest_index() {
        let (own, other, rival, _) = find(&[0.0, 1.0, 4.0], &[0.0, 2.0, 2.0], &[0, 0, 1]);
        assert_eq!((own, other, rival), (vec![0.0, 1.0, 4.0], vec![4.0, 1.0, 4.0], vec![1, 1, 2]));
        let (own, other, rival, shares) = find(&[0.0, 1.0], &[1.0], &[0, 0]);
        assert_eq!((own, other, rival), (vec![1.0, 0.0], vec![f64::INFINITY; 2], vec![-1; 2]));
        assert_eq!(shares.moments(0, 0), (0.5, 0.0));
    }

    #[test]
    fn shares_of_the_way() {
        // Rows at -1, 0, 1 and 3 of a cluster at 0; the other center at 8: -1/8, 0, 1/8 and 3/8 of the way.
        let (_, _, _, shares) = find(&[-1.0, 0.0, 1.0, 3.0, 8.0], &[0.0, 8.0], &[0, 0, 0, 0, 1]);
        let (mean, variance) = shares.moments(0, 1);
        assert!((mean - 3.0 / 32.0).abs() < 1e-6, "{mean}");
        assert!((variance - (11.0 / 256.0 - (3.0 / 32.0) * (3.0 / 32.0))).abs() < 1e-6, "{variance}");
        assert_eq!(shares.moments(1, 0), (0.0, 0.0));
    }
}
