//! Who may wait for a task's end, and what the end tells: wait4(2), waitid(2), the exit signal, SIGCHLD ignored.
//!
//! All cases run in a worker, which has no other children, and which nobody but the check waits for.

mod child;
mod heard;
mod kin;
mod kinds;
mod one;

use super::judge::Judge;
use super::leaf::{Body, Leaf, Name};
use crate::clone::flags::Flags;
use crate::sys::privilege;

/// A leaf of the group.
struct Row {
    name: &'static str,
    flags: Flags,
    cases: usize,
    ask: fn(&Leaf, Judge),
}

const NONE: Flags = Flags::empty();

/// All leaves.
#[rustfmt::skip]
static ROWS: [Row; 18] = [
    row("wait4.plain", NONE, kinds::CASES, kinds::by_wait4),
    row("wait4.wclone", NONE, kinds::CASES, kinds::by_wait4),
    row("wait4.wall", NONE, kinds::CASES, kinds::by_wait4),
    row("waitid.plain", NONE, kinds::CASES, kinds::by_waitid),
    row("waitid.wclone", NONE, kinds::CASES, kinds::by_waitid),
    row("waitid.wall", NONE, kinds::CASES, kinds::by_waitid),
    row("wnohang", NONE, one::OF_WNOHANG, one::wnohang),
    row("wnowait", NONE, one::OF_WNOWAIT, one::wnowait),
    row("wnothread", kin::OF_THREAD, kin::OF_WNOTHREAD, kin::wnothread),
    row("thread", kin::OF_THREAD, kin::BY_BOTH, kin::thread),
    row("parent", Flags::PARENT, kin::BY_BOTH, kin::parent),
    row("parent.exit_signal", Flags::PARENT, kin::OF_TAKEN_SIGNAL, kin::taken_signal),
    row("exit_signal", NONE, heard::OF_SIGNALS, heard::exit_signal),
    row("exec", NONE, heard::OF_EXEC, heard::exec),
    row("ignored", NONE, heard::OF_NO_ZOMBIE, heard::ignored),
    row("nocldwait", NONE, heard::OF_NO_ZOMBIE, heard::no_child_wait),
    row("pid_namespace", heard::OF_FIRST, heard::OF_PID_NAMESPACE, heard::pid_namespace),
    row("autoreap", Flags::AUTOREAP, heard::OF_AUTOREAP, heard::autoreap),
];

const fn row(name: &'static str, flags: Flags, cases: usize, ask: fn(&Leaf, Judge)) -> Row {
    Row { name, flags, cases, ask }
}

/// The leaf with this number.
pub fn leaf(number: usize) -> Option<Leaf> {
    let row = ROWS.get(number)?;
    // A caller without rights gets them with a new user namespace.
    let needs_rights = row.flags.contains(Flags::NEWPID) && privilege::is_administrator() == Some(false);
    let rights = if needs_rights { Flags::NEWUSER } else { NONE };
    let (flags, body) = (row.flags | rights, Body::Worker(row.ask));
    Some(Leaf { name: Name::word(row.name), flags, row: number, cases: row.cases, body })
}
