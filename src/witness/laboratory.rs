//! The laboratory: any call, made by a subject and watched from outside.
//!
//! The decision behind it: three roles. The examiner, which the user started, makes a subject by a plain clone(2), and
//! the subject makes the call under study. The subject predicts, acts, looks and may be suspended, killed or left
//! without its child; the examiner asks the kernel about the two, holds the child, limits the time, and reaps whoever
//! is left. They talk through the board alone, which works whatever is shared.

use super::board::{Board, CHILD_ACTS, CHILD_ENDS, PARENT_LOOKS, SUBJECT_DONE, SUBJECT_WAITS, Word};
use super::pair::Pair;
use super::resource::{self, RESOURCES, Shown};
use super::verdict::Words;
use super::{behaviour, effects};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::place::Place;
use crate::clone::rules;
use crate::clone::task::{Failure, Task, TidWords, await_change, await_end};
use crate::sys::clock::now;
use crate::sys::memory::SharedPage;
use crate::sys::proc::{self, Tasks};
use crate::sys::process::{WNOHANG, WUNTRACED, Waited};
use crate::sys::{Answer, Errno, Pid, control, file, futex, ids, process, signal};
use crate::words::Text;
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use linux_raw_sys::general::{SIGCHLD, SIGKILL};
use linux_raw_sys::ptrace::{PTRACE_O_EXITKILL, PTRACE_O_TRACECLONE, PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK};

/// How many rows there are.
pub const ROWS: usize = RESOURCES.len();

/// How long a child may live after its descriptor was closed, in milliseconds.
const AUTOKILL_PATIENCE: usize = 20;

/// How often in a row waiting may be refused before nothing is expected of it any more.
const REFUSALS: usize = 200;

/// The states of a task that has ended, proc_pid_stat(5).
const ENDED: [usize; 3] = [b'Z' as usize, b'X' as usize, b'x' as usize];

/// How long the examiner waits at most, in nanoseconds; and in sleeps of a millisecond, for where there is no clock. A machine with
/// many more tasks than processors may let a subject wait for seconds.
const PATIENCE: usize = 10_000;
const TIME: usize = PATIENCE * 1_000_000;

/// What an experiment has come to.
pub struct Experiment<'call> {
    /// The call, and the child's id as the subject saw it.
    pub task: Task<'call>,
    /// The facts that subject and child have left.
    pub board: Board,
    /// What is found out about each resource, in the order of [`RESOURCES`].
    pub words: [Words; ROWS],
    /// Whether it was over in time.
    pub is_over: bool,
    /// The signal that killed one of the two, if none should have.
    pub killed: Option<usize>,
    /// The step of examiner or subject that failed, if one did: then the call under study was not made, or nothing can be said
    /// of it.
    pub failure: Option<Failure>,
    /// The subject's id.
    pub subject: Pid,
    subject_ended: bool,
    /// The task that has ended last of those that are not the subject.
    ended_other: Option<Pid>,
    /// How proc(5) is asked about the two, if it can be.
    tasks: Option<Tasks>,
    kernel: [Option<bool>; ROWS],
}

/// The words that the call names. That of CLONE_PARENT_SETTID is in private memory: on the board a child that has a copy
/// of its parent's memory could store its id there itself. But clone(2) puts the descriptor of CLONE_PIDFD into the same
/// word, and that the examiner must see.
fn tids(board: Board, call: &Call) -> TidWords {
    static PRIVATE: AtomicU32 = AtomicU32::new(0);
    match board.tids() {
        tids if call.flags.contains(Flags::PIDFD) && call.api == Api::Clone => tids,
        tids => TidWords { parent_tid: &PRIVATE, ..tids },
    }
}

/// What the examiner opens before it makes the subject: a file whose owner the child becomes, and a descriptor of itself. Both
/// stand on the board.
pub struct Opened([Answer; 2]);

impl Opened {
    /// Opens both; a refusal leaves an examiner that knows the child by the answer of the call, and tasks that end a little later
    /// than it.
    pub fn open(board: Board) -> Self {
        let opened = [file::event(), process::own_pidfd()];
        for (word, fd) in [Word::Owner, Word::Examiner].into_iter().zip(opened) {
            board.parent().put(word, fd);
        }
        Self(opened)
    }

    /// Closes both.
    pub fn close(self) {
        for fd in self.0 {
            // A failed close loses nothing: nothing was written.
            let _ = fd.and_then(file::close);
        }
    }
}

/// The child becomes the owner of the examiner's file, which is how that one learns its id: in whatever PID namespaces the two
/// are, the kernel translates it.
pub fn announce(board: Board) {
    if let (Some(fd), Some(tid)) = (board.parent().get(Word::Owner).ok(), ids::gettid().pid()) {
        // A refusal leaves a child that the examiner knows by the answer of the call.
        let _ = file::set_owner(fd, tid);
    }
}

/// The child's id in the examiner's PID namespace: the one that the kernel tells of the owner of the examiner's file, and before
/// the child has become that, the call's result, if the subject is in the same namespace.
pub fn child_of(board: Board, subject: Pid) -> Option<Pid> {
    let side = board.parent();
    let owner = side.get(Word::Owner).and_then(file::owner).pid();
    let is_same = side.get(Word::Pid) == subject.into();
    owner.or_else(|| side.get(Word::Result).pid().filter(|_| is_same))
}

/// Subject and child end with the task that made them, or, if the examiner had ended before they could ask for that, at once.
pub fn end_with_examiner(board: Board) {
    // A refusal leaves a task that ends by itself, a little later.
    let _ = control::signal_at_parents_end(SIGKILL);
    end_without_examiner(board);
}

/// Ends the caller if the examiner has ended.
fn end_without_examiner(board: Board) {
    if board.parent().get(Word::Examiner).and_then(file::is_readable) == Answer(1) {
        process::exit_group(1);
    }
}

/// The child's part.
extern "C" fn child(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    end_with_examiner(board);
    announce(board);
    effects::act(board);
    behaviour::act(board);
    // Before a sleep, and a while after the signal was asked for: the kernel tells children of an end a moment before it tells
    // the descriptor.
    end_without_examiner(board);
    board.hand_over().is_err().into()
}

/// The subject's part.
fn subject(board: Board, call: &Call, with_semaphore: bool) -> i32 {
    end_with_examiner(board);
    // An error is told by the missing tracer.
    let _ = await_change(board.turn(), SUBJECT_WAITS, None);
    if let Err(failure) = study(board, call, with_semaphore) {
        board.parent().put(Word::Step, Answer(failure.step as usize));
        board.parent().put(Word::Exec, Answer::error(failure.errno));
    }
    board.pass_turn(SUBJECT_DONE);
    0
}

/// The subject: predicts, makes the call, and looks at what comes of it. A failure is a step of its own.
fn study(board: Board, call: &Call, with_semaphore: bool) -> Result<(), Failure> {
    let side = board.parent();
    let verdict = rules::predict(call, &Place::here())?;
    verdict.rule.into_iter().for_each(|rule| side.put(Word::Rule, Answer(rule)));
    side.put(Word::Refusal, verdict.errno.map_or(Answer(0), Answer::error));
    board.set_flags(call.flags);
    behaviour::arm(board);
    if with_semaphore {
        effects::arm_semaphore(board, call)?;
    }
    effects::arm(board, call);
    side.put(Word::Begun, Answer(1));
    let mut task = Task::new(call, tids(board, call));
    let made = task.make_on_stack(child, board.0);
    side.put(Word::Returned, Answer(board.turn().load(Acquire) as usize));
    side.put(Word::ParentTid, Answer(task.tids.parent_tid.load(Relaxed) as usize));
    side.put(Word::Tls, Answer(task.tls()));
    side.put(Word::Stack, Answer(task.child_stack));
    match made {
        Ok(child) => {
            side.put(Word::Result, child.tid.into());
            follow(board, &task, child.tid)
        }
        Err(failure) => {
            side.put(Word::Result, Answer::error(failure.of_call().ok_or(failure)?));
            Ok(())
        }
    }
}

/// The steps of a subject that can fail without being the call.
static STEPS: [Text; 6] = [Text::Stack, Text::Guard, Text::Act, Text::End, Text::StepChildren, Text::StepIpc];

/// The step of the subject that has failed, if one has.
fn failure_of_subject(board: Board) -> Option<Failure> {
    let side = board.parent();
    let errno = side.get(Word::Exec).split().err().filter(|errno| *errno != Errno::ECANCELED)?;
    let step = STEPS.iter().find(|step| side.get(Word::Step) == Answer(**step as usize));
    Some(Failure { step: *step.unwrap_or(&Text::Subject), errno })
}

/// The subject after the call: looks at what the child has done, and at what its end does.
fn follow(board: Board, task: &Task, child: Pid) -> Result<(), Failure> {
    let side = board.parent();
    let acted = await_change(board.turn(), CHILD_ACTS, if task.is_thread() { None } else { Some(child) });
    if let Err(errno) = acted
        && board.turn().load(Acquire) == CHILD_ACTS
    {
        // What the child does after the look would be missing in it.
        return Err(Failure { step: Text::Act, errno });
    }
    behaviour::look(board);
    effects::look(board);
    if task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
        // A failed close kills nobody, and that is what is seen.
        let _ = effects::descriptor(board, task.call).and_then(file::close);
        let is_gone = await_gone(board, child, AUTOKILL_PATIENCE);
        side.put(Word::Killed, Answer(is_gone.into()));
        board.pass_turn(CHILD_ENDS);
    }
    let ended = await_end(child);
    side.put(Word::Ended, ended.map_or_else(Answer::error, Answer));
    // A task that the subject may not wait for is a thread, or the examiner's child.
    if ended.is_ok() || ended == Err(Errno::ECHILD) && await_gone(board, child, PATIENCE) {
        side.put(Word::Gone, Answer(1));
        effects::look_back(board, task.call);
    }
    Ok(())
}

/// Whether a task is gone, within so many milliseconds.
fn await_gone(board: Board, task: Pid, patience: usize) -> bool {
    for _ in 0..patience {
        if process::kill(task, 0).is(Errno::ESRCH) {
            return true;
        }
        // No task wakes it: a sleep.
        let _ = futex::wait(board.turn(), board.turn().load(Acquire), 1);
    }
    false
}

/// Makes the call in a laboratory of its own. The caller has no other children: all that end are of this laboratory.
pub fn run(call: &Call, board: Board) -> Result<Experiment<'_>, Failure> {
    let experiment = attempt(call, board, true)?;
    match experiment.failure {
        Some(Failure { step: Text::StepIpc, .. }) => attempt(call, board, false),
        _ => Ok(experiment),
    }
}

/// The same; `with_semaphore` is whether the subject may make an IPC namespace for its witness.
fn attempt(call: &Call, board: Board, with_semaphore: bool) -> Result<Experiment<'_>, Failure> {
    // A signal from the terminal must not end the examiner before it has cleared away, and the exit signal must not end the
    // subject.
    let mask = signal::block(u64::MAX).map_err(|errno| Failure { step: Text::StepBlock, errno })?;
    // A refusal leaves orphans to process 1.
    let _ = control::reap_orphans();
    board.wipe();
    let opened = Opened::open(board);
    let is_traced = call.flags.intersects(Flags::PTRACE.union(Flags::UNTRACED));
    if is_traced {
        board.turn().store(SUBJECT_WAITS, Release);
    }
    let made = process::clone_copied(SIGCHLD as usize, None);
    if made == Answer(0) {
        process::exit_group(subject(board, call, with_semaphore));
    }
    let experiment = made.as_pid().map_err(|errno| Failure { step: Text::Subject, errno }).map(|subject| {
        let mut experiment = Experiment::of(call, board, subject);
        if is_traced {
            experiment.trace();
        }
        experiment.watch();
        experiment.clear();
        experiment
    });
    opened.close();
    // A refusal leaves a program that is about to end with its signals blocked.
    let _ = signal::block(mask);
    experiment
}

impl<'call> Experiment<'call> {
    /// The rows that are shown, each with what was found out.
    pub fn shown(&self) -> Shown<'_> {
        Shown { call: self.task.call, words: &self.words, next: 0 }
    }

    fn of(call: &'call Call, board: Board, subject: Pid) -> Self {
        Self {
            task: Task::new(call, tids(board, call)),
            board,
            words: [[Text::Unknown; 4]; ROWS],
            is_over: false,
            killed: None,
            failure: None,
            subject,
            subject_ended: false,
            ended_other: None,
            tasks: Tasks::here(),
            kernel: [None; ROWS],
        }
    }

    /// Becomes the subject's tracer, so that the flags about tracers mean something. If it has one already, that one
    /// serves.
    fn trace(&self) {
        let follow = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
        let options = if self.task.call.flags.contains(Flags::PTRACE) { 0 } else { follow };
        let options = options | PTRACE_O_EXITKILL;
        // A refusal is seen by who traces the subject.
        let _ = control::seize(self.subject, options);
        self.board.pass_turn(CHILD_ACTS);
    }

    /// Waits until subject and child are through, looks at them in between, and lets nobody wait for ever.
    fn watch(&mut self) {
        let (mut is_held, start, mut rounds, mut refusals) = (true, now(), 0, 0);
        while !is_late(start, rounds) && refusals < REFUSALS {
            rounds += 1;
            let waited = self.reap(WNOHANG | WUNTRACED);
            refusals = if waited.is_err() { refusals + 1 } else { 0 };
            let turn = self.turn();
            if turn == PARENT_LOOKS && is_held && self.is_settled() {
                is_held = false;
                self.look();
                if !self.task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
                    self.board.release();
                }
            } else if turn == SUBJECT_DONE && !self.subject_ended {
                let _ = self.reap(0);
            }
            if self.ended_other.is_some() && self.ended_other == child_of(self.board, self.subject) {
                // The subject may not be able to wait for it, and must not go on waiting. Other tasks end too: those that the
                // subject makes while it prepares the call, of which its tracer is told.
                self.ended_other = None;
                self.board.release();
            }
            self.failure = waited.err().map(|errno| Failure { step: Text::End, errno });
            if self.subject_ended {
                self.failure = failure_of_subject(self.board);
                self.is_over = true;
                return;
            }
            // However it ends, the next round looks again.
            let _ = futex::wait(self.board.turn(), turn, 1);
        }
    }

    /// Whose turn it is.
    fn turn(&self) -> u32 {
        self.board.turn().load(Acquire)
    }

    /// Whether it is clear that the subject sleeps in the call or has come back from it, if it may sleep there.
    fn is_settled(&self) -> bool {
        let side = self.board.parent();
        if !self.task.call.flags.contains(Flags::VFORK) {
            return true;
        }
        let state = self.tasks.and_then(|tasks| tasks.stat(self.subject, proc::STATE).ok());
        if side.get(Word::Returned).ok().is_some() {
            side.put(Word::Asleep, Answer(0));
        } else if matches!(state, Some(state) if state == usize::from(b'D') || state == usize::from(b'S')) {
            side.put(Word::Asleep, Answer(1));
        } else {
            return state.is_none();
        }
        true
    }

    /// Subject and child, as the examiner sees them.
    fn pair(&self) -> Pair<'call> {
        let (parent, child, tasks) = (Some(self.subject), child_of(self.board, self.subject), self.tasks);
        Pair { call: self.task.call, board: self.board, parent, child, tasks, from_outside: true }
    }

    /// Asks the kernel about each resource, while the child is held: what it says of a task that has ended means nothing, so
    /// nothing counts unless both live afterwards.
    fn look(&mut self) {
        let pair = self.pair();
        let said =
            core::array::from_fn(|place| RESOURCES.get(place).and_then(|resource| (resource.kernel)(&pair, resource)));
        let both_live = pair.child.is_some_and(|child| self.lives(child)) && self.lives(self.subject);
        if both_live && self.board.is_held() {
            self.kernel = said;
        }
    }

    /// Whether a task of the laboratory has not ended; no if that cannot be seen.
    fn lives(&self, task: Pid) -> bool {
        if let Some(tasks) = self.tasks {
            let state = tasks.stat(task, proc::STATE).ok();
            return state.is_some_and(|state| !ENDED.contains(&state));
        }
        let pidfd = process::pidfd(task);
        let ended = pidfd.and_then(file::is_readable);
        // A failed close loses nothing.
        let _ = pidfd.and_then(file::close);
        ended == Answer(0)
    }

    /// Takes note of all that have ended or stopped; an error if that cannot be asked.
    fn reap(&mut self, options: u32) -> Result<(), Errno> {
        let signal_of_end = self.task.call.signal() as usize;
        let children = if options == 0 { Waited::One(self.subject) } else { Waited::Any };
        loop {
            let (child, status) = process::wait_for(children, options);
            let child = match child.split()? {
                0 => return Ok(()),
                number => Pid::new(number).ok_or(Errno::EIO)?,
            };
            let (is_stop, stop) = (status & 0xff == 0x7f, status >> 8 & 0xff);
            let signal = if is_stop { stop } else { status & 0x7f };
            let side = self.board.parent();
            // The exit signal was the last that the subject could see; one that stops it is followed by its end.
            if child == self.subject && signal == signal_of_end && signal != 0 && self.turn() == CHILD_ENDS {
                side.put(Word::Signal, Answer(1));
            } else if !is_stop && signal != 0 && side.get(Word::Signal).is_error() {
                self.killed = Some(signal);
            }
            if is_stop {
                self.go_on(child, signal == signal_of_end);
            } else if child == self.subject {
                self.subject_ended = true;
                return Ok(());
            } else {
                self.ended_other = Some(child);
            }
        }
    }

    /// Lets a stopped task go on: as its tracer, or by ending the subject that its exit signal has stopped.
    fn go_on(&self, task: Pid, by_exit_signal: bool) {
        if control::go_on(task).is_error() && by_exit_signal {
            // A refusal means that it has ended.
            let _ = process::kill(task, SIGKILL);
        }
    }

    /// Ends and reaps all that are left, and holds what was seen against what was asked.
    fn clear(&mut self) {
        let side = self.board.parent();
        let pair = self.pair();
        if !self.subject_ended {
            end(self.subject);
        }
        if let Some(child) = pair.child {
            end(child);
        }
        self.end_others();
        // The subject may have reaped what was killed.
        let ended = side.get(Word::Ended).ok().map(|status| status & 0x7f);
        self.killed = self.killed.or(ended.filter(|signal| *signal != 0));
        if self.killed.is_some() {
            // A caller that sleeps for its child comes back when that is killed, whatever it was to wait for.
            side.put(Word::Returned, Answer::error(Errno::ECANCELED));
        }
        resource::judge(&mut self.words, &self.kernel, &pair);
        if let Some(stored) = side.get(Word::ParentTid).ok() {
            self.task.tids.parent_tid.store(stored as u32, Relaxed); // to be shown: the subject's own word is gone
        }
        self.task.child_stack = side.get(Word::Stack).ok().unwrap_or(0);
        self.task.tid = side.get(Word::Result).pid().or(pair.child);
        if self.task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
            self.killed = None; // as asked
        }
    }

    /// Waits for tasks of the laboratory whose id was never told: they end as soon as they may.
    fn end_others(&self) {
        self.board.release();
        for _ in 0..PATIENCE {
            match process::wait_for(Waited::Any, WNOHANG).0.split() {
                Ok(0) => {
                    // No task wakes it: a sleep.
                    let _ = futex::wait(self.board.turn(), self.turn(), 1);
                }
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }
}

/// Whether the examiner has waited long enough since `start`; where there is no clock, the rounds tell.
fn is_late(start: usize, rounds: usize) -> bool {
    match (start, now()) {
        (0, _) | (_, 0) => rounds >= PATIENCE,
        (start, time) => time - start >= TIME,
    }
}

/// Kills and reaps a task, if it is a child of the caller: only such an id cannot have gone over to another task.
fn end(task: Pid) {
    if process::has_ended(task).ok().is_some() && process::kill(task, SIGKILL).ok().is_some() {
        // A refusal leaves it to process 1.
        let _ = await_end(task);
    }
}
