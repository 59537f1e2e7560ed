//! Means and inertia, incrementally: what was rounded of the sums last. A cluster that no row has joined or left since
//! has the same mean, so that its center stands still, and adds the same to the inertia: neither is computed again.
//!
//! The sums count how often each cluster changed. They are exact, so equal counts mean equal sums.

use crate::distance::reported;
use crate::exact::double_double::{EIGHT, Eight, Eights, Inertia, Total, filled};
use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::Grow;
use crate::simd::{Isa, Simd, Task};
use crate::sums::cluster_sums::ClusterSums;
use crate::threads::{Interrupted, Workers};

/// Clusters that a thread takes at a time have so many columns in all.
const SHARE: usize = 4096;

/// Means and terms of the inertia, of one sums and the centers that came from it.
#[derive(Default)]
pub struct MeanCache {
    entries: Vec<Entry>,
}

/// One cluster's.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// The count of the cluster's changes when its mean was taken, which the center is (or, without weight, stays where
    /// it is).
    mean: Option<u64>,
    /// The same count, and W |c|^2 - 2 c.S then, for the center c of today.
    term: Option<(u64, Total)>,
}

/// Where an update goes: all centers, and for each whether it moved, and |c' - c|^2 as reported (distance/reported.rs).
pub struct Update<'a> {
    /// k x d.
    pub means: &'a mut [f64],
    /// Whether the center is another one: false before.
    pub moved: &'a mut [bool],
    /// Zeros.
    pub shifts: &'a mut [f64],
}

impl MeanCache {
    fn entries(&mut self, clusters: usize) -> &mut [Entry] {
        self.entries.set_length(clusters, Entry::default());
        &mut self.entries
    }

    /// The means of all clusters. `centers` are those that the last call wrote, if there was one; clusters without
    /// weight keep theirs.
    pub fn advance(
        &mut self,
        (workers, isa): (&Workers, Isa),
        sums: &ClusterSums,
        centers: &[f64],
        update: Update,
    ) -> Result<(), Interrupted> {
        let (columns, workers) = (sums.columns(), workers.sized(centers.len() as f64 * 100.0));
        let share = share(columns);
        let Update { means, moved, shifts } = update;
        let centers = centers.chunks(share * columns).zip(means.chunks_mut(share * columns));
        let marks = moved.chunks_mut(share).zip(shifts.chunks_mut(share));
        let entries = self.entries(sums.clusters()).chunks_mut(share);
        let shares = entries.zip(centers.zip(marks)).enumerate();
        workers.each(
            shares,
            || (),
            |(), (at, (entries, ((centers, means), (moved, shifts))))| {
                let update = Update { means, moved, shifts };
                isa.run(Advance { sums, from: at * share, entries, centers, update });
            },
        )?;
        Ok(())
    }

    /// sum w |x - c|^2 with each row in the cluster it was counted into, given the exact sum of w x^2:
    /// Q - 2 sum_j c_j.S_j + sum_j W_j |c_j|^2, all exact, rounded once. Not a number where a center is not finite.
    /// The centers are those that `advance` wrote last, or this cache is new.
    pub fn inertia(
        &mut self,
        (workers, isa): (&Workers, Isa),
        sums: &ClusterSums,
        squares: &Superaccumulator,
        centers: &[f64],
    ) -> Result<f64, Interrupted> {
        match self.quick_inertia((workers, isa), sums, squares, centers)? {
            Some(inertia) => Ok(inertia),
            None if centers.iter().all(|c| c.is_finite()) => sums.exact_inertia(workers, squares, centers),
            None => Ok(f64::NAN),
        }
    }

    /// The same by pairs of float64, where that is certain: never where a center is not finite.
    fn quick_inertia(
        &mut self,
        (workers, isa): (&Workers, Isa),
        sums: &ClusterSums,
        squares: &Superaccumulator,
        centers: &[f64],
    ) -> Result<Option<f64>, Interrupted> {
        if !sums.has_pairs() {
            return Ok(None);
        }
        let (columns, workers) = (sums.columns(), workers.sized(centers.len() as f64 * 100.0));
        let share = share(columns);
        let entries = self.entries(sums.clusters()).chunks_mut(share);
        let shares = entries.zip(centers.chunks(share * columns)).enumerate();
        workers.each(
            shares,
            || (),
            |(), (at, (entries, centers))| isa.run(QuickInertia { sums, from: at * share, entries, centers }),
        )?;
        let mut sum = Total::of(squares);
        self.entries.iter().filter_map(|entry| entry.term).for_each(|(_, term)| sum.add(term));
        // A term passes through the sums of its lane, of the lanes and of the clusters.
        Ok(sum.rounded(columns + sums.clusters() + 2 * EIGHT))
    }
}

/// The sum of reported squared distances, exact, rounded once; infinite where one of them is.
pub fn total(shifts: &[f64]) -> f64 {
    if shifts.iter().any(|shift| shift.is_infinite()) {
        return f64::INFINITY;
    }
    let mut sum = Superaccumulator::new();
    shifts.iter().filter(|shift| **shift != 0.0).for_each(|shift| sum.add(*shift));
    sum.rounded()
}

fn share(columns: usize) -> usize {
    (SHARE / columns).clamp(1, 16)
}

/// Means of some clusters. (Under an instruction set that may have a fused multiply-add, which is a call elsewhere.)
struct Advance<'a> {
    sums: &'a ClusterSums,
    from: usize,
    entries: &'a mut [Entry],
    centers: &'a [f64],
    update: Update<'a>,
}

impl Task for Advance<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Advance { sums, from, entries, centers, update: Update { means, moved, shifts } } = self;
        let columns = sums.columns();
        let clusters = centers.chunks_exact(columns).zip(means.chunks_exact_mut(columns));
        for (at, (entry, (center, mean))) in entries.iter_mut().zip(clusters).enumerate() {
            let (cluster, changes) = (from + at, Some(sums.changes(from + at)));
            if entry.mean == changes || !sums.mean(cluster, mean) {
                mean.copy_from_slice(center);
            } else if mean != center {
                entry.term = None;
                moved[at] = true;
                shifts[at] = reported::squared(mean, center);
            }
            entry.mean = changes;
        }
    }
}

/// W |c|^2 - 2 c.S of some clusters, as pairs, where it is not known. (As `Advance`.)
struct QuickInertia<'a> {
    sums: &'a ClusterSums,
    from: usize,
    entries: &'a mut [Entry],
    centers: &'a [f64],
}

impl Task for QuickInertia<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let QuickInertia { sums, from, entries, centers } = self;
        let columns = sums.columns();
        for (at, (entry, center)) in entries.iter_mut().zip(centers.chunks_exact(columns)).enumerate() {
            let cluster = from + at;
            let changes = sums.changes(cluster);
            if entry.term.is_some_and(|(then, _)| then == changes) {
                continue;
            }
            let (limbs, weight) = (sums.limbs(cluster), sums.weight(cluster));
            let (mut inertia, mut eights) = (Inertia::default(), Eights::default());
            for start in Eights::starts(columns) {
                let bits = filled(Eight::From(start).read(center, 0.0).map(f64::to_bits));
                let Some((eight, count)) = eights.add(start, bits, columns) else { continue };
                let mut center = eight.read(center, 0.0);
                center[count..].fill(0.0);
                inertia.add(weight, &center, &sums.format.pairs(limbs, &eight));
            }
            entry.term = Some((changes, inertia.total()));
        }
    }
}
