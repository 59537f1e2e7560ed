//! Morton order: an order of rows of few columns in which neighbours lie together.
//!
//! It costs a sort of the rows, once for all fits of them.
//!
//! By cells of a fine grid, the cells along a Z (Morton, "A computer oriented geodetic data base", IBM, 1966): dealt
//! out by the first bits of their codes, then sorted by code and row. Cells that are crowded nevertheless (rows far
//! from all others make a coarse grid) are halved until no block's worth is left.

use crate::memory::{Grow, zeros};
use crate::screen::frame::Frame;
use crate::screen::pack::Pack;
use crate::threads::{Interrupted, Workers};

/// Columns at most: beyond, blocks of so few rows are too wide to rule anything out.
pub(crate) const COLUMNS: usize = 4;
/// Rows of a block; a multiple of every microtile.
pub(crate) const BLOCK: usize = 32;
/// Rows that one thread takes at a time.
pub(crate) const SHARE: usize = 1 << 14;
/// Bits of a code, at most, and bits of it by which rows are dealt out: into as many places as caches of addresses
/// hold.
const CODE: u32 = 32;
/// See `CODE`.
const DEALT: u32 = 10;

/// A point of at most COLUMNS coordinates; the others are zero.
pub(crate) type Point = [f32; COLUMNS];

/// Where a row lies in a frame.
pub(crate) fn point(rows: &impl Pack, frame: &Frame, row: usize) -> Point {
    let mut point = [0.0; COLUMNS];
    rows.place(row, frame, &mut point[..rows.columns()]);
    point
}

/// The order, given the least and the largest number of every column.
pub(crate) fn sorted<R: Pack>(
    workers: &Workers,
    rows: &R,
    frame: &Frame,
    (low, high): (&[f64], &[f64]),
) -> Result<Vec<u32>, Interrupted> {
    // So many bits of a column's cell that the code fits.
    let bits = (CODE / rows.columns() as u32).min(16);
    let corner = |x: &[f64]| (0..x.len()).map(|q| (x[q] * frame.scale - frame.shift[q]) as f32).collect::<Vec<_>>();
    let keys = keys(workers, rows, frame, (&corner(low), &corner(high)), bits)?;
    let (mut dealt, ends) = deal(keys, bits * rows.columns() as u32);
    let mut order = zeros::<u32>(dealt.len());
    let (mut rest, mut start, mut parts) = ((&mut dealt[..], &mut order[..]), 0, Vec::with_capacity(ends.len()));
    for end in ends {
        let ((keys, keys_after), (part, part_after)) =
            (rest.0.split_at_mut(end - start), rest.1.split_at_mut(end - start));
        parts.push((start, keys, part));
        (rest, start) = ((keys_after, part_after), end);
    }
    workers.each(parts.into_iter(), Default::default, |(points, done), (start, keys, part)| {
        keys.sort_unstable();
        part.iter_mut().zip(&*keys).for_each(|(row, key)| *row = *key as u32);
        let mut from = 0;
        for cell in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
            if cell.len() > 2 * BLOCK {
                halve_rows(rows, frame, start + from, &mut part[from..from + cell.len()], points, &|| {
                    workers.heed(done, 10)
                });
            }
            from += cell.len();
        }
    })?;
    Ok(order)
}

/// Of each row the code of its cell, and below it the row.
fn keys<R: Pack>(
    workers: &Workers,
    rows: &R,
    frame: &Frame,
    (low, high): (&[f32], &[f32]),
    bits: u32,
) -> Result<Vec<u64>, Interrupted> {
    let columns = rows.columns();
    let (cells, last) = ((1u32 << bits) as f32 - 0.5, (1u32 << bits) - 1);
    let scale: Vec<f32> = (0..columns).map(|q| cells / (high[q] - low[q]).max(f32::MIN_POSITIVE)).collect();
    let spread: [u64; 256] = std::array::from_fn(|byte| spread(byte, columns));
    let mut keys = zeros::<u64>(rows.len());
    workers.each(
        keys.chunks_mut(SHARE).enumerate(),
        || (),
        |(), (at, keys)| {
            for (row, key) in (at * SHARE..).zip(keys) {
                let y = point(rows, frame, row);
                let code = (0..columns).fold(0, |code, q| {
                    let cell = (((y[q] - low[q]) * scale[q]) as u32).min(last);
                    let far = spread[(cell >> 8) as usize] << (8 * columns);
                    code | (far | spread[(cell & 255) as usize]) << q
                });
                *key = code << 32 | row as u64;
            }
        },
    )?;
    Ok(keys)
}

/// The bits of a byte, so far apart that those of all columns fit between.
fn spread(byte: usize, columns: usize) -> u64 {
    (0..8).fold(0, |out, bit| out | (byte as u64 >> bit & 1) << (bit * columns))
}

/// Deals keys out by the first of so many bits of their codes; returns where each part ends, too.
fn deal(keys: Vec<u64>, bits: u32) -> (Vec<u64>, Vec<usize>) {
    let part = |key: u64| (key >> (32 + bits - DEALT)) as usize;
    // Where each part begins, and when all is dealt out, where it ends.
    let mut next = vec![0; (1 << DEALT) + 1];
    keys.iter().for_each(|&key| next[part(key) + 1] += 1);
    (1..next.len()).for_each(|at| next[at] += next[at - 1]);
    next.pop();
    let mut dealt = zeros(keys.len());
    for key in keys {
        let next = &mut next[part(key)];
        dealt[*next] = key;
        *next += 1;
    }
    (dealt, next)
}

/// Halves some rows of the order. Points are looked up while a part is large, and lie beside their rows when it is
/// small: memory stays bounded.
fn halve_rows<R: Pack>(
    rows: &R,
    frame: &Frame,
    from: usize,
    part: &mut [u32],
    points: &mut Vec<(Point, u32)>,
    heed: &impl Fn(),
) {
    // Where most rows lie in one cell, this takes most of the time.
    let placed = |&row: &u32| {
        heed();
        (point(rows, frame, row as usize), row)
    };
    halve(from, part, SHARE, &placed, &mut |from, part| {
        points.clear();
        points.make_room(part.len());
        points.extend(part.iter().map(placed));
        halve(from, points, BLOCK, &|&at| at, &mut |_, _| ());
        part.iter_mut().zip(&*points).for_each(|(row, (_, found))| *row = *found);
    });
}

/// Makes a bounding box hold one more point.
#[inline(always)]
pub(crate) fn widen(low: &mut Point, high: &mut Point, y: &Point) {
    for q in 0..COLUMNS {
        low[q] = if y[q] < low[q] { y[q] } else { low[q] };
        high[q] = if y[q] > high[q] { y[q] } else { high[q] };
    }
}

/// Halves a part of the order that begins at a place, along its widest column, until at most so many rows are left.
fn halve<T>(
    from: usize,
    part: &mut [T],
    most: usize,
    point: &impl Fn(&T) -> (Point, u32),
    leaf: &mut impl FnMut(usize, &mut [T]),
) {
    let (mut low, mut high) = ([f32::INFINITY; COLUMNS], [f32::NEG_INFINITY; COLUMNS]);
    if part.len() > most {
        part.iter().for_each(|at| widen(&mut low, &mut high, &point(at).0));
    }
    let widest = (0..COLUMNS).max_by(|&a, &b| (high[a] - low[a]).total_cmp(&(high[b] - low[b])));
    let Some(q) = widest.filter(|&q| high[q] > low[q]) else { return leaf(from, part) };
    // At the end of a block, as near to the middle as there is one.
    let middle = ((from + part.len() / 2).next_multiple_of(BLOCK) - from).clamp(1, part.len() - 1);
    part.select_nth_unstable_by(middle, |a, b| {
        let (a, b) = (point(a), point(b));
        a.0[q].total_cmp(&b.0[q]).then(a.1.cmp(&b.1))
    });
    let (left, right) = part.split_at_mut(middle);
    halve(from, left, most, point, leaf);
    halve(from + middle, right, most, point, leaf);
}
