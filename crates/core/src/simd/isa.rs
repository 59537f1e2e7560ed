//! Which instruction set of this machine to use: chosen when the program runs.

#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};
use super::{Portable, Simd, Task};

/// An instruction set of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// What every machine of the architecture has.
    Scalar,
    /// AVX2 with fused multiply-add (x86-64).
    Avx2,
    /// AVX-512 F, BW and VNNI (x86-64: servers since 2019).
    Avx512,
    /// The same, and AMX with integers, which the kernel must allow (x86-64: servers since 2023).
    Amx,
}

impl Isa {
    /// All of them, better ones later.
    pub const ALL: [Isa; 4] = [Isa::Scalar, Isa::Avx2, Isa::Avx512, Isa::Amx];

    /// The best instruction set that this machine has.
    pub fn best() -> Isa {
        Isa::ALL.into_iter().rfind(|isa| isa.available()).unwrap_or(Isa::Scalar)
    }

    /// By name: "scalar", "avx2", "avx512" or "amx".
    pub fn named(name: &str) -> Option<Isa> {
        Isa::ALL.into_iter().find(|isa| isa.name() == name)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Scalar => "scalar",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
            Isa::Amx => "amx",
        }
    }

    /// Whether this machine has it.
    pub fn available(self) -> bool {
        match self {
            Isa::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => Avx2::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => Avx512::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Isa::Amx => Avx512::detect_tiles().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// Runs a task under this instruction set, or under the baseline where the machine lacks it.
    pub(crate) fn run<T: Task>(self, task: T) -> T::Out {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Isa::Amx
                && let Some(simd) = Avx512::detect_tiles()
            {
                return simd.vectorize(task);
            }
            if self == Isa::Avx512
                && let Some(simd) = Avx512::detect()
            {
                return simd.vectorize(task);
            }
            if self == Isa::Avx2
                && let Some(simd) = Avx2::detect()
            {
                return simd.vectorize(task);
            }
        }
        Portable.vectorize(task)
    }
}
