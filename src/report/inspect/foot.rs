//! The end of the pages: what the letters mean, the memory that is counted once, and what could not be seen.

use super::lines::Letters;
use crate::inspect::cause::{Cause, Unseen};
use crate::inspect::object::{Object, Resource};
use crate::inspect::place::{Place, Space};
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use crate::report::show::Name;
use crate::text::{Fixed, Joined, Outside, Show, Sink, With, Wrapped, out};

/// The size of a page of memory in KiB.
const PAGE_KIB: u64 = 4;

/// Resident memory in KiB.
pub fn kib(scan: &Scan, task: &Task) -> u64 {
    let told = scan.place(task).and_then(|place| place.resident);
    told.map_or(task.stat.resident.saturating_mul(PAGE_KIB), |kib| kib as u64)
}

/// An amount of memory in the unit that people read.
struct Amount(u64);

impl Show for Amount {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            kib @ 0..1024 => out!(out, kib, " KiB"),
            kib => out!(out, Fixed { number: (kib.saturating_mul(10) + 512) / 1024, places: 1 }, " MiB"),
        }
    }
}

/// Writes a line, which goes on in indented ones on a narrow page.
fn line(out: &mut dyn Sink, text: impl Fn(&mut dyn Sink)) {
    out!(out, Wrapped { text: With(text), indent: 2 }, "\n");
}

/// Writes the end of the page with a line per process.
pub fn write(out: &mut dyn Sink, scan: &Scan, letters: &Letters) {
    let own = if is_partial(scan) { "not shared as far as is seen" } else { "one of its own" };
    line(out, |out| out!(out, "same letter: the same object; . ", own, "; - none; ? unseen"));
    let is_other = |place: &Place| place.spaces != scan.own_spaces && !place.spaces.contains(&Space::Unseen);
    if scan.shown_tasks().filter_map(|task| scan.place(task)).any(is_other) {
        out!(out, "namespaces: those that are not the caller's\n");
    }
    for (class, letter) in letters.all(Resource::Memory) {
        let sharing = scan.sharing(Resource::Memory, class);
        if sharing.groups > 1 {
            let sizes = || leaders_with(scan, Resource::Memory, class).map(|task| kib(scan, task));
            let (once, all) = (sizes().max().unwrap_or(0), sizes().sum());
            line(out, |out| {
                out!(out, "memory ", letter, ": ", sharing.groups, " processes, ", Amount(once), " once; ps counts ");
                out!(out, Amount(all));
            });
        }
    }
    beyond(out, scan, letters);
    unseen(out, scan);
    let (tasks, groups) = (scan.shown_tasks().count(), scan.shown.iter().filter(|is_shown| **is_shown).count());
    line(out, |out| {
        out!(out, tasks, if tasks == 1 { " task in " } else { " tasks in " }, groups);
        out!(out, if groups == 1 { " process; " } else { " processes; " });
        held(out, scan);
    });
}

/// One task of each group that has an object: the one that has it.
fn leaders_with(scan: &Scan, resource: Resource, class: u32) -> impl Iterator<Item = &Task> {
    let with = move |task: &&Task| task.object(resource) == Object::Class(class);
    scan.groups.iter().filter_map(move |group| scan.tasks[group.clone()].iter().find(with))
}

/// The objects that tasks have which are not on the page.
fn beyond(out: &mut dyn Sink, scan: &Scan, letters: &Letters) {
    for resource in Resource::ALL {
        for (class, letter) in letters.all(resource) {
            let sharing = scan.sharing(resource, class);
            if sharing.groups == sharing.shown {
                continue;
            }
            line(out, |out| {
                let with = |task: &&Task| task.object(resource) == Object::Class(class);
                let others = scan.groups.iter().zip(&scan.shown).filter(|(_, is_shown)| !**is_shown);
                let tasks = others.filter_map(|(group, _)| scan.tasks[group.clone()].iter().find(with));
                let names = tasks.map(|task| (Outside(scan.name(task)), " ", task.group));
                out!(out, resource.name(), " ", letter, " is also that of ", Joined(", ", names), ", not on this page");
            });
        }
    }
}

/// Whether there may be tasks that share something and were not seen.
pub fn is_partial(scan: &Scan) -> bool {
    let is_unseen = |task: &Task| task.unseen.is_some() && !task.stat.is_kernel();
    scan.caller.is_hidden || scan.refused > 0 || scan.tasks.iter().any(is_unseen)
}

/// Writes how many comparisons held.
pub fn held(out: &mut dyn Sink, scan: &Scan) {
    if scan.blind.is_none() {
        out!(out, scan.calls, " comparisons, held on the second look: ", scan.held.held, " of ", scan.held.all);
    } else {
        out!(out, "nothing could be compared");
    }
}

/// A cause, or none, with the errno of the first task that it holds for, and the number of tasks.
pub struct Count<'a> {
    /// What was refused.
    pub unseen: Unseen,
    /// The first task.
    pub first: &'a Task,
    /// The number of tasks.
    pub tasks: usize,
}

/// Calls a function with each cause for which something cannot be seen.
pub fn each_unseen<'a>(scan: &'a Scan, visit: &mut dyn FnMut(Count<'a>)) {
    let causes = Cause::ALL.iter().copied().map(Some).chain([None]);
    for cause in causes {
        let with = |task: &&Task| scan.why_any_unseen(task).is_some_and(|unseen| unseen.cause == cause);
        // Of the tasks that are not on the page, those are told that the page may lack.
        let mut tasks = scan.tasks.iter().filter(|task| !task.stat.is_kernel() || task.place.is_some()).filter(with);
        if let Some(first) = tasks.next()
            && let Some(unseen) = scan.why_any_unseen(first)
        {
            visit(Count { unseen, first, tasks: 1 + tasks.count() });
        }
    }
}

/// Writes what could not be seen, and why.
pub fn unseen(out: &mut dyn Sink, scan: &Scan) {
    if let Some(Unseen { errno, cause }) = scan.blind {
        line(out, |out| {
            out!(out, "unseen: all that kcmp(2) tells: ", Name(errno));
            if let Some(cause) = cause {
                out!(out, ": ", cause.text());
            }
        });
    }
    each_unseen(scan, &mut |Count { unseen: Unseen { errno, cause }, first, tasks }| {
        if scan.blind.is_some_and(|blind| blind.cause == cause) {
            return;
        }
        line(out, |out| {
            out!(out, "unseen: ", tasks, if tasks == 1 { " task (" } else { " tasks (" }, Outside(scan.name(first)));
            out!(out, " ", first.tid, if tasks == 1 { "" } else { ", .." }, "): ", Name(errno));
            if let Some(cause) = cause {
                out!(out, ":\n", cause.text());
            }
        });
    });
    if scan.refused > 0 {
        out!(out, "unseen: ", scan.refused, " processes of which /proc says nothing\n");
    }
    if scan.caller.is_hidden {
        out!(out, "/proc has the mount option hidepid, and may hide more\n");
    }
}
