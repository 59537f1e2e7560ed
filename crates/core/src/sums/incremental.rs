//! What was rounded of the sums last. A cluster that no row has joined or left since has the same mean, so that its centre stands
//! still, and adds the same to the inertia: neither is computed again.
//!
//! A tally counts how often each cluster changed. Sums are exact, so equal counts of one tally mean equal sums.

use crate::distance::reported as distance;
use crate::exact::double_double::{EIGHT, Eight, Eights, Inertia, Total, filled};
use crate::exact::superaccumulator::Wide;
use crate::simd::{Isa, Simd, Task};
use crate::sums::cluster_sums::Tally;
use crate::threads::{Crew, Interrupted};

/// Clusters that a thread takes at a time have so many columns in all.
const SHARE: usize = 4096;

/// Means and terms of the inertia, of one tally and the centres that came from it.
#[derive(Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// One cluster's.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// The count of the cluster's changes when its mean was taken, which the centre is (or, without weight, stays where it is).
    mean: Option<u64>,
    /// The same count, and W |c|^2 - 2 c.S then, for the centre c of today.
    term: Option<(u64, Total)>,
}

/// Where an update goes: all centres, and for each whether it moved, and |c' - c|^2 as reported (distance.rs).
pub struct Update<'a> {
    /// k x d.
    pub means: &'a mut [f64],
    /// Whether the centre is another one: false before.
    pub moved: &'a mut [bool],
    /// Zeros.
    pub shifts: &'a mut [f64],
}

impl Ledger {
    fn entries(&mut self, clusters: usize) -> &mut [Entry] {
        self.entries.resize(clusters, Entry::default());
        &mut self.entries
    }

    /// The means of all clusters. `centres` are those that the last call wrote, if there was one; clusters without weight keep theirs.
    pub fn advance(
        &mut self,
        (crew, isa): (&Crew, Isa),
        tally: &Tally,
        centres: &[f64],
        update: Update,
    ) -> Result<(), Interrupted> {
        let (columns, crew) = (tally.columns(), crew.sized(centres.len() as f64 * 100.0));
        let share = share(columns);
        let Update { means, moved, shifts } = update;
        let centres = centres.chunks(share * columns).zip(means.chunks_mut(share * columns));
        let marks = moved.chunks_mut(share).zip(shifts.chunks_mut(share));
        let entries = self.entries(tally.clusters()).chunks_mut(share);
        let shares = entries.zip(centres.zip(marks)).enumerate();
        crew.each(
            shares,
            || (),
            |(), (at, (entries, ((centres, means), (moved, shifts))))| {
                let update = Update { means, moved, shifts };
                isa.run(Advance { tally, from: at * share, entries, centres, update });
            },
        )?;
        Ok(())
    }

    /// sum w |x - c|^2 with each row in the cluster it was counted into, given the exact sum of w x^2:
    /// Q - 2 sum_j c_j.S_j + sum_j W_j |c_j|^2, all exact, rounded once. Not a number where a centre is not finite.
    /// The centres are those that `advance` wrote last, or the ledger is new.
    pub fn inertia(
        &mut self,
        (crew, isa): (&Crew, Isa),
        tally: &Tally,
        squares: &Wide,
        centres: &[f64],
    ) -> Result<f64, Interrupted> {
        match self.quick_inertia((crew, isa), tally, squares, centres)? {
            Some(inertia) => Ok(inertia),
            None if centres.iter().all(|c| c.is_finite()) => tally.exact_inertia(crew, squares, centres),
            None => Ok(f64::NAN),
        }
    }

    /// The same by pairs of float64, where that is certain: never where a centre is not finite.
    fn quick_inertia(
        &mut self,
        (crew, isa): (&Crew, Isa),
        tally: &Tally,
        squares: &Wide,
        centres: &[f64],
    ) -> Result<Option<f64>, Interrupted> {
        if !tally.has_pairs() {
            return Ok(None);
        }
        let (columns, crew) = (tally.columns(), crew.sized(centres.len() as f64 * 100.0));
        let share = share(columns);
        let entries = self.entries(tally.clusters()).chunks_mut(share);
        let shares = entries.zip(centres.chunks(share * columns)).enumerate();
        crew.each(
            shares,
            || (),
            |(), (at, (entries, centres))| isa.run(QuickInertia { tally, from: at * share, entries, centres }),
        )?;
        let mut sum = Total::of(squares);
        self.entries.iter().filter_map(|entry| entry.term).for_each(|(_, term)| sum.add(term));
        // A term passes through the sums of its lane, of the lanes and of the clusters.
        Ok(sum.rounded(columns + tally.clusters() + 2 * EIGHT))
    }
}

fn share(columns: usize) -> usize {
    (SHARE / columns).clamp(1, 16)
}

/// Means of some clusters. (Under an instruction set that may have a fused multiply-add, which is a call elsewhere.)
struct Advance<'a> {
    tally: &'a Tally,
    from: usize,
    entries: &'a mut [Entry],
    centres: &'a [f64],
    update: Update<'a>,
}

impl Task for Advance<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let Advance { tally, from, entries, centres, update: Update { means, moved, shifts } } = self;
        let columns = tally.columns();
        let clusters = centres.chunks_exact(columns).zip(means.chunks_exact_mut(columns));
        for (at, (entry, (centre, mean))) in entries.iter_mut().zip(clusters).enumerate() {
            let (cluster, changes) = (from + at, Some(tally.changes(from + at)));
            if entry.mean == changes || !tally.mean(cluster, mean) {
                mean.copy_from_slice(centre);
            } else if mean != centre {
                entry.term = None;
                moved[at] = true;
                shifts[at] = distance::squared(mean, centre);
            }
            entry.mean = changes;
        }
    }
}

/// W |c|^2 - 2 c.S of some clusters, as pairs, where it is not known. (As `Advance`.)
struct QuickInertia<'a> {
    tally: &'a Tally,
    from: usize,
    entries: &'a mut [Entry],
    centres: &'a [f64],
}

impl Task for QuickInertia<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let QuickInertia { tally, from, entries, centres } = self;
        let columns = tally.columns();
        for (at, (entry, centre)) in entries.iter_mut().zip(centres.chunks_exact(columns)).enumerate() {
            let cluster = from + at;
            let changes = tally.changes(cluster);
            if entry.term.is_some_and(|(then, _)| then == changes) {
                continue;
            }
            let (limbs, weight) = (tally.limbs(cluster), tally.weight(cluster));
            let (mut inertia, mut eights) = (Inertia::default(), Eights::default());
            for start in Eights::starts(columns) {
                let bits = filled(Eight::From(start).read(centre, 0.0).map(f64::to_bits));
                let Some((eight, count)) = eights.add(start, bits, columns) else { continue };
                let mut centre = eight.read(centre, 0.0);
                centre[count..].fill(0.0);
                inertia.add(weight, &centre, &tally.plan.pairs(limbs, &eight));
            }
            entry.term = Some((changes, inertia.total()));
        }
    }
}
