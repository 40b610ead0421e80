//! What tasks do to each other: the child acts once on each resource, the parent looks at its own copy.
//!
//! Every act sets a value that the parent did not have before, so "unchanged" and "changed" are both observable, and
//! any other value means "unknown". The tasks only leave what they see. A witness reads that and says whether the two
//! tasks have one object (true), two (false), or that nothing can be said (none).

use super::pair::Pair;
use crate::board::fact::Fact;
use crate::board::record::{Experiment, Side};
use crate::clone::flags::Flags;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Errno, Signal, confirmed, file, ids};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The counter, in ordinary private memory. The child increments it, the parent reads it.
static COUNTER: AtomicUsize = AtomicUsize::new(0);

/// The umasks that the two tasks set; neither is a usual value.
const PARENTS_MASK: usize = 0o070;
const CHILDS_MASK: usize = 0o007;

/// A signal that no task sends here and that is ignored by default.
pub const SIGNAL: Signal = Signal::URG;

/// The dispositions that the two tasks set for this signal. A task with a separate table does not see the other task's.
const PARENTS_DISPOSITION: Disposition = Disposition::IGNORE;
const CHILDS_DISPOSITION: Disposition = Disposition::DEFAULT;

/// In both tasks: leaves the caller's ids.
fn introduce(side: &Side) {
    side.ppid.put(ids::getppid());
    side.pid.put(ids::getpid());
    side.tid.put(ids::gettid());
    let uid = ids::getuid();
    side.uid.put(uid);
    side.gid.put(ids::getgid());
    side.keep_uid.put(uid.and_then(ids::keep_uid));
}

/// In the parent, before the call with these flags: prepares one thing of each kind for the child to act on. A
/// preparation that fails makes the result "unknown".
pub fn arm(facts: &Experiment, flags: Flags) {
    let side = &facts.parent;
    facts.flags.put(flags.bits());
    introduce(side);
    COUNTER.store(0, Relaxed);
    // Only the number is kept: the child closes the file if the descriptor table is shared.
    side.file.put(file::open(c"/", file::O_PATH).map(|path| path.leave()));
    side.umask.put(file::umask(PARENTS_MASK));
    side.disposition.put(dispose(SIGNAL, PARENTS_DISPOSITION).map(|before| before.0));
}

/// In the child: leaves its ids, then acts once on each resource.
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

/// In the parent, after the child has acted: leaves what the parent sees now and restores what it had before. The
/// counter comes last: if the parent is killed earlier, its side holds only preparations, and a missing counter marks
/// them as such.
pub fn look(facts: &Experiment) {
    let side = &facts.parent;
    // The file is closed in either case; it is only a path (O_PATH), so a failed close loses nothing.
    if let Some(file) = side.file.descriptor() {
        // EBADF speaks of one table of descriptors: against the flags only if it is said twice.
        let is_asked = Flags::from_bits_retain(facts.flags.get()).contains(Flags::FILES);
        let errnos: &[Errno] = if is_asked { &[] } else { &[Errno::EBADF] };
        side.file.put(confirmed(errnos, || file.close()));
    }
    if let Some(mask) = side.umask.number() {
        side.umask.put(file::umask(mask));
    }
    if let Some(before) = side.disposition.number() {
        side.disposition.put(dispose(SIGNAL, Disposition(before)).map(|now| now.0));
    }
    side.counter.put(Ok(COUNTER.load(Relaxed)));
}

/// What the parent left when it looked; none if it did not finish looking.
fn seen<'a>(pair: &Pair, fact: &'a Fact) -> Option<&'a Fact> {
    pair.facts().parent.counter.number().map(|_| fact)
}

/// True for the value that means "shared", false for the one that means "separate", none for any other.
pub fn one_of(value: usize, shared: usize, separate: usize) -> Option<bool> {
    match value {
        _ if value == shared => Some(true),
        _ if value == separate => Some(false),
        _ => None,
    }
}

/// The child incremented the counter: did the parent's change?
pub fn memory(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    one_of(facts.parent.counter.number()?, facts.child.counter.number()?, 0)
}

/// The child closed a file: was it still open in the parent?
pub fn files(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    facts.child.file.number()?;
    match seen(pair, &facts.parent.file)?.get()? {
        Ok(_) => Some(false),
        Err(Errno::EBADF) => Some(true),
        Err(_) => None,
    }
}

/// The child set another umask: does the parent have it?
pub fn fs(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    facts.child.umask.number()?;
    one_of(seen(pair, &facts.parent.umask)?.number()?, CHILDS_MASK, PARENTS_MASK)
}

/// The child set another disposition: does the parent have it?
pub fn handlers(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    facts.child.disposition.number()?;
    one_of(seen(pair, &facts.parent.disposition)?.number()?, CHILDS_DISPOSITION.0, PARENTS_DISPOSITION.0)
}

/// Both tasks called getpid(2): are the results equal?
pub fn thread_group(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    Some(facts.child.pid.number()? == facts.parent.pid.number()?)
}

/// Both tasks called getppid(2): is the child's result the parent's own parent, or the parent? If the parent was killed
/// before it looked, the child may have been an orphan when it called.
pub fn parent(pair: &Pair) -> Option<bool> {
    let facts = pair.facts();
    one_of(seen(pair, &facts.child.ppid)?.number()?, facts.parent.ppid.number()?, facts.parent.pid.number()?)
}

/// The child set the user id that it already has, which fails only if the id is not mapped. The id must be mapped in
/// the parent's namespace for that to mean anything.
pub fn user_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().parent.keep_uid.number()?;
    match pair.facts().child.keep_uid.get()? {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => Some(false),
        Err(_) => None,
    }
}
