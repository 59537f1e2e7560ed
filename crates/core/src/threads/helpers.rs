//! Helpers: the threads that work beside a calling one. They are kept between calls, in one pool that grows.
//!
//! A call takes helpers that are idle, has them for itself, and gives them back at its end. So no call waits in a queue
//! behind the blocks of another: where all helpers are busy, the calling thread works alone, as it does where no thread
//! can be started.
//!
//! A process has as many helpers as its calls ask for at the same time, up to one for every other processor; or as many
//! as a single call asks for, where those are more.

use std::cell::Cell;
use std::iter::successors;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A process never has more.
pub(crate) const MOST: usize = 255;
/// How long a thread without work stays awake.
const PATIENCE: Duration = Duration::from_micros(100);
/// Bytes of a helper's stack.
const STACK: usize = 2 << 20;
/// Bytes of memory that must be left when helpers have been started.
const SPARE: usize = 64 << 20;
/// Where threads could not be started, none are until then.
const AGAIN: Duration = Duration::from_secs(1);

/// Helpers that a call has for itself. There may be none.
pub(crate) struct Helpers {
    pool: Option<Arc<Pool>>,
    count: usize,
}

struct Pool {
    threads: ThreadPool,
    size: usize,
    /// How many no call has.
    idle: AtomicUsize,
    counts: Arc<Counts>,
}

/// Helpers of a process. Those of a pool that has been replaced count while a call has some of them.
#[derive(Default)]
struct Counts {
    /// All.
    alive: AtomicUsize,
    /// Those that a call has.
    busy: AtomicUsize,
}

impl Helpers {
    /// As many as are wanted, or as many of them as there are. Does not wait for any.
    pub(crate) fn take(wanted: usize) -> Helpers {
        let mut guard = if wanted == 0 { None } else { Own::lock() };
        match guard.as_deref_mut() {
            Some(Some(own)) => own.take(wanted),
            _ => Helpers { pool: None, count: 0 },
        }
    }

    /// How many there are.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.count
    }

    /// Runs `lead` on the calling thread and `help` on every helper; returns when all have ended.
    pub(crate) fn run<T>(&self, lead: impl FnOnce() -> T, help: impl Fn() + Sync) -> T {
        let Some(pool) = self.pool.as_ref().filter(|_| self.count > 0) else { return lead() };
        let left = AtomicUsize::new(self.count);
        pool.threads.in_place_scope(|scope| {
            for _ in 0..self.count {
                scope.spawn(|_| {
                    help();
                    linger();
                    left.fetch_sub(1, Ordering::Release);
                });
            }
            let found = lead();
            spin(|| left.load(Ordering::Acquire) == 0);
            found
        })
    }
}

impl Drop for Helpers {
    fn drop(&mut self) {
        if let Some(pool) = &self.pool {
            pool.idle.fetch_add(self.count, Ordering::AcqRel);
            pool.counts.busy.fetch_sub(self.count, Ordering::AcqRel);
        }
    }
}

impl Pool {
    /// Starts so many threads; `None` where that is not possible.
    fn start(size: usize, counts: &Arc<Counts>) -> Option<Pool> {
        // Threads whose stacks took the last memory would end the process at the next small allocation.
        Vec::<u8>::new().try_reserve_exact(size * STACK + SPARE).ok()?;
        let builder = ThreadPoolBuilder::new().num_threads(size).stack_size(STACK);
        let threads = builder.thread_name(|at| format!("centra-{at}")).build().ok()?;
        counts.alive.fetch_add(size, Ordering::AcqRel);
        Some(Pool { threads, size, idle: AtomicUsize::new(size), counts: counts.clone() })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.counts.alive.fetch_sub(self.size, Ordering::AcqRel);
    }
}

/// What one process has.
struct Own {
    process: u32,
    processors: usize,
    counts: Arc<Counts>,
    pool: Option<Arc<Pool>>,
    /// When threads could not be started.
    failed: Option<Instant>,
}

impl Own {
    /// Locks what this process has; `None` where that would mean to wait.
    ///
    /// After a fork the child has none of its parent's threads, and a lock that one of them held stays locked for ever.
    /// So a process uses a place of its own, by its number, and where that is one of an ancestor, nobody waits for the
    /// lock.
    fn lock() -> Option<MutexGuard<'static, Option<Own>>> {
        static PLACES: [Mutex<Option<Own>>; 64] = [const { Mutex::new(None) }; 64];
        let process = std::process::id();
        let place = &PLACES[process as usize % PLACES.len()];
        let attempt = |_| match place.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => {
                std::hint::spin_loop();
                None
            }
        };
        let mut guard = (0..1000).find_map(attempt)?;
        if guard.as_ref().is_none_or(|own| own.process != process) {
            // The threads of an ancestor's pool are not here, so they cannot be joined: forget them.
            std::mem::forget(guard.take());
            let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
            *guard = Some(Own { process, processors, counts: Arc::default(), pool: None, failed: None });
        }
        Some(guard)
    }

    /// As many helpers as are wanted, where calls do not have too many of them. (Only the holder of the lock takes
    /// any.)
    fn take(&mut self, wanted: usize) -> Helpers {
        let wanted = wanted.min(MOST);
        let busy = self.counts.busy.load(Ordering::Acquire);
        let due = (busy + wanted).min(wanted.max(self.processors - 1));
        let count = due.saturating_sub(busy);
        if count > self.idle() && self.failed.is_none_or(|when| when.elapsed() > AGAIN) {
            self.grow(due);
        }
        let count = count.min(self.idle());
        if let Some(pool) = &self.pool {
            pool.idle.fetch_sub(count, Ordering::AcqRel);
            pool.counts.busy.fetch_add(count, Ordering::AcqRel);
        }
        Helpers { pool: self.pool.clone(), count }
    }

    fn idle(&self) -> usize {
        self.pool.as_ref().map_or(0, |pool| pool.idle.load(Ordering::Acquire))
    }

    /// Starts a larger pool in place of this one, which cannot grow: so many threads, or as many of them as can be
    /// started.
    fn grow(&mut self, due: usize) {
        // Calls that have helpers of the old pool keep them; if there are none, its threads end here.
        let kept = self.pool.take().filter(|pool| Arc::strong_count(pool) > 1);
        let size = kept.as_ref().map_or(0, |pool| pool.size);
        let due = due.min(MOST.saturating_sub(self.counts.alive.load(Ordering::Acquire)));
        let sizes = successors(Some(due), |due| Some(due / 2)).take_while(|due| *due > size);
        let started = sizes.filter_map(|size| Pool::start(size, &self.counts)).next();
        self.failed = (started.as_ref().map_or(size, |pool| pool.size) < due).then(Instant::now);
        self.pool = started.map(Arc::new).or(kept);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn own(processors: usize) -> Own {
        Own { process: std::process::id(), processors, counts: Arc::default(), pool: None, failed: None }
    }

    fn alive(own: &Own) -> usize {
        own.counts.alive.load(Ordering::Acquire)
    }

    #[test]
    fn one_pool_grows() {
        let mut own = own(2);
        for wanted in 1..20 {
            assert_eq!(own.take(wanted).count(), wanted);
            assert_eq!(alive(&own), wanted);
        }
        assert_eq!((own.take(3).count(), alive(&own)), (3, 19));
    }

    #[test]
    fn calls_at_the_same_time_share_processors() {
        let mut own = own(8);
        let mut calls: Vec<Helpers> = (0..5).map(|_| own.take(3)).collect();
        assert_eq!(calls.iter().map(Helpers::count).collect::<Vec<_>>(), [3, 3, 1, 0, 0]);
        calls.clear();
        // The pool of three was replaced, and ended with the call that had its threads.
        assert_eq!((own.take(3).count(), alive(&own)), (3, 6));
    }

    #[test]
    fn there_is_a_bound() {
        let mut own = own(1000);
        let calls: Vec<Helpers> = (0..9).map(|_| own.take(100)).collect();
        let (count, alive) = (calls.iter().map(Helpers::count).sum::<usize>(), alive(&own));
        assert!((100..=MOST).contains(&count) && (count..=MOST).contains(&alive), "{count} of {alive}");
    }

    #[test]
    fn helpers_run_beside_the_calling_thread() {
        let mut own = own(2);
        let helpers = own.take(3);
        let ran = AtomicUsize::new(0);
        let found = helpers.run(
            || 7,
            || {
                ran.fetch_add(1, Ordering::Relaxed);
            },
        );
        assert_eq!((found, ran.into_inner()), (7, 3));
        drop(helpers);
        assert_eq!(own.pool.unwrap().idle.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn no_helpers_are_no_error() {
        assert_eq!(Helpers::take(0).run(|| 7, || panic!("nobody helps")), 7);
        let mut own = own(2);
        own.failed = Some(Instant::now());
        assert_eq!(own.take(3).run(|| 7, || panic!("nobody helps")), 7);
    }
}
