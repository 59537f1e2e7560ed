//! Morton order: an order of rows of few columns in which neighbours lie together.
//!
//! It costs a sort of the rows, once for all fits of them.
//!
//! By cells of a fine grid, the cells along a Z (Morton, "A computer oriented geodetic data base", IBM, 1966). Each
//! chunk of rows is dealt out by the first bits of their codes, in the cache of who takes it; then each part of the
//! codes is brought together from all chunks, and sorted by code and row. Nobody writes where others do, and codes with
//! their rows are all different: so the order is the same for any number of threads. Cells that are crowded
//! nevertheless (rows far from all others make a coarse grid) are halved until no block's worth is left.

use std::cell::Cell;
use std::ops::Range;

use crate::memory::{Grow, zeros};
use crate::rows::array_at;
use crate::screen::frame::Frame;
use crate::screen::pack::Pack;
use crate::threads::{Interrupted, Workers};

/// Columns at most: beyond, blocks of so few rows are too wide to rule anything out.
pub(crate) const COLUMNS: usize = 4;
/// Rows of a block; a multiple of every microtile.
pub(crate) const BLOCK: usize = 32;
/// Rows that one thread takes at a time.
pub(crate) const SHARE: usize = 1 << 14;
/// Rows whose codes are dealt out together: their keys fit the second-level cache twice.
const CHUNK: usize = 1 << 15;
/// Bits of a code, at most.
const CODE: u32 = 32;
/// Bits of a code by which rows are dealt out, and then those of each part again: into as many places as caches of
/// addresses hold.
const DEALT: u32 = 10;
/// Fewer keys are sorted at once.
const FEW: usize = 64;

/// A point of at most COLUMNS coordinates; the others are zero.
pub(crate) type Point = [f32; COLUMNS];

/// Where a row lies in a frame.
#[inline(always)]
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
    let (low, high) = (corner(low), corner(high));
    let grid = Grid::new(&low, &high, bits);
    let mut keys = zeros::<u64>(rows.len());
    // Of each chunk, where each part ends.
    let mut ends = zeros::<u32>(rows.len().div_ceil(CHUNK) << DEALT);
    let first = 32 + bits * rows.columns() as u32 - DEALT;
    let chunks = keys.chunks_mut(CHUNK).zip(ends.chunks_mut(1 << DEALT)).enumerate();
    workers.each(chunks, Vec::new, |room: &mut Vec<u64>, (at, (keys, ends))| {
        grid.keys(rows, frame, at * CHUNK, keys);
        deal(keys, first, ends, room);
    })?;
    let counts: [usize; 1 << DEALT] = std::array::from_fn(|part| {
        let run = |chunk: usize| run(&ends, chunk, part).len();
        (0..ends.len() >> DEALT).map(run).sum()
    });
    let mut order = zeros::<u32>(rows.len());
    let (mut rest, mut start, mut parts) = (&mut order[..], 0, Vec::with_capacity(counts.len()));
    for (at, count) in counts.into_iter().enumerate() {
        let (part, after) = rest.split_at_mut(count);
        parts.push((at, start, part));
        (rest, start) = (after, start + count);
    }
    workers.each(
        parts.into_iter(),
        Default::default,
        |Room { part: found, sorting, points, done }, (at, start, part)| {
            found.clear();
            found.make_room(part.len());
            for (chunk, keys) in keys.chunks(CHUNK).enumerate() {
                found.extend_from_slice(&keys[run(&ends, chunk, at)]);
            }
            sort(found, first, sorting);
            part.iter_mut().zip(&*found).for_each(|(row, key)| *row = *key as u32);
            let mut from = 0;
            for cell in found.chunk_by(|a, b| a >> 32 == b >> 32) {
                if cell.len() > 2 * BLOCK {
                    halve_rows(rows, frame, start + from, &mut part[from..from + cell.len()], points, &|| {
                        workers.heed(done, 10)
                    });
                }
                from += cell.len();
            }
        },
    )?;
    Ok(order)
}

/// What one worker keeps between parts.
#[derive(Default)]
struct Room {
    part: Vec<u64>,
    sorting: Sorting,
    points: Vec<(Point, u32)>,
    done: Cell<usize>,
}

/// Where the keys of a part lie in a chunk.
fn run(ends: &[u32], chunk: usize, part: usize) -> Range<usize> {
    let ends = &ends[chunk << DEALT..][..1 << DEALT];
    let from = if part == 0 { 0 } else { ends[part - 1] as usize };
    from..ends[part] as usize
}

/// The grid of cells.
struct Grid<'a> {
    low: &'a [f32],
    scale: Vec<f32>,
    last: u32,
    spread: [u64; 256],
}

impl Grid<'_> {
    fn new<'a>(low: &'a [f32], high: &[f32], bits: u32) -> Grid<'a> {
        let (cells, last) = ((1u32 << bits) as f32 - 0.5, (1u32 << bits) - 1);
        let scale = low.iter().zip(high).map(|(low, high)| cells / (high - low).max(f32::MIN_POSITIVE)).collect();
        Grid { low, scale, last, spread: std::array::from_fn(|byte| spread(byte, low.len())) }
    }

    /// Of rows from a place on, the code of each one's cell, and below it the row.
    fn keys<R: Pack>(&self, rows: &R, frame: &Frame, from: usize, keys: &mut [u64]) {
        match self.low.len() {
            1 => self.keys_of::<R, 1>(rows, frame, from, keys),
            2 => self.keys_of::<R, 2>(rows, frame, from, keys),
            3 => self.keys_of::<R, 3>(rows, frame, from, keys),
            _ => self.keys_of::<R, COLUMNS>(rows, frame, from, keys),
        }
    }

    /// For D columns.
    fn keys_of<R: Pack, const D: usize>(&self, rows: &R, frame: &Frame, from: usize, keys: &mut [u64]) {
        let Grid { low, scale, last, spread } = self;
        let (low, scale): ([f32; D], [f32; D]) = (array_at(low, 0), array_at(scale, 0));
        let mut y = [0.0; D];
        for (row, key) in (from..).zip(keys) {
            rows.place(row, frame, &mut y);
            let mut code = 0;
            for q in 0..D {
                let cell = (((y[q] - low[q]) * scale[q]) as u32).min(*last);
                let far = spread[(cell >> 8) as usize] << (8 * D);
                code |= (far | spread[(cell & 255) as usize]) << q;
            }
            *key = code << 32 | row as u64;
        }
    }
}

/// The bits of a byte, so far apart that those of all columns fit between.
fn spread(byte: usize, columns: usize) -> u64 {
    (0..8).fold(0, |out, bit| out | (byte as u64 >> bit & 1) << (bit * columns))
}

/// Deals keys out by so many of their bits, which begin at a place; writes down where each part ends.
fn deal(keys: &mut [u64], first: u32, ends: &mut [u32], room: &mut Vec<u64>) {
    let part = |key: u64| (key >> first) as usize & ((1 << DEALT) - 1);
    let mut next = [0u32; (1 << DEALT) + 1];
    keys.iter().for_each(|&key| next[part(key) + 1] += 1);
    (1..next.len()).for_each(|at| next[at] += next[at - 1]);
    room.clear();
    room.make_room(keys.len());
    room.extend_from_slice(keys);
    for &key in &*room {
        // When all is dealt out, a part's next key would lie at its end.
        let next = &mut next[part(key)];
        keys[*next as usize] = key;
        *next += 1;
    }
    ends.copy_from_slice(&next[..1 << DEALT]);
}

/// Room for sorting.
struct Sorting {
    ends: Vec<u32>,
    keys: Vec<u64>,
}

impl Default for Sorting {
    fn default() -> Sorting {
        Sorting { ends: zeros(1 << DEALT), keys: Vec::new() }
    }
}

/// Sorts keys that agree in all bits from `first` on: dealt out by the bits below, few are left in each place.
fn sort(keys: &mut [u64], first: u32, Sorting { ends, keys: room }: &mut Sorting) {
    if keys.len() < FEW {
        return keys.sort_unstable();
    }
    deal(keys, first.saturating_sub(DEALT).max(32), ends, room);
    let mut from = 0;
    for &end in &*ends {
        if end as usize > from + 1 {
            keys[from..end as usize].sort_unstable();
        }
        from = end as usize;
    }
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
