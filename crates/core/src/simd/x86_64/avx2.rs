//! AVX2 with FMA.

use std::arch::asm;
use std::arch::x86_64::*;

use super::intrinsics::by_intrinsics;
use crate::simd::{Simd, Task, bytes};

/// AVX2 and FMA are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(pub(super) ());

impl Avx2 {
    /// The proof, where the machine has AVX2 and FMA.
    pub(crate) fn detect() -> Option<Avx2> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Avx2(()))
    }
}

/// 8 x 8 numbers from rows to columns, in registers: pairs, fours, halves.
#[inline(always)]
pub(super) fn transpose(_: Avx2, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
    assert!(from.len() >= 7 * from_stride + 8 && to.len() >= 7 * to_stride + 8, "8 x 8 numbers");
    // Written out: in a closure, which does not inherit the instruction set, every intrinsic would be a call.
    // SAFETY: the assertion keeps all 8 loads and 8 stores of 8 numbers inside the slices; the argument proves AVX2.
    unsafe {
        let mut x = [_mm256_setzero_ps(); 8];
        for (i, x) in x.iter_mut().enumerate() {
            *x = _mm256_loadu_ps(from.as_ptr().add(i * from_stride));
        }
        let mut y = x;
        for i in [0, 2, 4, 6] {
            y[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
            y[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
        }
        for i in [0, 4] {
            x[i] = _mm256_shuffle_ps::<0x44>(y[i], y[i + 2]);
            x[i + 1] = _mm256_shuffle_ps::<0xee>(y[i], y[i + 2]);
            x[i + 2] = _mm256_shuffle_ps::<0x44>(y[i + 1], y[i + 3]);
            x[i + 3] = _mm256_shuffle_ps::<0xee>(y[i + 1], y[i + 3]);
        }
        for q in 0..4 {
            let left = _mm256_permute2f128_ps::<0x20>(x[q], x[q + 4]);
            let right = _mm256_permute2f128_ps::<0x31>(x[q], x[q + 4]);
            _mm256_storeu_ps(to.as_mut_ptr().add(q * to_stride), left);
            _mm256_storeu_ps(to.as_mut_ptr().add((q + 4) * to_stride), right);
        }
    }
}

/// For the microtile that there is, 4 x 2.
#[target_feature(enable = "avx2")]
#[inline]
fn settle<const R: usize, const C: usize>(x: &mut [[__m256; R]; C]) {
    if R != 2 || C != 4 {
        return;
    }
    // SAFETY: a comment, no instruction.
    unsafe {
        asm!(
            "/* {} {} {} {} {} {} {} {} */",
            inout(ymm_reg) x[0][0],
            inout(ymm_reg) x[0][1],
            inout(ymm_reg) x[1][0],
            inout(ymm_reg) x[1][1],
            inout(ymm_reg) x[2][0],
            inout(ymm_reg) x[2][1],
            inout(ymm_reg) x[3][0],
            inout(ymm_reg) x[3][1],
            options(nomem, nostack, preserves_flags)
        )
    }
}

impl Simd for Avx2 {
    const LANES: usize = 8;
    // 2 x 4 accumulators: as many chains as 2 FMAs of latency 4 need. (2 x 6 leave no registers to find the least
    // scores in.)
    const VECTORS: usize = 2;
    const CENTERS: usize = 4;
    const FEW: usize = 4;
    const FUSED: bool = true;
    type Floats = __m256;
    type Ints = __m256i;
    type Mask = __m256;

    by_intrinsics! {
        splat(x: f32) -> __m256 = _mm256_set1_ps(x);
        splat_int(j: i32) -> __m256i = _mm256_set1_epi32(j);
        add(x: __m256, y: __m256) -> __m256 = _mm256_add_ps(x, y);
        subtract(x: __m256, y: __m256) -> __m256 = _mm256_sub_ps(x, y);
        multiply(x: __m256, y: __m256) -> __m256 = _mm256_mul_ps(x, y);
        add_product(a: __m256, x: __m256, y: __m256) -> __m256 = _mm256_fmadd_ps(x, y, a);
        least(x: __m256) -> f32 = {
            let half = _mm_min_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
            let pair = _mm_min_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_min_ss(pair, _mm_movehdup_ps(pair)))
        };
        bits(mask: __m256) -> u32 = _mm256_movemask_ps(mask) as u32;
        subtract_product(a: __m256, x: __m256, y: __m256) -> __m256 = _mm256_fnmadd_ps(x, y, a);
        min(x: __m256, y: __m256) -> __m256 = _mm256_min_ps(x, y);
        max(x: __m256, y: __m256) -> __m256 = _mm256_max_ps(x, y);
        sqrt(x: __m256) -> __m256 = _mm256_sqrt_ps(x);
        at_most(x: __m256, y: __m256) -> __m256 = _mm256_cmp_ps::<_CMP_LE_OQ>(x, y);
        below(x: __m256, y: __m256) -> __m256 = _mm256_cmp_ps::<_CMP_LT_OQ>(x, y);
        add_int(i: __m256i, j: __m256i) -> __m256i = _mm256_add_epi32(i, j);
        add_pairs(s: __m256i, x: __m256i, y: __m256i) -> __m256i = _mm256_add_epi32(s, _mm256_madd_epi16(x, y));
        add_quads(s: __m256i, x: __m256i, y: __m256i) -> __m256i = {
            // Bytes 0 and 2, then 1 and 3, as pairs of int16: products of bytes at once would saturate.
            let even = _mm256_madd_epi16(
                _mm256_and_si256(x, _mm256_set1_epi16(0xff)),
                _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(y)),
            );
            let odd = _mm256_madd_epi16(_mm256_srli_epi16::<8>(x), _mm256_srai_epi16::<8>(y));
            _mm256_add_epi32(s, _mm256_add_epi32(even, odd))
        };
        above_int(i: __m256i, j: __m256i) -> __m256 = _mm256_castsi256_ps(_mm256_cmpgt_epi32(i, j));
        pair(low: __m256i, high: __m256i) -> __m256i = _mm256_blend_epi16::<0xaa>(low, _mm256_slli_epi32::<16>(high));
        round(x: __m256) -> __m256i = _mm256_cvtps_epi32(x);
        to_floats(i: __m256i) -> __m256 = _mm256_cvtepi32_ps(i);
        select_int(mask: __m256, i: __m256i, j: __m256i) -> __m256i =
            _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(j), _mm256_castsi256_ps(i), mask));
        add_where(mask: __m256, i: __m256i, j: __m256i) -> __m256i =
            _mm256_add_epi32(i, _mm256_and_si256(_mm256_castps_si256(mask), j));
        unequal(i: __m256i, j: __m256i) -> u32 =
            0xff ^ _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(i, j))) as u32;
    }

    #[inline(always)]
    fn transpose(self, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
        transpose(self, from, from_stride, to, to_stride);
    }
    #[inline(always)]
    fn prefetch<T>(self, from: &T) {
        // SAFETY: a hint, for an address that a reference vouches for.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(from).cast()) }
    }
    #[inline(always)]
    fn settle<const R: usize, const C: usize>(self, x: &mut [[__m256; R]; C]) {
        // SAFETY: `self` proves AVX2.
        unsafe { settle(x) }
    }
    #[inline(always)]
    fn load(self, from: &[f32]) -> __m256 {
        let from = &from[..8];
        // SAFETY: the slice has 8 numbers; unaligned loads are allowed; `self` proves AVX2.
        unsafe { _mm256_loadu_ps(from.as_ptr()) }
    }
    #[inline(always)]
    fn load_int(self, from: &[i32]) -> __m256i {
        let from = &from[..8];
        // SAFETY: as in `load`.
        unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
    }
    #[inline(always)]
    fn store(self, x: __m256, to: &mut [f32]) {
        let to = &mut to[..8];
        // SAFETY: as in `load`, for writing.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), x) }
    }
    #[inline(always)]
    fn store_int(self, j: __m256i, to: &mut [i32]) {
        let to = &mut to[..8];
        // SAFETY: as in `load`, for writing.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), j) }
    }
    #[inline(always)]
    fn add_bytes<const R: usize, const C: usize>(
        self,
        rows: &[i32],
        centers: &[i32],
        groups: usize,
        sums: &mut [[__m256i; R]; C],
    ) {
        bytes::add_bytes(self, rows, centers, groups, sums);
    }
    #[inline(always)]
    fn vectorize<T: Task>(self, task: T) -> T::Out {
        #[target_feature(enable = "avx2,fma")]
        fn enabled<T: Task>(simd: Avx2, task: T) -> T::Out {
            task.run(simd)
        }
        // SAFETY: `self` proves AVX2 and FMA.
        unsafe { enabled(self, task) }
    }
}
