//! AMX: registers of 16 x 64 bytes, and an instruction that multiplies two of them (x86-64 servers since 2023).
//!
//! The kernel must allow a process to use them. Everything here is assembly: the compiler does not touch these
//! registers, so what one block leaves in them the next one finds.

use crate::simd::SIDE;
use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::mem::MaybeUninit;
use std::sync::OnceLock;

/// Sums of four kinds of products: [kind][center][row].
#[repr(C, align(64))]
pub(crate) struct Products(pub(crate) [[[i32; SIDE]; SIDE]; 4]);

/// AMX with integers is there, and this process may use it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiles(());

/// What `ldtilecfg` reads: rows, and bytes of a row, of every register.
#[repr(C, align(64))]
struct Shapes {
    palette: u8,
    start: u8,
    reserved: [u8; 14],
    bytes: [u16; 16],
    rows: [u8; 16],
}

/// Columns of bytes of rows and of centers, in groups of four, a group to an i32.
#[derive(Clone, Copy)]
pub(crate) struct Factors<'a> {
    /// [step][high bytes, low bytes][center][group]
    pub(crate) centers: &'a [i32],
    /// [group][high bytes, low bytes][row], `stride` rows apart.
    pub(crate) rows: &'a [i32],
    /// See `rows`.
    pub(crate) stride: usize,
    /// Groups of a step, as `configure` was told, and steps.
    pub(crate) groups: usize,
    /// See `groups`.
    pub(crate) steps: usize,
}

impl Tiles {
    /// The proof, where the processor has them and the kernel allows them to this process.
    pub(crate) fn detect() -> Option<Tiles> {
        static ALLOWED: OnceLock<bool> = OnceLock::new();
        ALLOWED.get_or_init(|| has_instructions() && allow()).then_some(Tiles(()))
    }

    /// Shapes the registers for steps of so many groups.
    #[inline(always)]
    pub(crate) fn configure(self, groups: usize) {
        assert!((1..=SIDE).contains(&groups), "a register has {SIDE} groups");
        let mut shapes = Shapes { palette: 1, start: 0, reserved: [0; 14], bytes: [0; 16], rows: [0; 16] };
        for register in 0..8 {
            // 0 to 3 hold sums; 4 and 6 centers, a row to a center; 5 and 7 rows, a row to a group of columns.
            let (rows, columns) = match register {
                0..4 => (SIDE, SIDE),
                4 | 6 => (SIDE, groups),
                _ => (groups, SIDE),
            };
            shapes.rows[register] = rows as u8;
            shapes.bytes[register] = 4 * columns as u16;
        }
        // SAFETY: `self` proves AMX; the operand is 64 bytes of a valid configuration, at most 16 rows of 64 bytes.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const shapes, options(nostack, readonly, preserves_flags)) }
    }

    /// Gives the registers back, so that the kernel need not save them.
    #[inline(always)]
    pub(crate) fn release(self) {
        // SAFETY: `self` proves AMX.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) }
    }

    /// Sums of products of 16 centers and 16 rows: high by high, high (of centers) by low, low by high, low by low
    /// bytes. High bytes have signs. Sums wrap.
    #[inline(always)]
    pub(crate) fn multiply<'a>(self, factors: Factors, products: &'a mut MaybeUninit<Products>) -> &'a Products {
        let Factors { centers, rows, stride, groups, steps } = factors;
        assert!(steps > 0 && centers.len() >= steps * groups * 2 * SIDE, "centers of every step");
        assert!(stride >= SIDE && rows.len() >= (2 * steps * groups - 1) * stride + SIDE, "rows of every step");
        // SAFETY: `self` proves AMX. A step reads two registers of 16 centers x `groups`, one after the other, and two
        // of `groups` x 16 rows, whose lines are 2 strides apart and which begin one stride apart: the last line of the
        // last step ends where the assertions say. The four stores of 1 KB fill `products`. Registers 0 to 7 are the
        // compiler's to lose.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "2:",
                "tileloadd tmm4, [{high} + {width}*1]",
                "tileloadd tmm5, [{rows} + {apart}*2]",
                "tdpbssd tmm0, tmm4, tmm5",
                "tileloadd tmm7, [{below} + {apart}*2]",
                "tdpbsud tmm1, tmm4, tmm7",
                "tileloadd tmm6, [{low} + {width}*1]",
                "tdpbusd tmm2, tmm6, tmm5",
                "tdpbuud tmm3, tmm6, tmm7",
                "add {high}, {next}",
                "add {low}, {next}",
                "add {rows}, {step}",
                "add {below}, {step}",
                "dec {steps}",
                "jnz 2b",
                "tilestored [{out} + {line}*1], tmm0",
                "tilestored [{out} + {line}*1 + 0x400], tmm1",
                "tilestored [{out} + {line}*1 + 0x800], tmm2",
                "tilestored [{out} + {line}*1 + 0xc00], tmm3",
                high = inout(reg) centers.as_ptr() => _,
                low = inout(reg) centers.as_ptr().wrapping_add(SIDE * groups) => _,
                rows = inout(reg) rows.as_ptr() => _,
                below = inout(reg) rows.as_ptr().wrapping_add(stride) => _,
                steps = inout(reg) steps => _,
                width = in(reg) 4 * groups,
                next = in(reg) 8 * SIDE * groups,
                apart = in(reg) 4 * stride,
                step = in(reg) 8 * groups * stride,
                line = in(reg) 4 * SIDE,
                out = in(reg) products.as_mut_ptr(),
                out("tmm0") _,
                out("tmm1") _,
                out("tmm2") _,
                out("tmm3") _,
                out("tmm4") _,
                out("tmm5") _,
                out("tmm6") _,
                out("tmm7") _,
                options(nostack),
            );
            products.assume_init_ref()
        }
    }
}

/// Leaf 7 of `cpuid` lists AMX-TILE and AMX-INT8 (bits 24 and 25 of edx).
fn has_instructions() -> bool {
    __cpuid_count(0, 0).eax >= 7 && __cpuid_count(7, 0).edx >> 24 & 0b11 == 0b11
}

/// Asks the kernel for the registers' state; it says no where it does not know of it.
#[cfg(target_os = "linux")]
fn allow() -> bool {
    /// Of <asm/prctl.h> and of the processor's list of states.
    const ARCH_PRCTL: usize = 158;
    const REQUEST: usize = 0x1023;
    const TILE_DATA: usize = 18;
    let failed: usize;
    // SAFETY: the system call takes two numbers, touches no memory of this process, and clobbers rcx and r11.
    unsafe {
        asm!(
            "syscall",
            inout("rax") ARCH_PRCTL => failed,
            in("rdi") REQUEST,
            in("rsi") TILE_DATA,
            out("rcx") _,
            out("r11") _,
            options(nostack),
        )
    }
    failed == 0
}

#[cfg(not(target_os = "linux"))]
fn allow() -> bool {
    false
}
