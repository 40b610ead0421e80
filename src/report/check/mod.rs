//! The output of `check`: KTAP for machines, objects for programs, a page for people, the list of all leaves.

pub mod head;
pub mod ktap;
pub mod list;
pub mod merge;
pub mod objects;
pub mod progress;
pub mod sentence;
pub mod show;
pub mod summary;
pub mod sweep;

use crate::check::group::{GROUPS, Group};
use crate::check::judge::Tally;
use crate::check::leaf::Leaf;
use crate::check::sum::Sum;
use crate::error::Failure;
use crate::text::Sink;
use head::Head;

/// What is known before the first case.
pub struct Plan {
    /// Which groups run.
    pub chosen: [bool; GROUPS.len()],
    /// The place.
    pub head: Head,
}

impl Plan {
    /// The groups that run.
    pub fn groups(&self) -> impl Iterator<Item = (usize, &'static Group)> {
        GROUPS.iter().enumerate().filter(|(place, _)| self.chosen[*place])
    }

    /// How many cases these have.
    pub fn cases(&self) -> usize {
        self.groups().map(|(_, group)| group.cases()).sum()
    }
}

/// What came of all groups.
pub struct Total {
    /// What came of each group that has run.
    pub groups: [Option<Sum>; GROUPS.len()],
    /// What came of all of them.
    pub all: Sum,
    /// The most memory that the check has had at once, in KiB.
    pub peak: Option<usize>,
}

impl Total {
    /// The groups that have run, and what came of each.
    pub fn each(&self) -> impl Iterator<Item = (&'static Group, &Sum)> {
        GROUPS.iter().zip(&self.groups).filter_map(|(group, sum)| Some((group, sum.as_ref()?)))
    }
}

/// A form of the report, which is told what comes while it comes.
pub trait Report {
    /// Before the first group.
    fn begin(&mut self, _out: &mut dyn Sink, _plan: &Plan) {}

    /// Before the first leaf of a group.
    fn group(&mut self, _out: &mut dyn Sink, _group: &'static Group) {}

    /// After a leaf, whose number in its group begins with 1.
    fn leaf(&mut self, out: &mut dyn Sink, group: &'static Group, number: usize, leaf: &Leaf, tally: &Tally);

    /// After the last leaf of a group, whose number begins with 1.
    fn end_group(&mut self, _out: &mut dyn Sink, _number: usize, _group: &'static Group, _sum: &Sum) {}

    /// After the last group.
    fn end(&mut self, out: &mut dyn Sink, plan: &Plan, total: &Total);

    /// Instead of what is still to come: a step of the check's own has failed.
    fn give_up(&mut self, _out: &mut dyn Sink, _failure: Failure) {}
}
