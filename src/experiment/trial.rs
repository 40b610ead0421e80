//! The four modes: one task made, witnessed and joined.
//!
//! Here the parent is both examiner and subject, so a trace shows the clone call and little else. The board fixes the
//! order: arm, make (the child acts), look, release, join.

use super::findings::{CallResult, Findings, Identity, root_steps};
use crate::board::record::Experiment;
use crate::board::{Board, Page, Turn};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::process::is_orphan;
use crate::clone::task::{Ended, Task};
use crate::error::{At, Failure, Step, Why};
use crate::host::aside::By;
use crate::host::place::Place;
use crate::host::proc::{Own, Tasks};
use crate::host::{filter, id_map};
use crate::rules::rule;
use crate::sys::{Signal, control, wait};
use crate::witness::pair::Pair;
use crate::witness::resource::{self, COUNT, OF_MODES, PARENT};
use crate::witness::verdict::Says;
use crate::witness::{behaviour, root};

/// A child that is a process: it ends with its parent. If the parent ended before the child asked for the death signal,
/// the child has been reparented by now, which getppid(2) shows.
extern "C" fn process(page: &'static Page<Experiment>) -> i32 {
    let board = Board::of(page);
    // If refused, the child still ends by itself, slightly later.
    let _ = control::signal_at_parents_end(Some(Signal::KILL));
    act(board);
    let facts = board.record();
    (is_orphan(facts.child.ppid.number(), facts.parent.pid.pid()) || board.hand_over(1).is_err()).into()
}

/// A child that is a thread, which ends with its process.
extern "C" fn thread(page: &'static Page<Experiment>) -> i32 {
    let board = Board::of(page);
    act(board);
    board.hand_over(1).is_err().into()
}

/// What both kinds of child do.
fn act(board: Board<Experiment>) {
    behaviour::act(board.record());
    root::become_root(board.record());
}

/// Makes the task that `call` asks for and finds out what it shares; `own` is what proc(5) tells of the caller. Where a
/// seccomp filter may be in force, a child makes the call first, because the filter may kill the caller.
pub fn run<'call>(call: &'call Call, board: Board<Experiment>, own: &Own) -> Findings<'call> {
    board.wipe();
    let mut findings = Findings::nothing(Task::new(call, board.tids()), OF_MODES);
    if own.has_filter != Some(false) && filter::kills(By::Clone, || rehearse(call, board)) {
        let killed = Failure { step: Step::Call, why: Why::Signal(Signal::SYS) };
        (findings.failure, findings.killed) = (Some(killed), Some(Signal::SYS));
    } else {
        findings.failure = attempt(&mut findings, board, own.tasks.ok()).err();
    }
    let facts = board.record();
    findings.parent = Identity::of(&facts.parent);
    findings.child = Identity::of(&facts.child);
    findings.root = root_steps(&facts.becoming);
    if let Err(failure) = answer(&mut findings) {
        findings.failure = Some(failure);
    }
    findings.outcome = findings.judge(true);
    findings
}

/// Makes the task that `call` asks for, without anything to do, and awaits its end.
fn rehearse(call: &Call, board: Board<Experiment>) {
    let mut task = Task::new(call, board.tids());
    let made = task.obtain_stack().and_then(|stack| task.make(stack, nothing, board.page()));
    if let Ok(child) = made {
        // The result does not matter: only whether the caller survives.
        let _ = child.join();
    }
}

/// A child that does nothing.
extern "C" fn nothing(_: &'static Page<Experiment>) -> i32 {
    0
}

/// The findings of a mode that was not run.
pub fn not_run(call: &Call, board: Board<Experiment>) -> Findings<'_> {
    Findings::nothing(Task::new(call, board.tids()), OF_MODES)
}

/// From the plan to the join.
fn attempt(findings: &mut Findings, board: Board<Experiment>, tasks: Option<Tasks>) -> Result<(), Failure> {
    let facts = board.record();
    let stack = findings.task.obtain_stack()?;
    behaviour::arm(facts, findings.task.call.flags);
    if findings.task.call.flags.contains(Flags::NEWUSER) {
        id_map::brief(&facts.becoming.outer);
    }
    let child = if findings.task.is_thread() { thread } else { process };
    let made = findings.task.make(stack, child, board.page());
    let acted = match &made {
        Ok(_) => board.await_turn_after(Turn::ChildActs, findings.task.process()),
        Err(_) => Ok(()),
    };
    look(findings, board, tasks, acted.is_ok()); // even without a child, because this restores the parent's state
    let made = made?;
    let tid = made.tid;
    if acted.is_err() {
        made.kill();
    }
    board.pass_turn(Turn::ChildEnds);
    let ended = made.join().at(Step::AwaitEnd)?;
    if findings.task.is_thread() && findings.rows[PARENT].kernel == Says::Two {
        // A thread was requested but a child process was made: its zombie must not stay.
        let _ = wait::wait_for(tid);
    }
    match ended {
        Ended::Killed { signal, at_guard } if acted.is_ok() || signal != Signal::KILL => {
            let step = if at_guard { Step::AtGuard } else { Step::Killed };
            return Err(Failure { step, why: Why::Signal(signal) });
        }
        _ => acted.at(Step::AwaitAct)?,
    }
    if root::was_tried(&facts.becoming) { root::check(&facts.becoming) } else { Ok(()) }
}

/// Asks both witnesses of each resource: the kernel only while the child is held alive, and before the parent restores
/// its own state.
fn look(findings: &mut Findings, board: Board<Experiment>, tasks: Option<Tasks>, has_acted: bool) {
    let (task, facts) = (&findings.task, board.record());
    let (parent, child) = (facts.parent.tid.pid(), task.tid);
    let pair = Pair { call: task.call, board, parent, child, tasks, from_outside: false };
    let mut kernel = resource::ask_kernel(&pair, OF_MODES);
    // The kernel's answers about an ended task mean nothing.
    let has_ended = !task.is_thread() && child.map(wait::has_ended) != Some(Ok(false));
    if has_ended || !board.is_turn(Turn::ParentLooks) {
        kernel = [None; COUNT];
    }
    behaviour::look(facts);
    // The look would miss anything that the child does later.
    if has_acted {
        findings.rows = resource::judge(&kernel, &pair, OF_MODES);
    }
}

/// Notes the kernel's answer, and what the rules say to a refusal. Rules that need the kernel's word ask it by calls of
/// their own, which a trace of an accepted call should not show.
fn answer(findings: &mut Findings) -> Result<(), Failure> {
    let Some(failure) = findings.failure else {
        findings.result = CallResult::Made;
        return Ok(());
    };
    if let (Step::Killed | Step::AtGuard, Why::Signal(signal)) = (failure.step, failure.why) {
        findings.killed = Some(signal);
    }
    if findings.task.tid.is_some() {
        findings.result = CallResult::Made;
    } else if failure.step == Step::Call {
        if let Some(errno) = failure.errno() {
            findings.result = CallResult::Refused(errno);
        }
        findings.predicted = rule::predict(findings.task.call, &Place::here())?;
    }
    Ok(())
}
