//! What tasks do to each other: the child acts once on each resource, the parent looks at its own.
//!
//! Every act has a value that the parent did not have before, so "unchanged" and "changed" are both seen, and anything else is
//! "unknown". The tasks only leave what they see; a witness reads it and says whether the two have one object (true), two
//! (false), or that nothing can be said.

use super::pair::Pair;
use crate::board::fact::Fact;
use crate::board::record::{Experiment, Side};
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Errno, Signal, file, ids};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The counter of the exercise: ordinary private memory. The child raises it, the parent reads it.
static COUNTER: AtomicUsize = AtomicUsize::new(0);

/// The two umasks that the tasks set: neither is a usual one.
const PARENTS_MASK: usize = 0o070;
const CHILDS_MASK: usize = 0o007;

/// A signal that no task sends here and that does nothing by default.
pub const SIGNAL: Signal = Signal::URG;

/// The two dispositions that the tasks give it: what a task with a table of its own does not see of the other.
const PARENTS_DISPOSITION: Disposition = Disposition::IGNORE;
const CHILDS_DISPOSITION: Disposition = Disposition::DEFAULT;

/// Both tasks: the caller leaves its ids.
fn introduce(side: &Side) {
    side.ppid.put(ids::getppid());
    side.pid.put(ids::getpid());
    side.tid.put(ids::gettid());
    let uid = ids::getuid();
    side.uid.put(uid);
    side.gid.put(ids::getgid());
    side.keep_uid.put(uid.and_then(ids::keep_uid));
}

/// The parent, before the call: one thing of each kind for the child to act on. What cannot be prepared will be
/// "unknown".
pub fn arm(facts: &Experiment) {
    let side = &facts.parent;
    introduce(side);
    COUNTER.store(0, Relaxed);
    // Left as a number: the child closes it, if the table of descriptors is one.
    side.file.put(file::open(c"/", file::O_PATH).map(|path| path.leave()));
    side.umask.put(file::umask(PARENTS_MASK));
    side.disposition.put(dispose(SIGNAL, PARENTS_DISPOSITION).map(|before| before.0));
}

/// The child: leaves its ids, then acts once on each resource.
pub fn act(facts: &Experiment) {
    let (side, parent) = (&facts.child, &facts.parent);
    introduce(side);
    side.counter.put(Ok(COUNTER.fetch_add(1, Relaxed) + 1));
    if let Some(file) = parent.file.descriptor() {
        side.file.put(file.close());
    }
    side.umask.put(file::umask(CHILDS_MASK));
    side.disposition.put(dispose(SIGNAL, CHILDS_DISPOSITION).map(|before| before.0));
}

/// The parent, after the child has acted: leaves what it has now, and puts back what it had before. The counter comes
/// last: a parent that is killed before it has looked at all has left only what it had prepared, which says nothing.
pub fn look(facts: &Experiment) {
    let side = &facts.parent;
    // Closed for good in either case; the file is a bare path, so that an error loses nothing.
    if let Some(file) = side.file.descriptor() {
        side.file.put(file.close());
    }
    if let Some(mask) = side.umask.number() {
        side.umask.put(file::umask(mask));
    }
    if let Some(before) = side.disposition.number() {
        side.disposition.put(dispose(SIGNAL, Disposition(before)).map(|now| now.0));
    }
    side.counter.put(Ok(COUNTER.load(Relaxed)));
}

/// What the parent has left when it looked; none if it did not come to that.
fn seen<'a>(pair: &Pair, fact: &'a Fact) -> Option<&'a Fact> {
    pair.facts().parent.counter.number().map(|_| fact)
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
    let facts = pair.facts();
    one_of(facts.parent.counter.number()?, facts.child.counter.number()?, 0)
}

/// The child has closed a file: was it still open here?
pub fn files(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    facts.child.file.number()?;
    match seen(pair, &facts.parent.file)?.get()? {
        Ok(_) => Some(false),
        Err(Errno::EBADF) => Some(true),
        Err(_) => None,
    }
}

/// The child has set another umask: is it ours?
pub fn fs(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    facts.child.umask.number()?;
    one_of(seen(pair, &facts.parent.umask)?.number()?, CHILDS_MASK, PARENTS_MASK)
}

/// The child has set another disposition: is it ours?
pub fn handlers(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    facts.child.disposition.number()?;
    one_of(seen(pair, &facts.parent.disposition)?.number()?, CHILDS_DISPOSITION.0, PARENTS_DISPOSITION.0)
}

/// Both have asked for their process: is it the same?
pub fn thread_group(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    Some(facts.child.pid.number()? == facts.parent.pid.number()?)
}

/// Both have asked for their parent: is it the same, or is it the first task of the two?
pub fn parent(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    one_of(facts.child.ppid.number()?, facts.parent.ppid.number()?, facts.parent.pid.number()?)
}

/// The child has set the user id that it has: that is refused only where the id has no name yet. In the parent's namespace it
/// must have one for that to mean anything.
pub fn user_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().parent.keep_uid.number()?;
    match pair.facts().child.keep_uid.get()? {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => Some(false),
        Err(_) => None,
    }
}
