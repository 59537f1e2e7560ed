//! Filters of k-means++: which candidates a row may come nearer to, each with its proof.
//!
//! [`f32`] and [`i8`] look at dense rows, by scores in float32 or by bytes where there is room to keep those;
//! [`sparse`] at sparse rows. [`crate::seeding::candidates`] says what all of them prove, [`prepared`] are candidates
//! made ready for them, [`kept`] rows.

pub mod f32;
pub(crate) mod hits;
pub mod i8;
pub mod kept;
pub mod prepared;
pub mod sparse;
