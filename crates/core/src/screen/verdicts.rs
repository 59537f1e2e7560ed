//! Verdicts: what screening found of some rows.

/// An entry of a row in the frame: where its column's centers begin, and its value.
pub type Term = (usize, f32);

/// What screening a block of rows found, row by row.
#[derive(Default)]
pub struct Verdicts {
    /// Position of the nearest center among the distinct ones (certain unless listed in `unsure`).
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
    /// Rows, over all blocks, that were not scored against all centers, and scores that were left out (sparse rows only).
    pub spared: u64,
    /// See `spared`.
    pub unscored: u64,
    /// Room for the entries of a row (sparse rows only).
    pub terms: Vec<Term>,
}
