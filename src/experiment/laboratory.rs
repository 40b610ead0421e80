//! The laboratory: any call, made by a subject and watched from outside.
//!
//! There are three roles. The examiner, which the user started, makes a subject by a plain clone(2), and the subject
//! makes the call under study. The subject predicts, acts and looks, and may be suspended, killed or left without its
//! child. The examiner asks the kernel about subject and child, holds the child, limits the time, and reaps all
//! remaining tasks. They communicate only by the board, which works whatever is shared. The caller has no other
//! children, so every child that ends belongs to this laboratory.

use super::examiner::Examiner;
use super::findings::Findings;
use super::subject::subject;
use super::tracing::Tracing;
use crate::board::record::Experiment;
use crate::board::{Board, Turn};
use crate::clone::call::Call;
use crate::clone::process::Process;
use crate::error::{At, Failure, Step};
use crate::host::roles::Opened;
use crate::sys::signal::Blocked;
use crate::sys::{Signal, control};

/// Makes the call in a new laboratory. A failure is a step of examiner or subject: then the call under study was not
/// made, or nothing can be said about it.
pub fn run(call: &Call, board: Board<Experiment>) -> Result<Findings<'_>, Failure> {
    run_under(call, board, Tracing::of(call.flags))
}

/// Makes the call in a new laboratory whose examiner traces the subject like this.
pub fn run_under(call: &Call, board: Board<Experiment>, tracing: Tracing) -> Result<Findings<'_>, Failure> {
    match attempt(call, board, tracing, true) {
        // The semaphore's namespace was the last that the limit allows: retry without it, and the semaphore's witness
        // stays silent.
        Err(Failure { step: Step::UnshareIpc, .. }) => attempt(call, board, tracing, false),
        answer => answer,
    }
}

/// Makes the call in a laboratory; `with_semaphore` allows the subject to make an IPC namespace for its semaphore.
fn attempt(
    call: &Call,
    board: Board<Experiment>,
    tracing: Tracing,
    with_semaphore: bool,
) -> Result<Findings<'_>, Failure> {
    // A signal from the terminal must not end the examiner before it has cleaned up, and the exit signal must not end
    // the subject.
    let blocked = Blocked::all().at(Step::Block)?;
    // If refused, process 1 reaps orphans.
    let was_reaper = control::is_reaper().unwrap_or(false);
    let _ = control::reap_orphans(true);
    board.wipe();
    let opened = Opened::open(&board.record().roles);
    if tracing != Tracing::None {
        board.set_turn(Turn::SubjectWaits);
    }
    let made = Process::make(Signal::CHLD.number(), || subject(board, call, with_semaphore)).at(Step::Subject);
    let findings = made.and_then(|subject| Examiner::new(call, board, subject, tracing).examine());
    drop(opened);
    if !was_reaper {
        // If refused, this process stays a subreaper, which is harmless.
        let _ = control::reap_orphans(false);
    }
    drop(blocked);
    findings
}
