//! What tasks do to each other: the child acts once on each resource, the parent looks at its own.
//!
//! The decision behind it: every act has a value that the parent did not have before, so "unchanged" and "changed"
//! are both seen, and anything else is "unknown". The tasks only leave what they see; a witness reads it and says
//! whether the two have one object (true), two (false), or that nothing can be said.

use super::board::{Board, Side, Word};
use super::pair::Pair;
use crate::sys::{Answer, Errno, file, ids, signal};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The counter of the exercise: ordinary private memory. The child raises it, the parent reads it.
static COUNTER: AtomicUsize = AtomicUsize::new(0);

/// The two umasks that the tasks set: neither is a usual one.
const PARENTS_MASK: usize = 0o070;
const CHILDS_MASK: usize = 0o007;

/// A signal that nobody sends here and that does nothing by default.
pub const SIGNAL: u32 = linux_raw_sys::general::SIGURG;

/// The two dispositions that the tasks give it: what a task with a table of its own does not see of the other.
const PARENTS_DISPOSITION: usize = signal::IGNORE;
const CHILDS_DISPOSITION: usize = signal::DEFAULT;

/// Both tasks: who the caller is.
fn introduce(side: Side) {
    side.put(Word::Ppid, ids::getppid());
    side.put(Word::Pid, ids::getpid());
    side.put(Word::Tid, ids::gettid());
    let uid = ids::getuid();
    side.put(Word::Uid, uid);
    side.put(Word::Gid, ids::getgid());
    side.put(Word::KeepUid, uid.and_then(ids::keep_uid));
}

/// The parent, before the call: one thing of each kind for the child to act on. What cannot be prepared will be
/// "unknown".
pub fn arm(board: Board) {
    let side = board.parent();
    introduce(side);
    COUNTER.store(0, Relaxed);
    side.put(Word::File, file::open(c"/", file::O_PATH));
    side.put(Word::Umask, file::umask(PARENTS_MASK));
    side.put(Word::Disposition, signal::dispose(SIGNAL, PARENTS_DISPOSITION));
}

/// The child: says who it is, then acts once on each resource.
pub fn act(board: Board) {
    let (side, parent) = (board.child(), board.parent());
    introduce(side);
    side.put(Word::Counter, Answer(COUNTER.fetch_add(1, Relaxed) + 1));
    side.put(Word::File, parent.get(Word::File).and_then(file::close));
    side.put(Word::Umask, file::umask(CHILDS_MASK));
    side.put(Word::Disposition, signal::dispose(SIGNAL, CHILDS_DISPOSITION));
}

/// The parent, after the child has acted: leaves what it has now, and puts back what it had before. The counter comes
/// last: a parent that is killed before it has looked at all has left only what it had prepared, which says nothing.
pub fn look(board: Board) {
    let side = board.parent();
    // Closed for good in either case; the file is a bare path, so that an error loses nothing.
    side.put(Word::File, side.get(Word::File).and_then(file::close));
    side.put(Word::Umask, side.get(Word::Umask).and_then(file::umask));
    side.put(Word::Disposition, side.get(Word::Disposition).and_then(|old| signal::dispose(SIGNAL, old)));
    side.put(Word::Counter, Answer(COUNTER.load(Relaxed)));
}

/// What the parent has seen when it looked; none if it did not come to that.
fn seen(pair: &Pair, word: Word) -> Option<Answer> {
    pair.of_parent(Word::Counter).map(|_| pair.board.parent().get(word))
}

/// Which of two values it is: the one that says "shared" or the one that says "separate".
pub fn one_of(value: usize, shared: usize, separate: usize) -> Option<bool> {
    match value {
        _ if value == shared => Some(true),
        _ if value == separate => Some(false),
        _ => None,
    }
}

/// The child has raised the counter: is ours raised?
pub fn memory(pair: &Pair) -> Option<bool> {
    one_of(pair.of_parent(Word::Counter)?, pair.of_child(Word::Counter)?, 0)
}

/// The child has closed a file: was it still open here?
pub fn files(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::File)?;
    match seen(pair, Word::File)?.split() {
        Ok(_) => Some(false),
        Err(Errno::EBADF) => Some(true),
        Err(_) => None,
    }
}

/// The child has set another umask: is it ours?
pub fn fs(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::Umask)?;
    one_of(seen(pair, Word::Umask)?.ok()?, CHILDS_MASK, PARENTS_MASK)
}

/// The child has set another disposition: is it ours?
pub fn handlers(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::Disposition)?;
    one_of(seen(pair, Word::Disposition)?.ok()?, CHILDS_DISPOSITION, PARENTS_DISPOSITION)
}

/// Both have asked for their process: is it the same?
pub fn thread_group(pair: &Pair) -> Option<bool> {
    Some(pair.of_child(Word::Pid)? == pair.of_parent(Word::Pid)?)
}

/// Both have asked for their parent: is it the same, or is it us?
pub fn parent(pair: &Pair) -> Option<bool> {
    let (own, us) = (pair.of_parent(Word::Ppid)?, pair.of_parent(Word::Pid)?);
    one_of(pair.of_child(Word::Ppid)?, own, us)
}

/// The child has set the user id that it has: only where that has no name yet it is refused. In our own namespace it
/// must have one for that to mean anything.
pub fn user_namespace(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::KeepUid)?;
    match pair.board.child().get(Word::KeepUid).split() {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => Some(false),
        Err(_) => None,
    }
}
