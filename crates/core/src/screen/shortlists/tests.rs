//! Bounds against exact scores, and lists against the nearest centers by them.

use super::centers::VECTORS;
use super::scores::TILE;
use super::{ByteRoom, PlaceRows};
use crate::rows::{Dense, Rows};
use crate::screen::centers::{Precision, PreparedCenters};
use crate::screen::frame::Frame;
use crate::screen::pack::Pack;
use crate::screen::verdicts::Verdicts;
use crate::simd::{Isa, Simd, Task};

/// Numbers in [-1, 1) of few bits, so that float64 has scores of them exactly.
fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 45) as f64 / (1u64 << 18) as f64 - 1.0
    };
    (0..count).map(next).collect()
}

/// Rows side by side.
struct Few<'a, R> {
    rows: &'a R,
    frame: &'a Frame,
    from: usize,
    count: usize,
}

impl<R: Pack> PlaceRows for Few<'_, R> {
    fn count(&self) -> usize {
        self.count
    }

    #[inline(always)]
    fn place(&self, at: usize, out: &mut [f32]) {
        self.rows.place(self.from + at, self.frame, out);
    }
}

struct Check<'a> {
    rows: &'a [f64],
    centers: &'a [f64],
    columns: usize,
    pairs: bool,
}

impl Task for Check<'_> {
    /// The largest error, as a share of its bound, and how many centers were listed.
    type Out = (f64, u64);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Check { rows, centers, columns, pairs } = self;
        let reach = rows.iter().chain(centers).fold(0f64, |most, x| most.max(x.abs()));
        let frame = Frame::new(&vec![0.0; columns], &vec![reach; columns]);
        let prepared = PreparedCenters::first_in(simd, &frame, (centers, columns), Precision::Int8, pairs);
        let bytes = prepared.bytes.as_ref().expect("centers have bytes");
        let matrix = Dense::contiguous(rows, rows.len() / columns, columns).expect("shape");
        let square = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>() * frame.scale * frame.scale;
        let score = |y: &[f64], b: &[f64]| {
            let product: f64 = y.iter().zip(b).map(|(y, b)| y * b).sum();
            0.5 * square(b) - product * frame.scale * frame.scale
        };
        let mut worst = 0f64;
        let (mut room, mut verdicts) = (ByteRoom::default(), Verdicts::default());
        for from in (0..matrix.len()).step_by(bytes.panel()) {
            let count = bytes.panel().min(matrix.len() - from);
            verdicts.best = vec![0; count];
            verdicts.least = vec![0.0; count];
            verdicts.second = vec![0.0; count];
            verdicts.twice = vec![0.0; count];
            verdicts.unsure.clear();
            verdicts.lists.clear();
            let given = Few { rows: &matrix, frame: &frame, from, count };
            bytes.screen(simd, prepared.error(), 0, &given, &mut room, &mut verdicts);
            for at in 0..count {
                let y = &rows[(from + at) * columns..][..columns];
                let exact: Vec<f64> = (0..prepared.distinct)
                    .map(|j| score(y, &centers[prepared.original(j as i32) as usize * columns..][..columns]))
                    .collect();
                for (place, &j) in bytes.order.iter().enumerate() {
                    let group = &bytes.groups[place / (VECTORS * S::LANES)];
                    let eps = group.error(room.rows.norms[at], room.rows.errors[at]) as f64;
                    let found = room.scores.all[at * bytes.padded() + place] as f64;
                    worst = worst.max((found - exact[j as usize]).abs() / eps);
                }
                let least = exact.iter().copied().fold(f64::INFINITY, f64::min);
                let nearest = |j: &i32| exact[*j as usize] == least;
                match verdicts.unsure.iter().position(|&row| row as usize == at) {
                    None => {
                        let best = verdicts.best[at];
                        let ties = (0..prepared.distinct as i32).filter(|j| nearest(j)).count();
                        assert!(nearest(&best) && ties == 1, "row {from} + {at} has label {best}");
                    }
                    Some(nth) => {
                        let list = verdicts.lists.get(nth);
                        let all = (0..prepared.distinct as i32).filter(|j| nearest(j));
                        assert!(all.into_iter().all(|j| list.contains(&j)), "row {from} + {at}: {list:?}");
                    }
                }
                if pairs && prepared.distinct > 1 {
                    let mut sorted = exact.clone();
                    sorted.sort_unstable_by(f64::total_cmp);
                    let half = 0.5 * verdicts.twice[at] as f64;
                    let (first, second) = (verdicts.least[at] as f64, verdicts.second[at] as f64);
                    assert!((first - sorted[0]).abs() <= half && second - half <= sorted[1], "row {from} + {at}");
                }
            }
        }
        assert!(room.rows.units.len().is_multiple_of(TILE));
        (worst, verdicts.lists.scored)
    }
}

/// Rows and centers that are hard in one way or another.
fn problems(d: usize, k: usize) -> Vec<(Vec<f64>, Vec<f64>)> {
    let (rows, centers) = (noise(90 * d, 1), noise(k * d, 2));
    let mut all = vec![(rows.clone(), centers.clone())];
    // Rows halfway between two centers, and on centers; a row and a center of zeros.
    let mut between = rows.clone();
    for (at, row) in between.chunks_exact_mut(d).enumerate() {
        let (a, b) = (at % k, (7 * at + 1) % k);
        let pairs = centers[a * d..][..d].iter().zip(&centers[b * d..][..d]);
        row.iter_mut().zip(pairs).for_each(|(x, (a, b))| *x = if at % 3 == 0 { *a } else { (a + b) / 2.0 });
    }
    between[..d].fill(0.0);
    let mut some = centers.clone();
    some[..d].fill(0.0);
    all.push((between, some));
    // Bytes at their limits.
    let signs = |x: &Vec<f64>| x.iter().map(|x| x.signum()).collect::<Vec<_>>();
    all.push((signs(&rows), signs(&centers)));
    // One far row, and one far center.
    let (mut far, mut away) = (rows.clone(), centers.clone());
    far[d..2 * d].iter_mut().for_each(|x| *x *= 1024.0);
    all.push((far.clone(), centers.clone()));
    away[..d].iter_mut().for_each(|x| *x *= 512.0);
    all.push((rows.clone(), away.clone()));
    all.push((far, away));
    // Rows and centers so short, beside one row, that Q and P are as large as they may be.
    let short = |x: &[f64]| x.iter().map(|x| x / (1u64 << 58) as f64).collect::<Vec<_>>();
    let mut tiny = short(&rows);
    tiny[d..2 * d].copy_from_slice(&rows[d..2 * d]);
    all.push((tiny, short(&centers)));
    // Duplicates, and centers close together.
    let close = |x: &Vec<f64>| x.iter().map(|x| 0.5 + (x * 64.0).round() / 65536.0).collect::<Vec<_>>();
    let mut twice = centers.clone();
    twice.copy_within(..d, (k - 1) * d);
    all.push((rows.clone(), twice));
    all.push((close(&rows), close(&centers)));
    // One column that is far larger than the others.
    let mut wide = rows;
    wide.iter_mut().step_by(d).for_each(|x| *x *= 4096.0);
    all.push((wide, centers));
    all
}

#[test]
fn scores_lie_within_their_bounds_and_lists_have_the_nearest() {
    for (d, k) in [(1, 1), (3, 5), (16, 64), (37, 70), (50, 130), (129, 33)] {
        for (at, (rows, centers)) in problems(d, k).iter().enumerate() {
            for pairs in [false, true] {
                let mut listed = Vec::new();
                for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
                    let (worst, scored) = isa.run(Check { rows, centers, columns: d, pairs });
                    assert!(worst <= 1.0, "{worst} of the bound in problem {at}, {k} x {d}, {}", isa.name());
                    listed.push(scored);
                }
                assert!(pairs || at > 0 || listed[0] <= 90 * k as u64);
            }
        }
    }
}

#[test]
fn few_centers_are_listed() {
    let (rows, centers) = (noise(300 * 96, 3), noise(200 * 96, 4));
    let short: Vec<f64> = centers.iter().map(|x| x / 4.0).collect();
    for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
        let (worst, scored) = isa.run(Check { rows: &rows, centers: &short, columns: 96, pairs: false });
        assert!(worst > 0.01 && scored < 300 * 20, "{worst}, {scored} under {}", isa.name());
    }
}
