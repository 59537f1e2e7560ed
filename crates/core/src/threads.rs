//! Threads: workers share a queue of blocks. Sums are exact, so who takes which block never matters.
//!
//! The calling thread works too, and now and then takes the pulse (Ctrl-C) of whoever called: between blocks, and
//! within a block that is much work. Others help where they are idle (threads/helpers.rs); a call never waits for
//! helpers that are busy elsewhere.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

mod helpers;

use helpers::Helpers;

/// The caller asked to stop; nothing that was computed is to be used. It is returned from between blocks, and unwinds
/// from within one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// More threads than this never work together, whatever is asked for: the bits are the same.
pub const MOST: usize = helpers::MOST + 1;
/// How often the pulse is taken.
const BEAT: Duration = Duration::from_millis(50);
/// Less work is not handed out: in floating-point operations, some 20 microseconds of them.
const LEAST: f64 = 3e5;
/// So much is work for a tenth of a second at most, without vectors.
const LONG: f64 = 1e8;
/// Work, in floating-point operations, after which it is time to look at the clock.
const CLOCK: usize = 1 << 16;

/// How many threads share the work, and whom to ask whether to go on.
pub struct Workers<'a> {
    threads: usize,
    pulse: &'a (dyn Fn() -> bool + Sync),
    watch: Arc<Watch>,
}

/// When to take the pulse, and whether it said to stop.
struct Watch {
    caller: ThreadId,
    stopped: AtomicBool,
    start: Instant,
    /// When the pulse is due, in nanoseconds since the start.
    due: AtomicU64,
}

impl<'a> Workers<'a> {
    /// `pulse` is called now and then, on the thread that calls this, and no other; false interrupts.
    pub fn new(threads: usize, pulse: &'a (dyn Fn() -> bool + Sync)) -> Self {
        let watch = Watch {
            caller: std::thread::current().id(),
            stopped: AtomicBool::new(false),
            start: Instant::now(),
            due: AtomicU64::new(BEAT.as_nanos() as u64),
        };
        Workers { threads: threads.clamp(1, MOST), pulse, watch: Arc::new(watch) }
    }

    /// Number of threads.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// The same workers, or the calling thread alone where the work (in floating-point operations) is not worth waking
    /// others.
    pub(crate) fn sized(&self, work: f64) -> Workers<'a> {
        let threads = if work < LEAST { 1 } else { self.threads };
        Workers { threads, pulse: self.pulse, watch: self.watch.clone() }
    }

    /// Whether to go on. Any worker may ask; on the calling thread this takes the pulse when it is due.
    pub(crate) fn goes_on(&self) -> bool {
        let Watch { caller, stopped, start, due } = &*self.watch;
        if stopped.load(Ordering::Relaxed) {
            return false;
        }
        let now = start.elapsed().as_nanos() as u64;
        if now < due.load(Ordering::Relaxed) || std::thread::current().id() != *caller {
            return true;
        }
        if !(self.pulse)() {
            stopped.store(true, Ordering::Relaxed);
            return false;
        }
        due.store(start.elapsed().as_nanos() as u64 + BEAT.as_nanos() as u64, Ordering::Relaxed);
        true
    }

    /// The same from within a block: adds work, in floating-point operations, to what was done since the clock was
    /// looked at, and when that is enough, unwinds if the workers are to stop.
    #[inline(always)]
    pub(crate) fn heed(&self, done: &Cell<usize>, work: usize) {
        done.set(done.get().saturating_add(work));
        if done.get() >= CLOCK {
            done.set(0);
            self.heed_now();
        }
    }

    #[cold]
    fn heed_now(&self) {
        if !self.goes_on() {
            resume_unwind(Box::new(Interrupted));
        }
    }

    /// Whether all chunks of some numbers pass a test, which is to be without early exits: then it vectorises.
    pub fn all(
        &self,
        numbers: &[f64],
        chunk: usize,
        test: impl Fn(&[f64]) -> bool + Sync,
    ) -> Result<bool, Interrupted> {
        let workers = self.sized(numbers.len() as f64);
        let parts = workers.each(numbers.chunks(chunk.max(1)), || true, |all, chunk| *all &= test(chunk))?;
        Ok(parts.into_iter().all(|part| part))
    }

    /// Runs `body` on every item, a worker's own state being made once by `make`; returns the states.
    pub(crate) fn each<T: Send, L: Send>(
        &self,
        items: impl ExactSizeIterator<Item = T> + Send,
        make: impl Fn() -> L + Sync,
        body: impl Fn(&mut L, T) + Sync,
    ) -> Result<Vec<L>, Interrupted> {
        let workers = self.threads.min(items.len()).max(1);
        let queue = Mutex::new(items);
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let states = Mutex::new(Vec::new());
        let work = || {
            let _guard = StopWhenPanicking(&self.watch.stopped);
            let mut state = make();
            while self.goes_on()
                && let Some(item) = next()
            {
                body(&mut state, item);
            }
            states.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        };
        Helpers::take(workers - 1).run(work, work);
        if self.watch.stopped.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        Ok(states.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How many rows make a block: so many, or fewer where a row is much work (in floating-point operations), so that no
/// block takes long.
pub fn share(most: usize, work: f64) -> usize {
    ((LONG / work) as usize).clamp(1, most)
}

/// A panic in one worker ends the work of all.
struct StopWhenPanicking<'a>(&'a AtomicBool);

impl Drop for StopWhenPanicking<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_taken_once() {
        for threads in [1, 2, 3, 8, 500] {
            let workers = Workers::new(threads, &|| true);
            let sums = workers.each(0..1000usize, || 0, |sum, i| *sum += i).unwrap();
            assert_eq!(sums.iter().sum::<usize>(), 499_500);
        }
    }

    #[test]
    fn the_pulse_interrupts() {
        for threads in [1, 3] {
            let workers = Workers::new(threads, &|| false);
            let done = workers.each(0..100_000, || (), |_, _| std::thread::sleep(Duration::from_millis(1)));
            assert_eq!(done.err(), Some(Interrupted));
        }
    }

    #[test]
    fn the_pulse_interrupts_within_a_block() {
        for threads in [1, 3] {
            let workers = Workers::new(threads, &|| false);
            let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                workers.each(
                    0..threads,
                    || Cell::new(0),
                    |done, _| {
                        loop {
                            workers.heed(done, 1000);
                        }
                    },
                )
            }));
            assert!(found.is_err_and(|payload| payload.is::<Interrupted>()));
        }
    }

    #[test]
    fn only_the_calling_thread_takes_the_pulse() {
        let caller = std::thread::current().id();
        let pulse = move || std::thread::current().id() == caller;
        let workers = Workers::new(4, &pulse);
        assert!(workers.each(0..400, || (), |_, _| std::thread::sleep(Duration::from_millis(1))).is_ok());
    }

    #[test]
    fn blocks_of_much_work_have_fewer_rows() {
        assert_eq!([share(100, 1.0), share(100, LONG / 7.5), share(100, 1e300)], [100, 7, 1]);
    }
}
