//! Candidates made ready for the filters that they need.

use crate::screen::centers::PreparedCenters;
use crate::screen::frame::Frame;
use crate::seeding::candidates::Candidates;
use crate::seeding::filters::f32::prepare;
use crate::seeding::filters::i8::{MOST_COLUMNS, Rounded};
use crate::seeding::filters::sparse::Chains;
use crate::simd::{Isa, Simd, Task};

/// Candidates as the filters read them.
pub struct PreparedCandidates {
    /// The candidates.
    pub candidates: Candidates,
    /// For dense rows, and the scale of their frame; none where the frame does not hold them.
    pub(crate) prepared: Option<(PreparedCenters, f64)>,
    /// For dense rows in bytes, if they are not too wide.
    pub(crate) rounded: Option<Rounded>,
    /// For sparse rows.
    pub(crate) chains: Option<Chains>,
}

impl PreparedCandidates {
    /// For candidates (t x d), and the centers chosen so far (none: without the filter by them).
    pub fn new(isa: Isa, frame: &Frame, sparse: bool, places: &[f64], centers: &[f64]) -> PreparedCandidates {
        isa.run(Prepare { frame, sparse, places, centers })
    }
}

struct Prepare<'a> {
    frame: &'a Frame,
    sparse: bool,
    places: &'a [f64],
    centers: &'a [f64],
}

impl Task for Prepare<'_> {
    type Out = PreparedCandidates;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> PreparedCandidates {
        let Prepare { frame, sparse, places, centers } = self;
        let columns = frame.shift.len();
        PreparedCandidates {
            candidates: Candidates::new(places, columns, centers),
            prepared: (!sparse && frame.holds).then(|| (prepare(simd, frame, places, columns), frame.scale)),
            rounded: (!sparse && columns <= MOST_COLUMNS).then(|| Rounded::new(simd, frame, places)),
            chains: sparse.then(|| Chains::new(places, columns)),
        }
    }
}
