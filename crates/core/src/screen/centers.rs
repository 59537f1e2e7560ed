//! Centers as the kernels want them: distinct, in the frame's coordinates, side by side, with the constants of the
//! certificate.

use crate::memory::{Grow, collected, copied, filled, zeros};
use crate::screen::certificate::{Certificate, INFLATE, STEPS, Terms, roundings, twice_inflated};
use crate::screen::frame::Frame;
use crate::screen::kernel::i16::Grid;
use crate::screen::kernel::micro::{Centers, slot};
use crate::screen::kernel::tile;
use crate::screen::shortlists::{self, ByteCenters};
use crate::simd::Simd;

/// What dense rows are screened in first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// float32.
    Float32,
    /// int16 (kernel/i16.rs), which needs to know how long rows are at most.
    Int16(f64),
    /// Bytes (shortlists/mod.rs).
    Int8,
}

/// The centers as the tile wants them, and the constants of the certificate.
pub struct PreparedCenters {
    /// Columns.
    pub columns: usize,
    /// Number of distinct centers.
    pub(crate) distinct: usize,
    /// Dense: [group][column][center of the group]. Sparse: [column][center], `padded` centers wide.
    pub(crate) centers: Vec<f32>,
    /// h~, padded with infinity: such a center is never nearest.
    pub(crate) halves: Vec<f32>,
    /// Centers after padding.
    pub(crate) padded: usize,
    /// The frame's scale, for sparse rows.
    pub(crate) scale: f64,
    /// Position among the distinct centers to the lowest index with that center; empty where they are the same.
    /// Ascending, but where centers that moved come first (screen/activity.rs).
    map: Vec<i32>,
    largest: f64,
    /// B, no less than any |b_j|.
    pub(crate) radius: f32,
    /// 2 eps(R) = (2 k1 |y| + 2 k2 R) R + 2 w0, for the tile.
    pub(crate) terms: Terms,
    /// Centers of a microtile (dense rows).
    pub(crate) group: usize,
    /// The same centers in int16, if rows are to be screened so first.
    pub(crate) grid: Option<Grid>,
    /// The same centers in bytes, if rows are to be screened so first; then there are none in float32 but those.
    pub(crate) bytes: Option<ByteCenters>,
    certificate: Certificate,
}

impl PreparedCenters {
    /// For dense rows. Where it is known how long rows are at most, they are screened in int16 first.
    pub(crate) fn dense<S: Simd>(
        simd: S,
        frame: &Frame,
        centers: &[f64],
        columns: usize,
        max_norm: Option<f64>,
    ) -> PreparedCenters {
        let mut prepared = PreparedCenters::start(frame, centers, columns, tile::group::<S>, roundings::<S>(columns));
        let distinct = prepared.distinct_indices(centers, columns);
        let group = prepared.group;
        prepared.centers = zeros(prepared.padded * columns);
        for (at, &j) in distinct.iter().enumerate() {
            let center = &centers[j as usize * columns..][..columns];
            let placed = prepared.centers[slot(group, columns, at, 0)..].iter_mut().step_by(group);
            let mut square = 0.0;
            for ((c, shift), placed) in center.iter().zip(&frame.shift).zip(placed) {
                let b = c * frame.scale - shift;
                square += b * b;
                *placed = b as f32;
            }
            prepared.halves[at] = prepared.measured(square);
        }
        let mut prepared = prepared.finish();
        let largest = prepared.largest;
        prepared.grid =
            max_norm.and_then(|max_norm| Grid::new(simd, frame, (centers, &distinct), group, (max_norm, largest)));
        prepared
    }

    /// For dense rows that are screened in some precision first. `pairs` tells whether verdicts shall have the scores
    /// of the two nearest centers even where one would do.
    pub(crate) fn first_in<S: Simd>(
        simd: S,
        frame: &Frame,
        (centers, columns): (&[f64], usize),
        precision: Precision,
        pairs: bool,
    ) -> PreparedCenters {
        match precision {
            Precision::Float32 => PreparedCenters::dense(simd, frame, centers, columns, None),
            Precision::Int16(max_norm) => PreparedCenters::dense(simd, frame, centers, columns, Some(max_norm)),
            Precision::Int8 => PreparedCenters::in_bytes(simd, frame, (centers, columns), pairs)
                .unwrap_or_else(|| PreparedCenters::dense(simd, frame, centers, columns, None)),
        }
    }

    /// For dense rows that are screened in bytes first; none where these would not do.
    fn in_bytes<S: Simd>(
        simd: S,
        frame: &Frame,
        (centers, columns): (&[f64], usize),
        pairs: bool,
    ) -> Option<PreparedCenters> {
        let roundings = shortlists::roundings::<S>(columns);
        let mut prepared = PreparedCenters::start(frame, centers, columns, |_| S::LANES, roundings);
        let distinct = prepared.distinct_indices(centers, columns);
        let bytes = ByteCenters::new(simd, frame, (centers, &distinct), pairs, |_, square| prepared.measured(square))?;
        prepared.padded = bytes.padded();
        prepared.bytes = Some(bytes);
        Some(prepared.finish())
    }

    /// The centers, for the tile.
    #[inline(always)]
    pub(crate) fn floats(&self) -> Centers<'_, f32> {
        let PreparedCenters { centers: numbers, halves, columns: cells, group, radius, terms, .. } = self;
        Centers {
            numbers,
            halves,
            cells: *cells,
            group: *group,
            bytes: false,
            unit: 1.0,
            radius: *radius,
            terms: *terms,
        }
    }

    /// A coordinate of a center as the tile has it (dense rows), by the center's position among the distinct ones.
    #[inline(always)]
    pub(crate) fn coordinate(&self, at: usize, column: usize) -> f32 {
        self.centers[slot(self.group, self.columns, at, column)]
    }

    /// The same certificate and no centers yet, for `take_part`.
    pub(crate) fn part<S: Simd>(&self) -> PreparedCenters {
        let (centers, halves, map) = (Vec::new(), Vec::new(), Vec::new());
        PreparedCenters {
            centers,
            halves,
            map,
            distinct: 0,
            padded: 0,
            group: S::FEW,
            grid: None,
            bytes: None,
            ..*self
        }
    }

    /// Makes this the part of all centers that some positions are, ascending: its bounds hold for fewer centers all the
    /// more.
    #[inline(always)]
    pub(crate) fn take_part(&mut self, whole: &PreparedCenters, places: &[u32]) {
        let (group, columns) = (self.group, self.columns);
        self.distinct = places.len();
        self.padded = places.len().next_multiple_of(group);
        self.halves.clear();
        self.halves.set_length(self.padded, f32::INFINITY);
        // Padding must hold numbers; what they are does not matter, its score being infinite.
        self.centers.clear();
        self.centers.set_length(self.padded * columns, 0.0);
        self.map.clear();
        for (at, &place) in places.iter().enumerate() {
            self.halves[at] = whole.halves[place as usize];
            self.map.add(whole.original(place as i32));
            let (to, from) = (slot(group, columns, at, 0), slot(whole.group, columns, place as usize, 0));
            let placed = self.centers[to..].iter_mut().step_by(group);
            let coordinates = whole.centers[from..].iter().step_by(whole.group);
            placed.zip(coordinates).take(columns).for_each(|(to, from)| *to = *from);
        }
    }

    pub(crate) fn start(
        frame: &Frame,
        centers: &[f64],
        columns: usize,
        group: impl Fn(usize) -> usize,
        roundings: usize,
    ) -> PreparedCenters {
        let distinct = first_of_equals(centers, columns);
        let group = group(distinct.len());
        let padded = distinct.len().div_ceil(group) * group;
        let identity = distinct.len() * columns == centers.len();
        PreparedCenters {
            columns,
            distinct: distinct.len(),
            centers: Vec::new(),
            halves: filled(f32::INFINITY, padded),
            padded,
            scale: frame.scale,
            map: if identity { Vec::new() } else { distinct },
            largest: 0.0,
            radius: 0.0,
            terms: Terms::default(),
            group,
            grid: None,
            bytes: None,
            certificate: if frame.holds { Certificate::new(roundings, columns) } else { Certificate::NONE },
        }
    }

    pub(crate) fn distinct_indices(&self, centers: &[f64], columns: usize) -> Vec<i32> {
        if self.map.is_empty() { collected(0..(centers.len() / columns) as i32) } else { copied(&self.map) }
    }

    /// Gives the distinct centers another order.
    pub(crate) fn reorder(&mut self, places: Vec<i32>) {
        let identity = self.map.is_empty() && places.iter().enumerate().all(|(at, &j)| at as i32 == j);
        self.map = if identity { Vec::new() } else { places };
    }

    /// Takes note of |b|^2, a sum in float64, and returns h~.
    pub(crate) fn measured(&mut self, square: f64) -> f32 {
        self.largest = self.largest.max(square.sqrt() * (1.0 + 1e-12));
        (0.5 * square) as f32
    }

    pub(crate) fn finish(mut self) -> PreparedCenters {
        if self.largest > 2f64.powi(60) {
            // |b|^2 / 2 could overflow float32: certify nothing. (Frames that hold the centers never come here.)
            self.certificate = Certificate::NONE;
        }
        let Certificate { k1, k2, w0 } = self.certificate;
        self.radius = (self.largest * INFLATE) as f32;
        self.terms = Terms {
            constant: twice_inflated(w0),
            norm: twice_inflated(k1),
            square: twice_inflated(k2),
            ..Terms::default()
        };
        self
    }

    /// Whether a sparse row with that many stored entries (whose products are summed in one chain, or in two) is
    /// decided.
    #[inline]
    pub(crate) fn certain_sparse(&self, stored: usize, norm: f64, first: f32, second: f32) -> bool {
        self.decided(&self.certificate_sparse(stored), norm, first as f64, second as f64)
    }

    /// Its certificate.
    #[inline(always)]
    pub(crate) fn certificate_sparse(&self, stored: usize) -> Certificate {
        let mut certificate = Certificate::new(stored + 1, self.columns);
        certificate.k1 = certificate.k1.max(self.certificate.k1);
        certificate.w0 = self.certificate.w0;
        certificate
    }

    /// B: no center is longer.
    #[inline(always)]
    pub(crate) fn largest(&self) -> f64 {
        self.largest
    }

    #[inline]
    pub(crate) fn decided(&self, certificate: &Certificate, norm: f64, first: f64, second: f64) -> bool {
        let mut radius = self.largest;
        for step in 0..=STEPS {
            let error = certificate.error(norm, radius);
            // Written so that a NaN never certifies.
            if second - first > 2.0 * error * INFLATE {
                return true;
            }
            let reach = norm * norm + 2.0 * (first + error);
            let closer = radius.min((norm + reach.max(0.0).sqrt()) * INFLATE);
            if step > 0 && 2.0 * closer >= radius {
                break;
            }
            radius = closer;
        }
        false
    }

    /// The certificate of scores in float32, and B.
    pub(crate) fn error(&self) -> (&Certificate, f64) {
        (&self.certificate, self.largest)
    }

    /// The index of a center from its position among the distinct ones.
    #[inline(always)]
    pub(crate) fn original(&self, at: i32) -> i32 {
        if self.map.is_empty() { at } else { self.map[at as usize] }
    }

    /// Whether positions are indices.
    pub(crate) fn all_distinct(&self) -> bool {
        self.map.is_empty()
    }
}

/// The lowest index of each distinct center, ascending. Equal centers would leave all their rows uncertified, and the
/// lowest index has them all anyway. (-0 and 0 are the same number.)
pub(crate) fn first_of_equals(centers: &[f64], columns: usize) -> Vec<i32> {
    let row = |j: i32| &centers[j as usize * columns..][..columns];
    let order = |a: &i32, b: &i32| {
        let pairs = row(*a).iter().zip(row(*b));
        pairs.map(|(x, y)| (x + 0.0).total_cmp(&(y + 0.0))).find(|o| o.is_ne()).unwrap_or(a.cmp(b))
    };
    let mut indices: Vec<i32> = collected(0..(centers.len() / columns) as i32);
    indices.sort_unstable_by(order);
    indices.dedup_by(|later, earlier| row(*later) == row(*earlier));
    indices.sort_unstable();
    indices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_centers_keep_the_lowest_index() {
        let centers = [1.0, 2.0, 0.0, 1.0, 1.0, 2.0, -0.0, 1.0];
        assert_eq!(first_of_equals(&centers, 2), vec![0, 1]);
    }
}
