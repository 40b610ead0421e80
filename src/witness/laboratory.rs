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
use crate::clone::task::{Failure, Task, TidWords, await_change};
use crate::sys::memory::SharedPage;
use crate::sys::process::{WNOHANG, WUNTRACED};
use crate::sys::{Answer, Errno, control, file, futex, ipc, proc, process, signal};
use crate::words::Text;
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use linux_raw_sys::general::{SIGCHLD, SIGKILL};
use linux_raw_sys::ptrace::{PTRACE_O_TRACECLONE, PTRACE_O_TRACEFORK, PTRACE_O_TRACEVFORK};

/// How many rows there are.
pub const ROWS: usize = RESOURCES.len();

/// How long a child may live after its descriptor was closed, in milliseconds.
const AUTOKILL_PATIENCE: usize = 20;

/// How long the examiner waits at most, in sleeps of a millisecond that nobody cuts short.
const PATIENCE: usize = 2000;

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
    /// The subject's id.
    pub subject: usize,
    subject_ended: bool,
    /// The semaphore that subject and child raise.
    set: Answer,
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

/// The child's part.
extern "C" fn child(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    effects::act(board);
    behaviour::act(board);
    board.hand_over().is_err().into()
}

/// The subject's part: `set` is the semaphore that both raise.
fn subject(board: Board, call: &Call, set: Answer) -> i32 {
    // A refusal leaves a subject that ends by itself, a little later.
    let _ = control::signal_at_parents_end(SIGKILL);
    // An error is told by the missing tracer.
    let _ = await_change(board.turn(), SUBJECT_WAITS, 0);
    let side = board.parent();
    let verdict = rules::predict(call, &Place::here());
    verdict.rule.into_iter().for_each(|rule| side.put(Word::Rule, Answer(rule)));
    side.put(Word::Refusal, verdict.errno.map_or(Answer(0), Answer::error));
    side.put(Word::Flags, Answer(call.flags.bits() as usize));
    behaviour::arm(board);
    effects::arm(board, call, set);
    let mut task = Task::new(call, tids(board, call));
    let made = task.make_on_stack(child, board.0);
    side.put(Word::Returned, Answer(board.turn().load(Acquire) as usize));
    side.put(Word::ParentTid, Answer(task.tids.parent_tid.load(Relaxed) as usize));
    side.put(Word::Tls, Answer(task.tls()));
    side.put(Word::Stack, Answer(task.child_stack));
    side.put(Word::Result, made.map_or_else(Answer::error, |child| Answer(child.tid)));
    if task.tid != 0 {
        follow(board, &task);
    }
    board.pass_turn(SUBJECT_DONE);
    0
}

/// The subject after the call: looks at what the child has done, and at what its end does.
fn follow(board: Board, task: &Task) {
    let side = board.parent();
    // An error is told by what the child has not left.
    let _ = await_change(board.turn(), CHILD_ACTS, if task.is_thread() { 0 } else { task.tid });
    behaviour::look(board);
    effects::look(board);
    if task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
        // A failed close kills nobody, and that is what is seen.
        let _ = effects::descriptor(board, task.call).and_then(file::close);
        let is_gone = await_gone(board, task.tid, AUTOKILL_PATIENCE);
        side.put(Word::Killed, Answer(is_gone.into()));
        board.pass_turn(CHILD_ENDS);
    }
    let (who, status) = process::wait_for(task.tid, 0);
    side.put(Word::Ended, who.and_then(|_| Answer(status)));
    // Who is not ours to wait for is a thread, or the examiner's child.
    if who.ok().is_some() || await_gone(board, task.tid, PATIENCE) {
        side.put(Word::Gone, Answer(1));
    }
    effects::look_back(board, task.call);
}

/// Whether a task is gone, within so many milliseconds.
fn await_gone(board: Board, task: usize, patience: usize) -> bool {
    for _ in 0..patience {
        if process::kill(task, 0).is(Errno::ESRCH) {
            return true;
        }
        // Nobody wakes it: a sleep.
        let _ = futex::wait(board.turn(), board.turn().load(Acquire), 1);
    }
    false
}

/// Makes the call in a laboratory of its own.
pub fn run(call: &Call, board: Board) -> core::result::Result<Experiment<'_>, Failure> {
    // A signal from the terminal must not end the examiner before it has cleared away.
    let mask = signal::block(u64::MAX);
    // A refusal leaves orphans to process 1.
    let _ = control::reap_orphans();
    let set = ipc::semaphore();
    board.wipe();
    let is_traced = call.flags.intersects(Flags::PTRACE.union(Flags::UNTRACED));
    if is_traced {
        board.turn().store(SUBJECT_WAITS, Release);
    }
    let made = match process::clone_copied(SIGCHLD as usize).split() {
        Ok(0) => process::exit_group(subject(board, call, set)),
        made => made.map_err(|errno| Failure { step: Text::Subject, errno }),
    };
    let experiment = made.map(|subject| {
        let mut experiment = Experiment::of(call, board, subject, set);
        if is_traced {
            experiment.trace();
        }
        experiment.watch();
        experiment.clear();
        experiment
    });
    // Without a set there is none to remove.
    let _ = set.and_then(ipc::remove);
    signal::block(mask);
    experiment
}

impl<'call> Experiment<'call> {
    /// The rows that are shown, each with what was found out.
    pub fn shown(&self) -> Shown<'_> {
        Shown { call: self.task.call, words: &self.words, next: 0 }
    }

    fn of(call: &'call Call, board: Board, subject: usize, set: Answer) -> Self {
        let task = Task::new(call, tids(board, call));
        let words = [[Text::Unknown; 4]; ROWS];
        let kernel = [None; ROWS];
        Self { task, board, words, is_over: false, killed: None, subject, subject_ended: false, set, kernel }
    }

    /// Becomes the subject's tracer, so that the flags about tracers mean something. If it has one already, that one
    /// serves.
    fn trace(&self) {
        let follow = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
        let options = if self.task.call.flags.contains(Flags::PTRACE) { 0 } else { follow };
        // A refusal is seen by who traces the subject.
        let _ = control::seize(self.subject, options);
        self.board.pass_turn(CHILD_ACTS);
    }

    /// Waits until subject and child are through, looks at them in between, and lets nobody wait for ever.
    fn watch(&mut self) {
        let mut is_held = true;
        for _ in 0..PATIENCE {
            self.reap(WNOHANG | WUNTRACED);
            let turn = self.turn();
            if turn == PARENT_LOOKS && is_held && self.is_settled() {
                is_held = false;
                self.look();
                if !self.task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
                    self.board.release();
                }
            } else if turn == SUBJECT_DONE && !self.subject_ended {
                self.reap(0);
            }
            if self.subject_ended {
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
        let state = proc::stat(self.subject, proc::STATE);
        if side.get(Word::Returned).ok().is_some() {
            side.put(Word::Asleep, Answer(0));
        } else if state == Answer(b'D'.into()) || state == Answer(b'S'.into()) {
            side.put(Word::Asleep, Answer(1));
        } else {
            return state.is_error();
        }
        true
    }

    /// Asks the kernel about each resource, while the child is held.
    fn look(&mut self) {
        let pair = pair(&self.task, self.board, self.subject);
        for (says, resource) in self.kernel.iter_mut().zip(RESOURCES) {
            *says = (resource.kernel)(&pair, resource).filter(|_| self.board.is_held());
        }
    }

    /// Takes note of everybody who has ended or stopped.
    fn reap(&mut self, options: u32) {
        let signal_of_end = self.task.call.signal() as usize;
        while let (Answer(who @ 1..0x8000_0000), status) =
            process::wait_for(if options == 0 { self.subject } else { usize::MAX }, options)
        {
            let (is_stop, stop) = (status & 0xff == 0x7f, status >> 8 & 0xff);
            let signal = if is_stop { stop } else { status & 0x7f };
            let side = self.board.parent();
            // The exit signal was the last that the subject could see; one that stops it is followed by its end.
            if who == self.subject && signal == signal_of_end && signal != 0 && self.turn() == CHILD_ENDS {
                side.put(Word::Signal, Answer(1));
            } else if !is_stop && signal != 0 && side.get(Word::Signal).is_error() {
                self.killed = Some(signal);
            }
            if is_stop {
                self.go_on(who, signal == signal_of_end);
            } else if who == self.subject {
                self.subject_ended = true;
                return;
            } else if side.get(Word::Flags).ok().is_some() {
                // The subject may not wait for it, and must not go on waiting. A task before the call was none that the
                // subject asked for: where CLONE_PIDFD is not known, a question of the rules is answered with one.
                self.board.turn().store(CHILD_ENDS, Release);
                let _ = futex::wake(self.board.turn());
            }
        }
    }

    /// Lets a stopped task go on: as its tracer, or by ending the subject that its exit signal has stopped.
    fn go_on(&self, who: usize, by_exit_signal: bool) {
        if control::go_on(who).is_error() && by_exit_signal {
            // A refusal means that it has ended.
            let _ = process::kill(who, SIGKILL);
        }
    }

    /// Ends and reaps whoever is left, and holds what was seen against what was asked.
    fn clear(&mut self) {
        let side = self.board.parent();
        let pair = pair(&self.task, self.board, self.subject);
        for task in [self.subject, pair.child] {
            // Who is gone already is not there to be killed or waited for.
            let is_left = task != 0 && !(self.subject_ended && task == self.subject);
            if is_left && process::kill(task, SIGKILL).ok().is_some() {
                let _ = process::wait_for(task, 0);
            }
        }
        // Where the end of a plain copy, the subject, takes nothing back, that of the child says nothing.
        if self.set.and_then(ipc::value) != Answer(0) {
            side.put(Word::Undone, Answer::error(Errno::ECANCELED));
        }
        resource::judge(&mut self.words, &self.kernel, &pair);
        let child = pair.child;
        if let Some(stored) = side.get(Word::ParentTid).ok() {
            self.task.tids.parent_tid.store(stored as u32, Relaxed); // to be shown: the subject's own word is gone
        }
        self.task.child_stack = side.get(Word::Stack).ok().unwrap_or(0);
        self.task.tid = side.get(Word::Result).ok().unwrap_or(child);
        // The subject may have reaped what was killed.
        let ended = side.get(Word::Ended).ok().map(|status| status & 0x7f);
        self.killed = self.killed.or(ended.filter(|signal| *signal != 0));
        if self.task.call.flags.contains(Flags::PIDFD_AUTOKILL) {
            self.killed = None; // as asked
        }
    }
}

/// Subject and child, as the examiner sees them.
fn pair<'call>(task: &Task<'call>, board: Board, subject: usize) -> Pair<'call> {
    let [outer, result] = [board.child().get(Word::Outer), board.parent().get(Word::Result)].map(Answer::ok);
    Pair { call: task.call, board, parent: subject, child: outer.or(result).unwrap_or(0), from_outside: true }
}
