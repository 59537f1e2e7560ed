//! Threads: workers share a queue of blocks. Sums are exact, so who takes which block never matters.
//!
//! The calling thread works too, and between blocks takes the pulse (Ctrl-C) of whoever called. Others help where they are
//! idle (threads/helpers.rs); a call never waits for helpers that are busy elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

mod helpers;

use helpers::Helpers;

/// The caller asked to stop; nothing that was computed is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// More threads than this never work together, whatever is asked for: the bits are the same.
pub const MOST: usize = helpers::MOST + 1;
/// How often the pulse is taken.
const BEAT: Duration = Duration::from_millis(50);
/// Less work is not handed out: in floating-point operations, some 20 microseconds of them.
const LEAST: f64 = 3e5;

/// How many threads share the work, and whom to ask whether to go on.
pub struct Workers<'a> {
    threads: usize,
    pulse: &'a dyn Fn() -> bool,
}

impl<'a> Workers<'a> {
    /// `pulse` is called now and then, on the calling thread only; false interrupts.
    pub fn new(threads: usize, pulse: &'a dyn Fn() -> bool) -> Self {
        Workers { threads: threads.clamp(1, MOST), pulse }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The same workers, or the calling thread alone where the work (in floating-point operations) is not worth waking others.
    pub fn sized(&self, work: f64) -> Workers<'a> {
        let threads = if work < LEAST { 1 } else { self.threads };
        Workers { threads, pulse: self.pulse }
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
    pub fn each<T: Send, L: Send>(
        &self,
        items: impl ExactSizeIterator<Item = T> + Send,
        make: impl Fn() -> L + Sync,
        body: impl Fn(&mut L, T) + Sync,
    ) -> Result<Vec<L>, Interrupted> {
        let workers = self.threads.min(items.len()).max(1);
        let stop = AtomicBool::new(false);
        let queue = Mutex::new(items);
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let states = Mutex::new(Vec::new());
        let work = |goes_on: &mut dyn FnMut() -> bool| {
            let _guard = StopWhenPanicking(&stop);
            let mut state = make();
            while goes_on()
                && let Some(item) = next()
            {
                body(&mut state, item);
            }
            states.lock().unwrap_or_else(PoisonError::into_inner).push(state);
        };
        let mut beat = Instant::now();
        let lead = || {
            work(&mut || {
                if beat.elapsed() > BEAT {
                    beat = Instant::now();
                    if !(self.pulse)() {
                        stop.store(true, Ordering::Relaxed);
                        return false;
                    }
                }
                true
            });
        };
        let help = || work(&mut || !stop.load(Ordering::Relaxed));
        Helpers::take(workers - 1).run(lead, help);
        if stop.into_inner() {
            Err(Interrupted)
        } else {
            Ok(states.into_inner().unwrap_or_else(PoisonError::into_inner))
        }
    }
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
}
