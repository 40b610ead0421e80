//! Whose child a task is: a thread is nobody's, a sibling is the caller's parent's, and a thread's child is its
//! process's.

use super::child::{Left, Told, await_end, await_that, kept, of, of_wait, refused, task};
use crate::check::case::Answer;
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::process::Process;
use crate::sys::process::clone_copied;
use crate::sys::wait::{__WALL, __WCLONE, __WNOTHREAD, Change, WEXITED, WNOWAIT, Waited, wait4, waitid};
use crate::sys::{Errno, Pid, Signal, futex, ids, process};
use core::sync::atomic::{AtomicU32, Ordering::Acquire, Ordering::Release};

/// The flags of a thread that nobody waits for.
pub const OF_THREAD: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD);

/// By both of two calls, or both of two tasks.
pub const BY_BOTH: usize = 2;

/// No wait is for a thread.
pub fn thread(leaf: &Leaf, judge: Judge) {
    let call = Call::new(Api::Clone, leaf.flags, None);
    let mut left = Left::nothing();
    left.case(judge, |left| {
        let thread = *left.insert(bare::attempt(&call).map_err(|errno| refused(judge, &call, errno))?);
        of_wait(&call, Step::Wait, false, waitid(thread, WEXITED | WNOWAIT | __WALL))
    });
    left.later(judge, |thread| of_wait(&call, Step::WaitAgain, false, wait4(Waited::One(thread), __WALL)));
}

/// Another thread's child: with __WNOTHREAD and without, and after the thread's end.
pub const OF_WNOTHREAD: usize = 3;

/// What a thread tells of its child.
struct Telling {
    /// The child's id, or [`NO_CHILD`]; 0 at first.
    child: AtomicU32,
    /// Whether the thread may end.
    may_end: AtomicU32,
}

/// Stands for a child that could not be made; no task has this id.
const NO_CHILD: u32 = u32::MAX;

/// The thread: makes a child that ends at once, and stays until it may end, because its end gives the child to another
/// thread of the process.
extern "C" fn make_child(telling: &'static Telling) -> i32 {
    let child = clone_copied(Signal::CHLD.number(), None).map(|made| Process::of(made, || 0));
    let id = child.map_or(NO_CHILD, |child| kept(child).number() as u32);
    telling.child.store(id, Release);
    // The result does not matter: the worker looks again and again.
    let _ = futex::wake(&telling.child);
    while telling.may_end.load(Acquire) == 0 {
        // The result does not matter: this is only a sleep.
        let _ = futex::wait(&telling.may_end, 0, 100);
    }
    0
}

/// Without __WNOTHREAD a wait is for the children of all threads of the process, with it only for the caller's own. At
/// a thread's end another thread becomes the parent of its children.
pub fn wnothread(leaf: &Leaf, judge: Judge) {
    static TELLING: Telling = Telling { child: AtomicU32::new(0), may_end: AtomicU32::new(0) };
    let call = Call::new(Api::Clone, leaf.flags, None);
    let of = |step, is_for, options| {
        move |(_, child)| of_wait(&call, step, is_for, waitid(child, options | WEXITED | WNOWAIT | __WALL))
    };
    let mut left = Left::nothing();
    left.case(judge, |left| {
        let thread = task(judge, &call, make_child, &TELLING)?;
        let child = *left.insert((thread, child_of(judge, &TELLING)?));
        of(Step::WaitAsThread, false, __WNOTHREAD)(child)
    });
    left.later(judge, of(Step::Wait, true, 0));
    left.later(judge, |(thread, child)| {
        TELLING.may_end.store(1, Release);
        // If refused, the thread sees it after its sleep.
        let _ = futex::wake(&TELLING.may_end);
        let own = ids::getpid();
        await_that(judge, || own.and_then(|own| process::is_in_group(own, thread)) == Ok(false));
        of(Step::WaitAsHeir, true, __WNOTHREAD)((thread, child))
    });
}

/// The child that the thread has made.
fn child_of(judge: Judge, telling: &Telling) -> Told<Pid> {
    await_that(judge, || telling.child.load(Acquire) != 0);
    match telling.child.load(Acquire) {
        NO_CHILD => Err(Verdict::Skipped(Skip::Limit)),
        id => Pid::new(id as usize).ok_or(Verdict::Skipped(Skip::NoWitness)),
    }
}

/// A sibling: its maker may not wait for it, and the maker's parent may.
pub fn parent(leaf: &Leaf, judge: Judge) {
    let call = Call::usual(Api::Clone, leaf.flags);
    let mut left = Left::nothing();
    left.case(judge, |left| {
        let got = *left.insert(make_sibling(judge, &call, Signal::CHLD.number())?);
        of(&call, Step::Wait, Answer::Refused(Errno::ECHILD), got)
    });
    left.later(judge, |_| of_wait(&call, Step::WaitByParent, true, wait4(Waited::Any, __WALL)));
}

/// How the maker of a sibling ends if the call is refused: above this number by the errno.
const REFUSED: i32 = 128;

/// Makes a child with this exit signal, which makes a sibling by a call. Returns what the child's wait for the sibling
/// said. Afterwards the caller has no child but the sibling.
fn make_sibling(judge: Judge, call: &Call, exit_signal: usize) -> Told<Answer> {
    let made = Process::make(exit_signal, || match clone_copied(call.first_argument(), None) {
        Ok(made) => {
            let sibling = Process::of(made, || 0);
            let said = wait4(Waited::One(sibling.pid()), __WALL);
            said.map_or_else(|errno| errno.number() as i32, |_| 0)
        }
        Err(errno) => REFUSED | errno.number() as i32,
    });
    let maker = made.map_err(|errno| refused(judge, call, errno))?;
    await_end(maker.pid())?;
    match maker.await_end().map(|status| status.change()) {
        Ok(Change::Exited(0)) => Ok(Answer::Ok),
        Ok(Change::Exited(status)) => match Errno::new((status & !REFUSED) as usize) {
            Some(errno) if status >= REFUSED => Err(refused(judge, call, errno)),
            errno => Ok(errno.map_or(Answer::Unknown, Answer::Refused)),
        },
        Ok(Change::Killed(Signal::SYS)) => Err(Verdict::Skipped(Skip::Filter)),
        Ok(Change::Killed(signal)) => Ok(Answer::Killed(signal)),
        _ => Ok(Answer::Unknown),
    }
}

/// Two exit signals, each of which the sibling takes from its maker.
pub const OF_TAKEN_SIGNAL: usize = 4;

/// A sibling has the exit signal of its maker, whatever the call says.
pub fn taken_signal(leaf: &Leaf, judge: Judge) {
    for (asked, makers) in [(Some(Signal::CHLD), None), (None, Some(Signal::CHLD))] {
        let call = Call::new(Api::Clone, leaf.flags, asked);
        let makers = makers.map_or(0, Signal::number);
        // Waits for the children that the sibling should be none of, then for those that it should be one of.
        let [other, own] = if makers == 0 { [0, __WCLONE] } else { [__WCLONE, 0] };
        let mut left = Left::nothing();
        left.case(judge, |left| {
            *left = Some(make_sibling(judge, &call, makers)?);
            of_wait(&call, Step::WaitForOthers, false, wait4(Waited::Any, other))
        });
        left.later(judge, |_| of_wait(&call, Step::WaitByParent, true, wait4(Waited::Any, own)));
    }
}
