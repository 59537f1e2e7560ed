//! Equal rows of a block: one is labelled, and the others get its label.
//!
//! It costs some ten cycles a row and one more look at it. Logs, categories and rounded measurements repeat rows; other
//! data pay for a look at the first `TRIED` rows of a block, which tell whether there are enough. It is safe because
//! rows of the same bits have the same nearest center. (-0 and 0 are told apart, and rows that meet in one place of the
//! table forgotten: then equal rows are labelled twice.)

use crate::memory::Grow;
use crate::rows::Rows;
use crate::simd::{Simd, Task};

/// Rows that are looked at first.
const TRIED: usize = 64;
/// Of them, and of all rows, at least one in so many must repeat another.
const ENOUGH: usize = 4;
/// Numbers of the rows at most, so that Ctrl-C is heard soon.
const MOST: usize = 1 << 24;
/// Numbers that are mixed side by side.
const LANES: usize = 8;

/// Which of some rows repeat an earlier one.
#[derive(Default)]
pub(super) struct Repeats {
    /// Positions of the rows that repeat none, ascending.
    pub(super) firsts: Vec<u32>,
    /// For every position, which of them it equals.
    pub(super) of: Vec<u32>,
    /// By hash: one more than which of them it is; 0 for none.
    table: Vec<u32>,
    row: Vec<f64>,
    other: Vec<f64>,
}

impl Repeats {
    /// Looks at `count` rows; `row_at` tells which row is at a position. Returns whether enough repeat others.
    #[inline(always)]
    pub(super) fn find<S: Simd, R: Rows>(
        &mut self,
        simd: S,
        rows: &R,
        count: usize,
        row_at: impl Fn(usize) -> usize,
    ) -> bool {
        self.firsts.clear();
        self.of.clear();
        if !rows.is_dense() || count < TRIED || count * rows.columns() > MOST {
            return false;
        }
        self.table.clear();
        self.table.set_length((2 * count).next_power_of_two(), 0);
        self.firsts.make_room(count);
        self.of.make_room(count);
        self.look(simd, rows, (0, TRIED), &row_at);
        if !self.pays() {
            return false;
        }
        self.look(simd, rows, (TRIED, count), &row_at);
        self.pays()
    }

    /// Whether enough of the rows so far repeat others.
    fn pays(&self) -> bool {
        (self.of.len() - self.firsts.len()) * ENOUGH >= self.of.len()
    }

    #[inline(always)]
    fn look<S: Simd, R: Rows>(
        &mut self,
        simd: S,
        rows: &R,
        (from, to): (usize, usize),
        row_at: &impl Fn(usize) -> usize,
    ) {
        let Repeats { firsts, of, table, row, other } = self;
        for at in from..to {
            let x = rows.read(row_at(at), row);
            let hash = simd.vectorize(Hash(x));
            let place = (hash >> 32) as usize & (table.len() - 1);
            let known = (table[place] as usize).checked_sub(1).filter(|&first| {
                let y = rows.read(row_at(firsts[first] as usize), other);
                simd.vectorize(Same(x, y))
            });
            let first = known.unwrap_or_else(|| {
                firsts.add(at as u32);
                table[place] = firsts.len() as u32;
                firsts.len() - 1
            });
            of.add(first as u32);
        }
    }
}

/// A number that equal rows have in common, and others hardly.
struct Hash<'a>(&'a [f64]);

impl Task for Hash<'_> {
    type Out = u64;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> u64 {
        let (eights, rest) = self.0.as_chunks::<LANES>();
        let mut lanes: [u64; LANES] = std::array::from_fn(|lane| lane as u64);
        for eight in eights {
            for lane in 0..LANES {
                lanes[lane] = lanes[lane].rotate_left(5) ^ eight[lane].to_bits();
            }
        }
        lanes.iter_mut().zip(rest).for_each(|(lane, x)| *lane = lane.rotate_left(5) ^ x.to_bits());
        lanes.iter().fold(0, |hash, lane| (hash ^ lane ^ (lane >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

/// Whether two rows have the same bits.
struct Same<'a>(&'a [f64], &'a [f64]);

impl Task for Same<'_> {
    type Out = bool;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> bool {
        self.0.iter().zip(self.1).fold(0, |bits, (x, y)| bits | (x.to_bits() ^ y.to_bits())) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Dense;
    use crate::simd::Isa;

    struct Find<'a>(&'a [f64], usize);

    impl Task for Find<'_> {
        type Out = (bool, Repeats);

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Out {
            let Find(data, d) = self;
            let rows = Dense::contiguous(data, data.len() / d, d).unwrap();
            let mut repeats = Repeats::default();
            (repeats.find(simd, &rows, data.len() / d, |at| at), repeats)
        }
    }

    #[test]
    fn rows_repeat_what_they_equal_in_every_bit() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.available()) {
            for (d, kinds) in [(1, 3), (5, 40), (8, 7), (35, 200)] {
                let number =
                    |i: usize, q: usize| ((i * i * 31 % 977 % kinds) * d + q) as f64 * if q == 2 { -0.0 } else { 0.7 };
                let data: Vec<f64> = (0..900 * d).map(|at| number(at / d, at % d)).collect();
                let row = |i: usize| &data[i * d..][..d];
                let (pays, repeats) = isa.run(Find(&data, d));
                if !pays {
                    assert!(kinds > 40);
                    continue;
                }
                assert_eq!(repeats.of.len(), 900);
                assert!(repeats.firsts.is_sorted() && repeats.firsts.len() < 600);
                for (i, &of) in repeats.of.iter().enumerate() {
                    assert_eq!(row(i), row(repeats.firsts[of as usize] as usize));
                }
            }
            let different: Vec<f64> = (0..500).map(|i| i as f64).collect();
            assert!(!isa.run(Find(&different, 5)).0 && !isa.run(Find(&[1.0; 63], 1)).0);
            let zeros: Vec<f64> = (0..200).map(|i| if i % 2 == 0 { 0.0 } else { -0.0 }).collect();
            assert_eq!(isa.run(Find(&zeros, 1)).1.firsts, [0, 1]);
        }
    }
}
