//! The summary of the machine: how many objects of each resource there are, and who shares one.

use super::foot::{self, is_partial};
use crate::inspect::object::{Object, Resource};
use crate::inspect::place::{self, Space};
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use crate::report::show::ExitSignal;
use crate::sys::Signal;
use crate::text::{Joined, Outside, Repeat, Room, Show, Sink, With, Wrapped, out};
use alloc::vec::Vec;

/// The column at which the numbers of objects end, and that at which the lists begin.
const OBJECTS: usize = 25;
const LIST: usize = 27;

/// The columns at which the last numbers end, and the lists.
fn end(out: &mut dyn Sink) -> usize {
    out.width() - 1
}
fn end_of_list(out: &mut dyn Sink) -> usize {
    out.width() - 8
}

/// How many processes of a list are named.
const NAMED: usize = 8;

/// Writes the summary.
pub fn write(out: &mut dyn Sink, scan: &Scan) {
    head(out, scan);
    out!(out, " RESOURCE         OBJECTS  SHARED BY PROCESSES");
    let none = end(out) - "NONE".len();
    pad(out, none);
    out!(out, "NONE\n");
    Resource::ALL.into_iter().for_each(|resource| of_resource(out, scan, resource));
    out!(out, " NAMESPACE          KINDS  BESIDES THE USUAL ONE\n");
    let mut alone = Vec::new();
    for index in 0..place::SPACES {
        of_space(out, scan, index, &mut alone);
    }
    let head = if is_partial(scan) { " one for all that were seen: " } else { " one for all: " };
    let mut list = Enumeration::new(head, 2);
    alone.iter().for_each(|index| list.add(out, place::name_of(*index)));
    list.end(out);
    signals(out, scan);
    vforks(out, scan);
    foot::unseen(out, scan);
    if is_partial(scan) {
        out!(out, "what was not seen may share more\n");
    }
    foot::held(out, scan);
    out!(out, "\n");
}

/// Blanks up to a column.
fn pad(out: &mut dyn Sink, column: usize) {
    let blanks = column.saturating_sub(out.column());
    Repeat(" ", blanks).show(out);
}

/// A number that ends at a column.
fn number(out: &mut dyn Sink, number: usize, end: usize) {
    let digits = number.checked_ilog10().map_or(1, |digits| digits as usize + 1);
    if out.column() + digits >= end {
        out!(out, "\n");
    }
    pad(out, end.saturating_sub(digits));
    out!(out, number);
}

fn head(out: &mut dyn Sink, scan: &Scan) {
    let is_kernel = |task: &&Task| task.stat.is_kernel();
    let has_ended = |task: &&Task| task.stat.has_ended() && task.is_leader();
    let kernel = scan.tasks.iter().filter(is_kernel).count();
    let ended = scan.shown_tasks().filter(has_ended).count();
    let groups = scan.shown.iter().filter(|is_shown| **is_shown).count();
    let text = With(|out: &mut dyn Sink| {
        out!(out, scan.shown_tasks().count(), " tasks in ", groups, " processes, ", ended, " of which ");
        out!(out, if ended == 1 { "has" } else { "have" }, " ended; ", kernel, " kernel threads left out");
    });
    out!(out, Wrapped { text, indent: 2 }, "\n");
}

/// A list that goes on in the next line at a column.
struct Enumeration {
    head: &'static str,
    column: usize,
    is_begun: bool,
}

impl Enumeration {
    const fn new(head: &'static str, column: usize) -> Self {
        Self { head, column, is_begun: false }
    }

    /// Adds an item.
    fn add(&mut self, out: &mut dyn Sink, item: impl Show) {
        let mut text = Room::<128>::new();
        item.show(&mut text);
        let length = text.bytes().map_or(0, <[u8]>::len);
        if !core::mem::replace(&mut self.is_begun, true) {
            out!(out, self.head);
        } else if out.column() + 2 + length > end_of_list(out) {
            out!(out, ",\n");
            pad(out, self.column);
        } else {
            out!(out, ", ");
        }
        out!(out, item);
    }

    /// Ends the line, if there is one.
    fn end(&self, out: &mut dyn Sink) {
        if self.is_begun {
            out!(out, "\n");
        }
    }
}

/// A process by its name and id, and the number of its threads that share, if not all do.
struct Process<'a> {
    name: &'a [u8],
    id: usize,
    threads: Option<usize>,
}

impl Show for Process<'_> {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, Outside(self.name), " ", self.id);
        if let Some(threads) = self.threads {
            out!(out, " (", threads, if threads == 1 { " thread)" } else { " threads)" });
        }
    }
}

/// A number of further processes.
struct More(usize);

impl Show for More {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, "+", self.0);
    }
}

/// The row of a resource.
fn of_resource(out: &mut dyn Sink, scan: &Scan, resource: Resource) {
    let sharing = &scan.sharing[resource.index()];
    let lives = |task: &&Task| !task.stat.has_ended();
    let none = scan.shown_tasks().filter(lives).filter(|task| task.object(resource) == Object::None).count();
    out!(out, " ", resource.name());
    if scan.blind.is_some() {
        pad(out, OBJECTS - 1);
        out!(out, "?\n");
        return;
    }
    number(out, sharing.iter().filter(|sharing| sharing.shown > 0).count(), OBJECTS);
    let mut is_begun = false;
    for (class, _) in (0..).zip(sharing).filter(|(_, sharing)| sharing.shown > 1) {
        if core::mem::replace(&mut is_begun, true) {
            out!(out, "\n");
        }
        sharers(out, scan, resource, class);
    }
    let end = end(out);
    number(out, none, end);
    out!(out, "\n");
}

/// The processes that have an object.
fn sharers(out: &mut dyn Sink, scan: &Scan, resource: Resource, class: u32) {
    let mut list = Enumeration::new("", LIST);
    pad(out, LIST);
    let mut more = 0;
    for (group, is_shown) in scan.groups.iter().zip(&scan.shown) {
        let tasks = &scan.tasks[group.clone()];
        let has = |task: &&Task| task.object(resource) == Object::Class(class);
        let Some(first) = tasks.iter().find(has).filter(|_| *is_shown) else { continue };
        let (with, living) =
            (tasks.iter().filter(has).count(), tasks.iter().filter(|task| !task.stat.has_ended()).count());
        if more > 0 || list_is_full(scan, resource, class, first) {
            more += 1;
            continue;
        }
        let threads = Some(with).filter(|with| *with < living);
        list.add(out, Process { name: scan.name(first), id: first.group.number(), threads });
    }
    if more > 0 {
        list.add(out, More(more));
    }
}

/// Whether so many processes before this one have the object that the rest is only counted.
fn list_is_full(scan: &Scan, resource: Resource, class: u32, task: &Task) -> bool {
    let before = |group: &&core::ops::Range<usize>| scan.tasks[group.start].group.number() < task.group.number();
    let has = |group: &&core::ops::Range<usize>| {
        scan.tasks[(*group).clone()].iter().any(|task| task.object(resource) == Object::Class(class))
    };
    scan.groups.iter().filter(before).filter(has).count() >= NAMED
}

/// A namespace: its first process, the number of its processes, and the number of its tasks.
struct Members<'a> {
    space: Space,
    first: &'a Task,
    processes: usize,
    last: usize,
}

/// The row of a kind of namespace; a kind of which there is one for all is only added to `alone`.
fn of_space(out: &mut dyn Sink, scan: &Scan, index: usize, alone: &mut Vec<usize>) {
    let mut kinds: Vec<Members> = Vec::new();
    let mut is_unseen = false;
    for (number, (group, _)) in scan.groups.iter().zip(&scan.shown).filter(|(_, is_shown)| **is_shown).enumerate() {
        for task in scan.tasks[group.clone()].iter().filter(|task| !task.stat.has_ended()) {
            let Some(place) = scan.place(task) else { continue };
            let space = place.spaces[index];
            match kinds.iter_mut().find(|members| members.space == space) {
                _ if space == Space::Unseen => is_unseen = true,
                Some(members) => {
                    members.processes += usize::from(members.last != number);
                    members.last = number;
                }
                None if matches!(space, Space::Is(_)) => {
                    kinds.push(Members { space, first: task, processes: 1, last: number });
                }
                None => {}
            }
        }
    }
    if kinds.is_empty() && is_unseen {
        out!(out, " ", place::name_of(index));
        pad(out, OBJECTS - 1);
        out!(out, "?\n");
        return;
    }
    if kinds.len() <= 1 {
        alone.extend((!kinds.is_empty()).then_some(index));
        return;
    }
    out!(out, " ", place::name_of(index));
    self::number(out, kinds.len(), OBJECTS);
    pad(out, LIST);
    // Of two that are equally usual the first is the usual one.
    let usual = kinds.iter().rev().max_by_key(|members| members.processes).map(|members| members.space);
    let mut list = Enumeration::new("", LIST);
    for members in kinds.iter().filter(|members| Some(members.space) != usual) {
        let process = Process { name: scan.name(members.first), id: members.first.group.number(), threads: None };
        match members.processes {
            1 => list.add(out, process),
            more => list.add(
                out,
                With(move |out: &mut dyn Sink| {
                    out!(out, process, " +", more - 1);
                }),
            ),
        }
    }
    if is_unseen {
        list.add(out, "? of those unseen");
    }
    out!(out, "\n");
}

/// The processes whose end sends something other than SIGCHLD.
fn signals(out: &mut dyn Sink, scan: &Scan) {
    let mut list = Enumeration::new(" ends otherwise: ", 2);
    let chld = Signal::CHLD.number() as i32;
    for task in scan.shown_tasks().filter(|task| task.is_leader() && task.stat.exit_signal != chld) {
        list.add(
            out,
            With(|out: &mut dyn Sink| {
                out!(out, Outside(scan.name(task)), " ", task.tid, " sends ");
                match task.stat.exit_signal {
                    0 => out!(out, "nothing"),
                    signal => out!(out, ExitSignal(signal as u64)),
                }
            }),
        );
    }
    list.end(out);
}

/// The tasks that wait in vfork(2).
fn vforks(out: &mut dyn Sink, scan: &Scan) {
    let mut list = Enumeration::new(" in vfork: ", 2);
    for task in scan.shown_tasks().filter(|task| scan.awaited(task).next().is_some()) {
        list.add(
            out,
            With(|out: &mut dyn Sink| {
                out!(out, Outside(scan.name(task)), " ", task.tid, " waits for ", Joined(" or ", scan.awaited(task)));
            }),
        );
    }
    list.end(out);
}
