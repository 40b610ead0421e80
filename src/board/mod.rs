//! The board: a shared page on which tasks take turns and leave what they have seen.
//!
//! The page is MAP_SHARED and its futexes are not private, so the board works with and without CLONE_VM and CLONE_FILES
//! and in every namespace, where pipes do not. Turns replace sleeps: the child acts, the parent looks while the child
//! is held alive, then the child may end.
//!
//! Unsafe code in this room: memory from mmap(2) becomes a reference to a record of atomics.
#![allow(unsafe_code, reason = "a shared page is untyped memory")]

pub mod fact;
pub mod record;
pub mod turn;

use crate::error::{At, Failure, Step};
use crate::sys::memory::{self, PAGE};
use crate::sys::{Errno, Pid, Result, futex};
use core::sync::atomic::{AtomicU32, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use record::Record;
use turn::await_change;

/// The address hint for the first board, so that two runs use equal addresses; the kernel may choose another.
const HINT: usize = 0x2000_0000;

/// The words whose addresses clone(2) takes. They outlive every task, because the kernel writes to `child_tid` at the
/// task's end.
#[derive(Clone, Copy)]
pub struct TidWords {
    /// CLONE_PARENT_SETTID stores the id here, and CLONE_PIDFD of clone(2) the descriptor.
    pub parent_tid: &'static AtomicU32,
    /// CLONE_CHILD_SETTID stores the id here; CLONE_CHILD_CLEARTID stores 0 at the task's end.
    pub child_tid: &'static AtomicU32,
    /// CLONE_PIDFD of clone3(2) stores the descriptor here.
    pub pidfd: &'static AtomicU32,
}

/// The value of a word before the call; no task or descriptor has this number.
pub const UNSET: u32 = i32::MAX as u32;

impl TidWords {
    /// The three words, in the order of the fields.
    pub const fn new([parent_tid, child_tid, pidfd]: &'static [AtomicU32; 3]) -> Self {
        Self { parent_tid, child_tid, pidfd }
    }

    /// Resets the words before a call, because the child may store its id and end before the call returns.
    pub fn wipe(self) {
        for word in [self.parent_tid, self.child_tid, self.pidfd] {
            word.store(UNSET, Relaxed);
        }
    }
}

/// The page: the turn, the words of clone(2), and the record.
#[repr(C)]
pub struct Page<R> {
    turn: AtomicU32,
    tids: [AtomicU32; 3],
    record: R,
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Turn {
    /// The child acts.
    ChildActs = 0,
    /// The child has acted and is held; the parent looks.
    ParentLooks = 1,
    /// The child may end.
    ChildEnds = 2,
    /// The laboratory's subject has finished, or the helper has written the maps.
    Done = 3,
    /// The laboratory's subject waits for its tracer.
    SubjectWaits = 4,
    /// Process 1 of a PID namespace reports that the program runs.
    ProgramRuns = 16,
    /// Process 1 of a PID namespace reports that the program has stopped.
    ProgramStopped = 17,
}

/// A page that this process shares with all tasks it makes afterwards.
pub struct Board<R: 'static>(&'static Page<R>);

impl<R> Clone for Board<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Board<R> {}

impl<R: Record> Board<R> {
    /// Maps the page, with an empty record. The page lives as long as the process.
    pub fn new() -> core::result::Result<Self, Failure> {
        const { assert!(size_of::<Page<R>>() <= PAGE && align_of::<Page<R>>() <= 8) };
        let address = memory::shared(HINT, PAGE).at(Step::Board)?;
        // SAFETY: the page is zeroed, large enough, and never unmapped; zeros are a valid `Page`, see `Record`.
        Ok(Self(unsafe { &*(address as *const Page<R>) }))
    }

    /// Resets the board for the next child: an empty record, and the child acts first.
    pub fn wipe(self) {
        self.0.record.wipe();
        self.0.turn.store(Turn::ChildActs as u32, Release);
    }
}

impl<R> Board<R> {
    /// The board on a page that a task was given.
    pub fn of(page: &'static Page<R>) -> Self {
        Self(page)
    }

    /// The page, as an argument for a task.
    pub fn page(self) -> &'static Page<R> {
        self.0
    }

    /// The record.
    pub fn record(self) -> &'static R {
        &self.0.record
    }

    /// The words whose addresses clone(2) takes.
    pub fn tids(self) -> TidWords {
        TidWords::new(&self.0.tids)
    }

    /// Whether the turn is this one.
    pub fn is_turn(self, turn: Turn) -> bool {
        self.0.turn.load(Acquire) == turn as u32
    }

    /// The turn as a number, to be left as a fact.
    pub fn turn_number(self) -> u32 {
        self.0.turn.load(Acquire)
    }

    /// Sets the turn without waking any task.
    pub fn set_turn(self, turn: Turn) {
        self.0.turn.store(turn as u32, Release);
    }

    /// Sets the turn and wakes the tasks that wait for it.
    pub fn pass_turn(self, turn: Turn) {
        self.set_turn(turn);
        // A failed wake costs only time: sleepers check the turn periodically.
        let _ = futex::wake(&self.0.turn);
    }

    /// Passes the turn only if it is `from`: a task that learns late of an event must not disturb what others agreed on
    /// meanwhile.
    pub fn change_turn(self, from: Turn, to: Turn) {
        if self.0.turn.compare_exchange(from as u32, to as u32, AcqRel, Relaxed).is_ok() {
            // As with `pass_turn`, a failed wake costs only time.
            let _ = futex::wake(&self.0.turn);
        }
    }

    /// Sleeps while the turn is this one, for at most this many milliseconds. The caller checks the turn again.
    pub fn sleep_while(self, turn: Turn, milliseconds: u32) {
        // The result does not matter: the caller checks the turn.
        let _ = futex::wait(&self.0.turn, turn as u32, milliseconds);
    }

    /// Sleeps for a millisecond, or until the turn changes.
    pub fn rest(self) {
        // The result does not matter: this is only a short sleep.
        let _ = futex::wait(&self.0.turn, self.0.turn.load(Acquire), 1);
    }

    /// Waits until something holds, for about this many milliseconds. Returns whether it does.
    pub fn await_that(self, patience: usize, holds: impl Fn() -> bool) -> bool {
        (0..patience).any(|_| {
            let holds = holds();
            if !holds {
                self.rest();
            }
            holds
        })
    }

    /// Sleeps until the turn is no longer this one, or the process that should change it has ended. ETIMEDOUT: neither
    /// happened.
    pub fn await_turn_after(self, turn: Turn, process: Option<Pid>) -> Result<()> {
        await_change(&self.0.turn, turn as u32, process)
    }

    /// The child hands the turn to the parent and sleeps until it may end, at most this many times two seconds, in case
    /// the parent has died.
    pub fn hand_over(self, times: usize) -> Result<()> {
        self.pass_turn(Turn::ParentLooks);
        let mut waited = Err(Errno::ETIMEDOUT);
        for _ in 0..times {
            if waited == Err(Errno::ETIMEDOUT) {
                waited = self.await_turn_after(Turn::ParentLooks, None);
            }
        }
        self.set_turn(Turn::ChildEnds); // an examiner must not count this child as held alive from here on
        waited
    }
}
