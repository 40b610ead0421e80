//! `chimera clone FLAGS -- CMD`: the new task executes a program, and its end is that of chimera.
//!
//! The decision behind it: three processes, as in the laboratory, so that every set of flags works: whoever is whose
//! child, somebody who waits knows how the program ended. All of them end with the first.

use super::refusal::{self, About};
use super::{board, restore};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::task::{self, Failure, Task};
use crate::run::{program, steps};
use crate::sys::memory::SharedPage;
use crate::sys::process::Waited;
use crate::sys::{Answer, Errno, Pid, Result, control, exec, futex, ids, process, signal};
use crate::witness::board::{Board, Word};
use crate::witness::laboratory::{Opened, announce, child_of, end_with_examiner};
use crate::witness::root;
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::{SIGCHLD, SIGINT, SIGQUIT};

/// How often in a row waiting may be interrupted, though no signal is caught here.
const PATIENCE: usize = 4096;

/// What the child needs of a stack before it is the program.
pub const ROOM: usize = 0x3000;

/// The child: becomes root in a new user namespace, then the program. What comes back from that is a failure.
extern "C" fn child(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    end_with_examiner(board);
    announce(board);
    if board.flags().contains(Flags::NEWUSER) && !becomes_root(board) {
        return program::OURS;
    }
    restore();
    if let Err(errno) = signal::block(board.mask()) {
        steps::tell(Failure { step: Text::StepBlock, errno }, board);
        return program::OURS;
    }
    let refusal = program::execute();
    board.child().put(Word::Exec, refusal);
    program::status_of(refusal)
}

/// The child becomes root of a user namespace that is proven to be new: its id has no name there yet. EIO: it has one, so the
/// flag was ignored.
fn becomes_root(board: Board) -> bool {
    if let Err(errno) = ids::prove_new().split() {
        steps::tell(Failure { step: Text::StepNew, errno }, board);
        return false;
    }
    root::map_ids(board);
    root::unmapped(board).is_none()
}

/// The subject: makes the task and waits for it, if that is its to do.
fn subject(board: Board, call: &Call) -> i32 {
    let side = board.parent();
    end_with_examiner(board);
    side.put(Word::Pid, ids::getpid());
    root::brief(board);
    let mut task = Task::new(call, board.tids());
    match task.make_on_stack(child, board.0) {
        Ok(child) => {
            side.put(Word::Result, child.tid.into());
            await_program(board, &task, child.tid);
        }
        Err(failure) => match failure.of_call() {
            Some(errno) => side.put(Word::Result, Answer::error(errno)),
            None => steps::tell(failure, board),
        },
    }
    0
}

/// The subject waits for the program. A thread that executes a program ends this task here, and the process becomes the program.
fn await_program(board: Board, task: &Task, child: Pid) {
    let ended = task::await_end(child);
    board.parent().put(Word::Ended, ended.map_or_else(Answer::error, Answer));
    // A sibling, a thread and a task that leaves no zombie cannot be waited for.
    let others = Flags::PARENT | Flags::THREAD | Flags::AUTOREAP;
    if let Err(errno) = ended
        && (errno != Errno::ECHILD || !task.call.flags.intersects(others))
    {
        // The program ends with the subject, which would be taken for the program's own end.
        return steps::tell(Failure { step: Text::End, errno }, board);
    }
    // The thread has told why it executes nothing, or ends this task, or is gone for another reason.
    let is_told = || !board.child().get(Word::Exec).is(Errno::ECANCELED) || steps::refused(board).is_some();
    while ended.is_err() && task.is_thread() && !is_told() && !process::kill(child, 0).is(Errno::ESRCH) {
        // No task wakes it: a sleep.
        let _ = futex::wait(board.turn(), board.turn().load(Relaxed), 1);
    }
    if task.is_thread() && !is_told() {
        // The end of this task would be taken for the program's own.
        steps::tell(Failure { step: Text::End, errno: Errno::ESRCH }, board);
    }
}

/// Makes the task, lets it execute the words that were remembered, and answers with its end.
pub fn run(call: &Call) -> i32 {
    let Some(board) = board() else { return program::OURS };
    board.wipe();
    let mask = match signal::block(u64::MAX) {
        Ok(mask) => mask,
        Err(errno) => return fail(About::Nothing, Failure { step: Text::StepBlock, errno }),
    };
    let _ = control::reap_orphans();
    board.set_mask(mask);
    board.set_flags(call.flags);
    let opened = Opened::open(board);
    let made = process::clone_copied(SIGCHLD as usize, None);
    if made == Answer(0) {
        process::exit_group(subject(board, call));
    }
    let subject = match made.as_pid() {
        Ok(subject) => subject,
        Err(errno) => return fail(About::Nothing, Failure { step: Text::Subject, errno }),
    };
    // The terminal sends these to the program too, and it is for the program to end of them.
    for signal in [SIGINT, SIGQUIT] {
        let _ = signal::dispose(signal, signal::IGNORE);
    }
    // A refusal leaves an examiner that only KILL ends.
    let _ = signal::block(mask);
    let ended = await_end(board, call, subject);
    opened.close();
    conclude(board, call, ended)
}

/// Ends as the program has ended, or says why there was none.
fn conclude(board: Board, call: &Call, ended: Result) -> i32 {
    if let Err(errno) = board.parent().get(Word::Result).split()
        && errno != Errno::ECANCELED
    {
        return fail(About::Task(&Task::new(call, board.tids())), Failure { step: Text::Call, errno });
    }
    if let Some(failure) = root::unmapped(board).or_else(|| steps::refused(board)) {
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
    match ended {
        Ok(status) => program::end(status),
        Err(errno) => fail(About::Nothing, Failure { step: Text::End, errno }),
    }
}

/// Waits for the subject and for the program, whichever of the two is its parent, and reaps every orphan meanwhile: the caller
/// has no other children. Answers how the program ended.
fn await_end(board: Board, call: &Call, subject: Pid) -> Result {
    let side = board.parent();
    let (mut of_subject, mut of_child, mut patience) = (None, None, PATIENCE);
    loop {
        // Before the wait: of a task that was reaped no id is told any more.
        let child = child_of(board, subject);
        let (ended, status) = process::wait_for(Waited::Any, 0);
        match ended.as_pid() {
            Ok(ended) if ended == subject => of_subject = Some(status),
            Ok(ended) if Some(ended) == child.or_else(|| child_of(board, subject)) => of_child = Some(status),
            Err(Errno::EINTR) if patience > 0 => {
                patience -= 1;
                continue;
            }
            // No task is left: what has ended has been seen, or can never be.
            Err(Errno::ECHILD) => {
                let own = of_subject.filter(|_| is_own(board, call));
                return side.get(Word::Ended).ok().or(of_child).or(own).ok_or(Errno::ECHILD);
            }
            Err(errno) => return Err(errno),
            // A subject that was killed by its exit signal may not have told whom it made: then it is the task that comes.
            Ok(_) if untold(board) && child.is_none() => of_child = Some(status),
            Ok(_) => {}
        }
        patience = PATIENCE;
        let Some(end) = of_subject else { continue };
        // The subject has seen it, or it has come to us; the process of a thread is the program itself.
        let seen = side.get(Word::Ended).ok().or(of_child);
        if let Some(status) = seen.or(is_own(board, call).then_some(end)) {
            return Ok(status);
        }
    }
}

/// Whether the subject's end is all that there is: it has become the program, or has made none.
fn is_own(board: Board, call: &Call) -> bool {
    call.flags.contains(Flags::THREAD) || board.parent().get(Word::Result).is_error() && !untold(board)
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
