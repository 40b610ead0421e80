//! `clone FLAGS -- CMD`: the new task executes a program, and this process ends as the program does.
//!
//! There are three processes, as in the laboratory, so that every set of flags works: whichever of the other two is the
//! program's parent, one process can wait for the program and learn how it ended. All of them end with the first, which
//! passes on to the program the signals that it gets.

use super::watch::{ACCEPTED, STOPS, is_for_program, serve};
use super::{About, End, dispositions, program};
use crate::board::Board;
use crate::board::record::Executing;
use crate::board::turn::Patience;
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::process::{self as tasks, Process};
use crate::clone::task::Task;
use crate::error::{At, Failure, Step, Why};
use crate::host::id_map;
use crate::host::roles::{self, Opened};
use crate::sys::signal::{Accepted, Blocked, Set};
use crate::sys::wait::{self, Status, WNOHANG, Waited};
use crate::sys::{Errno, Fd, Pid, Signal, control, ids, namespace, process, signal};

/// The signals that the examiner accepts and passes on. Those that stop a job and let it go on have their effect on the
/// examiner itself: the terminal sends them to the program too.
const PASSED_ON: Set = ACCEPTED & !(STOPS | Signal::CONT.set());

/// How long a signal waits for the program's task to begin, in milliseconds.
const BEGIN: usize = 2_000;

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
    let blocked = Blocked::all().at(Step::Block)?;
    // If refused, process 1 reaps orphans.
    let _ = control::reap_orphans(true);
    board.record().mask.put(blocked.before());
    board.record().flags.put(call.flags.bits());
    let opened = Opened::open(&board.record().roles);
    let made = Process::make(Signal::CHLD.number(), || subject(board, call)).at(Step::Subject)?;
    let ended = Examiner::new(board, call, made).watch();
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
    if flags.contains(Flags::SIGHAND) && !flags.contains(Flags::THREAD) {
        dispositions::restore_beside_parent();
    } else {
        dispositions::restore();
    }
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
            if !call.flags.contains(Flags::FS) {
                leave_directory();
            }
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
    let ended = tasks::await_end(child);
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

/// The program may want to unmount or remove the directory that it was started in.
fn leave_directory() {
    // If refused, the caller is only where it was before.
    let _ = namespace::chdir(c"/");
}

/// The examiner, and what it has seen so far.
struct Examiner<'call> {
    board: Board<Executing>,
    call: &'call Call,
    /// The subject's id.
    subject: Pid,
    /// The subject, until it is reaped.
    running: Option<Process>,
    /// How the subject ended.
    of_subject: Option<Status>,
    /// How the program ended, if this process is its parent.
    of_child: Option<Status>,
}

impl<'call> Examiner<'call> {
    fn new(board: Board<Executing>, call: &'call Call, made: Process) -> Self {
        Self { board, call, subject: made.pid(), running: Some(made), of_subject: None, of_child: None }
    }

    /// Passes signals on until the program has ended. Returns how the program ended.
    fn watch(mut self) -> Ended {
        leave_directory();
        // If refused, only SIGKILL ends the examiner before the program has ended.
        let is_blocked = signal::block(PASSED_ON).is_ok();
        let served = if is_blocked { serve(PASSED_ON, |accepted| self.handle(accepted)) } else { None };
        // If signals cannot be accepted: passes none on, and only waits for the end.
        served.or_else(|| self.reap(0)).unwrap_or_else(|| Err(Failure::new(Step::AwaitEnd, Errno::EIO)))
    }

    /// The program's id in this PID namespace, as soon as its task has begun.
    fn child(&self) -> Option<Pid> {
        roles::child_of(&self.board.record().roles, self.subject)
    }

    /// Acts on a signal. Returns the program's end, if it has ended.
    fn handle(&mut self, accepted: Accepted) -> Option<Ended> {
        if accepted.signal == Signal::CHLD {
            return self.reap(WNOHANG);
        }
        if is_for_program(accepted) {
            self.pass_on(accepted);
        }
        None
    }

    /// Passes a signal on to the program, or to the task that becomes the program.
    fn pass_on(&self, accepted: Accepted) {
        // If the program has ended meanwhile, it needs no signal.
        if self.call.flags.contains(Flags::THREAD) {
            let _ = self.running.as_ref().map(|subject| process::kill(subject.pid(), accepted.signal));
        } else if let Some(program) = self.program() {
            let _ = process::kill_by(&program, accepted.signal);
        }
    }

    /// A pidfd of the program, for which a signal that comes early has to wait; none if the program has ended.
    fn program(&self) -> Option<Fd> {
        let is_to_come = || self.child().is_none() && wait::has_ended(self.subject) == Ok(false);
        (0..BEGIN).take_while(|_| is_to_come()).for_each(|_| self.board.rest());
        let child = self.child()?;
        let program = process::pidfd(child).ok()?;
        // Whichever of the two processes is the program's parent may have reaped it, and its id may be another's.
        (self.child() == Some(child)).then_some(program)
    }

    /// Reaps the subject and the program, whichever of the two processes is the program's parent, and every orphan: the
    /// caller has no other children. Returns how the program ended; none if that is not known yet.
    fn reap(&mut self, options: u32) -> Option<Ended> {
        let mut patience = Patience::default();
        loop {
            // Read before the wait: after a task was reaped, its id can no longer be read.
            let child = self.child();
            match wait::wait(Waited::Any, options) {
                Ok(Some((ended, status))) => self.note(ended, status, child),
                Ok(None) => return None,
                Err(Errno::EINTR) if patience.lasts() => continue,
                // No child is left: the program's end was seen, or never will be.
                Err(Errno::ECHILD) => return Some(self.conclude()),
                Err(errno) => return Some(Err(Failure::new(Step::AwaitEnd, errno))),
            }
            patience = Patience::default();
            if let Some(end) = self.of_subject.and_then(|subject| self.end(subject)) {
                return Some(end);
            }
        }
    }

    /// Notes the end of a process; `child` is the program's id from before.
    fn note(&mut self, ended: Pid, status: Status, child: Option<Pid>) {
        if ended == self.subject {
            self.running.take().into_iter().for_each(Process::was_reaped);
            self.of_subject = Some(status);
        } else if Some(ended) == child.or_else(|| self.child()) || is_untold(self.board.record()) && child.is_none() {
            // A subject that its exit signal killed may not have left the id of its task: then this is that task.
            self.of_child = Some(status);
        }
    }

    /// The program's end, after that of the subject.
    fn end(&self, of_subject: Status) -> Option<Ended> {
        let is_own = is_own(self.board.record(), self.call);
        if let Some(failure) = killed_in_call(self.board.record(), of_subject).filter(|_| is_own) {
            return Some(Err(failure));
        }
        // Either the subject or this process saw the program's end; for a thread the subject's end is the program's.
        self.seen().or(is_own.then_some(of_subject)).map(Ok)
    }

    /// The program's end, as the subject or this process saw it.
    fn seen(&self) -> Option<Status> {
        self.board.record().ended.number().map(Status).or(self.of_child)
    }

    /// The program's end after all children have ended.
    fn conclude(&self) -> Ended {
        let record = self.board.record();
        let own = self.of_subject.filter(|_| is_own(record, self.call));
        let ended = self.seen().or(own).ok_or(Errno::ECHILD).at(Step::AwaitEnd);
        let killed = self.of_subject.and_then(|subject| killed_in_call(record, subject));
        ended.map_err(|failure| killed.unwrap_or(failure))
    }
}

/// The failure if a signal killed the subject in the call, as a seccomp filter does: no task began.
fn killed_in_call(record: &Executing, subject: Status) -> Option<Failure> {
    let signal = subject.killed_by()?;
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
