//! Process 1 of a PID namespace: makes the program, passes signals on to it, and reaps every orphan.
//!
//! Process 1 is a copy of its parent and does not share its memory: root of the namespace may write to the memory of
//! process 1, and must not reach the parent outside.

use super::watch::{Watcher, watch};
use super::{Work, steps};
use crate::board::Turn;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::stack::Entry;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::sys::{ids, namespace, process};

/// The call that makes the program's process, which is also the first process of a new time namespace.
pub fn call(namespaces: Flags) -> Call {
    let api = if namespaces.contains(Flags::NEWTIME) { Api::Clone3 } else { Api::Clone };
    Call::usual(api, namespaces | Flags::VM | Flags::VFORK)
}

/// Leaves the program's directory, which it may want to unmount or remove, and its process group and session, whose
/// signals are not for process 1. The group must stay orphaned or not as it was, setpgid(2): a parent in another group
/// of the same session would change that, and one in another session does not count.
fn withdraw() {
    // If refused, process 1 is only where it was before.
    let _ = namespace::chdir(c"/");
    let _ = ids::new_session();
}

/// Makes the program and serves it until its end, then exits with 0; the program's status is on the board.
pub(super) fn run(work: &'static Work, program: Entry<Work>) -> ! {
    let Work { plan, board, .. } = work;
    board.set_turn(Turn::ProgramRuns);
    let call = call(plan.namespaces & Flags::NEWTIME);
    steps::begin(Step::Program, *board);
    match Task::new(&call, board.tids()).make_on_stack(program, work) {
        Ok(child) => {
            withdraw();
            let status = watch(*board, child.tid, Watcher::Init);
            board.record().ended.put(status.map(|status| status.0));
        }
        Err(failure) => {
            // The user's call made process 1; this is a different one.
            let is_call = failure.step == Step::Call;
            steps::leave(Failure { step: if is_call { Step::Program } else { failure.step }, ..failure }, *board);
        }
    }
    // The kernel kills all remaining processes of the namespace and reaps them as this process ends.
    process::exit_group(0)
}
