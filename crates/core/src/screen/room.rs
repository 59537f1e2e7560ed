//! Room: what one worker keeps from block to block for the rows that it screens.

use crate::screen::kernel::i16::Shorts;
use crate::screen::pack::Packed;
use crate::screen::shortlists::ByteRoom;
use crate::screen::verdicts::Verdicts;

/// Room that one worker keeps for the rows that it screens.
#[derive(Default)]
pub struct Room {
    /// Upper bounds of the norms of the rows that were screened last.
    pub(crate) norms: Vec<f32>,
    pub(crate) packed: Packed,
    pub(crate) shorts: Shorts,
    pub(crate) strip: Vec<f32>,
    pub(crate) bytes: ByteRoom,
    pub(crate) again: Option<Box<Again>>,
}

/// Room for rows that are looked at again.
#[derive(Default)]
pub(crate) struct Again {
    pub(crate) room: Room,
    pub(crate) verdicts: Verdicts,
    pub(crate) rows: Vec<u32>,
}
