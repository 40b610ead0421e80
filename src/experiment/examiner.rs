//! The laboratory's examiner: watches subject and child from outside, asks the kernel about both, and reaps all tasks.

use super::deadline::{Deadline, PATIENCE};
use super::findings::{CallResult, Findings, Identity, Waiter};
use super::subject::tids;
use super::tracing::Tracing;
use crate::board::record::Experiment;
use crate::board::{Board, Turn};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::process::{Process, reap_others};
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::host::proc::{StatField, Tasks};
use crate::host::roles;
use crate::rules::expected::Expected;
use crate::rules::rule::Prediction;
use crate::sys::signal::Set;
use crate::sys::wait::{self, Change, Status, WNOHANG, WUNTRACED, Waited};
use crate::sys::{Errno, Pid, Result as SysResult, Signal, control, file, process};
use crate::witness::effects;
use crate::witness::pair::Pair;
use crate::witness::resource::{self, COUNT};
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::ptrace::PTRACE_O_EXITKILL;

/// How many failed waits in a row the examiner tolerates before it gives up.
const REFUSALS: usize = 200;

/// How many ended or stopped tasks are noted before the examiner looks at the clock again.
const AT_ONCE: usize = 256;

/// The states of an ended task, proc_pid_stat(5).
const ENDED: [usize; 3] = [b'Z' as usize, b'X' as usize, b'x' as usize];

/// The examiner, and what it has seen so far.
pub(super) struct Examiner<'call> {
    call: &'call Call,
    board: Board<Experiment>,
    /// How the subject is traced.
    tracing: Tracing,
    /// The subject's id.
    subject: Pid,
    /// The subject, until it is reaped.
    running: Option<Process>,
    /// Access to proc(5), if /proc shows this PID namespace.
    tasks: Option<Tasks>,
    /// What the kernel said about each resource.
    kernel: [Option<bool>; COUNT],
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
    pub(super) fn new(call: &'call Call, board: Board<Experiment>, subject: Process, tracing: Tracing) -> Self {
        Self {
            call,
            board,
            tracing,
            subject: subject.pid(),
            running: Some(subject),
            tasks: Tasks::here(),
            kernel: [None; COUNT],
            ended_other: None,
            has_other_child: false,
            killed: None,
            failure: None,
            is_over: false,
        }
    }

    /// Watches subject and child to their ends, cleans up, and returns the findings.
    pub(super) fn examine(mut self) -> Result<Findings<'call>, Failure> {
        if let Some(options) = self.tracing.options() {
            self.trace(options);
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
    fn trace(&self, options: u32) {
        // If refused, the witnesses see whatever tracer the subject has.
        let _ = control::seize(self.subject, options | PTRACE_O_EXITKILL);
        self.board.pass_turn(Turn::ChildActs);
    }

    /// Waits until subject and child have finished, examines them in between, and lets no task wait for ever.
    fn watch(&mut self) {
        let (mut has_looked, deadline, mut rounds, mut refusals) = (false, Deadline::new(), 0, 0);
        while !deadline.is_over(rounds) && refusals < REFUSALS {
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
            } else if self.board.is_turn(Turn::Done) && self.running.is_some() {
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
            if self.running.is_none() {
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

    /// Whether the child may end: the subject has looked, for the exit signal could end it before it has; or the
    /// subject sleeps in the call, as CLONE_VFORK makes it.
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
            if child == self.subject && self.running.is_none() {
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
        self.has_other_child |= !is_stop && child != self.subject && self.running.is_some();
        if is_stop {
            go_on(child, is_exit_signal);
        } else if child == self.subject {
            self.running.take().into_iter().for_each(Process::was_reaped);
        } else if self.ended_other.is_none() || self.ended_other != self.child() {
            // The child's end is kept, whatever else ends in the same round.
            self.ended_other = Some(child);
        }
    }

    /// Kills and reaps the remaining tasks.
    fn clean_up(&mut self, child: Option<Pid>) {
        drop(self.running.take());
        drop(child.map(Process::adopt));
        // Other tasks of the laboratory end as soon as the turn allows.
        self.board.pass_turn(Turn::ChildEnds);
        reap_others(self.board, PATIENCE);
    }

    /// The task that could wait for the child; none if that was not seen. A tracer can wait for a task that is not its
    /// child, so nothing is said where the examiner is one.
    fn waiter(&self) -> Option<Waiter> {
        if self.tracing != Tracing::None {
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
