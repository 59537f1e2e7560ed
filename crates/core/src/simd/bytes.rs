//! Products of int16 from their bytes, in plain Rust: for instruction sets that do not multiply tiles of bytes.

use super::Simd;

/// What `Simd::add_bytes` does, number by number.
pub(super) fn add_bytes<S: Simd, const R: usize, const C: usize>(
    simd: S,
    rows: &[i32],
    centers: &[i32],
    groups: usize,
    sums: &mut [[S::Ints; R]; C],
) {
    let width = R * S::LANES;
    let mut lanes = vec![0; S::LANES];
    for (rows, centers) in rows.chunks_exact(2 * groups * width).zip(centers.chunks_exact(2 * groups * C)) {
        let (high, low) = centers.split_at(groups * C);
        for (c, sums) in sums.iter_mut().enumerate() {
            for (r, sum) in sums.iter_mut().enumerate() {
                simd.store_int(*sum, &mut lanes);
                for (lane, sum) in lanes.iter_mut().enumerate() {
                    for g in 0..groups {
                        let row = |byte: usize| rows[(2 * g + byte) * width + r * S::LANES + lane];
                        let products = dot((high[c * groups + g], low[c * groups + g]), (row(0), row(1)));
                        *sum = sum.wrapping_add(products);
                    }
                }
                *sum = simd.load_int(&lanes);
            }
        }
    }
}

/// The sum of four products of int16 from their high and low bytes.
fn dot((high, low): (i32, i32), (other_high, other_low): (i32, i32)) -> i32 {
    let (h, l) = (high.to_le_bytes(), low.to_le_bytes());
    let (g, m) = (other_high.to_le_bytes(), other_low.to_le_bytes());
    let whole = |h: u8, l: u8| h as i8 as i32 * 256 + l as i32;
    (0..4).fold(0i32, |sum, i| sum.wrapping_add(whole(h[i], l[i]) * whole(g[i], m[i])))
}
