//! AVX-512 F, BW and VNNI, and AMX where it is there.

use std::arch::asm;
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

use super::amx::{Factors, Products, Tiles};
use super::avx2::{Avx2, transpose};
use super::intrinsics::by_intrinsics;
use crate::simd::{SIDE, Simd, Task, bytes};

/// AVX-512 F, BW and VNNI are there, and perhaps tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(Option<Tiles>);

impl Avx512 {
    /// The proof, where the machine has AVX-512 F, BW and VNNI (and AVX2 and FMA, as all such machines do).
    pub(crate) fn detect() -> Option<Avx512> {
        let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        (wide && is_x86_feature_detected!("avx512vnni") && Avx2::detect().is_some()).then_some(Avx512(None))
    }

    /// The proof, where the machine has AMX with integers besides.
    pub(crate) fn detect_tiles() -> Option<Avx512> {
        Avx512::detect().and(Tiles::detect()).map(|tiles| Avx512(Some(tiles)))
    }
}

/// s + x y + x' y' by one instruction. (Of its intrinsic the compiler makes two again, as some processors would like.)
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn add_pairs(mut s: __m512i, x: __m512i, y: __m512i) -> __m512i {
    // SAFETY: whoever calls this has proved AVX-512 F and VNNI; the instruction touches registers only.
    unsafe {
        asm!(
            "vpdpwssd {}, {}, {}",
            inout(zmm_reg) s,
            in(zmm_reg) x,
            in(zmm_reg) y,
            options(pure, nomem, nostack, preserves_flags)
        )
    }
    s
}

/// Products of bytes by tiles, 16 rows at a time, put together: 65536 h h' + 256 (h l' + l h') + l l', modulo 2^32.
#[target_feature(enable = "avx512f")]
#[inline]
fn add_bytes<const R: usize, const C: usize>(
    tiles: Tiles,
    rows: &[i32],
    centers: &[i32],
    groups: usize,
    sums: &mut [[__m512i; R]; C],
) {
    let steps = centers.len() / (2 * SIDE * groups);
    let mut products = MaybeUninit::<Products>::uninit();
    for r in 0..R {
        let products = tiles
            .multiply(Factors { centers, rows: &rows[r * SIDE..], stride: R * SIDE, groups, steps }, &mut products);
        let Products([high, above, below, low]) = products;
        for (c, sums) in sums.iter_mut().enumerate() {
            // SAFETY: 16 integers, 64 bytes, are read of each of four arrays.
            let [high, above, below, low] =
                [high, above, below, low].map(|all| unsafe { _mm512_loadu_si512(all[c].as_ptr().cast()) });
            let middle = _mm512_slli_epi32::<8>(_mm512_add_epi32(above, below));
            let outer = _mm512_add_epi32(_mm512_slli_epi32::<16>(high), low);
            sums[r] = _mm512_add_epi32(sums[r], _mm512_add_epi32(middle, outer));
        }
    }
}

impl Simd for Avx512 {
    const LANES: usize = 16;
    // 2 x 8 accumulators, 2 rows, 1 center, and 2 x 3 registers for the least scores: 25 of 32.
    const VECTORS: usize = 2;
    const CENTERS: usize = 8;
    const FEW: usize = 4;
    const FUSED: bool = true;
    type Floats = __m512;
    type Ints = __m512i;
    type Mask = __mmask16;

    by_intrinsics! {
        splat(x: f32) -> __m512 = _mm512_set1_ps(x);
        splat_int(j: i32) -> __m512i = _mm512_set1_epi32(j);
        add(x: __m512, y: __m512) -> __m512 = _mm512_add_ps(x, y);
        subtract(x: __m512, y: __m512) -> __m512 = _mm512_sub_ps(x, y);
        multiply(x: __m512, y: __m512) -> __m512 = _mm512_mul_ps(x, y);
        add_product(a: __m512, x: __m512, y: __m512) -> __m512 = _mm512_fmadd_ps(x, y, a);
        least(x: __m512) -> f32 = _mm512_reduce_min_ps(x);
        subtract_product(a: __m512, x: __m512, y: __m512) -> __m512 = _mm512_fnmadd_ps(x, y, a);
        min(x: __m512, y: __m512) -> __m512 = _mm512_min_ps(x, y);
        max(x: __m512, y: __m512) -> __m512 = _mm512_max_ps(x, y);
        sqrt(x: __m512) -> __m512 = _mm512_sqrt_ps(x);
        at_most(x: __m512, y: __m512) -> __mmask16 = _mm512_cmp_ps_mask::<_CMP_LE_OQ>(x, y);
        below(x: __m512, y: __m512) -> __mmask16 = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, y);
        add_int(i: __m512i, j: __m512i) -> __m512i = _mm512_add_epi32(i, j);
        add_pairs(s: __m512i, x: __m512i, y: __m512i) -> __m512i = add_pairs(s, x, y);
        add_quads(s: __m512i, x: __m512i, y: __m512i) -> __m512i = _mm512_dpbusd_epi32(s, x, y);
        above_int(i: __m512i, j: __m512i) -> __mmask16 = _mm512_cmpgt_epi32_mask(i, j);
        pair(low: __m512i, high: __m512i) -> __m512i =
            _mm512_mask_blend_epi16(0xaaaa_aaaa, low, _mm512_slli_epi32::<16>(high));
        round(x: __m512) -> __m512i = _mm512_cvtps_epi32(x);
        to_floats(i: __m512i) -> __m512 = _mm512_cvtepi32_ps(i);
        select_int(mask: __mmask16, i: __m512i, j: __m512i) -> __m512i = _mm512_mask_mov_epi32(j, mask, i);
        add_where(mask: __mmask16, i: __m512i, j: __m512i) -> __m512i = _mm512_mask_add_epi32(i, mask, i, j);
        unequal(i: __m512i, j: __m512i) -> u32 = _mm512_cmpneq_epi32_mask(i, j) as u32;
    }

    #[inline(always)]
    fn transpose(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
        transpose(Avx2(()), from, from_stride, to, to_stride);
    }
    #[inline(always)]
    fn prefetch<T>(self, from: &T) {
        // SAFETY: a hint, for an address that a reference vouches for.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(from).cast()) }
    }
    #[inline(always)]
    fn has_tiles(self) -> bool {
        self.0.is_some()
    }
    #[inline(always)]
    fn open_tiles(self, groups: usize) {
        if let Some(tiles) = self.0 {
            tiles.configure(groups);
        }
    }
    #[inline(always)]
    fn close_tiles(self) {
        if let Some(tiles) = self.0 {
            tiles.release();
        }
    }
    #[inline(always)]
    fn add_bytes<const R: usize, const C: usize>(
        self,
        rows: &[i32],
        centers: &[i32],
        groups: usize,
        sums: &mut [[__m512i; R]; C],
    ) {
        match self.0 {
            // SAFETY: `self` proves AVX-512 F.
            Some(tiles) if C == SIDE => unsafe { add_bytes(tiles, rows, centers, groups, sums) },
            _ => bytes::add_bytes(self, rows, centers, groups, sums),
        }
    }
    #[inline(always)]
    fn bits(self, mask: __mmask16) -> u32 {
        mask as u32
    }
    #[inline(always)]
    fn load(self, from: &[f32]) -> __m512 {
        let from = &from[..16];
        // SAFETY: the slice has 16 numbers; unaligned loads are allowed; `self` proves AVX-512 F.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }
    #[inline(always)]
    fn load_int(self, from: &[i32]) -> __m512i {
        let from = &from[..16];
        // SAFETY: as in `load`.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }
    #[inline(always)]
    fn store(self, x: __m512, to: &mut [f32]) {
        let to = &mut to[..16];
        // SAFETY: as in `load`, for writing.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), x) }
    }
    #[inline(always)]
    fn store_int(self, j: __m512i, to: &mut [i32]) {
        let to = &mut to[..16];
        // SAFETY: as in `load`, for writing.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), j) }
    }
    #[inline(always)]
    fn vectorize<T: Task>(self, task: T) -> T::Out {
        #[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma")]
        fn enabled<T: Task>(simd: Avx512, task: T) -> T::Out {
            task.run(simd)
        }
        // SAFETY: `self` proves AVX-512 F, BW and VNNI, AVX2 and FMA.
        unsafe { enabled(self, task) }
    }
}
