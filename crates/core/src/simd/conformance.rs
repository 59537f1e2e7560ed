//! Conformance: what an instruction set must do to be one. Every operation of [`Simd`] gives, lane by lane, what
//! [`Portable`] gives.
//!
//! All operations are bit for bit the same, also for what is not a number (any NaN is as good as another), infinities,
//! signed zeros and subnormals. Three depend on the set: products that are added or subtracted round once where `FUSED`
//! says so, and the least lane is asked for only where no lane is NaN, its zeros of either sign.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Isa, Portable, SIDE, Simd, Task};

/// Lanes of every set divide it.
const WIDTH: usize = 16;

/// What operations gave, by name: floats as bits, masks as 0 and 1.
type Outcome = Vec<(&'static str, Vec<u32>)>;

/// The instruction sets of this machine.
fn sets() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.available())
}

/// Numbers at all edges, and some that look random: a multiple of `WIDTH`.
fn floats() -> Vec<f32> {
    let mut all = vec![
        0.0,
        f32::NAN,
        f32::INFINITY,
        1.0,
        0.5,
        1.5,
        2.5,
        3.5,
        f32::MAX,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::from_bits(0x007f_ffff),
        1.0 + f32::EPSILON,
        1.0 - f32::EPSILON / 2.0,
        8388608.5,
        16777217.0,
    ];
    let mut state = 1u32;
    all.extend((0..WIDTH).map(|_| {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        f32::from_bits(state)
    }));
    let negative: Vec<f32> = all.iter().map(|x| -x).collect();
    all.extend(negative);
    all
}

/// Integers at all edges: a multiple of `WIDTH`.
fn integers() -> Vec<i32> {
    let edges = [0, 1, -1, i32::MAX, i32::MIN, 0x7fff, -0x8000, 0x8000, 0xffff, 0x10000, 0x00ff_00ff, -0x00ff_00ff];
    let bytes = [0x8080_8080u32 as i32, 0x7f7f_7f7f, 0xff00_ff00u32 as i32, 0x0102_0304];
    let mut state = 1u32;
    let random = (0..WIDTH).map(|_| {
        state = state.wrapping_mul(1664525).wrapping_add(1013904223);
        state as i32
    });
    edges.into_iter().chain(bytes).chain(random).collect()
}

fn rotated<T: Copy>(all: &[T], by: usize) -> Vec<T> {
    (0..all.len()).map(|at| all[(at + by) % all.len()]).collect()
}

fn bits(x: f32) -> u32 {
    if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }
}

/// All operations on floats.
struct Floats<'a> {
    x: &'a [f32],
    y: &'a [f32],
    a: &'a [f32],
}

impl Task for Floats<'_> {
    type Out = (bool, Outcome, Vec<(usize, f32)>);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        let Floats { x: xs, y: ys, a: from } = self;
        let mut out: Outcome = Vec::new();
        let mut leasts = Vec::new();
        for at in (0..xs.len()).step_by(S::LANES) {
            let (x, y, a) = (simd.load(&xs[at..]), simd.load(&ys[at..]), simd.load(&from[at..]));
            let vectors = [
                ("splat", simd.splat(xs[at])),
                ("load", x),
                ("add", simd.add(x, y)),
                ("subtract", simd.subtract(x, y)),
                ("multiply", simd.multiply(x, y)),
                ("add_product", simd.add_product(a, x, y)),
                ("subtract_product", simd.subtract_product(a, x, y)),
                ("min", simd.min(x, y)),
                ("max", simd.max(x, y)),
                ("sqrt", simd.sqrt(x)),
            ];
            for (name, vector) in vectors {
                let mut lanes = [0.0; WIDTH + 1];
                lanes[S::LANES] = 7.0;
                simd.store(vector, &mut lanes);
                assert_eq!(lanes[S::LANES], 7.0, "store writes beyond its lanes");
                if name == "splat" {
                    // Vectors of sets differ in which number they begin with.
                    assert!(lanes[..S::LANES].iter().all(|lane| bits(*lane) == bits(xs[at])), "splat");
                } else {
                    push(&mut out, name, lanes[..S::LANES].iter().map(|lane| bits(*lane)));
                }
            }
            for (name, mask) in [("at_most", simd.at_most(x, y)), ("below", simd.below(x, y))] {
                push(&mut out, name, (0..S::LANES).map(|lane| simd.bits(mask) >> lane & 1));
                assert_eq!(simd.bits(mask) >> (S::LANES - 1) >> 1, 0, "bits beyond the lanes");
            }
            leasts.push((S::LANES, simd.least(x)));
        }
        (S::FUSED, out, leasts)
    }
}

fn push(out: &mut Outcome, name: &'static str, lanes: impl Iterator<Item = u32>) {
    match out.iter_mut().find(|(known, _)| *known == name) {
        Some((_, all)) => all.extend(lanes),
        None => out.push((name, lanes.collect())),
    }
}

#[test]
fn floats_are_worked_on_as_portable_does() {
    let x = floats();
    for by in 0..x.len() {
        let (y, a) = (rotated(&x, by), rotated(&x, 3 * by + 1));
        let given = || Floats { x: &x, y: &y, a: &a };
        let (_, expected, _) = Portable.vectorize(given());
        for isa in sets() {
            let (fused, found, leasts) = isa.run(given());
            for ((name, found), (_, portable)) in found.iter().zip(&expected) {
                for lane in 0..x.len() {
                    let product = if *name == "add_product" { x[lane] } else { -x[lane] };
                    let expected = match *name {
                        "add_product" | "subtract_product" if fused => bits(product.mul_add(y[lane], a[lane])),
                        _ => portable[lane],
                    };
                    let given = (x[lane], y[lane], a[lane]);
                    assert_eq!(found[lane], expected, "{name} of {given:?} under {}", isa.name());
                }
            }
            let mut at = 0;
            for (lanes, least) in leasts {
                let vector = &x[at..at + lanes];
                if vector.iter().all(|x| !x.is_nan()) {
                    assert_eq!(least, vector.iter().copied().fold(f32::INFINITY, f32::min), "{}", isa.name());
                }
                at += lanes;
            }
        }
    }
}

/// All operations on integers.
struct Integers<'a> {
    i: &'a [i32],
    j: &'a [i32],
    s: &'a [i32],
}

impl Task for Integers<'_> {
    type Out = Outcome;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Outcome {
        let Integers { i: is, j: js, s: from } = self;
        let mut out: Outcome = Vec::new();
        for at in (0..is.len()).step_by(S::LANES) {
            let (i, j, s) = (simd.load_int(&is[at..]), simd.load_int(&js[at..]), simd.load_int(&from[at..]));
            // Halves: sums of these do not overflow, which `add_int` and `add_where` may do as they like with.
            let small = |all: &[i32]| simd.load_int(&all[at..at + S::LANES].iter().map(|i| i / 2).collect::<Vec<_>>());
            let fits = |all: &[i32]| {
                simd.load_int(&all[at..at + S::LANES].iter().map(|&i| i as i16 as i32).collect::<Vec<_>>())
            };
            let above = simd.above_int(i, j);
            let vectors = [
                ("load_int", i),
                ("add_int", simd.add_int(small(is), small(js))),
                ("add_where", simd.add_where(above, small(is), small(js))),
                ("select_int", simd.select_int(above, i, j)),
                ("add_pairs", simd.add_pairs(s, i, j)),
                ("add_quads", simd.add_quads(s, i, j)),
                ("pair", simd.pair(fits(is), fits(js))),
                ("splat_int", simd.splat_int(is[0])),
            ];
            for (name, vector) in vectors {
                let mut lanes = [0; WIDTH + 1];
                lanes[S::LANES] = 7;
                simd.store_int(vector, &mut lanes);
                assert_eq!(lanes[S::LANES], 7, "store_int writes beyond its lanes");
                push(&mut out, name, lanes[..S::LANES].iter().map(|&lane| lane as u32));
            }
            let mut lanes = [0.0; WIDTH];
            simd.store(simd.to_floats(i), &mut lanes);
            push(&mut out, "to_floats", lanes[..S::LANES].iter().map(|lane| bits(*lane)));
            push(&mut out, "above_int", (0..S::LANES).map(|lane| simd.bits(above) >> lane & 1));
            let unequal = simd.unequal(i, j);
            push(&mut out, "unequal", (0..S::LANES).map(|lane| unequal >> lane & 1));
            assert_eq!(unequal >> (S::LANES - 1) >> 1, 0, "bits beyond the lanes");
        }
        out
    }
}

#[test]
fn integers_are_worked_on_as_portable_does() {
    let i = integers();
    for by in 0..i.len() {
        let (j, s) = (rotated(&i, by), rotated(&i, 3 * by + 1));
        let given = || Integers { i: &i, j: &j, s: &s };
        let expected = Portable.vectorize(given());
        for isa in sets() {
            for ((name, found), (_, expected)) in isa.run(given()).iter().zip(&expected) {
                for lane in 0..i.len() {
                    let given = (i[lane], j[lane], s[lane]);
                    assert_eq!(found[lane], expected[lane], "{name} of {given:x?} under {}", isa.name());
                }
            }
        }
    }
}

/// Numbers that int32 holds.
struct Round<'a>(&'a [f32]);

impl Task for Round<'_> {
    type Out = Vec<i32>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Vec<i32> {
        let mut out = vec![0; self.0.len()];
        for (x, out) in self.0.chunks_exact(S::LANES).zip(out.chunks_exact_mut(S::LANES)) {
            simd.store_int(simd.round(simd.load(x)), out);
        }
        out
    }
}

#[test]
fn ties_are_rounded_to_even() {
    let mut x: Vec<f32> = (-40..40).map(|i| i as f32 / 4.0).collect();
    x.extend(floats().into_iter().filter(|x| x.abs() < 2f32.powi(31)));
    x.resize(x.len().next_multiple_of(WIDTH), -2147483648.0);
    let expected: Vec<i32> = x.iter().map(|x| x.round_ties_even() as i32).collect();
    for isa in sets() {
        assert_eq!(isa.run(Round(&x)), expected, "{}", isa.name());
    }
}

/// Transposes with strides, into a place with some room around it.
struct Transpose<'a> {
    from: &'a [f32],
    to: &'a mut [f32],
    strides: (usize, usize),
}

impl Task for Transpose<'_> {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        simd.transpose(self.from, self.strides.0, self.to, self.strides.1);
    }
}

#[test]
fn eight_by_eight_numbers_are_transposed() {
    for strides in [(8, 8), (8, 19), (11, 8), (64, 32)] {
        let from: Vec<f32> = (0..7 * strides.0 + 8).map(|at| at as f32).collect();
        let mut expected = vec![-1.0; 7 * strides.1 + 8];
        (0..64).for_each(|at| expected[at % 8 * strides.1 + at / 8] = from[at / 8 * strides.0 + at % 8]);
        for isa in sets() {
            let mut found = vec![-1.0; expected.len()];
            isa.run(Transpose { from: &from, to: &mut found, strides });
            assert_eq!(found, expected, "{} with strides {strides:?}", isa.name());
        }
    }
}

/// Reads or writes a slice that is one number too short.
struct Short(usize);

impl Task for Short {
    type Out = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (mut floats, mut integers) = (vec![0.0; S::LANES - 1], vec![0; S::LANES - 1]);
        match self.0 {
            0 => _ = simd.load(&floats),
            1 => _ = simd.load_int(&integers),
            2 => simd.store(simd.splat(0.0), &mut floats),
            3 => simd.store_int(simd.splat_int(0), &mut integers),
            4 => simd.transpose(&[0.0; 63], 8, &mut [0.0; 64], 8),
            _ => simd.transpose(&[0.0; 64], 8, &mut [0.0; 63], 8),
        }
    }
}

#[test]
fn slices_that_are_too_short_are_refused() {
    for isa in sets() {
        for case in 0..6 {
            let done = catch_unwind(AssertUnwindSafe(|| isa.run(Short(case))));
            assert!(done.is_err(), "case {case} under {}", isa.name());
        }
    }
}

/// Products of int16 from their bytes, R vectors of rows by C centers.
struct Bytes<'a> {
    numbers: &'a [i32],
    groups: usize,
    steps: usize,
}

impl Task for Bytes<'_> {
    /// Sums by vector, center and lane, and those that the definition gives.
    type Out = (Vec<i32>, Vec<i32>);

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Self::Out {
        match (S::LANES, simd.has_tiles()) {
            (SIDE, true) => self.add::<S, 2, SIDE>(simd),
            _ => self.add::<S, 1, 4>(simd),
        }
    }
}

impl Bytes<'_> {
    #[inline(always)]
    fn add<S: Simd, const R: usize, const C: usize>(self, simd: S) -> (Vec<i32>, Vec<i32>) {
        let Bytes { numbers, groups, steps } = self;
        let take =
            |count: usize, by: usize| (0..count).map(|at| numbers[(at + by) % numbers.len()]).collect::<Vec<_>>();
        let width = R * S::LANES;
        let (rows, centers) = (take(2 * groups * steps * width, 0), take(2 * groups * steps * C, 5));
        let mut sums = [[simd.splat_int(-3); R]; C];
        simd.open_tiles(groups);
        simd.add_bytes(&rows, &centers, groups, &mut sums);
        simd.close_tiles();
        let (mut found, mut expected) = (Vec::new(), Vec::new());
        for (c, sums) in sums.iter().enumerate() {
            for (r, sum) in sums.iter().enumerate() {
                let mut lanes = [0; WIDTH];
                simd.store_int(*sum, &mut lanes);
                found.extend_from_slice(&lanes[..S::LANES]);
                for lane in 0..S::LANES {
                    let mut sum = -3i32;
                    for group in 0..groups * steps {
                        let (step, g) = (group / groups, group % groups);
                        let of_row = |byte: usize| rows[(2 * group + byte) * width + r * S::LANES + lane];
                        let of_center = |byte: usize| centers[((2 * step + byte) * C + c) * groups + g];
                        let whole = |high: i32, low: i32, at: usize| {
                            high.to_le_bytes()[at] as i8 as i32 * 256 + low.to_le_bytes()[at] as i32
                        };
                        for at in 0..4 {
                            let (x, b) = (whole(of_row(0), of_row(1), at), whole(of_center(0), of_center(1), at));
                            sum = sum.wrapping_add(x.wrapping_mul(b));
                        }
                    }
                    expected.push(sum);
                }
            }
        }
        (found, expected)
    }
}

#[test]
fn products_of_bytes_are_those_of_int16() {
    let numbers = integers();
    for isa in sets() {
        for (groups, steps) in [(1, 1), (3, 2), (SIDE, 1), (SIDE, 3)] {
            let (found, expected) = isa.run(Bytes { numbers: &numbers, groups, steps });
            assert_eq!(found, expected, "{groups} groups in {steps} steps under {}", isa.name());
        }
    }
}

/// What changes nothing.
struct Hints;

impl Task for Hints {
    type Out = bool;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> bool {
        simd.prefetch(&self);
        self.settled::<S, 1, 4>(simd) && self.settled::<S, 2, 4>(simd) && self.settled::<S, 2, 8>(simd)
    }
}

impl Hints {
    #[inline(always)]
    fn settled<S: Simd, const R: usize, const C: usize>(&self, simd: S) -> bool {
        let mut sums = [[simd.splat(0.0); R]; C];
        for (at, sum) in sums.as_flattened_mut().iter_mut().enumerate() {
            *sum = simd.splat(at as f32);
        }
        simd.settle(&mut sums);
        sums.as_flattened().iter().enumerate().all(|(at, sum)| {
            let same = simd.bits(simd.at_most(*sum, simd.splat(at as f32)));
            same == simd.bits(simd.at_most(simd.splat(at as f32), *sum)) && same.count_ones() as usize == S::LANES
        })
    }
}

#[test]
fn hints_change_nothing() {
    for isa in sets() {
        assert!(isa.run(Hints), "{}", isa.name());
    }
}
