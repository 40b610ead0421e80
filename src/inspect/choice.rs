//! Which thread groups are shown: those that were asked for, and those that share something with them.

use super::cause::Unseen;
use super::classes::Comparer;
use super::object::{COUNT, Resource};
use super::place;
use super::scan::Scan;
use crate::sys::{Errno, Pid};
use alloc::vec::Vec;

/// A task on the command line: its id, and the inode of its pidfd if that was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named {
    /// The id.
    pub tid: Pid,
    /// The inode.
    pub inode: Option<usize>,
}

/// Which tasks to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// The caller's session.
    Session,
    /// These tasks, with their thread groups.
    Named(Vec<Named>),
    /// This task and its descendants, alone.
    Tree(Named),
    /// All tasks.
    All,
}

impl Choice {
    /// The tasks that were named.
    pub fn named(&self) -> &[Named] {
        match self {
            Self::Session | Self::All => &[],
            Self::Named(named) => named,
            Self::Tree(root) => core::slice::from_ref(root),
        }
    }
}

/// The groups that were asked for, by their index.
pub fn asked(choice: &Choice, scan: &Scan, own: Pid) -> Vec<bool> {
    let mut asked = alloc::vec![false; scan.groups.len()];
    match choice {
        Choice::All => asked.fill(true),
        Choice::Session => {
            let session = scan.find(own).map(|place| scan.tasks[place].stat.session);
            for (is_asked, group) in asked.iter_mut().zip(&scan.groups) {
                *is_asked = session.is_some() && Some(scan.tasks[group.start].stat.session) == session;
            }
        }
        Choice::Named(named) => {
            let groups = named.iter().filter_map(|named| scan.group_of(find(scan, *named)?));
            groups.for_each(|group| asked[group] = true);
        }
        Choice::Tree(root) => {
            let root = find(scan, *root).and_then(|place| scan.group_of(place));
            for (group, is_asked) in asked.iter_mut().enumerate() {
                *is_asked = root.is_some_and(|root| is_below(scan, group, root));
            }
        }
    }
    asked
}

/// The index of a task that was named; none if it is another task that has this id now.
pub fn find(scan: &Scan, named: Named) -> Option<usize> {
    let place = scan.find(named.tid)?;
    let is_leader = scan.tasks[place].is_leader();
    (named.inode.is_none() || named.inode == place::inode(named.tid, is_leader)).then_some(place)
}

/// Whether a group is the root, or descends from it.
fn is_below(scan: &Scan, group: usize, root: usize) -> bool {
    let mut group = group;
    // Parents of different moments may form a circle.
    for _ in 0..scan.groups.len() {
        if group == root {
            return true;
        }
        match scan.parent_of(group) {
            Some(parent) => group = parent,
            None => return false,
        }
    }
    false
}

/// Adds the groups that share something with those that were asked for.
pub fn with_sharers(scan: &Scan, mut shown: Vec<bool>) -> Vec<bool> {
    let mut used: [Vec<bool>; COUNT] = scan.class_counts.map(|count| alloc::vec![false; count]);
    let tasks = |group: usize| scan.tasks[scan.groups[group].clone()].iter().filter(|task| !task.is_gone);
    let classes = |group: usize, resource: Resource| tasks(group).filter_map(move |task| task.object(resource).class());
    for group in (0..shown.len()).filter(|group| shown[*group]) {
        for resource in Resource::ALL {
            for class in classes(group, resource) {
                used[resource.index()][class as usize] = true;
            }
        }
    }
    for (group, is_shown) in shown.iter_mut().enumerate() {
        let shares =
            |resource: &Resource| classes(group, *resource).any(|class| used[resource.index()][class as usize]);
        *is_shown |= Resource::ALL.iter().any(shares);
    }
    shown
}

/// Why a task that was named is not shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// There is no such task.
    NoTask,
    /// /proc does not show it.
    Hidden,
    /// Its pidfd has another inode.
    OtherInode(usize),
    /// Pidfds have no inodes on this kernel.
    NoInodes,
    /// It ended during the scan.
    Ended,
    /// The kernel does not answer for it.
    Unseen(Unseen),
}

/// Why a task that was named is not shown; none if it is, and could be seen.
pub fn missing(scan: &Scan, named: Named) -> Option<Missing> {
    let Some(task) = scan.find(named.tid).map(|place| &scan.tasks[place]) else {
        return Some(match Comparer::default().probe(named.tid) {
            Err(Errno::ESRCH) => Missing::NoTask,
            _ if scan.caller.is_hidden => Missing::Hidden,
            Ok(()) | Err(_) => Missing::Ended,
        });
    };
    if let Some(asked) = named.inode {
        match place::inode(task.tid, task.is_leader()) {
            None => return Some(Missing::NoInodes),
            Some(inode) if inode != asked => return Some(Missing::OtherInode(inode)),
            Some(_) => {}
        }
    }
    scan.why_any_unseen(task).map(Missing::Unseen)
}
