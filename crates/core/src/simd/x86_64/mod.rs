//! AVX2 with FMA, AVX-512, and AMX, through `std::arch`: these files only instantiate the trait.
//!
//! A value of `Avx2` or `Avx512` exists only where detection found the features (their fields are not seen outside of
//! this folder), which is the invariant that every SAFETY comment refers to.

mod amx;
mod avx2;
mod avx512;
mod intrinsics;

pub(crate) use avx2::Avx2;
pub(crate) use avx512::Avx512;
