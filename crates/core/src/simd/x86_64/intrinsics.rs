//! Operations that are one expression of intrinsics.

macro_rules! by_intrinsics {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty = $body:expr;)*) => {
        $(#[inline(always)]
        fn $name(self, $($arg: $type),*) -> $out {
            // SAFETY: `self` proves that the instruction set is there; the operation touches registers only.
            unsafe { $body }
        })*
    };
}

pub(super) use by_intrinsics;
