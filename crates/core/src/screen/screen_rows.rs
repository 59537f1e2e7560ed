//! Rows that can be screened, dense ones by microtiles, sparse ones entry by entry.

use crate::rows::Selection;
use crate::screen::activity::KnownScores;
use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::screen::pack::Pack;
use crate::screen::room::Room;
use crate::screen::verdicts::Verdicts;
use crate::simd::Simd;

/// Rows that can be screened.
pub trait ScreenRows: Pack {
    /// Lists the positions of the prepared centers that may be nearest to a row; false where that is not known.
    fn near(&self, _: &PreparedCenters, _: usize, _: &mut Vec<i32>) -> bool {
        false
    }

    /// Screens some rows: nearest, second nearest, and whether that is certain. Of sparse rows something may be known
    /// already.
    fn screen<S: Simd>(
        &self,
        simd: S,
        centers: (&Frame, &PreparedCenters),
        selection: Selection,
        known: Option<KnownScores>,
        room: &mut Room,
        verdicts: &mut Verdicts,
    );
}
