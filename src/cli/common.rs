//! Shared by several commands: work in a process without inherited children, the board, the end of the output.

use super::refusal::{self, About};
use super::status::Status;
use crate::board::Board;
use crate::board::record::Record;
use crate::clone::task::await_end;
use crate::error::{At, Failure, Step};
use crate::report::page::Console;
use crate::run::program;
use crate::sys::process::Fork;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Signal, control, ids, process, wait};

/// Runs `act`, which waits for any child and so needs a process without other children. A process keeps its children
/// across execve(2); if this process has some, a child runs `act` instead. `failed` is the status if that child cannot
/// be made.
pub fn alone(console: &mut Console, failed: i32, act: impl FnOnce(&mut Console) -> i32) -> i32 {
    if !wait::has_children() {
        return act(console);
    }
    let own = ids::getpid();
    let child = match process::clone_copied(Signal::CHLD.number(), None).at(Step::Alone) {
        Ok(Fork::ParentOf(child)) => child,
        Ok(Fork::Child) => {
            // If refused, the child still ends by itself.
            let _ = control::signal_at_parents_end(Some(Signal::KILL));
            let is_orphan = matches!((ids::getppid(), own), (Ok(parent), Ok(own)) if parent != own.number());
            let status = if is_orphan { failed } else { act(console) };
            process::exit_group(finish(console, status))
        }
        Err(failure) => return fail(console, failure, failed),
    };
    // The terminal sends these to the child too, which decides whether to end.
    for signal in [Signal::INT, Signal::QUIT] {
        let _ = dispose(signal, Disposition::IGNORE);
    }
    match await_end(child).at(Step::Alone) {
        Ok(status) => program::end(status),
        Err(failure) => fail(console, failure, failed),
    }
}

/// Explains a failure on fd 2; returns the status.
pub fn fail(console: &mut Console, failure: Failure, status: i32) -> i32 {
    refusal::explain(console, About::Nothing, failure);
    status
}

/// A board; if it cannot be made, explains why on fd 2.
pub fn board<R: Record>(console: &mut Console) -> Option<Board<R>> {
    Board::new().map_err(|failure| refusal::explain(console, About::Nothing, failure)).ok()
}

/// The exit status, unless writing the output failed.
pub fn finish(console: &mut Console, status: i32) -> i32 {
    match console.out.failure() {
        None => status,
        Some(errno) => fail(console, Failure::new(Step::Output, errno), Status::Failed as i32),
    }
}
