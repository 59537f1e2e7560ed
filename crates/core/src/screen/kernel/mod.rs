//! Kernels: scores of many rows against many centers at once.
//!
//! [`micro`] says what a kernel is and multiplies one microtile; [`tile`] passes microtiles and keeps the two best
//! scores of every row; [`f32`], [`i16`] and [`i8`] are the kernels by the numbers that they multiply.

pub(crate) mod f32;
pub mod i16;
pub(crate) mod i8;
pub(crate) mod micro;
pub(crate) mod tile;
