//! What a child's end tells its parent: the exit signal, and nothing at all where zombies are not wanted.

use super::child::{Left, Told, await_end, case, end, is_zombie, kept, made, of_look, of_wait, plain, task};
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::signal::{Disposition, Set, dispose, disposition, leave_no_zombies, pending};
use crate::sys::wait::{__WALL, Change, Waited, wait_for, wait4};
use crate::sys::{RawFd, Result, Signal, exec};

/// The exit signals of the children; the first is none, for SIGCHLD would stay pending.
const SIGNALS: [Option<Signal>; OF_SIGNALS] = [None, Some(Signal::CHLD), Some(Signal::USR1), Signal::new(64)];

/// One for each exit signal.
pub const OF_SIGNALS: usize = 4;

/// The exit signal arrives at the child's end, and without one nothing does.
pub fn exit_signal(_: &Leaf, judge: Judge) {
    for signal in SIGNALS {
        case(judge, || {
            let before = set_of(pending())?;
            let child = made(judge, signal, || 0)?;
            await_end(child.pid())?;
            let arrived = set_of(pending())? & !before;
            let is_told = arrived != 0 && signal.is_none_or(|signal| arrived == signal.set());
            of_look(&plain(signal), Step::Arrive, signal.is_some(), is_told)
        });
    }
}

/// A set of signals; nothing can be said without it.
fn set_of(set: Result<Set>) -> Told<Set> {
    set.map_err(|_| Verdict::Skipped(Skip::NoWitness))
}

/// The end of a child that executes a program: waiting for it, and its signal.
pub const OF_EXEC: usize = 2;

/// How the child ends if it cannot execute anything.
const NOT_EXECUTED: i32 = 99;

/// execve(2) makes SIGCHLD the exit signal, de_thread of the kernel.
pub fn exec(_: &Leaf, judge: Judge) {
    let mut left = Left::nothing();
    left.case(judge, |left| {
        let child = made(judge, None, execute)?;
        await_end(child.pid())?;
        let said = wait4(Waited::One(child.pid()), 0);
        if said.is_err() && wait_for(child.pid()).map(|status| status.change()) == Ok(Change::Exited(NOT_EXECUTED)) {
            return Err(Verdict::Skipped(Skip::Proc));
        }
        *left = Some(pending());
        of_wait(&plain(None), Step::Wait, true, said)
    });
    left.later(judge, |pending| of_look(&plain(None), Step::Arrive, true, set_of(pending)? == Signal::CHLD.set()));
}

/// In a child: executes this program, which has nowhere to write to.
fn execute() -> i32 {
    for number in 0..3 {
        // A descriptor that is closed already is as well.
        let _ = RawFd::new(number).map(RawFd::close);
    }
    exec::execute_with(c"/proc/self/exe", &[c"chimera", c"--version"]);
    NOT_EXECUTED
}

/// A child with SIGCHLD: waiting for it, its signal, its zombie; and a child without.
pub const OF_NO_ZOMBIE: usize = 4;

/// Where SIGCHLD is ignored, a child with that exit signal leaves no zombie, and no signal arrives.
pub fn ignored(_: &Leaf, judge: Judge) {
    no_zombie(judge, dispose(Signal::CHLD, Disposition::IGNORE).map(|_| ()), false);
}

/// With SA_NOCLDWAIT neither does it leave a zombie, but the signal arrives.
pub fn no_child_wait(_: &Leaf, judge: Judge) {
    no_zombie(judge, leave_no_zombies(), true);
}

/// Asks about children where zombies are not wanted.
fn no_zombie(judge: Judge, unwanted: Result<()>, is_told: bool) {
    let mut left = Left::nothing();
    let usual = plain(Some(Signal::CHLD));
    left.case(judge, |left| {
        unwanted.map_err(|_| Verdict::Skipped(Skip::NoWitness))?;
        let child = *left.insert(kept(made(judge, Some(Signal::CHLD), || 0)?));
        of_wait(&usual, Step::Wait, false, wait4(Waited::One(child), __WALL))
    });
    left.later(judge, |_| of_look(&usual, Step::Arrive, is_told, set_of(pending())? & Signal::CHLD.set() != 0));
    left.later(judge, |child| of_look(&usual, Step::LeaveZombie, false, is_zombie(judge, child)?));
    left.later(judge, |_| {
        let child = made(judge, None, || 0)?;
        of_wait(&plain(None), Step::Wait, true, wait4(Waited::One(child.pid()), __WALL))
    });
}

/// The flags of a process 1 that shares the table of handlers with its parent.
pub const OF_FIRST: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::NEWPID);

/// With CLONE_SIGHAND and without: waiting for process 1, and whether SIGCHLD is ignored afterwards.
pub const OF_PID_NAMESPACE: usize = 4;

/// At its end process 1 of a PID namespace ignores SIGCHLD (zap_pid_ns_processes). If the parent shares the table of
/// handlers, it ignores SIGCHLD as well, and no zombie is left to wait for.
pub fn pid_namespace(leaf: &Leaf, judge: Judge) {
    for flags in [leaf.flags, leaf.flags - Flags::SIGHAND] {
        let (call, is_shared) = (Call::usual(Api::Clone, flags), flags.contains(Flags::SIGHAND));
        let mut left = Left::nothing();
        left.case(judge, |left| {
            let child = task(judge, &call, end, &())?;
            let said = wait4(Waited::One(child), __WALL);
            *left = Some(disposition(Signal::CHLD));
            of_wait(&call, Step::Wait, !is_shared, said)
        });
        left.later(judge, |now| {
            let now = now.map_err(|_| Verdict::Skipped(Skip::NoWitness))?;
            of_look(&call, Step::IgnoreChild, is_shared, now == Disposition::IGNORE)
        });
        // If refused, the next cases tell.
        let _ = dispose(Signal::CHLD, Disposition::DEFAULT);
    }
}

/// Waiting for the task, its signal, its zombie.
pub const OF_AUTOREAP: usize = 3;

/// CLONE_AUTOREAP: the task leaves no zombie, and sends no signal.
pub fn autoreap(leaf: &Leaf, judge: Judge) {
    let call = Call::new(Api::Clone3, leaf.flags, None);
    let mut left = Left::nothing();
    left.case(judge, |left| {
        judge.ground.expects(&call).map_err(Verdict::Skipped)?;
        let before = set_of(pending())?;
        let (child, _) = *left.insert((task(judge, &call, end, &())?, before));
        of_wait(&call, Step::Wait, false, wait4(Waited::One(child), __WALL))
    });
    left.later(judge, |(_, before)| of_look(&call, Step::Arrive, false, set_of(pending())? != before));
    left.later(judge, |(child, _)| of_look(&call, Step::LeaveZombie, false, is_zombie(judge, child)?));
}
