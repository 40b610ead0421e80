//! The arguments of clone(2) and clone3(2) besides the flags: sizes, addresses, ids, signals, and what the kernel does
//! with values that nobody means.

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
use super::skip::Skip;
use crate::clone::call::Api::{self, Clone, Clone3};
use crate::clone::call::Call;
use crate::clone::flags::Flags;

/// A leaf: its word, its call, the flags of its calls, how many cases there are, and what asks them.
struct Row {
    word: &'static str,
    api: Api,
    flags: Flags,
    cases: fn() -> usize,
    ask: fn(&Leaf, Judge),
}

const fn row(word: &'static str, api: Api, flags: Flags, cases: fn() -> usize, ask: fn(&Leaf, Judge)) -> Row {
    Row { word, api, flags, cases, ask }
}

const NONE: Flags = Flags::empty();
const VM: Flags = Flags::VM;

/// All leaves.
static LEAVES: [Row; 34] = [
    row("size.zeros", Clone3, VM, sizes::zeros_cases, sizes::zeros),
    row("size.known", Clone3, VM, sizes::known_cases, sizes::known),
    row("size.unknown", Clone3, NONE, sizes::unknown_cases, sizes::unknown),
    row("size.behind", Clone3, VM, sizes::behind_cases, sizes::behind),
    row("struct.null", Clone3, NONE, structs::nowhere_cases, structs::null),
    row("struct.unmapped", Clone3, NONE, structs::nowhere_cases, structs::unmapped),
    row("struct.hole", Clone3, NONE, structs::nowhere_cases, structs::hole),
    row("struct.kernel", Clone3, NONE, structs::nowhere_cases, structs::kernel),
    row("struct.short", Clone3, NONE, structs::short_cases, structs::short),
    row("struct.fits", Clone3, VM, structs::fits_cases, structs::fits),
    row("stack.clone", Clone, VM, stacks::of_clone_cases, stacks::of_clone),
    row("stack.clone3", Clone3, VM, stacks::of_clone3_cases, stacks::of_clone3),
    row("stack.half", Clone3, NONE, stacks::half_cases, stacks::half),
    row("set-tid.size", Clone3, NONE, set_tid::size_cases, set_tid::size),
    row("set-tid.pointer", Clone3, NONE, set_tid::pointer_cases, set_tid::pointer),
    row("set-tid.range", Clone3, NONE, set_tid::range_cases, set_tid::range),
    row("set-tid.chosen", Clone3, NONE, set_tid::chosen_cases, set_tid::chosen),
    row("set-tid.first", Clone3, Flags::NEWPID, set_tid::first_cases, set_tid::first),
    row("exit-signal.clone", Clone, NONE, signals::of_clone_cases, signals::of_clone),
    row("exit-signal.clone3", Clone3, NONE, signals::of_clone3_cases, signals::of_clone3),
    row("tls.clone", Clone, VM.union(Flags::SETTLS), tls::set_cases, tls::of_clone),
    row("tls.clone3", Clone3, VM.union(Flags::SETTLS), tls::set_cases, tls::of_clone3),
    row("tls.unused", Clone, NONE, tls::unused_cases, tls::unused),
    row("cgroup.number", Clone3, Flags::INTO_CGROUP, cgroup::number_cases, cgroup::number),
    row("cgroup.size", Clone3, Flags::INTO_CGROUP, cgroup::size_cases, cgroup::size),
    row("pidfd.clone", Clone, Flags::PIDFD, pidfd::cases, pidfd::of_clone),
    row("pidfd.clone3", Clone3, Flags::PIDFD, pidfd::cases, pidfd::of_clone3),
    row("pidfd.same", Clone3, Flags::PIDFD.union(Flags::PARENT_SETTID), pidfd::same_cases, pidfd::same),
    row("parent-tid.clone", Clone, Flags::PARENT_SETTID, words::cases, words::parent_of_clone),
    row("parent-tid.clone3", Clone3, Flags::PARENT_SETTID, words::cases, words::parent_of_clone3),
    row("child-tid.clone", Clone, VM.union(Flags::CHILD_SETTID), words::cases, words::child_of_clone),
    row("child-tid.clone3", Clone3, VM.union(Flags::CHILD_SETTID), words::cases, words::child_of_clone3),
    row("cleared-tid.clone", Clone, VM.union(Flags::CHILD_CLEARTID), words::cases, words::cleared_of_clone),
    row("cleared-tid.clone3", Clone3, VM.union(Flags::CHILD_CLEARTID), words::cases, words::cleared_of_clone3),
];

/// The leaf with this number.
pub fn leaf(number: usize) -> Option<Leaf> {
    let row = LEAVES.get(number)?;
    let name = Name::word(row.word);
    Some(Leaf { name, flags: row.flags, row: number, cases: (row.cases)(), body: Body::Worker(ask) })
}

/// Asks the cases of a row. Where a filter masks its call, all are skipped at once.
fn ask(leaf: &Leaf, judge: Judge) {
    let Some(row) = LEAVES.get(leaf.row) else { return };
    if judge.ground.is_masked(&Call::usual(row.api, Flags::empty())) {
        return judge.skip_rest(leaf.cases, Skip::Filter);
    }
    (row.ask)(leaf, judge);
}
