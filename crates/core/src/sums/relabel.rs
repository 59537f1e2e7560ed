//! The update: rows whose label changed move from the sums of their old cluster to those of the new one.
//!
//! Sums are exact, so this is all that an update has to do, and who adds what in which order never matters.

use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use crate::memory::Grow;
use crate::simd::{Isa, Simd, Task};
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::{ClusterSums, OneCluster};
use crate::sums::move_narrow::Moves;
use crate::threads::{Interrupted, Workers};

/// How many moving rows ahead are asked for.
const AHEAD: usize = 8;

/// Where a worker's moves go.
pub(crate) enum WorkerSums<'a> {
    /// Into sums of its own.
    Own(ClusterSums),
    /// Into those of all workers, which one at a time may change the sums of a cluster.
    Common(Arc<Vec<Mutex<OneCluster<'a>>>>),
}

/// One worker's sums, and the rows that change cluster in its block.
pub(crate) struct Relabeler<'a> {
    sums: Option<WorkerSums<'a>>,
    /// Rows whose label changed, as positions in the block.
    pub(crate) changed: Vec<u32>,
    /// Which rows these are, where they are moved many at a time.
    moving: Vec<usize>,
    row: Vec<f64>,
    /// Rows that join or leave clusters, in the order of these.
    by_cluster: Vec<Step>,
}

/// A row that joins or leaves a cluster: the cluster, the row's position in the block, and whether it leaves.
type Step = (u32, u32, bool);

impl<'a> Relabeler<'a> {
    /// With sums to keep in step, or none where they are not wanted.
    pub(crate) fn new(sums: Option<WorkerSums<'a>>) -> Relabeler<'a> {
        Relabeler { sums, changed: Vec::new(), moving: Vec::new(), row: Vec::new(), by_cluster: Vec::new() }
    }

    /// Whether there are sums to keep in step.
    pub(crate) fn has_sums(&self) -> bool {
        self.sums.is_some()
    }

    /// The sums.
    pub(crate) fn into_sums(self) -> Option<WorkerSums<'a>> {
        self.sums
    }

    /// Finds the positions at which labels differ from the best centers.
    ///
    /// A vector of labels is compared at once, and what differs is written down without branches: which lanes do is as
    /// good as random, and a wrong guess costs more than eight stores.
    #[inline(always)]
    pub(crate) fn compare<S: Simd>(&mut self, simd: S, labels: &[i32], best: &[i32]) {
        let lanes = S::LANES;
        let whole = labels.len() / lanes * lanes;
        let (mut count, out) = (0, &mut self.changed);
        out.set_length(labels.len() + lanes, 0);
        for (part, (labels, best)) in labels.chunks_exact(lanes).zip(best.chunks_exact(lanes)).enumerate() {
            let mut bits = simd.unequal(simd.load_int(labels), simd.load_int(best));
            if bits == 0 {
                continue;
            }
            let differing = bits.count_ones() as usize;
            for out in &mut out[count..count + lanes] {
                // The lane of the lowest bit; nonsense where none is left, to be overwritten.
                *out = (part * lanes) as u32 + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
            count += differing;
        }
        for at in whole..labels.len() {
            out[count] = at as u32;
            count += (labels[at] != best[at]) as usize;
        }
        out.truncate(count);
    }

    /// Moves the changed rows of a block; `row_at` tells which row is at a position. Returns how many there are.
    #[inline(always)]
    pub(crate) fn apply<S: Simd, R: AddRow>(
        &mut self,
        simd: S,
        rows: &R,
        weights: Option<&[f64]>,
        row_at: impl Fn(usize) -> usize,
        labels: &mut [i32],
        best: &[i32],
    ) -> u64 {
        let Relabeler { sums, changed, moving, row, by_cluster } = self;
        let weight_of = |at: usize| weights.map_or(1.0, |weights| weights[at]);
        let mut own = match sums {
            None => None,
            Some(WorkerSums::Own(sums)) => Some(sums),
            Some(WorkerSums::Common(clusters)) => {
                by_cluster.clear();
                for &at in changed.iter() {
                    let (label, best) = (labels[at as usize], best[at as usize]);
                    if label >= 0 {
                        by_cluster.add((label as u32, at, true));
                    }
                    by_cluster.add((best as u32, at, false));
                }
                by_cluster.sort_unstable();
                step_by_cluster(clusters, by_cluster, |cluster, at, out| {
                    let at = row_at(at as usize);
                    cluster.count(rows, at, weight_of(at), out, row);
                });
                None
            }
        };
        if rows.is_narrow()
            && let Some(sums) = own.as_mut().and_then(|sums| sums.plain())
        {
            moving.clear();
            moving.make_room(changed.len());
            moving.extend(changed.iter().map(|&at| row_at(at as usize)));
            rows.move_narrow(simd, sums, Moves { changed, rows: moving, labels, best });
            return changed.len() as u64;
        }
        for (place, &at) in changed.iter().enumerate() {
            let (label, best) = (&mut labels[at as usize], best[at as usize]);
            if let Some(sums) = &mut own {
                if let Some(&soon) = changed.get(place + AHEAD) {
                    // Rows that move lie far apart: each would be a miss of the caches.
                    rows.prefetch(simd, row_at(soon as usize));
                }
                let at = row_at(at as usize);
                if *label < 0 {
                    sums.count(rows, at, best as usize, weight_of(at), false, row);
                } else {
                    sums.transfer(rows, at, (*label as usize, best as usize), weight_of(at), row);
                }
            }
            *label = best;
        }
        changed.len() as u64
    }
}

/// Takes steps that are in the order of their clusters; those of clusters that are busy elsewhere come last.
#[inline(always)]
fn step_by_cluster<'a>(
    clusters: &[Mutex<OneCluster<'a>>],
    steps: &[Step],
    mut step: impl FnMut(&mut OneCluster<'a>, u32, bool),
) {
    let mut busy: Vec<&[Step]> = Vec::new();
    let mut all = |cluster: &mut OneCluster<'a>, steps: &[Step]| {
        steps.iter().for_each(|&(_, at, out)| step(cluster, at, out));
    };
    for steps in steps.chunk_by(|(a, ..), (b, ..)| a == b) {
        match clusters[steps[0].0 as usize].try_lock() {
            Ok(mut cluster) => all(&mut cluster, steps),
            // A panic of another worker ends the whole sweep: what it left is never looked at.
            Err(TryLockError::Poisoned(cluster)) => all(&mut cluster.into_inner(), steps),
            Err(TryLockError::WouldBlock) => busy.add(steps),
        }
    }
    for steps in busy {
        all(&mut clusters[steps[0].0 as usize].lock().unwrap_or_else(PoisonError::into_inner), steps);
    }
}

/// Labels that a thread takes at a time.
const SHARE: usize = 1 << 15;

/// Whether all labels are those of so many clusters, or negative. (It is asked in every sweep.)
pub fn are_labels(workers: &Workers, isa: Isa, labels: &[i32], clusters: usize) -> Result<bool, Interrupted> {
    let workers = workers.sized(4.0 * labels.len() as f64);
    let most = workers.each(labels.chunks(SHARE), || -1, |most, labels| *most = isa.run(Most(labels)).max(*most))?;
    Ok(most.into_iter().all(|most| most < clusters as i32))
}

/// The largest of some labels, -1 at least. Without an early exit, so that it vectorises.
struct Most<'a>(&'a [i32]);

impl Task for Most<'_> {
    type Out = i32;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> i32 {
        self.0.iter().fold(-1, |most, &label| label.max(most))
    }
}

/// Takes over the best centers as labels, where there are no sums to keep in step; returns how many differ.
#[inline(always)]
pub(crate) fn relabel(labels: &mut [i32], best: &[i32]) -> u64 {
    let changed = labels.iter().zip(best).map(|(label, best)| (label != best) as u32).sum::<u32>();
    labels.copy_from_slice(best);
    changed as u64
}
