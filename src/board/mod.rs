//! The board: a shared page on which tasks take turns and leave what they have seen.
//!
//! The page is MAP_SHARED and its futexes are not private, so the board works with and without CLONE_VM and CLONE_FILES and
//! across every namespace, where pipes do not. The turns replace every sleep: the child acts, then the parent looks while the
//! child is held alive, then the child may end.
//!
//! Unsafety held here: memory from mmap(2) becomes a reference to a record of atomics.
#![allow(unsafe_code, reason = "a shared page is memory without a type")]

pub mod fact;
pub mod record;
pub mod turn;

use crate::error::{At, Failure, Step};
use crate::sys::memory::{self, PAGE};
use crate::sys::{Pid, Result, futex};
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use record::Record;
use turn::await_change;

/// Where the first board is asked for, so that the addresses of two runs are equal; the kernel may answer otherwise.
const HINT: usize = 0x2000_0000;

/// The words whose addresses clone(2) takes. They outlive every task: the kernel writes to `child_tid` at the task's end.
#[derive(Clone, Copy)]
pub struct TidWords {
    /// CLONE_PARENT_SETTID stores the id here, and CLONE_PIDFD of clone(2) the descriptor.
    pub parent_tid: &'static AtomicU32,
    /// CLONE_CHILD_SETTID stores the id here, CLONE_CHILD_CLEARTID a zero at the end.
    pub child_tid: &'static AtomicU32,
    /// CLONE_PIDFD of clone3(2) stores the descriptor here.
    pub pidfd: &'static AtomicU32,
}

/// What a word holds before the call: no task and no descriptor has this number.
pub const UNSET: u32 = i32::MAX as u32;

impl TidWords {
    /// Three words by their meanings.
    pub const fn new([parent_tid, child_tid, pidfd]: &'static [AtomicU32; 3]) -> Self {
        Self { parent_tid, child_tid, pidfd }
    }

    /// Forgets what a call has stored: the child of the next one may be gone before that call returns.
    pub fn wipe(self) {
        for word in [self.parent_tid, self.child_tid, self.pidfd] {
            word.store(UNSET, Relaxed);
        }
    }
}

/// The page: whose turn it is, the words of clone(2), and what the tasks leave.
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
    /// The child has acted, and is held.
    ParentLooks = 1,
    /// The child may end.
    ChildEnds = 2,
    /// The subject of the laboratory has seen all, or the helper has written the maps.
    Done = 3,
    /// The subject of the laboratory waits for its tracer.
    SubjectWaits = 4,
    /// The program runs, as process 1 of a PID namespace tells the parent outside.
    ProgramRuns = 16,
    /// The program has stopped, likewise.
    ProgramStopped = 17,
}

/// A page that this process and all tasks that it makes from here on share.
pub struct Board<R: 'static>(&'static Page<R>);

impl<R> Clone for Board<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Board<R> {}

impl<R: Record> Board<R> {
    /// Makes the page; nothing has been left on it. It lives as long as the process.
    pub fn new() -> core::result::Result<Self, Failure> {
        const { assert!(size_of::<Page<R>>() <= PAGE && align_of::<Page<R>>() <= 8) };
        let address = memory::shared(HINT, PAGE).at(Step::Board)?;
        // SAFETY: a whole zeroed page, which is never unmapped; zeros are a valid page of atomics, see `Record`.
        Ok(Self(unsafe { &*(address as *const Page<R>) }))
    }

    /// Wipes the board for the next child: nothing has been left yet, and the child acts first.
    pub fn wipe(self) {
        self.0.record.wipe();
        self.0.turn.store(Turn::ChildActs as u32, Release);
    }
}

impl<R> Board<R> {
    /// The board that a task was given.
    pub fn of(page: &'static Page<R>) -> Self {
        Self(page)
    }

    /// The page, to be given to a task.
    pub fn page(self) -> &'static Page<R> {
        self.0
    }

    /// What the tasks leave.
    pub fn record(self) -> &'static R {
        &self.0.record
    }

    /// The words whose addresses clone(2) takes.
    pub fn tids(self) -> TidWords {
        TidWords::new(&self.0.tids)
    }

    /// Whether it is this turn.
    pub fn is(self, turn: Turn) -> bool {
        self.0.turn.load(Acquire) == turn as u32
    }

    /// The turn as a number, to be left as a fact.
    pub fn turn_number(self) -> u32 {
        self.0.turn.load(Acquire)
    }

    /// Sets the turn, and wakes no task.
    pub fn set_turn(self, turn: Turn) {
        self.0.turn.store(turn as u32, Release);
    }

    /// Gives the turn to another task and wakes it.
    pub fn pass_turn(self, turn: Turn) {
        self.set_turn(turn);
        // A failed wake costs time alone: a task that sleeps looks by itself every now and then.
        let _ = futex::wake(&self.0.turn);
    }

    /// Sleeps while it is this turn, at most so many milliseconds. The caller looks at the turn again.
    pub fn sleep_while(self, turn: Turn, milliseconds: u32) {
        // However the sleep ends, the turn tells.
        let _ = futex::wait(&self.0.turn, turn as u32, milliseconds);
    }

    /// Sleeps a millisecond, or until the turn changes.
    pub fn rest(self) {
        // No task need wake it: a sleep.
        let _ = futex::wait(&self.0.turn, self.0.turn.load(Acquire), 1);
    }

    /// Sleeps until it is no longer this turn, or the process that should change it has ended. ETIMEDOUT: neither happened.
    pub fn await_turn_after(self, turn: Turn, process: Option<Pid>) -> Result<()> {
        await_change(&self.0.turn, turn as u32, process)
    }

    /// The child: hands over and sleeps until it may end. A parent that has died does not keep it for ever.
    pub fn hand_over(self) -> Result<()> {
        self.pass_turn(Turn::ParentLooks);
        let waited = self.await_turn_after(Turn::ParentLooks, None);
        self.set_turn(Turn::ChildEnds); // a task that looks from here on does not see it alive
        waited
    }
}
