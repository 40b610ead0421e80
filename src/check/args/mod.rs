//! The arguments of clone(2) and clone3(2) besides the flags: sizes, addresses, ids, signals, and what the kernel does with
//! values that nobody means.

mod asking;
mod cgroup;
mod pidfd;
mod set_tid;
mod signals;
mod sizes;
mod stacks;
mod structs;
mod tls;
mod words;

use super::judge::Judge;
use super::leaf::{Body, Leaf, Name};
use crate::clone::flags::Flags;

/// A leaf: its word, the flags of its calls, how many cases there are, and what asks them.
struct Row {
    word: &'static str,
    flags: Flags,
    cases: fn() -> usize,
    ask: fn(&Leaf, Judge),
}

const fn row(word: &'static str, flags: Flags, cases: fn() -> usize, ask: fn(&Leaf, Judge)) -> Row {
    Row { word, flags, cases, ask }
}

const NONE: Flags = Flags::empty();
const VM: Flags = Flags::VM;

/// All leaves.
static LEAVES: [Row; 34] = [
    row("size.zeros", VM, sizes::zeros_cases, sizes::zeros),
    row("size.known", VM, sizes::known_cases, sizes::known),
    row("size.unknown", NONE, sizes::unknown_cases, sizes::unknown),
    row("size.behind", VM, sizes::behind_cases, sizes::behind),
    row("struct.null", NONE, structs::nowhere_cases, structs::null),
    row("struct.unmapped", NONE, structs::nowhere_cases, structs::unmapped),
    row("struct.hole", NONE, structs::nowhere_cases, structs::hole),
    row("struct.kernel", NONE, structs::nowhere_cases, structs::kernel),
    row("struct.short", NONE, structs::short_cases, structs::short),
    row("struct.fits", VM, structs::fits_cases, structs::fits),
    row("stack.clone", VM, stacks::of_clone_cases, stacks::of_clone),
    row("stack.clone3", VM, stacks::of_clone3_cases, stacks::of_clone3),
    row("stack.half", NONE, stacks::half_cases, stacks::half),
    row("set-tid.size", NONE, set_tid::size_cases, set_tid::size),
    row("set-tid.pointer", NONE, set_tid::pointer_cases, set_tid::pointer),
    row("set-tid.range", NONE, set_tid::range_cases, set_tid::range),
    row("set-tid.chosen", NONE, set_tid::chosen_cases, set_tid::chosen),
    row("set-tid.first", Flags::NEWPID, set_tid::first_cases, set_tid::first),
    row("exit-signal.clone", NONE, signals::of_clone_cases, signals::of_clone),
    row("exit-signal.clone3", NONE, signals::of_clone3_cases, signals::of_clone3),
    row("tls.clone", VM.union(Flags::SETTLS), tls::set_cases, tls::of_clone),
    row("tls.clone3", VM.union(Flags::SETTLS), tls::set_cases, tls::of_clone3),
    row("tls.unused", NONE, tls::unused_cases, tls::unused),
    row("cgroup.number", Flags::INTO_CGROUP, cgroup::number_cases, cgroup::number),
    row("cgroup.size", Flags::INTO_CGROUP, cgroup::size_cases, cgroup::size),
    row("pidfd.clone", Flags::PIDFD, pidfd::cases, pidfd::of_clone),
    row("pidfd.clone3", Flags::PIDFD, pidfd::cases, pidfd::of_clone3),
    row("pidfd.same", Flags::PIDFD.union(Flags::PARENT_SETTID), pidfd::same_cases, pidfd::same),
    row("parent-tid.clone", Flags::PARENT_SETTID, words::cases, words::parent_of_clone),
    row("parent-tid.clone3", Flags::PARENT_SETTID, words::cases, words::parent_of_clone3),
    row("child-tid.clone", VM.union(Flags::CHILD_SETTID), words::cases, words::child_of_clone),
    row("child-tid.clone3", VM.union(Flags::CHILD_SETTID), words::cases, words::child_of_clone3),
    row("cleared-tid.clone", VM.union(Flags::CHILD_CLEARTID), words::cases, words::cleared_of_clone),
    row("cleared-tid.clone3", VM.union(Flags::CHILD_CLEARTID), words::cases, words::cleared_of_clone3),
];

/// The leaf with this number.
pub fn leaf(number: usize) -> Option<Leaf> {
    let row = LEAVES.get(number)?;
    let name = Name::word(row.word);
    Some(Leaf { name, flags: row.flags, row: number, cases: (row.cases)(), body: Body::Worker(row.ask) })
}
