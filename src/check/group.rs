//! The groups of leaves: one table.

use super::leaf::Leaf;
use super::{args, decisive, honour, order, pairs, rules, userns, wait};

/// A group.
pub struct Group {
    /// The word on the command line.
    pub name: &'static str,
    /// What its leaves ask.
    pub about: &'static str,
    /// Whether it is part of a check that names no group.
    pub is_usual: bool,
    /// The leaf with this number; none after the last.
    leaf: fn(usize) -> Option<Leaf>,
}

impl Group {
    /// The leaves.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf> {
        (0..).map_while(self.leaf)
    }

    /// How many cases all leaves have.
    pub fn cases(&self) -> usize {
        self.leaves().map(|leaf| leaf.cases).sum()
    }
}

/// All groups, in the order in which they run.
pub static GROUPS: [Group; 9] = [
    group("rules", "each rule: the smallest call that it refuses, and the same call amended", rules::leaf),
    group("honour", "each flag with an effect: with it seen, without it not", honour::leaf),
    group("args", "the arguments besides the flags: sizes, addresses, ids, exit signals", args::leaf),
    group("order", "which of two rules answers a call that breaks both", order::leaf),
    group("pairs", "all sets of two flags, by clone(2) and by clone3(2)", pairs::leaf),
    group(
        "decisive",
        "all sets of the flags that rules speak of; the other flags off, alone, and together",
        decisive::leaf,
    ),
    group("wait", "who may wait for a task's end, and what the end tells", wait::leaf),
    group("userns", "the rules of uid_map, gid_map and setgroups, and of user namespaces in each other", userns::leaf),
    group("decisive-net", "the same with CLONE_NEWNET, where each accepted set makes a network", decisive::net)
        .unusual(),
];

const fn group(name: &'static str, about: &'static str, leaf: fn(usize) -> Option<Leaf>) -> Group {
    Group { name, about, is_usual: true, leaf }
}

impl Group {
    /// Only runs if it is named.
    const fn unusual(self) -> Self {
        Self { is_usual: false, ..self }
    }
}
