//! `chimera clone FLAGS -- CMD`: the new task executes a program, and its end is that of chimera.
//!
//! The decision behind it: three processes, as in the laboratory, so that every set of flags works: whoever is whose
//! child, somebody who waits knows how the program ended. All of them end with the first.

use super::refusal::{self, About};
use super::{board, restore};
use crate::clone::call::{Call, StackOf};
use crate::clone::flags::Flags;
use crate::clone::task::{self, Failure, Task};
use crate::run::program;
use crate::sys::memory::SharedPage;
use crate::sys::{Answer, Errno, Result, control, exec, ids, process, signal};
use crate::witness::board::{Board, Word};
use crate::witness::root;
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::{SIGCHLD, SIGINT, SIGKILL, SIGQUIT};

/// How often waiting may be interrupted, though nobody here catches a signal.
const PATIENCE: usize = 4096;

/// What the child needs of a stack before it is the program.
const ROOM: usize = 0x3000;

/// The child: becomes root in a new user namespace, then the program. What comes back from that is a failure.
extern "C" fn child(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    // A refusal leaves a program that outlives us when we are killed.
    let _ = control::signal_at_parents_end(SIGKILL);
    if board.flags().contains(Flags::NEWUSER) && ids::is_unmapped() {
        root::map_ids(board);
        if root::unmapped(board).is_some() {
            return program::OURS;
        }
    }
    restore();
    signal::block(board.parent().get(Word::Signal).0 as u64);
    let refusal = program::execute();
    board.child().put(Word::Exec, refusal);
    program::status_of(refusal)
}

/// The subject: makes the task and waits for it, if that is its to do.
fn subject(board: Board, call: &Call, mask: u64) -> i32 {
    let side = board.parent();
    let _ = control::signal_at_parents_end(SIGKILL);
    root::brief(board);
    side.put(Word::Flags, Answer(call.flags.bits() as usize));
    // As a number without errnos among them: the highest bit is signal 64.
    side.put(Word::Signal, Answer(mask as usize));
    let mut task = Task::new(call, board.tids());
    let made = task.make_on_stack(child, board.0);
    side.put(Word::Result, made.map_or_else(Answer::error, |child| Answer(child.tid)));
    if task.tid != 0 {
        // The thread that executes a program ends this one here, and the process becomes the program.
        let ended = task::await_end(task.tid);
        side.put(Word::Ended, ended.map_or_else(Answer::error, Answer));
        while ended.is_err() && task.is_thread() && process::kill(task.tid, 0).ok().is_some() {
            let _ = crate::sys::futex::wait(board.turn(), board.turn().load(Relaxed), 1);
        }
    }
    0
}

/// Makes the task, lets it execute the words that were remembered, and answers with its end.
pub fn run(call: &Call) -> i32 {
    if matches!(call.stack, StackOf::Own(0..ROOM)) {
        return fail(About::Nothing, Failure { step: Text::Stack, errno: Errno::ENOMEM });
    }
    let Some(board) = board() else { return program::OURS };
    board.wipe();
    let mask = signal::block(u64::MAX);
    let _ = control::reap_orphans();
    let subject = match process::clone_copied(SIGCHLD as usize).split() {
        Ok(0) => process::exit_group(subject(board, call, mask)),
        Ok(subject) => subject,
        Err(errno) => return fail(About::Nothing, Failure { step: Text::Subject, errno }),
    };
    // The terminal sends these to the program too, and it is for the program to end of them.
    for signal in [SIGINT, SIGQUIT] {
        let _ = signal::dispose(signal, signal::IGNORE);
    }
    signal::block(mask);
    let status = match await_end(board, call, subject) {
        Ok(status) => status,
        Err(errno) => return fail(About::Nothing, Failure { step: Text::End, errno }),
    };
    if let Err(errno) = board.parent().get(Word::Result).split()
        && errno != Errno::ECANCELED
    {
        return fail(About::Task(&Task::new(call, board.tids())), Failure { step: Text::Call, errno });
    }
    if let Some(failure) = root::unmapped(board) {
        return fail(About::Nothing, failure);
    }
    if let Err(errno) = board.child().get(Word::Exec).split()
        && errno != Errno::ECANCELED
    {
        refusal::explain(
            About::Word(call.flags, exec::name().unwrap_or_default()),
            Failure { step: Text::Execute, errno },
        );
        return program::status_of(Answer::error(errno));
    }
    program::end(status)
}

/// Waits for the subject and for the program, whoever's child that is, and reaps every orphan meanwhile; answers how the
/// program ended.
fn await_end(board: Board, call: &Call, subject: usize) -> Result {
    let side = board.parent();
    let (mut of_subject, mut of_child, mut patience) = (None, None, PATIENCE);
    loop {
        let (who, status) = process::wait_for(usize::MAX, 0);
        match who.split() {
            Ok(who) if who == subject => of_subject = Some(status),
            // A subject that was killed by its exit signal may not have left whom it made: then it is whoever comes.
            Ok(who) if side.get(Word::Result) == Answer(who) || untold(board) => of_child = Some(status),
            Err(Errno::EINTR) if patience > 0 => patience -= 1,
            Ok(_) => {}
            // Nobody is left: what has ended has been seen, or can never be.
            Err(Errno::ECHILD) => return side.get(Word::Ended).ok().or(of_child).or(of_subject).ok_or(Errno::ECHILD),
            Err(errno) => return Err(errno),
        }
        let Some(end) = of_subject else { continue };
        // The subject has seen it, or it has come to us; the process of a thread is the program itself.
        let seen = side.get(Word::Ended).ok().or(of_child);
        let is_own = call.flags.contains(Flags::THREAD) || side.get(Word::Result).is_error() && !untold(board);
        if let Some(status) = seen.or(is_own.then_some(end)) {
            return Ok(status);
        }
    }
}

/// Whether the subject has not come back from the call, or died before it could say so.
fn untold(board: Board) -> bool {
    board.parent().get(Word::Result).is(Errno::ECANCELED)
}

/// A failure of our own.
fn fail(about: About, failure: Failure) -> i32 {
    refusal::explain(about, failure);
    program::OURS
}
