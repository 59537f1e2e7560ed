//! A selection of rows: those between two numbers, or those at some positions.

/// Some rows of a matrix.
#[derive(Clone, Copy, Debug)]
pub enum Selection<'a> {
    /// Those from the first number to the second, excluded.
    Range(usize, usize),
    /// Those at positions, ascending, that are counted from a row on.
    At(usize, &'a [u32]),
}

impl<'a> Selection<'a> {
    /// Rows at some positions, ascending, counted from a row on.
    pub(crate) fn some(from: usize, at: &'a [u32]) -> Self {
        match (at.first(), at.last()) {
            (Some(&first), Some(&last)) if (last - first) as usize == at.len() - 1 => {
                Selection::Range(from + first as usize, from + last as usize + 1)
            }
            _ => Selection::At(from, at),
        }
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        match self {
            Selection::Range(from, to) => to - from,
            Selection::At(_, at) => at.len(),
        }
    }

    /// Which row is at a place.
    #[inline(always)]
    pub(crate) fn row(&self, place: usize) -> usize {
        match self {
            Selection::Range(from, _) => from + place,
            Selection::At(from, at) => from + at[place] as usize,
        }
    }

    /// Those at places from..to.
    #[inline(always)]
    pub(crate) fn part(&self, from: usize, to: usize) -> Selection<'a> {
        match *self {
            Selection::Range(first, _) => Selection::Range(first + from, first + to),
            Selection::At(first, at) => Selection::At(first, &at[from..to]),
        }
    }
}
