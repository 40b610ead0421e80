//! `chimera clone FLAGS -- CMD`: the new task executes a program, and its end is that of chimera.
//!
//! The decision behind it: three processes, as in the laboratory, so that every set of flags works: whoever is whose
//! child, somebody who waits knows how the program ended. All of them end with the first.

use super::{Status, refusal, restore};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::stack::Stack;
use crate::clone::task::{Failure, Task};
use crate::sys::memory::SharedPage;
use crate::sys::{Answer, Errno, control, exec, ids, process, signal};
use crate::witness::board::{Board, Word};
use crate::witness::root;
use crate::words::Text;
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::{SIGCHLD, SIGINT, SIGKILL, SIGQUIT};

/// The words of a status that are no program's: our own failure, not executable, not found.
const OURS: i32 = 125;
const NOT_EXECUTABLE: i32 = 126;
const NOT_FOUND: i32 = 127;

/// Where to look without a PATH.
const USUAL: &[u8] = b"/bin:/usr/bin";

/// The child: becomes root in a new user namespace, then the program. What comes back from that is a failure.
extern "C" fn child(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    // A refusal leaves a program that outlives us when we are killed.
    let _ = control::signal_at_parents_end(SIGKILL);
    if ids::getuid().and_then(ids::keep_uid).is(Errno::EINVAL) {
        root::map_ids(board);
    }
    restore();
    signal::block(board.parent().get(Word::Signal).0 as u64);
    let refusal = execute();
    board.child().put(Word::Exec, refusal);
    if refusal.is(Errno::ENOENT) || refusal.is(Errno::ENOTDIR) { NOT_FOUND } else { NOT_EXECUTABLE }
}

/// Executes the program, by its path or looked for in PATH; answers the refusal that says most.
fn execute() -> Answer {
    let Some(name) = exec::name() else { return Answer::error(Errno::ENOENT) };
    if name.to_bytes().contains(&b'/') {
        return exec::execute(name);
    }
    let mut answer = Answer::error(Errno::ENOENT);
    for folder in exec::variable(b"PATH=").unwrap_or(USUAL).split(|byte| *byte == b':') {
        let mut room = [0; 4096];
        let parts = [folder, if folder.is_empty() { b"./" } else { b"/" }, name.to_bytes()];
        let mut end = 0;
        for part in parts {
            let rest = room.get_mut(end..4095).unwrap_or_default();
            rest.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
            end += part.len();
        }
        let refusal = exec::execute(CStr::from_bytes_until_nul(&room).unwrap_or_default());
        // Found and not executable says more than not found.
        if !refusal.is(Errno::ENOENT) && !refusal.is(Errno::ENOTDIR) {
            answer = refusal;
        }
    }
    answer
}

/// The subject: makes the task and waits for it, if that is its to do.
fn subject(board: Board, call: &Call, mask: u64) -> i32 {
    let side = board.parent();
    let _ = control::signal_at_parents_end(SIGKILL);
    root::brief(board);
    // As a number without errnos among them: the highest bit is signal 64.
    side.put(Word::Signal, Answer(mask as usize));
    let mut task = Task::new(*call, board.tids());
    let made = Stack::take().map_err(|failure| failure.errno).and_then(|stack| task.make(Some(stack), child, board.0));
    side.put(Word::Result, made.map_or_else(Answer::error, |child| Answer(child.tid)));
    if task.tid != 0 {
        // The thread that executes a program ends this one here, and the process becomes the program.
        let (who, status) = process::wait_for(task.tid, 0);
        side.put(Word::Ended, who.and_then(|_| Answer(status)));
        while who.is_error() && task.is_thread() && process::kill(task.tid, 0).ok().is_some() {
            let _ = crate::sys::futex::wait(board.turn(), board.turn().load(Relaxed), 1);
        }
    }
    0
}

/// Makes the task, lets it execute the words from number `first` on, and answers with its end.
pub fn run(call: &Call) -> i32 {
    let board = match Board::new() {
        Ok(board) => board,
        Err(errno) => return fail(None, Failure { step: Text::Board, errno }),
    };
    board.wipe();
    let mask = signal::block(u64::MAX);
    let _ = control::reap_orphans();
    let subject = match process::clone_copied(SIGCHLD as usize).split() {
        Ok(0) => process::exit_group(subject(board, call, mask)),
        Ok(subject) => subject,
        Err(errno) => return fail(None, Failure { step: Text::Subject, errno }),
    };
    // The terminal sends these to the program too, and it is for the program to end of them.
    for signal in [SIGINT, SIGQUIT] {
        let _ = signal::dispose(signal, signal::IGNORE);
    }
    signal::block(mask);
    let mut status = process::wait4(subject).ok().unwrap_or(0);
    let side = board.parent();
    match (side.get(Word::Result).split(), side.get(Word::Ended).split()) {
        (Err(errno), _) if errno != Errno::ECANCELED => {
            let mut task = Task::new(*call, board.tids());
            task.child_stack = side.get(Word::Stack).ok().unwrap_or(0);
            return fail(Some(&task), Failure { step: Text::Call, errno });
        }
        // Its own child.
        (_, Ok(ended)) => status = ended,
        // Ours, by CLONE_PARENT.
        (Ok(child), _) if call.flags.contains(Flags::PARENT) && !call.flags.contains(Flags::THREAD) => {
            status = process::wait4(child).ok().unwrap_or(status);
        }
        _ => {}
    }
    if let Err(errno) = board.child().get(Word::Exec).split()
        && errno != Errno::ECANCELED
    {
        refusal::explain(None, Failure { step: Text::Execute, errno });
        return if errno == Errno::ENOENT || errno == Errno::ENOTDIR { NOT_FOUND } else { NOT_EXECUTABLE };
    }
    end(status)
}

/// A failure of our own.
fn fail(task: Option<&Task>, failure: Failure) -> i32 {
    refusal::explain(task, failure);
    OURS
}

/// Ends as a program has ended: with its status, or by its signal.
fn end(status: usize) -> i32 {
    let signal = status & 0x7f;
    if signal == 0 {
        return (status >> 8) as i32;
    }
    let _ = signal::dispose(signal as u32, signal::DEFAULT);
    signal::block(0);
    let _ = process::kill(ids::getpid().0, signal as u32);
    Status::Failed as i32
}
