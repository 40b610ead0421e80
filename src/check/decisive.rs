//! All sets of the flags that rules of clone(2) speak of; the other flags off, alone, and all together.
//!
//! Twelve of the 24 flags decide whether clone(2) accepts a set, and twelve do not. That the twelve do not is part of
//! what is asked: a kernel with a rule about one of them deviates here.

use super::judge::Judge;
use super::leaf::{Body, Leaf, Name};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;

/// The flags that rules speak of.
const DECISIVE: Flags = Flags::VM
    .union(Flags::FS)
    .union(Flags::SIGHAND)
    .union(Flags::PIDFD)
    .union(Flags::THREAD)
    .union(Flags::NEWNS)
    .union(Flags::SYSVSEM)
    .union(Flags::PARENT_SETTID)
    .union(Flags::DETACHED)
    .union(Flags::NEWIPC)
    .union(Flags::NEWUSER)
    .union(Flags::NEWPID);

/// How many sets these make.
const SETS: usize = 1 << DECISIVE.bits().count_ones();

/// The other flags, but for CLONE_NEWNET.
const FREE: [Flags; 11] = [
    Flags::FILES,
    Flags::PTRACE,
    Flags::VFORK,
    Flags::PARENT,
    Flags::SETTLS,
    Flags::CHILD_CLEARTID,
    Flags::UNTRACED,
    Flags::CHILD_SETTID,
    Flags::NEWCGROUP,
    Flags::NEWUTS,
    Flags::IO,
];

/// All of these.
const ALL: Flags = {
    let (mut all, mut place) = (Flags::empty(), 0);
    while place < FREE.len() {
        all = all.union(FREE[place]);
        place += 1;
    }
    all
};

/// The leaf with this number: the other flags off, each of them alone, all together.
pub fn leaf(number: usize) -> Option<Leaf> {
    match number {
        0 => Some(sets(Name::word("off"), Flags::empty())),
        _ => match FREE.get(number - 1) {
            Some(flag) => Some(sets(Name::flag("", *flag), *flag)),
            None if number == FREE.len() + 1 => Some(sets(Name::word("all"), ALL)),
            None => None,
        },
    }
}

/// The same with CLONE_NEWNET: alone, and with all others.
pub fn net(number: usize) -> Option<Leaf> {
    match number {
        0 => Some(sets(Name::flag("", Flags::NEWNET), Flags::NEWNET)),
        1 => Some(sets(Name::word("all"), ALL | Flags::NEWNET)),
        _ => None,
    }
}

/// The leaf in which these flags stand beside each set.
fn sets(name: Name, beside: Flags) -> Leaf {
    Leaf { name, flags: DECISIVE | beside, row: 0, cases: SETS, body: Body::Worker(ask) }
}

/// Asks all sets.
fn ask(leaf: &Leaf, judge: Judge) {
    for number in 0..SETS {
        let flags = spread(number) | (leaf.flags - DECISIVE);
        judge.call(&Call::usual(Api::Clone, flags));
    }
}

/// The set with this number: each of its bits stands for a flag.
fn spread(number: usize) -> Flags {
    let flags = DECISIVE.iter().enumerate().filter(|(place, _)| number >> place & 1 != 0);
    flags.fold(Flags::empty(), |set, (_, flag)| set | flag)
}
