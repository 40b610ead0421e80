//! Process 1 of a PID namespace: makes the program, passes signals on to it, and reaps every orphan.
//!
//! The decision behind it: it is a copy of its maker and not a sharer of its memory, for whoever is root inside may write
//! to the memory of process 1, and must not reach what is outside.

use super::plan::Plan;
use super::steps::tell;
use super::watch::{GOES_ON, Watcher, watch};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::task::{Entry, Failure, Task};
use crate::sys::memory::SharedPage;
use crate::sys::process;
use crate::witness::board::{Board, Word};
use crate::words::Text;
use core::sync::atomic::Ordering::Release;

/// The call that makes the program's process, which is the first of a new time namespace.
pub fn call(namespaces: Flags) -> Call {
    let api = if namespaces.contains(Flags::NEWTIME) { Api::Clone3 } else { Api::Clone };
    Call::usual(api, namespaces | Flags::VM | Flags::VFORK)
}

/// Makes the program and serves it to its end; the answer is of no use, for the kernel ends all others with it.
pub fn run(plan: &Plan, board: Board, program: Entry<SharedPage>) -> i32 {
    board.turn().store(GOES_ON, Release);
    let call = call(plan.namespaces & Flags::NEWTIME);
    let mut task = Task::new(&call, board.tids());
    match task.make_on_stack(program, board.0) {
        Err(Failure { step: Text::Call, errno }) => tell(Failure { step: Text::StepParent, errno }, board),
        Err(failure) => tell(failure, board),
        Ok(child) => {
            let status = watch(board, child.tid, Watcher::Init);
            board.child().put(Word::Ended, status);
        }
    }
    // All that are left are killed by the kernel, and reaped as this process ends.
    process::exit_group(0)
}
