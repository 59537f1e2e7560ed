//! Sums of clusters: the exact sums of w x and w over the rows of each. Those of two blocks or threads merge with +, in
//! any order.
//!
//! They are kept from pass to pass: a row that changes cluster is taken out of one sum and put into another, at the
//! cost of adding two rows.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::exact::fixed_point::FixedPointFormat;
use crate::exact::superaccumulator::{Superaccumulator, decompose};
use crate::memory::{copied, zeros};
use crate::sums::add_row::AddRow;
use crate::sums::move_narrow::PlainSums;

/// Exact sums of w x and w, cluster by cluster.
#[derive(Deserialize)]
#[serde(try_from = "Arrived")]
pub struct ClusterSums {
    pub(crate) clusters: usize,
    pub(crate) format: Arc<FixedPointFormat>,
    /// How weights are split; `None` where every row weighs 1.
    pub(crate) weighing: Option<Arc<FixedPointFormat>>,
    sums: Vec<i64>,
    pub(crate) weights: Vec<i64>,
    /// How often rows were put into each cluster or taken out: while that is never, its sums are zero.
    changes: Vec<u64>,
}

impl Clone for ClusterSums {
    fn clone(&self) -> ClusterSums {
        ClusterSums {
            clusters: self.clusters,
            format: self.format.clone(),
            weighing: self.weighing.clone(),
            sums: copied(&self.sums),
            weights: copied(&self.weights),
            changes: copied(&self.changes),
        }
    }
}

/// The exact sums of one cluster.
pub(crate) struct OneCluster<'a> {
    format: &'a FixedPointFormat,
    weighing: Option<&'a FixedPointFormat>,
    limbs: &'a mut [i64],
    weight: &'a mut [i64],
    changes: &'a mut u64,
}

impl OneCluster<'_> {
    /// Puts a row in, or takes it out.
    #[inline(always)]
    pub(crate) fn count(&mut self, rows: &impl AddRow, row: usize, weight: f64, out: bool, buffer: &mut Vec<f64>) {
        *self.changes += 1;
        rows.add_row(row, self.format, self.limbs, weight, out, buffer);
        match self.weighing {
            None => self.weight[0] += if out { -1 } else { 1 },
            Some(format) => format.add_entry(self.weight, 0, weight, 1.0, out),
        }
    }
}

/// What travels of sums: the limbs of clusters that changed. In a late pass most did not.
#[derive(Serialize)]
struct Sent<'a> {
    format: &'a FixedPointFormat,
    weighing: Option<&'a FixedPointFormat>,
    changes: &'a [u64],
    changed: Vec<(&'a [i64], &'a [i64])>,
}

/// The same where it arrives.
#[derive(Deserialize)]
struct Arrived {
    format: FixedPointFormat,
    weighing: Option<FixedPointFormat>,
    changes: Vec<u64>,
    changed: Vec<(Vec<i64>, Vec<i64>)>,
}

impl Serialize for ClusterSums {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sums = self.sums.chunks_exact(self.format.width());
        let weights = self.weights.chunks_exact(weight_width(self.weighing.as_deref()));
        let all = sums.zip(weights).zip(&self.changes);
        let changed = all.filter(|(_, changes)| **changes > 0).map(|(limbs, _)| limbs).collect();
        let (format, weighing) = (&*self.format, self.weighing.as_deref());
        Sent { format, weighing, changes: &self.changes, changed }.serialize(serializer)
    }
}

impl TryFrom<Arrived> for ClusterSums {
    type Error = &'static str;

    fn try_from(arrived: Arrived) -> Result<ClusterSums, &'static str> {
        let Arrived { format, weighing, changes, changed } = arrived;
        if weighing.is_some() != format.is_weighted() {
            return Err("weights are missing");
        }
        if weighing.as_ref().is_some_and(|weighing| weighing.columns() != 1 || weighing.is_weighted()) {
            return Err("these are no weights");
        }
        let (clusters, width, wide) = (changes.len(), format.width(), weight_width(weighing.as_ref()));
        let (mut sums, mut weights) = (room(clusters, width)?, room(clusters, wide)?);
        let mut limbs = changed.iter();
        let places = sums.chunks_exact_mut(width).zip(weights.chunks_exact_mut(wide)).zip(&changes);
        for ((sums, weights), _) in places.filter(|(_, changes)| **changes > 0) {
            match limbs.next() {
                Some((some, weight)) if some.len() == width && weight.len() == wide => {
                    sums.copy_from_slice(some);
                    weights.copy_from_slice(weight);
                }
                _ => return Err("the limbs of a cluster are missing"),
            }
        }
        if limbs.next().is_some() {
            return Err("there are limbs of no cluster");
        }
        let (format, weighing) = (Arc::new(format), weighing.map(Arc::new));
        Ok(ClusterSums { clusters, format, weighing, sums, weights, changes })
    }
}

/// Limbs of a cluster's weight.
fn weight_width(weighing: Option<&FixedPointFormat>) -> usize {
    weighing.map_or(1, |weighing| weighing.width())
}

/// Adds limbs to limbs.
fn add(to: &mut [i64], from: &[i64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = to.wrapping_add(*from));
}

/// So many zeros for every cluster, if there is room for them: how many was read from bytes.
fn room(clusters: usize, width: usize) -> Result<Vec<i64>, &'static str> {
    let (count, mut zeros) = (clusters.checked_mul(width).ok_or("too many clusters")?, Vec::new());
    zeros.try_reserve_exact(count).map_err(|_| "too many clusters")?;
    zeros.resize(count, 0);
    Ok(zeros)
}

impl ClusterSums {
    /// No rows in any cluster.
    pub fn new(clusters: usize, format: Arc<FixedPointFormat>, weighing: Option<Arc<FixedPointFormat>>) -> ClusterSums {
        let (sums, weights) =
            (clusters.saturating_mul(format.width()), clusters.saturating_mul(weight_width(weighing.as_deref())));
        ClusterSums { clusters, format, weighing, sums: zeros(sums), weights: zeros(weights), changes: zeros(clusters) }
    }

    /// So many clusters by the same format, no rows.
    pub(crate) fn emptied(&self, clusters: usize) -> ClusterSums {
        ClusterSums::new(clusters, self.format.clone(), self.weighing.clone())
    }

    /// Takes everything out, even the clusters.
    pub(crate) fn take(&mut self) -> ClusterSums {
        let none = self.emptied(0);
        std::mem::replace(self, none)
    }

    /// Number of clusters.
    pub fn clusters(&self) -> usize {
        self.clusters
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.format.columns()
    }

    /// How often a cluster's sums changed: as long as that is the same number, they are the same.
    pub(crate) fn changes(&self, cluster: usize) -> u64 {
        self.changes[cluster]
    }

    /// Bytes of exact sums.
    pub(crate) fn bytes(&self) -> usize {
        8 * (self.sums.len() + self.weights.len())
    }

    /// The sums of every cluster, to be changed apart from those of others.
    pub(crate) fn apart(&mut self) -> impl ExactSizeIterator<Item = OneCluster<'_>> {
        let ClusterSums { clusters, format, weighing, sums, weights, changes } = self;
        let (format, weighing) = (&**format, weighing.as_deref());
        let mut limbs = sums.chunks_exact_mut(format.width());
        let mut weights = weights.chunks_exact_mut(weight_width(weighing));
        let mut changes = changes.iter_mut();
        let mut next = move || Some((limbs.next()?, weights.next()?, changes.next()?));
        (0..*clusters).map(move |_| {
            let (limbs, weight, changes) = next().expect("as many of each as there are clusters");
            OneCluster { format, weighing, limbs, weight, changes }
        })
    }

    /// Puts a row into a cluster, or takes it out.
    #[inline(always)]
    pub fn count(
        &mut self,
        rows: &impl AddRow,
        row: usize,
        cluster: usize,
        weight: f64,
        out: bool,
        buffer: &mut Vec<f64>,
    ) {
        let (width, wide) = (self.format.width(), weight_width(self.weighing.as_deref()));
        let mut one = OneCluster {
            format: &self.format,
            weighing: self.weighing.as_deref(),
            limbs: &mut self.sums[cluster * width..][..width],
            weight: &mut self.weights[cluster * wide..][..wide],
            changes: &mut self.changes[cluster],
        };
        one.count(rows, row, weight, out, buffer);
    }

    /// Moves a row from one cluster to another.
    #[inline(always)]
    pub(crate) fn transfer(
        &mut self,
        rows: &impl AddRow,
        row: usize,
        (from, to): (usize, usize),
        weight: f64,
        buffer: &mut Vec<f64>,
    ) {
        fn pair(all: &mut [i64], width: usize, from: usize, to: usize) -> (&mut [i64], &mut [i64]) {
            let (low, high) = all.split_at_mut(from.max(to) * width);
            let (low, high) = (&mut low[from.min(to) * width..][..width], &mut high[..width]);
            if from < to { (low, high) } else { (high, low) }
        }
        assert_ne!(from, to, "a row moves between two clusters");
        self.changes[from] += 1;
        self.changes[to] += 1;
        rows.move_row(row, &self.format, pair(&mut self.sums, self.format.width(), from, to), weight, buffer);
        match &self.weighing {
            None => {
                self.weights[from] -= 1;
                self.weights[to] += 1;
            }
            Some(format) => {
                let (from, to) = pair(&mut self.weights, format.width(), from, to);
                format.add_entry(from, 0, weight, 1.0, true);
                format.add_entry(to, 0, weight, 1.0, false);
            }
        }
    }

    /// These sums as rows of few columns want them, where they are so plain.
    pub(crate) fn plain(&mut self) -> Option<PlainSums<'_>> {
        let ClusterSums { format, weighing, sums: limbs, weights, changes, .. } = self;
        let plain = format.plain().filter(|_| weighing.is_none())?;
        Some(PlainSums { plain, limbs, weights, changes })
    }

    /// Whether other sums have the same clusters and format.
    pub fn fits(&self, other: &ClusterSums) -> bool {
        self.clusters == other.clusters && self.format == other.format && self.weighing == other.weighing
    }

    /// Adds other sums of the same format.
    pub fn merge(&mut self, other: &ClusterSums) {
        assert!(self.fits(other), "sums of different formats");
        let width = self.format.width();
        let clusters = self.sums.chunks_exact_mut(width).zip(other.sums.chunks_exact(width));
        for ((to, from), (changes, others)) in clusters.zip(self.changes.iter_mut().zip(&other.changes)) {
            if *others > 0 {
                *changes += others;
                add(to, from);
            }
        }
        add(&mut self.weights, &other.weights);
    }

    /// The sums over all clusters, as those of one. Limbs are integers: rows have the same ones however they are
    /// clustered.
    pub fn total(&self) -> ClusterSums {
        let mut total = self.emptied(1);
        for (to, from) in [(&mut total.sums, &self.sums), (&mut total.weights, &self.weights)] {
            from.chunks_exact(to.len().max(1)).for_each(|from| add(to, from));
        }
        total.changes[0] = self.changes.iter().sum();
        total
    }

    /// Whether sums and weights are the same, limb by limb.
    pub fn equals(&self, other: &ClusterSums) -> bool {
        self.fits(other) && self.sums == other.sums && self.weights == other.weights
    }

    pub(crate) fn limbs(&self, cluster: usize) -> &[i64] {
        let width = self.format.width();
        &self.sums[cluster * width..][..width]
    }

    /// Calls `each` with the limbs of a cluster's weight.
    #[inline]
    pub(crate) fn weight_limbs(&self, cluster: usize, mut each: impl FnMut(i64, i32)) {
        match &self.weighing {
            None => each(self.weights[cluster], 0),
            Some(format) => {
                let width = format.width();
                format.limbs_of(&self.weights[cluster * width..][..width], 0, each);
            }
        }
    }

    /// Adds factor * (weight of the cluster).
    pub(crate) fn add_weight(&self, wide: &mut Superaccumulator, cluster: usize, factor: f64) {
        let (negative, significand, exponent) = decompose(factor);
        self.weight_limbs(cluster, |limb, unit| {
            let magnitude = limb.unsigned_abs() as u128 * significand as u128;
            wide.add_int(negative != (limb < 0), magnitude, unit + exponent);
        });
    }

    /// The weight of a cluster, rounded to float64.
    pub fn weight(&self, cluster: usize) -> f64 {
        if self.weighing.is_none() {
            return self.weights[cluster] as f64;
        }
        let mut wide = Superaccumulator::new();
        self.add_weight(&mut wide, cluster, 1.0);
        wide.rounded()
    }

    /// Compares the exact weights of two clusters.
    pub(crate) fn compare_weights(&self, a: usize, b: usize) -> Ordering {
        let mut wide = Superaccumulator::new();
        self.add_weight(&mut wide, a, 1.0);
        self.add_weight(&mut wide, b, -1.0);
        wide.sign()
    }

    /// Whether the rows of some cluster weigh nothing.
    pub fn has_empty(&self) -> bool {
        (0..self.clusters).any(|cluster| self.weight(cluster) == 0.0)
    }

    /// The cluster of the largest exact weight, the lowest index of equals.
    pub fn heaviest(&self) -> usize {
        let later = |best, cluster| if self.compare_weights(cluster, best).is_gt() { cluster } else { best };
        (1..self.clusters).fold(0, later)
    }

    /// Subtracts the square of a column's sum over the first cluster.
    pub(crate) fn subtract_square(&self, wide: &mut Superaccumulator, column: usize) {
        let mut limbs = Vec::new();
        self.format.limbs_of(self.limbs(0), column, |limb, unit| limbs.push((limb, unit)));
        for &(a, a_unit) in &limbs {
            for &(b, b_unit) in &limbs {
                let magnitude = a.unsigned_abs() as u128 * b.unsigned_abs() as u128;
                wide.add_int((a < 0) == (b < 0), magnitude, a_unit + b_unit);
            }
        }
    }
}
