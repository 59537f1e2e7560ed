//! Several steps of a small fit in one call: what an update and an assignment do, in turn, as the loop of k-means does.
//!
//! For fits whose steps take less time than a call. It computes what single calls compute, from the same sums, so that
//! every bit is the same. Whether the fit ends is not decided here: the assignment after an update that may be the last
//! is left to the loop.

use crate::assign::{Assignment, By, Counters, assign};
use crate::exact::superaccumulator::Superaccumulator;
use crate::memory::{copied, filled, zeros};
use crate::screen::centers::Precision;
use crate::screen::frame::Frame;
use crate::screen::packed_rows::PackedRows;
use crate::screen::screen_rows::ScreenRows;
use crate::simd::Isa;
use crate::sums::add_row::AddRow;
use crate::sums::cluster_sums::ClusterSums;
use crate::sums::incremental::{MeanCache, Update, total};
use crate::threads::{Interrupted, Workers};

/// A fit that stands after an assignment.
pub struct Fit<'a, R> {
    /// The rows.
    pub rows: &'a R,
    /// Their weights; each weighs 1 where there are none.
    pub weights: Option<&'a [f64]>,
    /// Their labels.
    pub labels: &'a mut [i32],
    /// The frame of rows and centers.
    pub frame: &'a Frame,
    /// Exact sums by the labels.
    pub sums: &'a mut ClusterSums,
    /// Of these sums, and of the centers.
    pub cache: &'a mut MeanCache,
    /// The exact sum of w x^2.
    pub squares: &'a Superaccumulator,
    /// Where rows stay packed.
    pub packed: Option<&'a mut PackedRows>,
}

/// One update, and the assignment after it.
pub struct Step {
    /// Where the centers went, k x d.
    pub centers: Vec<f64>,
    /// Which of them moved.
    pub moved: Vec<bool>,
    /// Sum of the squared distances by which they did.
    pub shift: f64,
    /// What the assignment did and the inertia by then; `None` where it is left to the loop.
    pub assigned: Option<(Counters, f64)>,
}

/// When to return, which may be before it is necessary.
#[derive(Clone, Copy)]
pub struct Until {
    /// After so many updates.
    pub most: usize,
    /// After an update that shifts the centers no more than this.
    pub shift: f64,
}

/// Updates and assigns, until a cluster is empty, no label changed, or as `until` says. `centers` are those of the
/// labels, and `cache` is of them.
pub fn steps<R: AddRow + ScreenRows>(
    (workers, isa): (&Workers, Isa),
    fit: Fit<R>,
    centers: &[f64],
    until: Until,
) -> Result<Vec<Step>, Interrupted> {
    let Fit { rows, weights, labels, frame, sums, cache, squares, mut packed } = fit;
    let (mut steps, mut changed): (Vec<Step>, bool) = (Vec::new(), true);
    while !sums.has_empty() {
        let before = steps.last().map_or(centers, |step| &step.centers);
        let (mut means, mut moved, mut shifts) =
            (copied(before), filled(false, sums.clusters()), zeros(sums.clusters()));
        let update = Update { means: &mut means, moved: &mut moved, shifts: &mut shifts };
        cache.advance((workers, isa), sums, before, update)?;
        let mut step = Step { centers: means, moved, shift: total(&shifts), assigned: None };
        let last = steps.len() + 1 == until.most || !changed || step.shift <= until.shift || !step.shift.is_finite();
        if !last {
            let centers = &step.centers[..];
            let assignment = Assignment { rows, weights, labels: &mut *labels, frame, centers, sums: Some(&mut *sums) };
            let counters = assign(workers, isa, assignment, By::Exhaustive(packed.as_deref_mut(), Precision::Float32))?;
            let inertia = cache.inertia((workers, isa), sums, squares, centers)?;
            changed = counters.changed > 0;
            step.assigned = Some((counters, inertia));
        }
        steps.push(step);
        if last {
            break;
        }
    }
    Ok(steps)
}
