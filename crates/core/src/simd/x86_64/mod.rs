//! AVX2 with FMA, and AVX-512, through `std::arch`: this file only instantiates the trait.
//!
//! A value of `Avx2` or `Avx512` exists only where detection found the features (the fields are private), which is the
//! invariant that every SAFETY comment below refers to.

mod amx;

use super::{SIDE, Simd, Task, portable};
use amx::{Factors, Products, Tiles};
use std::arch::asm;
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

/// AVX2 and FMA are there.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// AVX-512 F, BW and VNNI are there, and perhaps tiles.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(Option<Tiles>);

impl Avx2 {
    /// The proof, where the machine has AVX2 and FMA.
    pub fn detect() -> Option<Avx2> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Avx2(()))
    }
}

impl Avx512 {
    /// The proof, where the machine has AVX-512 F, BW and VNNI (and AVX2 and FMA, as all such machines do).
    pub fn detect() -> Option<Avx512> {
        let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
        (wide && is_x86_feature_detected!("avx512vnni") && Avx2::detect().is_some()).then_some(Avx512(None))
    }

    /// The proof, where the machine has AMX with integers besides.
    pub fn detect_tiles() -> Option<Avx512> {
        Avx512::detect().and(Tiles::detect()).map(|tiles| Avx512(Some(tiles)))
    }
}

/// 8 x 8 numbers from rows to columns, in registers: pairs, fours, halves.
#[inline(always)]
fn transpose(_: Avx2, from: &[f32], from_stride: usize, to: &mut [f32], to_stride: usize) {
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

macro_rules! by_intrinsics {
    ($($name:ident($($arg:ident: $type:ty),*) -> $out:ty = $body:expr;)*) => {
        $(#[inline(always)]
        fn $name(self, $($arg: $type),*) -> $out {
            // SAFETY: `self` proves that the instruction set is there; the operation touches registers only.
            unsafe { $body }
        })*
    };
}

impl Simd for Avx2 {
    const LANES: usize = 8;
    // 2 x 4 accumulators: as many chains as 2 FMAs of latency 4 need. (2 x 6 leave no registers to find the least scores in.)
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
    fn vectorize<T: Task>(self, task: T) -> T::Out {
        #[target_feature(enable = "avx2,fma")]
        fn enabled<T: Task>(simd: Avx2, task: T) -> T::Out {
            task.run(simd)
        }
        // SAFETY: `self` proves AVX2 and FMA.
        unsafe { enabled(self, task) }
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
            _ => portable::add_bytes(self, rows, centers, groups, sums),
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
