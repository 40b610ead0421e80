//! A trial of a plan: the engine of `run` itself, in a process of its own, with a program that looks where it is.

use super::plan::Plan;
use super::{End, run_on, steps};
use crate::board::Board;
use crate::board::record::Running;
use crate::error::{At, Failure, Step, Why};
use crate::host::aside::{Aside, aside};
use crate::sys::process::exit_group;
use crate::sys::wait::Change;
use crate::sys::{Errno, exec, ids};
use core::ffi::CStr;

/// The program of a trial: this ELF again. It exists wherever the maps can be written.
pub const PROGRAM: &CStr = c"/proc/self/exe";

/// The status of a program that is not root in its user namespace.
const NOT_ROOT: i32 = 1;

/// What the program of a trial does: returns the status with which it is to end.
pub fn look() -> i32 {
    if ids::getuid() == Ok(0) { 0 } else { NOT_ROOT }
}

/// Runs a plan with [`PROGRAM`], called with these words, one of which has it call [`look`]. A failure of the step
/// [`Step::Trial`] means that nothing was tried.
pub fn attempt(plan: &Plan, words: &[&'static CStr]) -> Result<(), Failure> {
    let board = prepare(words)?;
    let ended = aside(|| match run_on(plan, board) {
        End::Status(status) => status,
        End::Failed { failure, status, .. } => {
            steps::leave(failure, board);
            status
        }
    });
    match (ended, steps::refused(board)) {
        (Aside::Ended(Change::Exited(0)), _) => Ok(()),
        (Aside::NotMade(errno), _) => Err(Failure::new(Step::Trial, errno)),
        (_, Some(failure)) => Err(failure),
        (Aside::Ended(Change::Killed(signal)), None) => {
            Err(Failure { step: steps::begun(board).unwrap_or(Step::Killed), why: Why::Signal(signal) })
        }
        (Aside::Ended(Change::Exited(NOT_ROOT)), None) => Err(Failure::new(Step::Getuid, Errno::EIO)),
        (Aside::Lost(errno), None) => Err(Failure::new(Step::AwaitEnd, errno)),
        // A task that ended in the middle of a step has proven nothing.
        (Aside::Ended(_), None) => Err(Failure::new(Step::AwaitEnd, Errno::ECHILD)),
    }
}

/// The same in this very process, for a place where no other can be made: the program has to say the rest. Returns only
/// on failure, perhaps in the new namespaces.
pub fn become_program(plan: &Plan, words: &[&'static CStr]) -> Failure {
    match prepare(words).map(|board| run_on(plan, board)) {
        Ok(End::Status(status)) => exit_group(status),
        Ok(End::Failed { failure, .. }) | Err(failure) => failure,
    }
}

/// Names the program. Each trial has a board of its own, so that nothing of one is taken for the next's.
fn prepare(words: &[&'static CStr]) -> Result<Board<Running>, Failure> {
    exec::remember_words(words).at(Step::Plan)?;
    Board::new()
}
