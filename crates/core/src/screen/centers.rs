//! The certificate: which rows a float32 tile has decided, proved row by row.
//!
//! In a frame (m, s), s a power of two, let y = s (x - m), b_j = s (c_j - m) be exact reals and
//! s_j = |b_j|^2 / 2 - y.b_j, so that s^2 |x - c_j|^2 = |y|^2 + 2 s_j. The tile holds x~ = round(y), b~_j = round(b_j),
//! h~_j = round(|b_j|^2 / 2) in float32 and computes s~_j. With u = 2^-24, v = 2^-53, gamma(n) = n u / (1 - n u),
//!
//!   |s~_j - s_j| <= rx |b_j| + |x~| rb_j + g (|x~| (|b_j| + rb_j) + h_j (1 + 2u)) + 1.01 u h_j + w0,
//!
//! * rx >= |y - x~| and rb_j >= |b_j - b~_j|: a float64 difference (relative error v), then float32 (u), or for float32
//!   rows and an m that float32 holds one float32 difference (u; s x and s m are exact): both are at most r |y|, r |b_j|
//!   with r = (u + v)(1 + 2^-26), plus subnormal roundings of 2^-150 a column, which w0 covers;
//! * g bounds the rounding of the sum: gamma(w + ceil(d/w) + 1) where columns are summed in blocks of w;
//! * 1.01 u h_j: h~_j is rounded from a float64 sum of relative error (d + 4) v < 0.01 u;
//! * w0 = (d + 2) 2^-125: underflow, whether subnormals are kept or flushed.
//!
//! All terms grow with |b|, and |x~| <= (1 + r) |y|, so eps(R) = |y| k1 R + k2 R^2 + w0 bounds |s~_j - s_j| for all
//! |b_j| <= R, with k1 = r + (1 + r)(r + g (1 + r)) and k2 = (g (1 + 2u) + 1.01 u) / 2.
//!
//! Theorem. Let j0 be the tile's argmin, s~ its score, B >= max |b_j|, t = |y|^2 + 2 (s~ + eps(B)),
//! R = min(B, |y| + sqrt(max(t, 0))). Every centre at least as near as c_j0 has score at most s~ + 2 eps(R).
//! Proof. s^2 d2_j0 = |y|^2 + 2 s_j0 <= t. If d2_j <= d2_j0 then |b_j| <= |y| + s sqrt(d2_j) <= |y| + sqrt(t), and
//! |b_j| <= B: so |b_j| <= R, and likewise |b_j0| <= R. Then s~_j <= s_j + eps(R) <= s_j0 + eps(R) <= s~ + 2 eps(R). QED
//! So the argmin is the nearest centre, and no other is as near, if every other score exceeds s~ + 2 eps(R).
//!
//! Other centres. If centres c'_j lie so near that s |c'_j - c_j| <= t for all j, then s'_j differs from s_j by at most
//! |b'_j - b_j| (|y| + max(|b_j|, |b'_j|)) <= t (1 + B'), B' = B + t, as |y| <= 1. With t (1 + B') added to eps and B' in the place
//! of B, the theorem holds for the one set of centres and for the other: a row that is certified so has the same nearest
//! centre in both. (The last sweep of a float32 fit, whose centres are rounded once, then has few rows to look at.)

use crate::screen::kernel::i16::Grid;
use crate::screen::kernel::micro::{Centres, Terms};
use crate::screen::kernel::tile;
use crate::screen::sparse::Term;
use crate::simd::Simd;

const U: f64 = 1.0 / (1u64 << 24) as f64;
const V: f64 = f64::EPSILON / 2.0;
/// Bounds are computed in floating point and inflated by this: far more than the few roundings that they pass through.
pub const INFLATE: f64 = 1.0 + 1e-5;
/// Columns summed in one chain.
pub const CHAIN: usize = 64;

/// Where the tile puts the origin, and its unit: results do not depend on them, only how much is certified.
#[derive(Clone, Debug)]
pub struct Frame {
    /// s m, the origin times the scale.
    pub shift: Vec<f64>,
    /// s, a power of two.
    pub scale: f64,
    /// The scale and s m as float32, where float32 holds them exactly: then a float32 row is placed by one rounding.
    pub single: Option<(f32, Vec<f32>)>,
    /// No less than s times the largest difference of a coordinate from the origin.
    pub largest: f64,
    /// False where rows may lie beyond the unit (reach overflows): then nothing is certified.
    pub holds: bool,
}

impl Frame {
    /// A frame with its origin at `origin` (zeros for sparse rows) for coordinates that differ from it by at most
    /// `reach` in every column.
    pub fn new(origin: &[f64], reach: &[f64]) -> Frame {
        // |y| <= s sqrt(d) max reach <= 1. Clamped from below, |y| is smaller still; from above, nothing is certified.
        let largest = reach.iter().fold(0f64, |a, &b| a.max(b));
        let exponent = if largest > 0.0 && largest.is_finite() {
            largest.log2().ceil() + (0.5 * (reach.len().max(1) as f64).log2()).ceil() + 1.0
        } else if largest > 0.0 {
            1025.0
        } else {
            0.0
        };
        let scale = 2f64.powi(-(exponent as i32).clamp(-1000, 1000));
        let shift: Vec<f64> = origin.iter().map(|m| m * scale).collect();
        let exact = |x: f64| x as f32 as f64 == x;
        let single = (exponent.abs() <= 120.0 && shift.iter().all(|&x| exact(x)))
            .then(|| (scale as f32, shift.iter().map(|&x| x as f32).collect()));
        Frame { shift, scale, single, largest: largest * scale, holds: exponent <= 1000.0 }
    }
}

/// The centres as the tile wants them, and the constants of the certificate.
pub struct Screen {
    /// Columns.
    pub columns: usize,
    /// Number of distinct centres.
    pub distinct: usize,
    /// Dense: [group][column][centre of the group]. Sparse: [column][centre], `padded` centres wide.
    pub centres: Vec<f32>,
    /// h~, padded with infinity: such a centre is never nearest.
    pub halves: Vec<f32>,
    /// Centres after padding.
    pub padded: usize,
    /// The frame's scale, for sparse rows.
    pub scale: f64,
    /// Position among the distinct centres to the lowest index with that centre; empty where they are the same. Ascending, but
    /// where centres that moved come first (standing.rs).
    map: Vec<i32>,
    largest: f64,
    /// B, no less than any |b_j|.
    pub radius: f32,
    /// 2 eps(R) = (2 k1 |y| + 2 k2 R) R + 2 w0, for the tile.
    pub terms: Terms,
    /// Centres of a microtile (dense rows).
    pub group: usize,
    /// The same centres in int16, if rows are to be screened so first.
    pub grid: Option<Grid>,
    certificate: Certificate,
}

/// k1, k2 and w0 of the module's head, for one length of sums.
#[derive(Clone, Copy)]
struct Certificate {
    k1: f64,
    k2: f64,
    w0: f64,
}

impl Certificate {
    /// Certifies nothing.
    const NONE: Certificate = Certificate { k1: f64::INFINITY, k2: f64::INFINITY, w0: f64::INFINITY };

    fn new(roundings: usize, columns: usize) -> Certificate {
        let n = roundings as f64 * U;
        let g = if n < 0.5 { n / (1.0 - n) } else { f64::INFINITY };
        let r = (U + V) * (1.0 + 2f64.powi(-26));
        Certificate {
            k1: (r + (1.0 + r) * (r + g * (1.0 + r))) * INFLATE,
            k2: 0.5 * (g * (1.0 + 2.0 * U) + 1.01 * U) * INFLATE,
            w0: (columns + 2) as f64 * 2f64.powi(-125),
        }
    }

    /// eps(R) for a row of norm at most `norm`.
    #[inline(always)]
    fn error(&self, norm: f64, radius: f64) -> f64 {
        (norm * self.k1 + radius * self.k2) * radius * INFLATE + self.w0
    }
}

/// Roundings that a score passes through when d columns are summed in chains of `CHAIN`.
fn roundings<S: Simd>(columns: usize) -> usize {
    let chain = columns.min(CHAIN) + columns.div_ceil(CHAIN) + 1;
    // A single chain that starts from h~ has d fused steps; unfused products round once more.
    let chain = if columns <= CHAIN { columns } else { chain };
    chain + if S::FUSED { 0 } else { 1 }
}

impl Screen {
    /// For dense rows, and all centres within `drift` of these in the frame (t of the module's head; 0 for these alone).
    /// Where it is known how long rows are at most, they are screened in int16 first.
    pub fn dense<S: Simd>(
        simd: S,
        frame: &Frame,
        centres: &[f64],
        columns: usize,
        drift: f64,
        longest: Option<f64>,
    ) -> Screen {
        let mut screen = Screen::start(frame, centres, columns, tile::group::<S>, roundings::<S>(columns));
        let distinct = screen.pick(centres, columns);
        let group = screen.group;
        screen.centres = vec![0.0; screen.padded * columns];
        for (at, &j) in distinct.iter().enumerate() {
            let centre = &centres[j as usize * columns..][..columns];
            let placed = screen.centres[slot(group, columns, at, 0)..].iter_mut().step_by(group);
            let mut square = 0.0;
            for ((c, shift), placed) in centre.iter().zip(&frame.shift).zip(placed) {
                let b = c * frame.scale - shift;
                square += b * b;
                *placed = b as f32;
            }
            screen.halves[at] = screen.measured(square);
        }
        let mut screen = screen.finish(drift);
        let largest = screen.largest;
        screen.grid =
            longest.and_then(|longest| Grid::new(simd, frame, (centres, &distinct), group, (longest, largest, drift)));
        screen
    }

    /// The centres, for the tile.
    #[inline(always)]
    pub fn floats(&self) -> Centres<'_, f32> {
        let Screen { centres: numbers, halves, columns: cells, group, radius, terms, .. } = self;
        Centres {
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

    /// A coordinate of a centre as the tile has it (dense rows), by the centre's position among the distinct ones.
    #[inline(always)]
    pub fn coordinate(&self, at: usize, column: usize) -> f32 {
        self.centres[slot(self.group, self.columns, at, column)]
    }

    /// A screen with the same certificate and no centres yet, for `take_part`.
    pub fn part<S: Simd>(&self) -> Screen {
        let (centres, halves, map) = (Vec::new(), Vec::new(), Vec::new());
        Screen { centres, halves, map, distinct: 0, padded: 0, group: S::FEW, grid: None, ..*self }
    }

    /// Makes this the part of a screen that some positions are, ascending: its bounds hold for fewer centres all the more.
    #[inline(always)]
    pub fn take_part(&mut self, whole: &Screen, places: &[u32]) {
        let (group, columns) = (self.group, self.columns);
        self.distinct = places.len();
        self.padded = places.len().next_multiple_of(group);
        self.halves.clear();
        self.halves.resize(self.padded, f32::INFINITY);
        // Padding must hold numbers; what they are does not matter, its score being infinite.
        self.centres.clear();
        self.centres.resize(self.padded * columns, 0.0);
        self.map.clear();
        for (at, &place) in places.iter().enumerate() {
            self.halves[at] = whole.halves[place as usize];
            self.map.push(whole.original(place as i32));
            let (to, from) = (slot(group, columns, at, 0), slot(whole.group, columns, place as usize, 0));
            let placed = self.centres[to..].iter_mut().step_by(group);
            let coordinates = whole.centres[from..].iter().step_by(whole.group);
            placed.zip(coordinates).take(columns).for_each(|(to, from)| *to = *from);
        }
    }

    pub(crate) fn start(
        frame: &Frame,
        centres: &[f64],
        columns: usize,
        group: impl Fn(usize) -> usize,
        roundings: usize,
    ) -> Screen {
        let distinct = first_of_equals(centres, columns);
        let group = group(distinct.len());
        let padded = distinct.len().div_ceil(group) * group;
        let identity = distinct.len() * columns == centres.len();
        Screen {
            columns,
            distinct: distinct.len(),
            centres: Vec::new(),
            halves: vec![f32::INFINITY; padded],
            padded,
            scale: frame.scale,
            map: if identity { Vec::new() } else { distinct },
            largest: 0.0,
            radius: 0.0,
            terms: Terms::default(),
            group,
            grid: None,
            certificate: if frame.holds { Certificate::new(roundings, columns) } else { Certificate::NONE },
        }
    }

    pub(crate) fn pick(&self, centres: &[f64], columns: usize) -> Vec<i32> {
        if self.map.is_empty() { (0..(centres.len() / columns) as i32).collect() } else { self.map.clone() }
    }

    /// Gives the distinct centres another order.
    pub(crate) fn reorder(&mut self, places: Vec<i32>) {
        let identity = self.map.is_empty() && places.iter().enumerate().all(|(at, &j)| at as i32 == j);
        self.map = if identity { Vec::new() } else { places };
    }

    /// Takes note of |b|^2, a sum in float64, and returns h~.
    pub(crate) fn measured(&mut self, square: f64) -> f32 {
        self.largest = self.largest.max(square.sqrt() * (1.0 + 1e-12));
        (0.5 * square) as f32
    }

    pub(crate) fn finish(mut self, drift: f64) -> Screen {
        self.largest += drift;
        self.certificate.w0 += drift * (1.0 + self.largest) * INFLATE;
        if self.largest > 2f64.powi(60) {
            // |b|^2 / 2 could overflow float32: certify nothing. (Frames that hold the centres never come here.)
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

    /// Whether a sparse row with that many stored entries (whose products are summed in one chain) is decided.
    #[inline]
    pub fn certain_sparse(&self, stored: usize, norm: f64, first: f32, second: f32) -> bool {
        let mut certificate = Certificate::new(stored + 1, self.columns);
        certificate.k1 = certificate.k1.max(self.certificate.k1);
        certificate.w0 = self.certificate.w0;
        self.decided(&certificate, norm, first as f64, second as f64)
    }

    #[inline]
    fn decided(&self, certificate: &Certificate, norm: f64, first: f64, second: f64) -> bool {
        let reach = norm * norm + 2.0 * (first + certificate.error(norm, self.largest));
        let radius = self.largest.min((norm + reach.max(0.0).sqrt()) * INFLATE);
        // Written so that a NaN never certifies.
        second - first > 2.0 * certificate.error(norm, radius) * INFLATE
    }

    /// The index of a centre from its position among the distinct ones.
    #[inline(always)]
    pub fn original(&self, at: i32) -> i32 {
        if self.map.is_empty() { at } else { self.map[at as usize] }
    }

    /// Whether positions are indices.
    pub fn all_distinct(&self) -> bool {
        self.map.is_empty()
    }
}

/// A coefficient of 2 eps, inflated for being rounded to float32 and evaluated in it.
pub fn twice_inflated(coefficient: f64) -> f32 {
    (2.0 * coefficient * INFLATE * INFLATE) as f32
}

/// Where a coordinate of the centre at a position lies: [group][column][centre of the group].
#[inline(always)]
pub fn slot(group: usize, columns: usize, at: usize, column: usize) -> usize {
    at / group * group * columns + column * group + at % group
}

/// The lowest index of each distinct centre, ascending. Equal centres would leave all their rows uncertified, and the
/// lowest index has them all anyway. (-0 and 0 are the same number.)
pub fn first_of_equals(centres: &[f64], columns: usize) -> Vec<i32> {
    let row = |j: i32| &centres[j as usize * columns..][..columns];
    let order = |a: &i32, b: &i32| {
        let pairs = row(*a).iter().zip(row(*b));
        pairs.map(|(x, y)| (x + 0.0).total_cmp(&(y + 0.0))).find(|o| o.is_ne()).unwrap_or(a.cmp(b))
    };
    let mut indices: Vec<i32> = (0..(centres.len() / columns) as i32).collect();
    indices.sort_unstable_by(order);
    indices.dedup_by(|later, earlier| row(*later) == row(*earlier));
    indices.sort_unstable();
    indices
}

/// What screening a block of rows found, row by row.
#[derive(Default)]
pub struct Verdicts {
    /// Position of the nearest centre among the distinct ones (certain unless listed in `unsure`).
    pub best: Vec<i32>,
    /// Rows that were not certified, as positions in the block.
    pub unsure: Vec<u32>,
    /// The least score, the least of the others, and the certificate's 2 eps(B) (dense rows only).
    pub least: Vec<f32>,
    /// See `least`.
    pub second: Vec<f32>,
    /// See `least`.
    pub twice: Vec<f32>,
    /// Rows, over all blocks, that int16 did not decide.
    pub repeated: u64,
    /// Rows, over all blocks, that were not scored against all centres, and scores that were left out (sparse rows only).
    pub spared: u64,
    /// See `spared`.
    pub unscored: u64,
    /// Room for the entries of a row (sparse rows only).
    pub terms: Vec<Term>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_centres_keep_the_lowest_index() {
        let centres = [1.0, 2.0, 0.0, 1.0, 1.0, 2.0, -0.0, 1.0];
        assert_eq!(first_of_equals(&centres, 2), vec![0, 1]);
    }

    #[test]
    fn frames_scale_by_powers_of_two() {
        let frame = Frame::new(&[1e6, 1.0], &[3.0, 1e-3]);
        assert_eq!(frame.scale, 2f64.powi(-4));
        assert_eq!(frame.shift[0], 1e6 / 16.0);
        assert_eq!(Frame::new(&[0.0], &[0.0]).scale, 1.0);
        assert!(Frame::new(&[0.0], &[f64::INFINITY]).scale > 0.0);
    }
}
