//! Shared by several commands: work in a process without inherited children, the board, the end of the output.

use super::refusal::{self, About};
use super::status::Status;
use crate::board::Board;
use crate::board::record::Record;
use crate::clone::process::Process;
use crate::error::{At, Failure, Step};
use crate::report::page::Console;
use crate::run::program;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Signal, ids, wait};

/// Runs `act`, which waits for any child and so needs a process without other children. A process keeps its children
/// across execve(2); if this process has some, a child runs `act` instead. `failed` is the status if that child cannot
/// be made.
pub fn alone(console: &mut Console, failed: i32, act: impl FnOnce(&mut Console) -> i32) -> i32 {
    if !wait::has_children() {
        return act(console);
    }
    let acts = || {
        let status = act(console);
        finish(console, status)
    };
    let child = match Process::make_tied(ids::getpid().ok(), Signal::CHLD.number(), failed, acts).at(Step::Alone) {
        Ok(child) => child,
        Err(failure) => return fail(console, failure, failed),
    };
    // The terminal sends these to the child too, which decides whether to end.
    for signal in [Signal::INT, Signal::QUIT] {
        let _ = dispose(signal, Disposition::IGNORE);
    }
    match child.await_end().at(Step::Alone) {
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
