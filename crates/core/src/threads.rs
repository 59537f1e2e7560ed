//! Threads: a workers shares a queue of blocks. Sums are exact, so who takes which block never matters.
//!
//! The calling thread works too, and between blocks takes the pulse (Ctrl-C) of whoever called. Pools are kept between
//! calls; after a fork the child has none of its parent's threads, so a pool belongs to one process id.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// The caller asked to stop; nothing that was computed is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// More threads than this are never started, whatever is asked for: the bits are the same.
const MOST: usize = 256;
/// How often the pulse is taken.
const BEAT: Duration = Duration::from_millis(50);
/// Less work is not handed out: in floating-point operations, some 20 microseconds of them.
const LEAST: f64 = 3e5;
/// How long a thread without work stays awake.
const PATIENCE: Duration = Duration::from_micros(100);

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
        let lead = || {
            let mut state = make();
            let mut beat = Instant::now();
            while let Some(item) = next() {
                body(&mut state, item);
                if beat.elapsed() > BEAT {
                    beat = Instant::now();
                    if !(self.pulse)() {
                        stop.store(true, Ordering::Relaxed);
                        break;
                    }
                }
            }
            state
        };
        let states = if workers == 1 {
            vec![lead()]
        } else {
            let (others, left) = (Mutex::new(Vec::with_capacity(workers)), AtomicUsize::new(workers - 1));
            let first = pool(self.threads - 1).in_place_scope(|scope| {
                for _ in 1..workers {
                    scope.spawn(|_| {
                        let mut state = make();
                        while !stop.load(Ordering::Relaxed) {
                            let Some(item) = next() else { break };
                            body(&mut state, item);
                        }
                        others.lock().unwrap_or_else(PoisonError::into_inner).push(state);
                        linger();
                        left.fetch_sub(1, Ordering::Release);
                    });
                }
                let first = lead();
                spin(|| left.load(Ordering::Acquire) == 0);
                first
            });
            let mut states = others.into_inner().unwrap_or_else(PoisonError::into_inner);
            states.push(first);
            states
        };
        if stop.into_inner() { Err(Interrupted) } else { Ok(states) }
    }
}

/// Waits for something that is due at any moment, without going to sleep; gives up after a while.
fn spin(mut due: impl FnMut() -> bool) {
    let since = Instant::now();
    while !due() && since.elapsed() < PATIENCE {
        std::hint::spin_loop();
    }
}

/// Lets a thread of this pool wait for the next call awake: waking one takes as long as a short call (decision 0041).
fn linger() {
    thread_local!(static LINGERS: Cell<bool> = const { Cell::new(false) });
    if LINGERS.get() {
        return;
    }
    rayon::spawn(|| {
        // Another thread may have taken this task, one that lingers already.
        if LINGERS.replace(true) {
            return;
        }
        let mut since = Instant::now();
        while since.elapsed() < PATIENCE {
            match rayon::yield_now() {
                Some(rayon::Yield::Executed) => since = Instant::now(),
                _ => std::hint::spin_loop(),
            }
        }
        LINGERS.set(false);
    });
}

/// The pool of so many threads of this process.
fn pool(threads: usize) -> Arc<ThreadPool> {
    type Pools = HashMap<usize, Arc<ThreadPool>>;
    static POOLS: Mutex<Option<(u32, Pools)>> = Mutex::new(None);
    let mut guard = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if guard.as_ref().is_none_or(|(owner, _)| *owner != process) {
        // After a fork: the threads of the parent's pools are not here, so they cannot be joined. Forget them.
        std::mem::forget(guard.take());
        *guard = Some((process, HashMap::new()));
    }
    let pools = &mut guard.get_or_insert_with(|| (process, HashMap::new())).1;
    pools
        .entry(threads)
        .or_insert_with(|| {
            let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("centra-{i}"));
            Arc::new(builder.build().unwrap_or_else(|error| panic!("cannot start {threads} threads: {error}")))
        })
        .clone()
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
