//! Placing: numbers in a frame's coordinates, rounded to float32 (certificate.rs has the error).

// Eight numbers at a time are indexed by constants.
#![allow(clippy::needless_range_loop)]

use crate::rows::{Real, array_at};
use crate::screen::frame::Frame;

/// Numbers that can be placed in a frame.
pub trait Place: Real {
    /// The number in a frame's coordinates: s x - shift, rounded to float32.
    fn place(self, scale: f64, shift: f64) -> f32;
    /// The scale and shifts to place float32 numbers by directly, if these are float32 and the frame has them.
    fn directly(frame: &Frame) -> Option<(f32, &[f32])>;
    /// s x - shift in float32, for float32 numbers.
    fn place_directly(self, scale: f32, shift: f32) -> f32;
    /// Places the numbers of a row.
    #[inline(always)]
    fn place_all(numbers: &[Self], frame: &Frame, out: &mut [f32]) {
        let placed = out.iter_mut().zip(numbers);
        match Self::directly(frame) {
            Some((scale, shift)) => {
                placed.zip(shift).for_each(|((out, x), &shift)| *out = x.place_directly(scale, shift));
            }
            None => {
                let scale = frame.scale;
                placed.zip(&frame.shift).for_each(|((out, x), &shift)| *out = x.place(scale, shift));
            }
        }
    }
    /// Places the numbers of eight neighbouring columns, the first of which is `start`. (Arrays, taken by value: the
    /// compiler knows that none of them lies in another, and works on whole vectors.)
    #[inline(always)]
    fn place_eight(numbers: &[Self], frame: &Frame, start: usize) -> [f32; 8] {
        let numbers: [Self; 8] = array_at(numbers, start);
        let mut placed = [0.0; 8];
        if let Some((scale, shift)) = Self::directly(frame) {
            let shift: [f32; 8] = array_at(shift, start);
            for q in 0..8 {
                placed[q] = numbers[q].place_directly(scale, shift[q]);
            }
        } else {
            let (scale, shift): (f64, [f64; 8]) = (frame.scale, array_at(&frame.shift, start));
            for q in 0..8 {
                placed[q] = numbers[q].place(scale, shift[q]);
            }
        }
        placed
    }
    /// The slice itself, where it is float32.
    fn as_f32(slice: &[Self]) -> Option<&[f32]>;
}

impl Place for f32 {
    #[inline(always)]
    fn place(self, scale: f64, shift: f64) -> f32 {
        (self as f64 * scale - shift) as f32
    }
    fn directly(frame: &Frame) -> Option<(f32, &[f32])> {
        frame.single.as_ref().map(|(scale, shift)| (*scale, &shift[..]))
    }
    #[inline(always)]
    fn place_directly(self, scale: f32, shift: f32) -> f32 {
        self * scale - shift
    }
    fn as_f32(slice: &[f32]) -> Option<&[f32]> {
        Some(slice)
    }
}

impl Place for f64 {
    #[inline(always)]
    fn place(self, scale: f64, shift: f64) -> f32 {
        (self * scale - shift) as f32
    }
    fn directly(_: &Frame) -> Option<(f32, &[f32])> {
        None
    }
    #[inline(always)]
    fn place_directly(self, scale: f32, shift: f32) -> f32 {
        self.place(scale as f64, shift as f64)
    }
    fn as_f32(_: &[f64]) -> Option<&[f32]> {
        None
    }
}
