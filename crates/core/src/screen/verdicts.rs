//! Verdicts: what screening found of some rows.

use crate::memory::Grow;

/// An entry of a row in the frame: where its column's centers begin, and its value.
pub(crate) type Term = (usize, f32);

/// What screening a block of rows found, row by row.
#[derive(Default)]
pub struct Verdicts {
    /// Position of the nearest center among the distinct ones (certain unless listed in `unsure`).
    pub(crate) best: Vec<i32>,
    /// Rows that were not certified, as positions in the block.
    pub(crate) unsure: Vec<u32>,
    /// The least score, the least of the others, and the certificate's 2 eps(R) (dense rows only).
    pub(crate) least: Vec<f32>,
    /// See `least`.
    pub(crate) second: Vec<f32>,
    /// See `least`.
    pub(crate) twice: Vec<f32>,
    /// Rows, over all blocks, that int16 did not decide.
    pub(crate) repeated: u64,
    /// Rows, over all blocks, that were not scored against all centers, and scores that were left out (sparse rows
    /// only).
    pub(crate) spared: u64,
    /// See `spared`.
    pub(crate) unscored: u64,
    /// Room for the entries of a row (sparse rows only).
    pub(crate) terms: Vec<Term>,
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
