//! Memory that may run out: vectors whose length depends on rows, columns or clusters.
//!
//! Where there is no room, Rust's own vectors end the process. These unwind with [`OutOfMemory`], past all code
//! between, and the binding makes a MemoryError of it (decision 0046). What is small whatever the data are stays with
//! Rust's own.

use std::alloc::{Layout, alloc_zeroed};
use std::panic::resume_unwind;

/// There was no room for so many bytes; nothing that was computed is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// How many were asked for at once.
    pub bytes: usize,
}

/// Numbers that are zero where all their bits are.
///
/// # Safety
///
/// Zeroed memory is a value of the type, and dropping a value does nothing.
pub unsafe trait Number: Copy {}

macro_rules! numbers {
    ($($number:ty),*) => {
        // SAFETY: a primitive number of zero bits is zero.
        $(unsafe impl Number for $number {})*
    };
}

numbers!(u8, i16, u16, i32, u32, i64, u64, i128, f32, f64);

/// So many zeros. Pages that are never written take no memory.
pub fn zeros<T: Number>(count: usize) -> Vec<T> {
    if count == 0 {
        return Vec::new();
    }
    let Ok(layout) = Layout::array::<T>(count) else { lacks::<T>(count) };
    // SAFETY: the layout is not empty: there are numbers, and each has bytes.
    let data = unsafe { alloc_zeroed(layout) };
    if data.is_null() {
        lacks::<T>(count);
    }
    prefer_large_pages(data, layout.size());
    // SAFETY: the memory was allocated by the global allocator for exactly so many numbers, and is initialised: zeros
    // are numbers.
    unsafe { Vec::from_raw_parts(data.cast(), count, count) }
}

/// Asks the system to give memory that was not written yet in large pages: the first write to each of its pages costs
/// as much as sorting a hundred rows, and a large page is one in place of 512. A wish, which may be refused.
#[cfg(target_os = "linux")]
fn prefer_large_pages(data: *mut u8, bytes: usize) {
    const LARGE: usize = 2 << 20;
    // Whole large pages within: those at the ends are shared with others, or too small.
    let before = data.align_offset(LARGE);
    if let Some(within) = bytes.checked_sub(before).map(|rest| rest / LARGE * LARGE).filter(|&within| within > 0) {
        // SAFETY: the range lies within the allocation, and this advice leaves what memory holds as it is.
        unsafe { libc::madvise(data.wrapping_add(before).cast(), within, libc::MADV_HUGEPAGE) };
    }
}

/// Elsewhere pages are as they are.
#[cfg(not(target_os = "linux"))]
fn prefer_large_pages(_: *mut u8, _: usize) {}

/// The same value so many times.
pub fn filled<T: Clone>(value: T, count: usize) -> Vec<T> {
    let mut out = Vec::new();
    out.set_length(count, value);
    out
}

/// All of some items.
pub fn collected<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut out = Vec::new();
    out.make_room(items.size_hint().0);
    items.for_each(|item| out.add(item));
    out
}

/// A copy.
pub fn copied<T: Copy>(items: &[T]) -> Vec<T> {
    let mut out = Vec::new();
    out.make_room(items.len());
    out.extend_from_slice(items);
    out
}

/// Vectors that grow, or unwind.
pub(crate) trait Grow<T> {
    /// Makes room for so many more, or more than these if the vector grows often.
    fn make_room(&mut self, more: usize);

    /// As `resize`.
    fn set_length(&mut self, count: usize, value: T)
    where
        T: Clone;

    /// As `push`.
    fn add(&mut self, item: T);
}

impl<T> Grow<T> for Vec<T> {
    #[inline(always)]
    fn make_room(&mut self, more: usize) {
        if more > self.capacity() - self.len() {
            // (Asked for what it needs, an empty vector takes no more.)
            grow(self, more, self.capacity() == 0);
        }
    }

    #[inline(always)]
    fn set_length(&mut self, count: usize, value: T)
    where
        T: Clone,
    {
        if count > self.len() {
            self.make_room(count - self.len());
        }
        self.resize(count, value);
    }

    #[inline(always)]
    fn add(&mut self, item: T) {
        if self.len() == self.capacity() {
            grow(self, 1, false);
        }
        self.push(item);
    }
}

/// Makes room for so many more; `exactly` for these, else for as many again as there are, where items are added one by
/// one. (Out of line: loops over a few rows ask for room that is there already.)
#[cold]
#[inline(never)]
fn grow<T>(vector: &mut Vec<T>, more: usize, exactly: bool) {
    let done = if exactly { vector.try_reserve_exact(more) } else { vector.try_reserve(more) };
    if done.is_err() {
        lacks::<T>(vector.len().saturating_add(more));
    }
}

#[cold]
fn lacks<T>(count: usize) -> ! {
    resume_unwind(Box::new(OutOfMemory { bytes: count.saturating_mul(size_of::<T>()) }))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn bytes<T>(make: impl FnOnce() -> T) -> Option<usize> {
        let payload = catch_unwind(AssertUnwindSafe(make)).err()?;
        payload.downcast_ref::<OutOfMemory>().map(|lacking| lacking.bytes)
    }

    #[test]
    fn vectors_are_as_rusts_own() {
        assert_eq!(zeros::<f64>(3), [0.0; 3]);
        assert_eq!(zeros::<i32>(0), []);
        assert_eq!(filled(7, 2), [7, 7]);
        assert_eq!(collected((0..9).filter(|x| x % 2 == 0)), [0, 2, 4, 6, 8]);
        assert_eq!(copied(&[1, 2]), [1, 2]);
        let mut grown = vec![1];
        grown.set_length(3, 2);
        grown.add(3);
        assert_eq!(grown, [1, 2, 2, 3]);
        grown.set_length(1, 0);
        assert_eq!(grown, [1]);
    }

    #[test]
    fn what_is_too_large_unwinds() {
        let most = isize::MAX as usize / 8;
        assert_eq!(bytes(|| zeros::<f64>(most)), Some(most * 8));
        assert_eq!(bytes(|| zeros::<f64>(usize::MAX)), Some(usize::MAX));
        assert_eq!(bytes(|| filled(1f64, most)), Some(most * 8));
        assert_eq!(bytes(|| collected((0..most).map(|_| 1f64))), Some(most * 8));
        assert_eq!(bytes(|| vec![1f64].make_room(usize::MAX)), Some(usize::MAX));
        assert_eq!(bytes(|| zeros::<u8>(10)), None);
    }
}
