//! The page: a line per process, letters for what is shared.

use super::foot;
use super::lines::{self, Letters, Line};
use crate::inspect::object::{Object, Resource};
use crate::inspect::place::{self, Space};
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use crate::report::show::ExitSignal;
use crate::text::{Joined, Outside, Repeat, Room, Show, Sink, Style, Styled, out};
use alloc::vec::Vec;

/// The column at which the names and the notes begin, and that of the namespaces on a page that is wide enough.
const NAME: usize = 8;
const SPACES: usize = 60;
const WIDE: usize = 80;

/// The column of each resource, and its head.
const COLUMNS: [(usize, &str); 6] = [(24, "MEM"), (28, "FILES"), (34, "FS"), (37, "SIGH"), (42, "UNDO"), (47, "IO")];
const END: (usize, &str) = (51, "END");

/// How the page is laid out.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Form {
    /// Whether the processes are drawn as a tree.
    pub is_tree: bool,
    /// Whether every thread has a line.
    pub each: bool,
}

/// Writes the page.
pub fn write(out: &mut dyn Sink, scan: &Scan, form: Form) {
    let mut all = Vec::new();
    let mut branches = Vec::new();
    for (group, branch) in order(scan, form.is_tree) {
        let start = all.len();
        lines::of_group(scan, group, form.each, &mut all);
        branches.extend((start..all.len()).map(|_| branch.clone()));
    }
    let letters = Letters::new(scan, &all);
    head(out);
    for (line, branch) in all.iter().zip(&branches) {
        write_line(out, scan, &letters, line, branch);
        if line.is_first {
            notes(out, scan, line, &all);
        }
    }
    foot::write(out, scan, &letters);
}

/// Blanks up to a column, or a new line first if that is passed.
fn to_column(out: &mut dyn Sink, column: usize) {
    if out.column() > column {
        "\n".show(out);
    }
    Repeat(" ", column - out.column()).show(out);
}

fn head(out: &mut dyn Sink) {
    out!(out, " TASK");
    to_column(out, NAME);
    out!(out, "NAME");
    for (column, name) in COLUMNS.into_iter().chain([END]) {
        to_column(out, column);
        out!(out, name);
    }
    if out.width() >= WIDE {
        to_column(out, SPACES);
        out!(out, "NAMESPACES");
    }
    out!(out, "\n");
}

/// The branches of a tree in front of a line, from the root on: whether each goes on below.
type Branch = Vec<bool>;

/// The groups that are shown, in the order of the page.
fn order(scan: &Scan, is_tree: bool) -> Vec<(usize, Branch)> {
    let shown = || (0..scan.groups.len()).filter(|group| scan.shown[*group]);
    if !is_tree {
        return shown().map(|group| (group, Vec::new())).collect();
    }
    // By group, its first child and its next sibling; the last is for the roots.
    let (count, nobody) = (scan.groups.len(), usize::MAX);
    let (mut first, mut next) = (alloc::vec![nobody; count + 1], alloc::vec![nobody; count]);
    for group in shown().collect::<Vec<_>>().into_iter().rev() {
        let parent = scan.parent_of(group).filter(|parent| scan.shown[*parent] && *parent != group).unwrap_or(count);
        next[group] = core::mem::replace(&mut first[parent], group);
    }
    let mut order = Vec::new();
    // What is still to be written, the next one last.
    let mut rest: Vec<(usize, Branch)> = Vec::new();
    rest.extend((first[count] != nobody).then(|| (first[count], Vec::new())));
    while let Some((group, branch)) = rest.pop() {
        if next[group] != nobody {
            let mut sibling = branch.clone();
            if let Some(goes_on) = sibling.last_mut() {
                *goes_on = next[next[group]] != nobody;
            }
            rest.push((next[group], sibling));
        }
        if first[group] != nobody {
            let mut below = branch.clone();
            below.push(next[first[group]] != nobody);
            rest.push((first[group], below));
        }
        order.push((group, branch));
    }
    order
}

/// The branches in front of the line of a group or of one of its threads.
fn draw_branch(out: &mut dyn Sink, branch: &[bool], is_first: bool) {
    out!(out, " ");
    for (depth, goes_on) in branch.iter().enumerate() {
        let is_last = depth + 1 == branch.len();
        out!(
            out,
            match (is_first && is_last, *goes_on) {
                (true, true) => "|-",
                (true, false) => "`-",
                (false, true) => "| ",
                (false, false) => "  ",
            }
        );
    }
}

fn write_line(out: &mut dyn Sink, scan: &Scan, letters: &Letters, line: &Line, branch: &[bool]) {
    let task = &scan.tasks[line.task];
    draw_branch(out, branch, line.is_first);
    match (line.is_first, line.count) {
        (true, _) => out!(out, task.group, " "),
        (false, 1) => out!(out, " ", task.tid, " "),
        (false, count) => out!(out, " ", count, " threads "),
    }
    let room = NAME.saturating_sub(out.column());
    out!(out, Repeat(" ", room), Outside(scan.name(task)));
    for (resource, (column, _)) in Resource::ALL.into_iter().zip(COLUMNS) {
        let is_passed = out.column() >= column && resource == Resource::Memory;
        if is_passed {
            out!(out, "\n");
        }
        // Under the middle of its head.
        to_column(out, column + usize::from(resource != Resource::Fs));
        cell(out, letters, resource, task.object(resource));
    }
    to_column(out, END.0);
    let group = &scan.tasks[scan.groups[line.group].start];
    match if line.is_first { group } else { task }.stat.exit_signal {
        -1 => out!(out, "-"),
        0 => out!(out, "none"),
        number => out!(out, ExitSignal(number as u64)),
    }
    spaces(out, scan, letters, task);
    out!(out, "\n");
}

/// What a task has of a resource.
fn cell(out: &mut dyn Sink, letters: &Letters, resource: Resource, object: Object) {
    match (object, letters.of(resource, object)) {
        (_, Some(letter)) => out!(out, Styled(Style::Strong, letter)),
        (Object::Class(_), None) => out!(out, "."),
        (Object::None, _) => out!(out, "-"),
        (Object::Unseen | Object::Changing, _) => out!(out, Styled(Style::Doubtful, "?")),
    }
}

/// The namespaces that are not the caller's.
fn spaces(out: &mut dyn Sink, scan: &Scan, letters: &Letters, task: &Task) {
    let Some(place) = scan.place(task) else { return };
    let mut words = Words { is_begun: false };
    if place.spaces.contains(&Space::Unseen) {
        words.add(out, Styled(Style::Doubtful, "?"));
        return;
    }
    for (index, space) in place.spaces.iter().enumerate() {
        let own = place::own_index(index);
        let is_other = match space {
            // Those for the children are told where they are not the task's.
            _ if own != index => *space != place.spaces[own] && !task.stat.has_ended(),
            Space::Is(_) => *space != scan.own_spaces[index],
            _ => false,
        };
        if is_other {
            match letters.of_space(index, *space) {
                Some(letter) => words.add(out, (place::name_of(index), "=", letter)),
                None => words.add(out, place::name_of(index)),
            }
        }
    }
}

/// The words of the last column, which a narrow page has in lines of their own.
struct Words {
    is_begun: bool,
}

impl Words {
    /// Adds a word, in a new line if it does not fit.
    fn add(&mut self, out: &mut dyn Sink, word: impl Show) {
        let mut length = Room::<32>::new();
        word.show(&mut length);
        let length = length.bytes().map_or(0, <[u8]>::len);
        let column = if out.width() >= WIDE { SPACES } else { NAME };
        match self.is_begun {
            true if out.column() + 1 + length <= out.width() => out!(out, " "),
            true => {
                out!(out, "\n");
                to_column(out, column);
            }
            false => {
                to_column(out, column);
                if column == NAME {
                    out!(out, "namespaces: ");
                }
            }
        }
        self.is_begun = true;
        out!(out, word);
    }
}

/// Writes the notes on a group below its line.
fn notes(out: &mut dyn Sink, scan: &Scan, line: &Line, all: &[Line]) {
    let mut note = Note { is_begun: false };
    let tasks = &scan.tasks[scan.groups[line.group].clone()];
    let leader = &tasks[0];
    if leader.stat.has_ended() {
        note.begin(out);
        let is_alone = tasks.iter().all(|task| task.stat.has_ended());
        out!(out, if is_alone { "has ended, and is not reaped" } else { "its first task has ended" });
    }
    if tasks.len() > 1 {
        note.begin(out);
        threads(out, scan, line, tasks, all);
    }
    let workers = tasks.iter().filter(|task| task.stat.is_worker()).count();
    if workers > 0 {
        note.begin(out);
        out!(out, workers, if workers == 1 { " is a worker" } else { " are workers" }, " of the kernel");
    }
    for task in tasks {
        waits(out, scan, task, &mut note);
        if let Some(tracer) = scan.place(task).map(|place| place.tracer).filter(|tracer| *tracer != 0) {
            note.begin(out);
            out!(out, task.tid, " is traced by ", tracer);
        }
    }
    if note.is_begun {
        out!(out, "\n");
    }
}

/// What the threads of a group have in common.
fn threads(out: &mut dyn Sink, scan: &Scan, line: &Line, tasks: &[Task], all: &[Line]) {
    let lines = all.iter().filter(|other| other.group == line.group).count();
    out!(out, tasks.len(), " threads");
    if scan.blind.is_some() || tasks.iter().any(|task| scan.why_any_unseen(task).is_some()) {
        // The rules of clone(2) say this much of every thread group.
        out!(out, ": one memory, one set of signal handlers");
    } else if lines == 1 {
        out!(out, ": all of it");
    } else if line.count > 1 {
        out!(out, ", ", line.count, " of them: all of it");
    }
}

/// For whom a task waits in vfork(2).
fn waits(out: &mut dyn Sink, scan: &Scan, task: &Task, note: &mut Note) {
    if scan.awaited(task).next().is_some() {
        note.begin(out);
        out!(out, task.tid, " waits in vfork for ", Joined(" or ", scan.awaited(task)));
    }
}

/// The notes of a group, on one line as long as they fit.
struct Note {
    is_begun: bool,
}

impl Note {
    /// Begins the next note.
    fn begin(&mut self, out: &mut dyn Sink) {
        const ROOM: usize = 40;
        match self.is_begun && out.column() + ROOM > out.width() {
            true => out!(out, "\n"),
            false if self.is_begun => return out!(out, "; "),
            false => {}
        }
        self.is_begun = true;
        to_column(out, NAME);
    }
}
