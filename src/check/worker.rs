//! Runs a leaf: its cases in a worker, watched from outside, or in the laboratory.
//!
//! A worker that dies is followed by another, which goes on with the next case. Tasks that the kernel gives to the
//! worker's parent, as CLONE_PARENT asks, are reaped here.

use super::case::Answer;
use super::ground::Ground;
use super::judge::{Judge, Tally};
use super::leaf::{Body, Leaf};
use super::skip::Skip;
use crate::board::record::{Checking, Experiment};
use crate::board::{Board, Turn};
use crate::clone::process::{Process, reap_others};
use crate::error::{At, Failure, Step};
use crate::sys::clock::now;
use crate::sys::signal::Blocked;
use crate::sys::wait::{self, Change, WNOHANG, Waited};
use crate::sys::{Errno, Pid, Signal, ids};

/// How long a worker may take for one case, in nanoseconds.
const PATIENCE: u64 = 10_000_000_000;

/// How many cases may hang before the leaf is given up.
const HANGS: usize = 3;

/// How many interrupted waits in a row are tolerated.
const INTERRUPTIONS: usize = 200;

/// How long the tasks that the workers left are waited for, in milliseconds; each ends by itself.
const LEFT: usize = 1000;

/// How a worker ended.
enum End {
    /// All cases were asked.
    Finished,
    /// The worker ended before that: an end of a task that it had made was taken for its own.
    Ended,
    /// A signal killed the worker.
    Killed(Signal),
    /// A case did not end in time.
    Hung,
}

/// Runs a leaf. A failure is a step of the check's own.
pub fn run(
    leaf: &Leaf,
    ground: &Ground,
    board: Board<Checking>,
    laboratory: Board<Experiment>,
) -> Result<Tally, Failure> {
    let judge = Judge::new(board, ground);
    match leaf.body {
        Body::Laboratory(ask) => {
            board.wipe();
            ask(leaf, judge, laboratory)?;
        }
        Body::Worker(ask) => {
            let mut works = [Some(Work::begin(*leaf, ask, judge)?)];
            let mut watch = Watch::default();
            while works.iter().flatten().any(Work::runs) {
                watch.look(&mut works)?;
            }
            reap_strays(board);
        }
    }
    Ok(Tally::of(board))
}

/// Reaps the tasks that workers have left to this process, which end by themselves.
pub fn reap_strays(board: Board<Checking>) {
    board.set_turn(Turn::ChildEnds);
    reap_others(board, LEFT);
}

/// A leaf whose cases workers ask, one worker after another.
pub struct Work<'a> {
    leaf: Leaf,
    ask: fn(&Leaf, Judge),
    judge: Judge<'a>,
    /// The worker; none if all cases were asked, or the leaf was given up.
    worker: Option<Process>,
    /// How many cases had begun when that was looked at, and when that number was new.
    begun: u64,
    since: u64,
    /// How many cases have hung.
    hangs: usize,
}

impl<'a> Work<'a> {
    /// Begins with the first worker. The judge's board is the leaf's until the work ends.
    pub fn begin(leaf: Leaf, ask: fn(&Leaf, Judge), judge: Judge<'a>) -> Result<Self, Failure> {
        judge.board.wipe();
        let mut work = Self { leaf, ask, judge, worker: None, begun: 0, since: 0, hangs: 0 };
        work.go_on()?;
        Ok(work)
    }

    /// Whether there are cases still to be asked.
    pub fn runs(&self) -> bool {
        self.worker.is_some()
    }

    /// The leaf.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// What has come of the leaf.
    pub fn tally(&self) -> Tally {
        Tally::of(self.judge.board)
    }

    /// Makes a worker for the cases that have not begun, if there are any.
    fn go_on(&mut self) -> Result<(), Failure> {
        let (judge, board) = (self.judge, self.judge.board);
        if judge.begun() >= self.leaf.cases || self.hangs == HANGS {
            return Ok(());
        }
        board.record().next.put(0);
        board.set_turn(Turn::ChildActs);
        let acts = || {
            (self.ask)(&self.leaf, judge);
            board.pass_turn(Turn::Done);
            0
        };
        // For the worker alone: a user who interrupts the check does not wait for the leaf.
        let blocked = Blocked::all().at(Step::Block)?;
        // With SIGCHLD, without which an emulator of this call takes it for one that it cannot make.
        let worker = Process::make_tied(ids::getpid().ok(), Signal::CHLD.number(), 1, acts).at(Step::Worker)?;
        drop(blocked);
        (self.begun, self.since, self.worker) = (0, now().at(Step::Clock)?, Some(worker));
        Ok(())
    }

    /// Whether this process is the worker.
    fn is_of(&self, process: Pid) -> bool {
        self.worker.as_ref().is_some_and(|worker| worker.pid() == process)
    }

    /// After the worker was reaped.
    fn ended(&mut self, change: Change) -> Result<(), Failure> {
        if let Some(worker) = self.worker.take() {
            worker.was_reaped();
        }
        self.end(match change {
            Change::Killed(signal) => End::Killed(signal),
            _ if self.judge.board.is_turn(Turn::Done) => End::Finished,
            _ => End::Ended,
        })
    }

    /// Kills the worker if its case has not ended in time.
    fn look(&mut self, now: u64) -> Result<(), Failure> {
        let number = self.judge.begun() as u64;
        if number != self.begun {
            (self.begun, self.since) = (number, now);
        } else if self.runs() && now.saturating_sub(self.since) > PATIENCE {
            drop(self.worker.take());
            self.hangs += 1;
            return self.end(End::Hung);
        }
        Ok(())
    }

    /// Counts what a worker has left open, and goes on.
    fn end(&mut self, end: End) -> Result<(), Failure> {
        let judge = self.judge;
        // A worker that has died on the way to a case would do so again: that case counts, and if a filter has killed
        // the worker, so do all behind it.
        if !matches!(end, End::Finished) && !judge.is_open() {
            if matches!(end, End::Killed(Signal::SYS)) {
                judge.skip_rest(self.leaf.cases, Skip::Filter);
                return Ok(());
            }
            judge.begin_missed();
        }
        match end {
            End::Finished => return Ok(()),
            End::Ended => judge.without_answer(Answer::Unknown),
            End::Killed(signal) => judge.killed(signal),
            End::Hung => judge.without_answer(Answer::Hung),
        }
        self.go_on()
    }
}

/// Watches works, as long as their cases go on.
#[derive(Default)]
pub struct Watch {
    /// How many waits in a row were interrupted.
    interruptions: usize,
}

impl Watch {
    /// Looks once at all works, and sleeps for a millisecond if nothing has ended.
    pub fn look(&mut self, works: &mut [Option<Work>]) -> Result<(), Failure> {
        match wait::wait(Waited::Any, WNOHANG) {
            // Other than a worker, it is a task that a worker has made as its sibling.
            Ok(Some((child, status))) => {
                if let Some(work) = works.iter_mut().flatten().find(|work| work.is_of(child)) {
                    work.ended(status.change())?;
                }
            }
            Ok(None) => {
                self.interruptions = 0;
                if let Some(work) = works.iter().flatten().find(|work| work.runs()) {
                    work.judge.board.rest();
                }
            }
            Err(Errno::EINTR) if self.interruptions < INTERRUPTIONS => self.interruptions += 1,
            Err(errno) => return Err(Failure::new(Step::AwaitEnd, errno)),
        }
        let now = now().at(Step::Clock)?;
        works.iter_mut().flatten().try_for_each(|work| work.look(now))
    }
}
