//! The laboratory's subject, which makes the call under study, and the child that it makes.
//!
//! Both are told everything by the board and leave everything there: neither prints, and either may be killed.

use super::deadline::{Deadline, PATIENCE};
use crate::board::record::Experiment;
use crate::board::{Board, Page, TidWords, Turn};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::process::await_end;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::host::place::Place;
use crate::host::roles;
use crate::rules::rule;
use crate::sys::{Errno, Pid, process};
use crate::witness::{behaviour, effects};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How long a child may live after its descriptor was closed, in milliseconds: a kill takes effect when the child runs,
/// and a machine may be busy.
const AUTOKILL_PATIENCE: usize = 2_000;

/// The words whose addresses the call passes. The word of CLONE_PARENT_SETTID is in private memory: if it were on the
/// shared board, the kernel could store the id there through a child's copy of the memory, and the witness could not
/// tell. But clone(2) stores the descriptor of CLONE_PIDFD in that word, and the examiner must see the descriptor.
pub(super) fn tids(board: Board<Experiment>, call: &Call) -> TidWords {
    static PRIVATE: AtomicU32 = AtomicU32::new(0);
    match board.tids() {
        tids if call.flags.contains(Flags::PIDFD) && call.api == Api::Clone => tids,
        tids => TidWords { parent_tid: &PRIVATE, ..tids },
    }
}

/// The child.
extern "C" fn child(page: &'static Page<Experiment>) -> i32 {
    let board = Board::of(page);
    let roles = &board.record().roles;
    roles::end_with_examiner(roles);
    roles::announce(roles);
    effects::act(board);
    behaviour::act(board.record());
    // This is checked just before the sleep, some time after the death signal was requested: the kernel signals the
    // children of an ended process slightly before it marks the pidfd readable.
    roles::end_without_examiner(roles);
    // As long as the examiner may take.
    board.hand_over(5).is_err().into()
}

/// The subject. Returns its exit status.
pub(super) fn subject(board: Board<Experiment>, call: &Call, with_semaphore: bool) -> i32 {
    roles::end_with_examiner(&board.record().roles);
    // The result does not matter: without a tracer the witnesses stay silent.
    let _ = board.await_turn_after(Turn::SubjectWaits, None);
    if let Err(failure) = study(board, call, with_semaphore) {
        board.record().failure.put(failure);
    }
    board.pass_turn(Turn::Done);
    0
}

/// In the subject: predicts, makes the call, and examines the result. A failure is a step of the subject's own.
fn study(board: Board<Experiment>, call: &Call, with_semaphore: bool) -> Result<(), Failure> {
    let facts = board.record();
    let prediction = rule::predict(call, &Place::here())?;
    if let Some(rule) = prediction.rule {
        facts.rule.put(Ok(rule));
    }
    facts.predicted.put(prediction.expected.to_fact());
    behaviour::arm(facts, call.flags);
    facts.roles.subject.put(facts.parent.pid.number().ok_or(Errno::ENODATA));
    if with_semaphore {
        effects::arm_semaphore(board, call)?;
    }
    effects::arm(board, call);
    let mut task = Task::new(call, tids(board, call));
    let made = task.make_on_stack(child, board.page());
    facts.returned.put(Ok(board.turn_number()));
    facts.parent_tid.put(Ok(task.tids.parent_tid.load(Relaxed)));
    facts.tls.put(Ok(task.tls()));
    facts.stack.put(Ok(task.child_stack));
    match made {
        Ok(child) => {
            facts.roles.result.put(Ok(child.tid));
            follow(board, &task, child.tid)
        }
        Err(failure) => {
            facts.roles.result.put(Err::<(), _>(failure.call_errno().ok_or(failure)?));
            Ok(())
        }
    }
}

/// In the subject, after the call: looks at what the child did, and at what the child's end does.
fn follow(board: Board<Experiment>, task: &Task, child: Pid) -> Result<(), Failure> {
    let facts = board.record();
    await_act(board, task)?;
    behaviour::look(facts);
    effects::look(facts);
    if task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
        // The examiner looks at the child, and at the descriptor, before the close kills the one and takes the other.
        if has_looked(board) {
            // A failed close does not kill the child, and the witness sees that.
            let _ = effects::descriptor(board, task.call).and_then(|descriptor| descriptor.close());
            facts.killed.put(Ok(await_gone(board, child, AUTOKILL_PATIENCE)));
        }
        board.pass_turn(Turn::ChildEnds);
    }
    let ended = await_end(child);
    facts.ended.put(ended.map(|status| status.0));
    // If the subject may not wait for the child, the child is a thread or the examiner's child.
    if ended.is_ok() || ended == Err(Errno::ECHILD) && await_gone(board, child, PATIENCE) {
        facts.gone.put(Ok(()));
        effects::look_back(board, task.call);
    }
    Ok(())
}

/// Waits until the child has acted or ended, up to the examiner's own limit: the look would miss anything that the
/// child does later.
fn await_act(board: Board<Experiment>, task: &Task) -> Result<(), Failure> {
    let deadline = Deadline::new();
    loop {
        let waited = board.await_turn_after(Turn::ChildActs, task.process());
        if waited.is_ok() || !board.is_turn(Turn::ChildActs) {
            return Ok(());
        }
        if waited != Err(Errno::ETIMEDOUT) || !deadline.has_clock() || deadline.is_over(0) {
            return waited.at(Step::AwaitAct);
        }
    }
}

/// Waits until the examiner has looked at the child. Returns whether it has: not if the child ended early.
fn has_looked(board: Board<Experiment>) -> bool {
    let has_looked = || board.record().examined.number().is_some();
    board.await_that(PATIENCE, || has_looked() || !board.is_turn(Turn::ParentLooks));
    has_looked()
}

/// Waits until a task no longer exists, for about this many milliseconds. Returns whether it is gone.
fn await_gone(board: Board<Experiment>, task: Pid, patience: usize) -> bool {
    board.await_that(patience, || process::is_gone(task))
}
