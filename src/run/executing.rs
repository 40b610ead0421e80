//! `clone FLAGS -- CMD`: the new task executes a program, and this process ends as the program does.
//!
//! There are three processes, as in the laboratory, so that every set of flags works: whichever of the other two is the
//! program's parent, one process can wait for the program and learn how it ended. All of them end with the first.

use super::{About, End, dispositions, program};
use crate::board::Board;
use crate::board::record::Executing;
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::task::{self, Task};
use crate::error::{At, Failure, Step, Why};
use crate::host::id_map;
use crate::host::roles::{self, Opened};
use crate::sys::process::Fork;
use crate::sys::signal::Disposition;
use crate::sys::wait::{self, Status, Waited};
use crate::sys::{Errno, Pid, Signal, control, ids, process, signal};

/// How many interruptions in a row a wait tolerates, although no signal has a handler here.
const PATIENCE: usize = 4096;

/// The stack that the child needs before it is the program, in bytes.
pub const ROOM: usize = 0x3000;

/// The shared page of the three processes.
type Page = crate::board::Page<Executing>;

/// How the program ended, or why that is unknown.
type Ended = core::result::Result<Status, Failure>;

/// Makes the task, lets it execute the remembered program ([`remember`](crate::sys::exec::remember)), and returns the
/// program's end. The caller has no other children.
pub fn run(call: &Call) -> End<'_> {
    attempt(call).unwrap_or_else(|failure| End::failed(failure, About::Nothing))
}

/// Does the work of [`run`]; a failure is a step before the subject was made.
fn attempt(call: &Call) -> core::result::Result<End<'_>, Failure> {
    let board = Board::<Executing>::new()?;
    let mask = signal::block(u64::MAX).at(Step::Block)?;
    // If refused, process 1 reaps orphans.
    let _ = control::reap_orphans(true);
    board.record().mask.put(mask);
    board.record().flags.put(call.flags.bits());
    let opened = Opened::open(&board.record().roles);
    let subject = match process::clone_copied(Signal::CHLD.number(), None).at(Step::Subject)? {
        Fork::Child => process::exit_group(subject(board, call)),
        Fork::ParentOf(subject) => subject,
    };
    // The terminal sends these to the program too, which decides whether to end.
    for signal in [Signal::INT, Signal::QUIT] {
        let _ = signal::dispose(signal, Disposition::IGNORE);
    }
    // If refused, only SIGKILL ends the examiner.
    let _ = signal::block(mask);
    let ended = await_end(board, call, subject);
    drop(opened);
    Ok(conclude(board, call, ended))
}

/// Ends as the program ended, or says why there was none.
fn conclude(board: Board<Executing>, call: &Call, ended: Ended) -> End<'_> {
    let record = board.record();
    let refused = record.roles.result.errno().map(|errno| Failure::new(Step::Call, errno));
    if let Some(failure) = refused.or(ended.as_ref().err().copied().filter(|failure| failure.step == Step::Call)) {
        return End::failed(failure, About::Task(Task::new(call, board.tids())));
    }
    if let Some(failure) = id_map::refused(&record.becoming).or_else(|| record.failure.get()) {
        return End::failed(failure, About::Nothing);
    }
    if let Some(errno) = record.not_executed.errno() {
        return End::not_executed(errno, call.flags);
    }
    match ended {
        Ok(status) => End::Status(program::end(status)),
        Err(failure) => End::failed(failure, About::Nothing),
    }
}

/// The child: becomes root in a new user namespace, then the program. Returns only on failure.
extern "C" fn child(page: &'static Page) -> i32 {
    let record = Board::of(page).record();
    record.begun.put(Ok(()));
    roles::end_with_examiner(&record.roles);
    roles::announce(&record.roles);
    let flags = Flags::from_bits_retain(record.flags.get());
    if flags.contains(Flags::NEWUSER) && !becomes_root(record) {
        return program::OURS;
    }
    dispositions::restore();
    if let Err(failure) = signal::block(record.mask.get()).at(Step::Block) {
        record.failure.put(failure);
        return program::OURS;
    }
    let errno = program::execute();
    record.not_executed.put(Err::<(), _>(errno));
    program::status_of(errno)
}

/// Makes the child root of a user namespace that is proven to be new. EIO: the child's id is mapped already, so the
/// flag was ignored.
fn becomes_root(record: &Executing) -> bool {
    if let Err(failure) = ids::prove_new().at(Step::ProveNew) {
        record.failure.put(failure);
        return false;
    }
    id_map::become_root(&record.becoming);
    id_map::refused(&record.becoming).is_none()
}

/// The subject: makes the task, and waits for it if it may.
fn subject(board: Board<Executing>, call: &Call) -> i32 {
    let record = board.record();
    roles::end_with_examiner(&record.roles);
    record.roles.subject.put(ids::getpid());
    id_map::brief(&record.becoming.outer);
    let mut task = Task::new(call, board.tids());
    match task.make_on_stack(child, board.page()) {
        Ok(child) => {
            record.roles.result.put(Ok(child.tid));
            await_program(board, &task, child.tid);
        }
        Err(failure) => match failure.call_errno() {
            Some(errno) => record.roles.result.put(Err::<Pid, _>(errno)),
            None => record.failure.put(failure),
        },
    }
    0
}

/// In the subject: waits for the program. A thread that executes a program ends this task, and the process becomes the
/// program.
fn await_program(board: Board<Executing>, task: &Task, child: Pid) {
    let record = board.record();
    let ended = task::await_end(child);
    record.ended.put(ended.map(|status| status.0));
    // The subject cannot wait for a sibling, a thread, or a task that leaves no zombie.
    let others = Flags::PARENT | Flags::THREAD | Flags::AUTOREAP;
    if let Err(errno) = ended
        && (errno != Errno::ECHILD || !task.call.flags.intersects(others))
    {
        // The program ends with the subject, whose end would be mistaken for the program's own.
        return record.failure.put(Failure::new(Step::AwaitEnd, errno));
    }
    // The thread reports why it executes nothing, or its execve(2) ends this task, or it ended for another reason.
    let is_told = || record.not_executed.get().is_some() || record.failure.get().is_some();
    while ended.is_err() && task.is_thread() && !is_told() && !process::is_gone(child) {
        board.rest();
    }
    if task.is_thread() && !is_told() {
        // This task's end would be mistaken for the program's own.
        record.failure.put(Failure::new(Step::AwaitEnd, Errno::ESRCH));
    }
}

/// Waits for the subject and for the program, whichever of the two is its parent, and reaps every orphan meanwhile: the
/// caller has no other children. Returns how the program ended.
fn await_end(board: Board<Executing>, call: &Call, subject: Pid) -> Ended {
    let record = board.record();
    // The program's end, as the subject saw it.
    let seen = || record.ended.number().map(Status);
    let child_now = || roles::child_of(&record.roles, subject);
    let (mut of_subject, mut of_child, mut patience) = (None, None, PATIENCE);
    loop {
        // Read before the wait: after a task was reaped, its id can no longer be read.
        let child = child_now();
        match wait::wait(Waited::Any, 0) {
            Ok(Some((ended, status))) if ended == subject => of_subject = Some(status),
            Ok(Some((ended, status))) if Some(ended) == child.or_else(child_now) => of_child = Some(status),
            // A subject that its exit signal killed may not have left the id of its task: then this is that task.
            Ok(Some((_, status))) if is_untold(record) && child.is_none() => of_child = Some(status),
            Ok(Some(_)) => {}
            Ok(None) => return Err(Failure::new(Step::AwaitEnd, Errno::EIO)),
            Err(Errno::EINTR) if patience > 0 => {
                patience -= 1;
                continue;
            }
            // No child is left: the program's end was seen, or never will be.
            Err(Errno::ECHILD) => {
                let own = of_subject.filter(|_| is_own(record, call));
                let ended = seen().or(of_child).or(own).ok_or(Errno::ECHILD).at(Step::AwaitEnd);
                return ended.map_err(|failure| killed_in_call(record, of_subject).unwrap_or(failure));
            }
            Err(errno) => return Err(Failure::new(Step::AwaitEnd, errno)),
        }
        patience = PATIENCE;
        let Some(end) = of_subject else { continue };
        if let Some(failure) = killed_in_call(record, of_subject).filter(|_| is_own(record, call)) {
            return Err(failure);
        }
        // Either the subject or this process saw the program's end; for a thread the subject's end is the program's.
        if let Some(status) = seen().or(of_child).or(is_own(record, call).then_some(end)) {
            return Ok(status);
        }
    }
}

/// The failure if a signal killed the subject in the call, as a seccomp filter does: no task began.
fn killed_in_call(record: &Executing, subject: Option<Status>) -> Option<Failure> {
    let signal = subject?.killed_by()?;
    let is_in_call = is_untold(record) && record.begun.get().is_none();
    is_in_call.then_some(Failure { step: Step::Call, why: Why::Signal(signal) })
}

/// Whether the subject's end is the result: it became the program, or it made no task.
fn is_own(record: &Executing, call: &Call) -> bool {
    call.flags.contains(Flags::THREAD) || record.roles.result.errno().is_some()
}

/// Whether the subject has not left the result of its call: it is still in the call, or died before.
fn is_untold(record: &Executing) -> bool {
    record.roles.result.get().is_none()
}
