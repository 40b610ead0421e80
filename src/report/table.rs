//! The tables of all pages about tasks: both tasks' ids, each resource with its two witnesses, and the tour's comparison.

use crate::experiment::findings::{Findings, Identity};
use crate::report::names::{Id, Names};
use crate::text::table::{Column, Row, table};
use crate::text::{Show, Sink, Style, Styled, Wrapped, out, paragraph};
use crate::witness::resource::{OF_MODES, RESOURCES, Resource};
use crate::witness::verdict::{self, Verdict};

/// The columns about tasks. A narrow page has no room for gid, then for uid, then for ppid.
static OF_TASKS: [Column; 7] = [
    Column::text("task"),
    Column::number("ppid").leaves(3),
    Column::number("pid"),
    Column::number("tid"),
    Column::number("uid").leaves(2),
    Column::number("gid").leaves(1),
    Column::number("counter"),
];

/// The columns about resources. A narrow page has no room for flag, then for asked, then for behaviour and kernel; the
/// resource and its verdict stay.
static OF_RESOURCES: [Column; 6] = [
    Column::text("resource"),
    Column::text("flag").leaves(1),
    Column::text("asked").leaves(2),
    Column::text("kernel").leaves(4),
    Column::text("behaviour").leaves(3),
    Column::text("verdict"),
];

/// Prints what both tasks say of themselves.
pub fn tasks(out: &mut dyn Sink, findings: &Findings, names: Names) {
    table(out, &OF_TASKS, &|row| {
        task(row, "parent", &findings.parent, &|id| names.id(id));
        task(row, "child", &findings.child, &|id| names.id_of_child(id));
    });
}

/// Prints the row of a task.
fn task(row: &mut dyn FnMut(&Row<7>), name: &str, task: &Identity, id: &dyn Fn(Option<usize>) -> Id) {
    let [uid, gid, counter] = [task.uid, task.gid, task.counter].map(Id::Number);
    row(&[&name, &id(task.ppid), &id(task.pid), &id(task.tid), &uid, &gid, &counter]);
}

/// Prints resources, each with what was asked for, what its two witnesses say, and the verdict.
pub fn resources<'a, Rows>(out: &mut dyn Sink, rows: Rows)
where
    Rows: Iterator<Item = (&'static Resource, &'a verdict::Row)> + Clone,
{
    table(out, &OF_RESOURCES, &|line| {
        for (resource, row) in rows.clone() {
            let [asked, kernel, behaviour] = resource.words(row);
            let verdict = Styled(style(row.verdict), row.verdict.name());
            line(&[&resource.name, &resource.flag, &asked, &kernel, &behaviour, &verdict]);
        }
    });
}

/// How a verdict looks.
fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Honoured => Style::Good,
        Verdict::NotHonoured => Style::Bad,
        Verdict::Unknown => Style::Doubtful,
    }
}

/// The number of tasks in the tour.
pub const TASKS: usize = 6;

/// A task in the tour's table.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The task's name.
    pub name: &'static str,
    /// The turn in which the task has to leave a page that is too narrow for all.
    pub turn: u8,
    /// The findings about it.
    pub findings: &'a Findings<'a>,
}

/// Prints the tour's table: a row per resource, a column per task. `reason` is why a skipped task was refused, as far as
/// that is known.
pub fn tour(out: &mut dyn Sink, tasks: [Shown; TASKS], reason: &dyn Show) {
    let title = Wrapped { text: "What each task shares with the task that made it", indent: 2 };
    out!(out, Styled(Style::Strong, title), "\n");
    let [a, b, c, d, e, f] = tasks.map(|task| Column::text(task.name).leaves(task.turn));
    table(out, &[Column::text("resource"), a, b, c, d, e, f], &|line| {
        for (place, resource) in RESOURCES.iter().enumerate().take(OF_MODES) {
            let [a, b, c, d, e, f] = tasks.map(|task| cell(task.findings, place).styled());
            line(&[&resource.name, &a, &b, &c, &d, &e, &f]);
        }
    });
    note(out, "shared: one object for both tasks; copied: an object of its own, equal at first; new: a fresh one.");
    note(out, "parent process: new if the maker is the parent, shared if the maker's own parent is.");
    let is_any =
        |cell: Cell| tasks.iter().any(|task| (0..OF_MODES).any(|place| self::cell(task.findings, place) == cell));
    for cell in [Cell::Skipped, Cell::Failed, Cell::Wrong, Cell::Unknown].into_iter().filter(|cell| is_any(*cell)) {
        match cell {
            Cell::Skipped => note(out, (cell.word(), ": the kernel refuses this task here", reason)),
            _ => note(out, (cell.word(), ": ", cell.meaning())),
        }
    }
}

/// Prints an indented paragraph.
pub fn note(out: &mut dyn Sink, text: impl Show) {
    paragraph(out, 2, text);
}

/// What the tour's table says of a task and a resource.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    /// What was asked for is proven.
    Proven(&'static str),
    Skipped,
    Failed,
    Wrong,
    Unknown,
}

impl Cell {
    const fn word(self) -> &'static str {
        match self {
            Self::Proven(asked) => asked,
            Self::Skipped => "SKIP",
            Self::Failed => "FAILED",
            Self::Wrong => "WRONG",
            Self::Unknown => "unknown",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Proven(_) => "proven",
            Self::Skipped => "refused as predicted",
            Self::Failed => "the task was not made or not examined; a message says why.",
            Self::Wrong => "the kernel does not do what was asked for; the page of the task shows it.",
            Self::Unknown => "no witness could see it, or the two contradict each other.",
        }
    }

    const fn styled(self) -> Styled<&'static str> {
        let style = match self {
            Self::Proven(_) => Style::Plain,
            Self::Skipped | Self::Unknown => Style::Doubtful,
            Self::Failed | Self::Wrong => Style::Bad,
        };
        Styled(style, self.word())
    }
}

/// The cell of a task and a resource.
fn cell(task: &Findings, place: usize) -> Cell {
    let row = &task.rows[place];
    match row.verdict {
        _ if task.is_forbidden() => Cell::Skipped,
        _ if !task.is_told() => Cell::Failed,
        Verdict::Honoured => Cell::Proven(row.asked.name()),
        Verdict::NotHonoured => Cell::Wrong,
        Verdict::Unknown => Cell::Unknown,
    }
}
