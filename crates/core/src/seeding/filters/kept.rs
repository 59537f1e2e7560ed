//! Rows that are kept from step to step in the form in which a filter reads them.

use crate::seeding::filters::i8::Bytes;

/// Rows of a block as the filters read them, kept from step to step.
#[derive(Default)]
pub enum Kept {
    /// Nothing: rows are packed anew in every step.
    #[default]
    None,
    /// Packed in float32 (filters/f32.rs): 4 d bytes a row.
    Floats(Vec<f32>),
    /// Rounded to bytes (filters/i8.rs): d + 2 bytes a row, and these rows need no floors.
    Bytes(Bytes),
}
