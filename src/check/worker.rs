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
use crate::sys::{Errno, Signal, ids};

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
    board.wipe();
    let judge = Judge::new(board, ground);
    match leaf.body {
        Body::Laboratory(ask) => ask(leaf, judge, laboratory)?,
        Body::Worker(ask) => work(judge, board, leaf.cases, &|| ask(leaf, judge))?,
    }
    Ok(Tally::of(board))
}

/// Has workers ask all cases, one worker after another.
fn work(judge: Judge, board: Board<Checking>, cases: usize, ask: &dyn Fn()) -> Result<(), Failure> {
    let mut hangs = 0;
    while judge.begun() < cases {
        board.record().next.put(0);
        board.set_turn(Turn::ChildActs);
        let acts = || {
            ask();
            board.pass_turn(Turn::Done);
            0
        };
        // For the worker alone: a user who interrupts the check does not wait for the leaf.
        let blocked = Blocked::all().at(Step::Block)?;
        // With SIGCHLD, without which an emulator of this call takes it for one that it cannot make.
        let worker = Process::make_tied(ids::getpid().ok(), Signal::CHLD.number(), 1, acts).at(Step::Worker)?;
        drop(blocked);
        let end = watch(worker, board)?;
        // A worker that has died on the way to a case would do so again: that case counts, and if a filter has killed
        // the worker, so do all behind it.
        if !matches!(end, End::Finished) && !judge.is_open() {
            if matches!(end, End::Killed(Signal::SYS)) {
                judge.skip_rest(cases, Skip::Filter);
                break;
            }
            judge.begin_missed();
        }
        match end {
            End::Finished => break,
            End::Ended => judge.without_answer(Answer::Unknown),
            End::Killed(signal) => judge.killed(signal),
            End::Hung => {
                judge.without_answer(Answer::Hung);
                hangs += 1;
            }
        }
        if hangs == HANGS {
            break;
        }
    }
    board.set_turn(Turn::ChildEnds);
    reap_others(board, LEFT);
    Ok(())
}

/// Waits for a worker's end, as long as its cases go on.
fn watch(worker: Process, board: Board<Checking>) -> Result<End, Failure> {
    let (mut begun, mut since, mut interruptions) = (0, now().at(Step::Clock)?, 0);
    loop {
        match wait::wait(Waited::Any, WNOHANG) {
            Ok(Some((child, status))) if child == worker.pid() => {
                worker.was_reaped();
                return Ok(match status.change() {
                    Change::Killed(signal) => End::Killed(signal),
                    _ if board.is_turn(Turn::Done) => End::Finished,
                    _ => End::Ended,
                });
            }
            // A task that the worker has made as its sibling.
            Ok(Some(_)) => {}
            Ok(None) => {
                interruptions = 0;
                board.rest();
            }
            Err(Errno::EINTR) if interruptions < INTERRUPTIONS => interruptions += 1,
            Err(errno) => return Err(Failure::new(Step::AwaitEnd, errno)),
        }
        let (number, time) = (board.record().begun.get(), now().at(Step::Clock)?);
        if number != begun {
            (begun, since) = (number, time);
        } else if time.saturating_sub(since) > PATIENCE {
            return Ok(End::Hung); // the drop kills the worker
        }
    }
}
