//! Rows that stay packed from sweep to sweep, so that a sweep reads them once and packs none.
//!
//! They take 4 (d + 1) bytes a row in float32, 2 d + 8 or 2 d + 10 in int16: for rows in memory that have room beside
//! them.

use crate::memory::{collected, zeros};
use crate::screen::centers::PreparedCenters;
use crate::screen::kernel::i16::{Layout, Shorts, Slices};
use crate::screen::pack::Packed;

/// Packed rows kept from sweep to sweep: narrow ones in float32, 4 (d + 1) bytes a row, or any in int16, 2 d + 8 or 2 d
/// + 10.
#[derive(Default)]
pub struct PackedRows {
    packed: Packed,
    shorts: Shorts,
    filled: Option<Packing>,
}

/// What packed rows hold.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Packing {
    /// Rows in float32.
    Floats,
    /// Rows in int16, by the inverse of their step, and how they lie.
    Shorts(f32, Layout),
}

impl Packing {
    /// What rows are packed in for such centers.
    pub(crate) fn of(prepared: &PreparedCenters) -> Packing {
        prepared.grid.as_ref().map_or(Packing::Floats, |grid| Packing::Shorts(grid.scale(), grid.layout()))
    }
}

impl PackedRows {
    /// Whether rows are there as they are needed.
    pub(crate) fn holds(&self, what: Packing) -> bool {
        self.filled == Some(what)
    }

    /// Bytes in use.
    pub fn bytes(&self) -> usize {
        let PackedRows { packed, shorts, .. } = self;
        let floats = packed.rows.len() + packed.norms.len();
        4 * (floats + shorts.cells.len() + shorts.errors.len() + shorts.norms.len())
    }

    /// Makes room for padded rows, in blocks of which each begins a microtile, and nothing else stays. What is filled
    /// must be written down beside them once it is.
    pub(crate) fn blocks(
        &mut self,
        what: Packing,
        padded: usize,
        columns: usize,
        block: usize,
    ) -> (Vec<PackedBlock<'_>>, &mut Option<Packing>) {
        if self.filled != Some(what) {
            // (First, so that memory never holds both.)
            *self = PackedRows::default();
        }
        let PackedRows { packed, shorts, filled } = self;
        // (Zeros whose pages are first written by whoever fills them, and not by this thread alone.)
        let blocks = match what {
            Packing::Floats => {
                let Packed { rows, norms, .. } = packed;
                if norms.len() != padded {
                    (*rows, *norms) = (zeros(padded * columns), zeros(padded));
                }
                let blocks = rows.chunks_mut(block * columns).zip(norms.chunks_mut(block));
                collected(blocks.map(|(rows, norms)| PackedBlock::Floats(rows, norms)))
            }
            Packing::Shorts(_, layout) => {
                let Shorts { cells, errors, norms } = shorts;
                if norms.len() != padded {
                    (*cells, *errors, *norms) = (zeros(padded * layout.cells), zeros(padded), zeros(padded));
                }
                let cells = cells.chunks_mut(block * layout.cells);
                let blocks = cells.zip(errors.chunks_mut(block)).zip(norms.chunks_mut(block));
                collected(blocks.map(|((cells, errors), norms)| PackedBlock::Shorts(Slices { cells, errors, norms })))
            }
        };
        (blocks, filled)
    }
}

/// A block of packed rows.
pub(crate) enum PackedBlock<'a> {
    /// Rows and norms.
    Floats(&'a mut [f32], &'a mut [f32]),
    /// Rows in int16.
    Shorts(Slices<'a>),
}
