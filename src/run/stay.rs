//! Running a program while this process stays as the parent: one call makes the program's process, or process 1 of a
//! PID namespace first, and the parent watches until the end.

use super::plan::Plan;
use super::program::{self, OURS};
use super::steps::{
    self, BELOW_PROCESS_1_STEPS, FIRST_STEPS, LAST_STEPS, NAMESPACE_STEPS, PROCESS_1_STEPS, PROGRAM_STEPS,
};
use super::watch::{self, ACCEPTED, Terminal, Watcher};
use super::{About, End, Work, dispositions, init};
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Version};
use crate::clone::process::Process;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::host::place::Place;
use crate::sys::wait::{self, Status};
use crate::sys::{Errno, Pid, Result, Signal, namespace, process, signal};

/// Makes the program's process, or process 1 first, and stays until its end.
pub(super) fn stay(plan: &Plan, board: Board<Running>, helper: Option<Process>) -> End<'static> {
    let watched = begin(plan, board).and_then(|()| make_and_watch(plan, board));
    drop(helper);
    let (child, status, terminal) = match watched {
        Ok(watched) => watched,
        Err((failure, about)) => return End::failed(failure, about),
    };
    terminal.take_back();
    conclude(plan, board, child, status)
}

/// A failure, and what the step was about.
type Failed = (Failure, About<'static>);

/// Before the child is made: blocks the signals, which are then accepted one by one.
fn begin(plan: &Plan, board: Board<Running>) -> core::result::Result<(), Failed> {
    let about_nothing = |failure| (failure, About::Nothing);
    if plan.namespaces.contains(Flags::NEWTIME) && is_too_old() {
        return Err(about_nothing(Failure::new(Step::TimeNamespace, Errno::ENOSYS)));
    }
    dispositions::prepare();
    board.record().mask.put(signal::block(ACCEPTED).at(Step::Block).map_err(about_nothing)?);
    Ok(())
}

/// Makes the child and watches it. Returns the child's id, how it ended, and the terminal in whose foreground this
/// process was.
fn make_and_watch(plan: &Plan, board: Board<Running>) -> core::result::Result<(Pid, Result<Status>, Terminal), Failed> {
    let terminal = Terminal::of_this_process();
    board.record().terminal.put(terminal.descriptor());
    // The pidfd stays open as long as this process stays.
    let own = (plan.kill.is_some() || plan.has_ranges()).then(process::own_pidfd);
    if let Some(own) = &own {
        board.record().parent.lend(own);
    }
    let work = Work::new(plan, call(plan), board).map_err(|failure| (failure, About::Nothing))?;
    let mut task = Task::new(&work.call, board.tids());
    steps::begin(Step::Call, board);
    let made = if plan.has_init { task.make(None, process_1, work) } else { task.make_on_stack(program, work) };
    let child = made.map_err(|failure| (failure, About::Task(task)))?.tid;
    // The program may want to unmount or remove the directory that it was started in.
    let _ = namespace::chdir(c"/");
    let watcher = if plan.has_init { Watcher::OfInit } else { Watcher::OfProgram };
    Ok((child, watch::watch(board, child, watcher), terminal))
}

/// Whether execve(2) does not enter a new time namespace on this kernel; an unknown version counts as new enough.
fn is_too_old() -> bool {
    let version = Place::here().version;
    version != Version::UNKNOWN && version < Version::new(6, 3)
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
