//! Process 1 of a PID namespace: makes the program, passes signals on to it, and reaps every orphan.
//!
//! Process 1 is a copy of its parent and does not share its memory: root of the namespace may write to the memory of
//! process 1, and must not reach the parent outside.

use super::watch::{Watcher, watch};
use super::{Work, detour, keep, steps};
use crate::board::{TidWords, Turn};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::stack::Entry;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::sys::{Pid, RawFd, ids, namespace, process};
use core::sync::atomic::AtomicU32;

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

/// Makes the program's process: by one call, or by unshare(2) and a copy if that is the way into a time namespace.
fn make(work: &'static Work, program: Entry<Work>) -> Result<Pid, Failure> {
    let time = work.plan.namespaces & Flags::NEWTIME;
    // The parent outside may still have to read this process's id on the board.
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    let tids = TidWords::new(&WORDS);
    let by_copy = || detour::copy_inside(work, time, Flags::empty(), tids, program);
    if detour::is_needed(time) {
        return by_copy();
    }
    let call = call(time);
    steps::begin(Step::Program, work.board);
    match Task::new(&call, tids).make_on_stack(program, work) {
        Ok(child) => {
            keep::settle(&work.plan, work.board);
            Ok(child.tid)
        }
        // The user's call made process 1; this is a different one. No cause is looked for here: that takes processes, and
        // the program is the second one of the namespace.
        Err(failure) if failure.step == Step::Call => {
            let refused = Failure { step: Step::Program, ..failure };
            if time.is_empty() { Err(refused) } else { by_copy().map_err(|_| refused) }
        }
        Err(failure) => Err(failure),
    }
}

/// Makes the program and serves it until its end, then exits with 0; the program's status is on the board.
pub(super) fn run(work: &'static Work, program: Entry<Work>) -> ! {
    let board = &work.board;
    board.set_turn(Turn::ProgramRuns);
    match make(work, program) {
        Ok(child) => {
            // If the helper's file is open still, nobody asks for its owner any more.
            let _ = board.record().program.descriptor().map_or(Ok(()), RawFd::close);
            withdraw();
            let status = watch(*board, child, Watcher::Init);
            board.record().ended.put(status.map(|status| status.0));
        }
        Err(failure) => steps::leave(failure, *board),
    }
    // The kernel kills all remaining processes of the namespace and reaps them as this process ends.
    process::exit_group(0)
}
