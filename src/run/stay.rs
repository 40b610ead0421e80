//! Running a program while this process stays as the parent: one call makes the program's process, or process 1 of a
//! PID namespace first, and the parent watches until the end.

use super::end::Failed;
use super::plan::Plan;
use super::program::{self, OURS};
use super::steps::{
    self, BELOW_PROCESS_1_STEPS, FIRST_STEPS, LAST_STEPS, NAMESPACE_STEPS, PROCESS_1_STEPS, PROGRAM_STEPS,
};
use super::watch::{self, ACCEPTED, Terminal, Watcher};
use super::{About, End, Stays, Work, detour, dispositions, init, keep, parent};
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::process::Process;
use crate::clone::stack::Entry;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::sys::wait::{self, Status};
use crate::sys::{Pid, Result, Signal, namespace, process, signal};

/// Makes the program's process, or process 1 first, and stays until its end.
pub(super) fn stay(plan: &Plan, board: Board<Running>, helper: Option<Process>) -> End<'static> {
    stay_after(None, plan, board, helper)
}

/// The same after a refusal: what unshare(2) has told this process, if it was tried first.
pub(super) fn stay_after(
    refused: Option<Failed>,
    plan: &Plan,
    board: Board<Running>,
    helper: Option<Process>,
) -> End<'static> {
    let watched = begin(board).and_then(|()| make_and_watch(plan, board, refused));
    keep::finish(plan, board, helper);
    let (child, status, terminal) = match watched {
        Ok(watched) => watched,
        Err((failure, about)) => return End::failed(failure, about),
    };
    terminal.take_back();
    conclude(plan, board, child, status)
}

/// Before the child is made: blocks the signals, which are then accepted one by one.
fn begin(board: Board<Running>) -> core::result::Result<(), Failed> {
    dispositions::prepare();
    let blocked = signal::block(ACCEPTED).at(Step::Block);
    board.record().mask.put(blocked.map_err(|failure| (failure, About::Nothing))?);
    Ok(())
}

/// Makes the child and watches it. Returns the child's id, how it ended, and the terminal in whose foreground this
/// process was.
fn make_and_watch(
    plan: &Plan,
    board: Board<Running>,
    refused: Option<Failed>,
) -> core::result::Result<(Pid, Result<Status>, Terminal), Failed> {
    let terminal = Terminal::of_this_process();
    board.record().terminal.put(terminal.descriptor());
    // What tells of this process's end stays open as long as this process stays.
    let _line = (plan.kill.is_some() || plan.has_helper()).then(|| parent::hold(board));
    let work = Work::new(plan, call(plan), board).map_err(|failure| (failure, About::Nothing))?;
    let child = make(work, refused)?;
    // The program may want to unmount or remove the directory that it was started in.
    let _ = namespace::chdir(c"/");
    let watcher = if plan.has_init { Watcher::OfInit } else { Watcher::OfProgram };
    Ok((child, watch::watch(board, child, watcher), terminal))
}

/// Makes the child by one call or, where that cannot be, by the detour. Of two refusals the first is the one to report.
fn make(work: &'static Work, refused: Option<Failed>) -> core::result::Result<Pid, Failed> {
    let Work { plan, board, .. } = work;
    let entry: Entry<Work> = if plan.has_init { process_1 } else { program };
    // A process 1 of this program leaves the time namespace to the program.
    let namespaces = if plan.has_init { plan.namespaces - Flags::NEWTIME } else { plan.namespaces };
    if detour::is_needed(namespaces) {
        return detour::make(work, namespaces, entry).map_err(|failure| about_detour(work, failure));
    }
    let mut task = Task::new(&work.call, board.tids());
    steps::begin(Step::Call, *board);
    let made = if plan.has_init { task.make(None, entry, work) } else { task.make_on_stack(entry, work) };
    let failure = match made {
        Ok(child) => {
            if !plan.has_init {
                keep::settle(plan, *board);
            }
            return Ok(child.tid);
        }
        Err(failure) => failure,
    };
    match refused {
        Some(first) if failure.step == Step::Call => Err(first),
        None if !namespaces.is_empty() && detour::may_help(failure, work.call) => {
            detour::make(work, namespaces, entry).map_err(|_| (failure, About::Task(task)))
        }
        _ => Err((failure, About::Task(task))),
    }
}

/// What a failed step of the detour was about.
fn about_detour(work: &Work, failure: Failure) -> Failed {
    let namespaces = work.plan.namespaces;
    let about = match failure.step {
        Step::Unshare => About::Namespaces(namespaces),
        _ => About::Word(namespaces, b""),
    };
    (failure, about)
}

/// The call with all namespaces. A process 1 of this program shares no memory (see `init`) and leaves the time
/// namespace to the program.
fn call(plan: &Plan) -> Call {
    let mut call = init::call(plan.namespaces);
    if plan.has_init {
        call = Call::usual(Api::Clone, plan.namespaces - Flags::NEWTIME);
    }
    if plan.has_ranges() {
        call.flags |= Flags::PARENT_SETTID; // for the helper
    }
    call
}

/// Ends as the program ended, or says why it was not started.
fn conclude(plan: &Plan, board: Board<Running>, child: Pid, status: Result<Status>) -> End<'static> {
    if let Some(failure) = steps::refused(board) {
        return End::failed(failure, steps::about(plan, board, failure));
    }
    if let Some(errno) = board.record().not_executed.errno() {
        return End::not_executed(errno, plan.namespaces);
    }
    let seen = status.inspect_err(|_| {
        if wait::has_ended(child).is_ok() {
            // The child still runs, and no other process would watch it.
            let _ = process::kill(child, Signal::KILL);
        }
    });
    match seen.and_then(|seen| watch::ended(board, seen, plan.has_init)) {
        // The program was not executed, and to die of its signal would leave untold what stays.
        Ok(_) if keep::stays(board) != Stays::default() => End::Status(OURS),
        Ok(status) => End::Status(program::end(status)),
        Err(errno) => End::failed(Failure::new(Step::AwaitEnd, errno), About::Nothing),
    }
}

/// The process that becomes the program; returns only on failure.
extern "C" fn program(work: &'static Work) -> i32 {
    let Work { plan, board, .. } = work;
    if prepare_program(plan, *board).is_err() {
        return OURS;
    }
    dispositions::restore();
    if let Err(failure) = signal::block(board.record().mask.get()).at(Step::Block) {
        steps::leave(failure, *board);
        return OURS;
    }
    steps::begin(Step::Execute, *board);
    let errno = program::execute_or_shell();
    board.record().not_executed.put(Err::<(), _>(errno));
    program::status_of(errno)
}

/// The steps up to the program. If there is a process 1, it has already set up the namespaces.
fn prepare_program(plan: &Plan, board: Board<Running>) -> core::result::Result<(), Failure> {
    if !plan.has_init {
        steps::take_all(&FIRST_STEPS, plan, board)?;
        steps::take_all(&NAMESPACE_STEPS, plan, board)?;
    }
    steps::take_all(&PROGRAM_STEPS, plan, board)?;
    steps::take_all(if plan.has_init { &BELOW_PROCESS_1_STEPS } else { &LAST_STEPS }, plan, board)
}

/// Process 1 of the new PID namespace.
extern "C" fn process_1(work: &'static Work) -> i32 {
    match prepare_process_1(&work.plan, work.board) {
        Ok(()) => init::run(work, program),
        Err(_) => OURS,
    }
}

/// The steps up to the making of the program.
fn prepare_process_1(plan: &Plan, board: Board<Running>) -> core::result::Result<(), Failure> {
    steps::take_all(&FIRST_STEPS, plan, board)?;
    steps::take_all(&NAMESPACE_STEPS, plan, board)?;
    steps::take_all(&LAST_STEPS, plan, board)?;
    steps::take_all(&PROCESS_1_STEPS, plan, board)
}
