//! The laboratory: any call, made by a subject and watched from outside.
//!
//! There are three roles. The examiner, which the user started, makes a subject by a plain clone(2), and the subject
//! makes the call under study. The subject predicts, acts and looks, and may be suspended, killed or left without its
//! child. The examiner asks the kernel about subject and child, holds the child, limits the time, and reaps all
//! remaining tasks. They communicate only by the board, which works whatever is shared. The caller has no other
//! children, so every child that ends belongs to this laboratory.

use super::findings::{CallResult, Findings, Identity, Waiter};
use crate::board::record::Experiment;
use crate::board::{Board, Page, TidWords, Turn};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::task::{Task, await_end};
use crate::error::{At, Failure, Step};
use crate::host::place::Place;
use crate::host::proc::{StatField, Tasks};
use crate::host::roles::{self, Opened};
use crate::rules::expected::Expected;
use crate::rules::rule::{self, Prediction};
use crate::sys::clock::now;
use crate::sys::process::Fork;
use crate::sys::signal::Set;
use crate::sys::wait::{self, Change, Status, WNOHANG, WUNTRACED, Waited};
use crate::sys::{Errno, Pid, Result as SysResult, Signal, control, file, process, signal};
use crate::witness::pair::Pair;
use crate::witness::resource::{self, COUNT};
use crate::witness::{behaviour, effects};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use linux_raw_sys::ptrace::{PTRACE_O_EXITKILL, PTRACE_O_TRACECLONE, PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK};

/// How long a child may live after its descriptor was closed, in milliseconds: a kill takes effect when the child runs,
/// and a machine may be busy.
const AUTOKILL_PATIENCE: usize = 2_000;

/// How many failed waits in a row the examiner tolerates before it gives up.
const REFUSALS: usize = 200;

/// How many ended or stopped tasks are noted before the examiner looks at the clock again.
const AT_ONCE: usize = 256;

/// The states of an ended task, proc_pid_stat(5).
const ENDED: [usize; 3] = [b'Z' as usize, b'X' as usize, b'x' as usize];

/// How long the examiner waits at most, in milliseconds. With many more tasks than processors a subject may not run for
/// seconds.
const PATIENCE: usize = 10_000;

/// [`PATIENCE`] in nanoseconds.
const TIME: u64 = PATIENCE as u64 * 1_000_000;

/// The words whose addresses the call passes. The word of CLONE_PARENT_SETTID is in private memory: if it were on the
/// shared board, the kernel could store the id there through a child's copy of the memory, and the witness could not
/// tell. But clone(2) stores the descriptor of CLONE_PIDFD in that word, and the examiner must see the descriptor.
fn tids(board: Board<Experiment>, call: &Call) -> TidWords {
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

/// The subject.
fn subject(board: Board<Experiment>, call: &Call, with_semaphore: bool) -> i32 {
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
    facts.flags.put(call.flags.bits());
    behaviour::arm(facts);
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
    let start = now();
    loop {
        let waited = board.await_turn_after(Turn::ChildActs, task.process());
        if waited.is_ok() || !board.is_turn(Turn::ChildActs) {
            return Ok(());
        }
        if waited != Err(Errno::ETIMEDOUT) || start.is_err() || is_late(start, 0) {
            return waited.at(Step::AwaitAct);
        }
    }
}

/// Waits until the examiner has looked at the child. Returns whether it has: not if the child ended early.
fn has_looked(board: Board<Experiment>) -> bool {
    let has_looked = || board.record().examined.number().is_some();
    await_that(board, PATIENCE, || has_looked() || !board.is_turn(Turn::ParentLooks));
    has_looked()
}

/// Waits until a task no longer exists, for about this many milliseconds. Returns whether it is gone.
fn await_gone(board: Board<Experiment>, task: Pid, patience: usize) -> bool {
    await_that(board, patience, || process::is_gone(task))
}

/// Waits until something holds, for about this many milliseconds. Returns whether it does.
fn await_that(board: Board<Experiment>, patience: usize, holds: impl Fn() -> bool) -> bool {
    (0..patience).any(|_| {
        let holds = holds();
        if !holds {
            board.rest();
        }
        holds
    })
}

/// Makes the call in a new laboratory. A failure is a step of examiner or subject: then the call under study was not
/// made, or nothing can be said about it.
pub fn run(call: &Call, board: Board<Experiment>) -> Result<Findings<'_>, Failure> {
    match attempt(call, board, true) {
        // The semaphore's namespace was the last that the limit allows: retry without it, and the semaphore's witness
        // stays silent.
        Err(Failure { step: Step::UnshareIpc, .. }) => attempt(call, board, false),
        answer => answer,
    }
}

/// Makes the call in a laboratory; `with_semaphore` allows the subject to make an IPC namespace for its semaphore.
fn attempt(call: &Call, board: Board<Experiment>, with_semaphore: bool) -> Result<Findings<'_>, Failure> {
    // A signal from the terminal must not end the examiner before it has cleaned up, and the exit signal must not end
    // the subject.
    let mask = signal::block(u64::MAX).at(Step::Block)?;
    // If refused, process 1 reaps orphans.
    let was_reaper = control::is_reaper().unwrap_or(false);
    let _ = control::reap_orphans(true);
    board.wipe();
    let opened = Opened::open(&board.record().roles);
    let is_traced = call.flags.intersects(Flags::PTRACE.union(Flags::UNTRACED));
    if is_traced {
        board.set_turn(Turn::SubjectWaits);
    }
    let made = process::clone_copied(Signal::CHLD.number(), None).at(Step::Subject);
    let findings = made.and_then(|made| match made {
        Fork::Child => process::exit_group(subject(board, call, with_semaphore)),
        Fork::ParentOf(subject) => Examiner::new(call, board, subject).examine(is_traced),
    });
    drop(opened);
    if !was_reaper {
        // If refused, this process stays a subreaper, which is harmless.
        let _ = control::reap_orphans(false);
    }
    // If refused, the signals stay blocked until the program ends, which is soon.
    let _ = signal::block(mask);
    findings
}

/// The examiner, and what it has seen so far.
struct Examiner<'call> {
    call: &'call Call,
    board: Board<Experiment>,
    subject: Pid,
    /// Access to proc(5), if /proc shows this PID namespace.
    tasks: Option<Tasks>,
    /// What the kernel said about each resource.
    kernel: [Option<bool>; COUNT],
    subject_ended: bool,
    /// The last ended task other than the subject.
    ended_other: Option<Pid>,
    /// Whether another task than the subject ended as a child of the examiner while the subject lived. Untraced, that
    /// can only be the child: what the subject makes as preparation is the subject's own.
    has_other_child: bool,
    /// The signal that killed a task that should have lived, if any.
    killed: Option<Signal>,
    /// Why the examiner could not wait, or the subject's step that failed.
    failure: Option<Failure>,
    /// Whether the experiment finished in time.
    is_over: bool,
}

impl<'call> Examiner<'call> {
    fn new(call: &'call Call, board: Board<Experiment>, subject: Pid) -> Self {
        Self {
            call,
            board,
            subject,
            tasks: Tasks::here(),
            kernel: [None; COUNT],
            subject_ended: false,
            ended_other: None,
            has_other_child: false,
            killed: None,
            failure: None,
            is_over: false,
        }
    }

    /// Watches subject and child to their ends, cleans up, and returns the findings.
    fn examine(mut self, is_traced: bool) -> Result<Findings<'call>, Failure> {
        if is_traced {
            self.trace();
        }
        self.watch();
        let pair = self.pair();
        self.clean_up(pair.child);
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.conclude(&pair)),
        }
    }

    /// Becomes the subject's tracer, so that the flags about tracers have an effect. An existing tracer serves as well.
    fn trace(&self) {
        let follow = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
        let options = if self.call.flags.contains(Flags::PTRACE) { 0 } else { follow };
        // If refused, the witnesses see whatever tracer the subject has.
        let _ = control::seize(self.subject, options | PTRACE_O_EXITKILL);
        self.board.pass_turn(Turn::ChildActs);
    }

    /// Waits until subject and child have finished, examines them in between, and lets no task wait for ever.
    fn watch(&mut self) {
        let (mut has_looked, start, mut rounds, mut refusals) = (false, now(), 0, 0);
        while !is_late(start, rounds) && refusals < REFUSALS {
            rounds += 1;
            let waited = self.reap(Waited::Any, WNOHANG | WUNTRACED);
            refusals = if waited.is_err() { refusals + 1 } else { 0 };
            if self.board.is_turn(Turn::ParentLooks) && !has_looked && self.is_settled() {
                has_looked = true;
                self.look();
                self.board.record().examined.put(Ok(()));
                if !self.call.flags.contains(Flags::PIDFD_AUTOKILL) {
                    self.board.pass_turn(Turn::ChildEnds);
                }
            } else if self.board.is_turn(Turn::Done) && !self.subject_ended {
                let _ = self.reap(Waited::One(self.subject), 0);
            }
            if self.ended_other.is_some() && self.ended_other == self.child() {
                // The child has ended, so the subject must not go on waiting; it may be unable to wait for the child
                // itself. Other tasks end too: those that the subject makes as preparation, whose ends are reported to
                // its tracer.
                self.ended_other = None;
                self.board.pass_turn(Turn::ChildEnds);
            }
            self.failure = waited.at(Step::AwaitEnd).err();
            if self.subject_ended {
                self.failure = self.board.record().failure.get();
                self.is_over = true;
                return;
            }
            self.board.rest();
        }
    }

    /// The child's id in the examiner's PID namespace.
    fn child(&self) -> Option<Pid> {
        roles::child_of(&self.board.record().roles, self.subject)
    }

    /// Whether the child may end: the subject has looked, for the exit signal could end it before it has; or the subject
    /// sleeps in the call, as CLONE_VFORK makes it.
    fn is_settled(&self) -> bool {
        let facts = self.board.record();
        // The last fact of the subject's look.
        let has_looked = facts.parent.cgroup_root.get().is_some();
        if !self.call.flags.contains(Flags::VFORK) {
            if has_looked {
                facts.asleep.put(Ok(false)); // the call has returned while the child is held
            }
            return has_looked;
        }
        let state = self.tasks.and_then(|tasks| tasks.stat(self.subject, StatField::State).ok());
        if facts.returned.number().is_some() {
            facts.asleep.put(Ok(false));
            return has_looked;
        }
        if matches!(state, Some(state) if state == usize::from(b'D') || state == usize::from(b'S')) {
            facts.asleep.put(Ok(true));
            return true;
        }
        state.is_none()
    }

    /// Subject and child, by their ids in the examiner's PID namespace.
    fn pair(&self) -> Pair<'call> {
        let (parent, child, tasks) = (Some(self.subject), self.child(), self.tasks);
        Pair { call: self.call, board: self.board, parent, child, tasks, from_outside: true }
    }

    /// Asks the kernel about each resource while the child is held. Answers about an ended task mean nothing, so they
    /// count only if both tasks still live afterwards.
    fn look(&mut self) {
        let pair = self.pair();
        let said = resource::ask_kernel(&pair, COUNT);
        let both_live = pair.child.is_some_and(|child| self.lives(child)) && self.lives(self.subject);
        if both_live && self.board.is_turn(Turn::ParentLooks) {
            self.kernel = said;
        }
    }

    /// Whether a task of the laboratory has not ended; no if that cannot be determined.
    fn lives(&self, task: Pid) -> bool {
        match self.tasks {
            Some(tasks) => tasks.stat(task, StatField::State).is_ok_and(|state| !ENDED.contains(&state)),
            None => process::pidfd(task).and_then(|pidfd| file::is_readable(pidfd.raw())) == Ok(false),
        }
    }

    /// Notes the tasks that have ended or stopped; an error if wait4(2) fails.
    fn reap(&mut self, children: Waited, options: u32) -> SysResult<()> {
        for _ in 0..AT_ONCE {
            let Some((child, status)) = wait::wait(children, options)? else { return Ok(()) };
            self.note(child, status.change());
            if child == self.subject && self.subject_ended {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Notes one change.
    fn note(&mut self, child: Pid, change: Change) {
        let (signal, is_stop) = match change {
            Change::Exited(_) => (None, false),
            Change::Killed(signal) => (Some(signal), false),
            Change::Stopped(signal) => (signal, true),
            Change::Continued => return,
        };
        let facts = self.board.record();
        let is_exit_signal = signal.is_some() && signal == self.call.signal();
        // The exit signal was the last thing that the subject could see. If the signal stopped the subject, it is
        // killed next.
        if child == self.subject && is_exit_signal && self.board.is_turn(Turn::ChildEnds) {
            facts.signal.put(Ok(true));
        } else if !is_stop && signal.is_some() && facts.signal.number().is_none() {
            self.killed = signal;
        }
        self.has_other_child |= !is_stop && child != self.subject && !self.subject_ended;
        if is_stop {
            go_on(child, is_exit_signal);
        } else if child == self.subject {
            self.subject_ended = true;
        } else if self.ended_other.is_none() || self.ended_other != self.child() {
            // The child's end is kept, whatever else ends in the same round.
            self.ended_other = Some(child);
        }
    }

    /// Kills and reaps the remaining tasks.
    fn clean_up(&self, child: Option<Pid>) {
        if !self.subject_ended {
            kill_and_reap(self.subject);
        }
        if let Some(child) = child {
            kill_and_reap(child);
        }
        self.end_others();
    }

    /// Waits for tasks of the laboratory whose ids are unknown; they end as soon as the turn allows.
    fn end_others(&self) {
        self.board.pass_turn(Turn::ChildEnds);
        for _ in 0..PATIENCE {
            match wait::wait(Waited::Any, WNOHANG) {
                Ok(None) => self.board.rest(),
                Ok(Some(_)) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }

    /// The task that could wait for the child; none if that was not seen. A tracer can wait for a task that is not its
    /// child, so nothing is said where the examiner is one.
    fn waiter(&self) -> Option<Waiter> {
        if self.call.flags.intersects(Flags::PTRACE.union(Flags::UNTRACED)) {
            return None;
        }
        let facts = self.board.record();
        match facts.ended.get()? {
            Ok(_) => Some(Waiter::Caller),
            Err(Errno::ECHILD) if self.has_other_child => Some(Waiter::CallersParent),
            Err(Errno::ECHILD) => facts.gone.number().map(|_| Waiter::Nobody),
            Err(_) => None,
        }
    }

    /// Compares what was seen with what was asked.
    fn conclude(mut self, pair: &Pair) -> Findings<'call> {
        let facts = self.board.record();
        // The subject itself may have reaped the killed task.
        self.killed = self.killed.or_else(|| Status(facts.ended.number()?).killed_by());
        if self.killed.is_some() {
            // With CLONE_VFORK the caller returns when the child is killed, so its return proves nothing.
            facts.returned.wipe();
        }
        let rows = resource::judge(&self.kernel, pair, COUNT);
        if self.call.flags.contains(Flags::PIDFD_AUTOKILL) {
            self.killed = None; // as requested
        }
        let mut task = Task::new(self.call, tids(self.board, self.call));
        if let Some(stored) = facts.parent_tid.number() {
            task.tids.parent_tid.store(stored as u32, Relaxed); // for the report: the subject's own word is gone
        }
        task.child_stack = facts.stack.number().unwrap_or(0);
        task.tid = facts.roles.result.pid().or(pair.child);
        // A subject that hangs in its call, or was killed there, has a child but no result.
        let result = match (task.tid, facts.roles.result.errno()) {
            (Some(_), _) => CallResult::Made,
            (None, Some(errno)) => CallResult::Refused(errno),
            (None, None) => CallResult::Unknown,
        };
        let mut findings = Findings {
            subject: Some(self.subject),
            parent: Identity::of(&facts.parent),
            child: Identity::of(&facts.child),
            rows,
            waiter: self.waiter(),
            has_own_credentials: effects::has_own_credentials(facts),
            pending: facts.pending.number().map(|pending| pending as Set),
            predicted: Prediction { rule: facts.rule.number(), expected: Expected::of_fact(&facts.predicted) },
            result,
            killed: self.killed,
            ..Findings::nothing(task, COUNT)
        };
        findings.outcome = findings.judge(self.is_over);
        findings
    }
}

/// Resumes a stopped task, as its tracer; kills a subject that its exit signal stopped.
fn go_on(task: Pid, by_exit_signal: bool) {
    if control::go_on(task).is_err() && by_exit_signal {
        // A refusal means that the task has ended.
        let _ = process::kill(task, Signal::KILL);
    }
}

/// Whether the examiner has waited long enough since `start`. Without a clock the rounds count, a millisecond each.
fn is_late(start: SysResult<u64>, rounds: usize) -> bool {
    match (start, now()) {
        (Ok(start), Ok(time)) => time.saturating_sub(start) >= TIME,
        _ => rounds >= PATIENCE,
    }
}

/// Kills and reaps a task if it is a child of the caller: only a child's id cannot have been reused.
fn kill_and_reap(task: Pid) {
    if wait::has_ended(task).is_ok() && process::kill(task, Signal::KILL).is_ok() {
        // If refused, process 1 reaps the task.
        let _ = await_end(task);
    }
}
