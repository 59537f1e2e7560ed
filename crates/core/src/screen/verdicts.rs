//! Verdicts: what screening found of some rows.

use crate::memory::Grow;

/// What screening a block of rows found, row by row.
#[derive(Default)]
pub struct Verdicts {
    /// Position of the nearest center among the distinct ones (certain unless listed in `unsure`).
    pub(crate) best: Vec<i32>,
    /// Rows that were not certified, as positions in the block.
    pub(crate) unsure: Vec<u32>,
    /// Centers that those which were not certified are compared with, where these are not all.
    pub(crate) lists: Lists,
    /// The least score, the least of the others, and the certificate's 2 eps(R) (dense rows only).
    pub(crate) least: Vec<f32>,
    /// See `least`.
    pub(crate) second: Vec<f32>,
    /// See `least`.
    pub(crate) twice: Vec<f32>,
    /// Rows, over all blocks, that int16 or bytes did not decide.
    pub(crate) repeated: u64,
    /// Rows, over all blocks, that were not scored against all centers, and scores that were left out (sparse rows
    /// only).
    pub(crate) spared: u64,
    /// See `spared`.
    pub(crate) unscored: u64,
    /// Squared norms, rounded (sparse rows only).
    pub(crate) squares: Vec<f64>,
    /// Room for rows that are scored against more centers, as positions in the block (sparse rows only).
    pub(crate) rest: Vec<u32>,
}

impl Verdicts {
    /// Begins a block of rows, whose scores come in parts (sparse rows only).
    pub(crate) fn start(&mut self, count: usize) {
        let Verdicts { best, unsure, least, second, squares, .. } = self;
        unsure.clear();
        best.clear();
        best.set_length(count, 0);
        for scores in [least, second] {
            scores.clear();
            scores.set_length(count, f32::INFINITY);
        }
        squares.clear();
        // A row that is scored against no center is as long as anything: nothing is certain of it.
        squares.set_length(count, f64::INFINITY);
    }

    /// What the scores of a row say so far: its nearest center, its score, and the least of the others.
    #[inline(always)]
    pub(crate) fn foremost(&self, at: usize) -> (i32, f32, f32) {
        (self.best[at], self.least[at], self.second[at])
    }

    /// Adds what the scores of a row against more centers say.
    #[inline(always)]
    pub(crate) fn meet(&mut self, at: usize, (best, first, second): (i32, f32, f32), square: f64) {
        let (least, other) = (&mut self.least[at], &mut self.second[at]);
        *other = other.min(second).min(least.max(first));
        if first < *least {
            (self.best[at], *least) = (best, first);
        }
        self.squares[at] = square;
    }
}

impl Verdicts {
    /// Leaves the rows from..to undecided, without a look at them.
    pub(crate) fn give_up(&mut self, from: usize, to: usize) {
        let Verdicts { best, unsure, least, second, twice, .. } = self;
        best.set_length(to, 0);
        for numbers in [least, second, twice] {
            numbers.set_length(to, 0.0);
        }
        unsure.make_room(to - from);
        unsure.extend(from as u32..to as u32);
    }
}

/// The centers that may be nearest to rows which are not certified, as positions among the distinct ones.
#[derive(Default)]
pub(crate) struct Lists {
    pub(crate) centers: Vec<i32>,
    /// Where the list of each such row ends.
    ends: Vec<u32>,
    /// Centers on lists, over all blocks, that were scored again.
    pub(crate) scored: u64,
}

impl Lists {
    /// Forgets all lists.
    pub(crate) fn clear(&mut self) {
        self.centers.clear();
        self.ends.clear();
    }

    /// The list of the row that is at a place among those which are not certified.
    pub(crate) fn get(&self, at: usize) -> &[i32] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.centers[start..self.ends[at] as usize]
    }

    /// Ends the list of a row.
    pub(crate) fn close(&mut self) {
        self.ends.add(self.centers.len() as u32);
    }
}
