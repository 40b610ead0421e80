//! A picture in text: five columns, which fit a terminal of 80 columns, and one of 60.

use super::value::{Item, OWN, Picture, SHARED, Seen, Task};
use crate::text::table::width_of;
use crate::text::{Repeat, Show, Sink, Style, Styled, Wrapped, out};

/// The widest picture.
const WIDEST: usize = 80;

/// The longest name of an object.
const NAME: usize = 16;

/// The columns in which the two tasks stand, and the last one.
struct Columns {
    tasks: [usize; 2],
    /// The length of an arrow to what is a task's own, without its head.
    arrow: usize,
    end: usize,
}

/// Writes the picture.
pub fn write(out: &mut dyn Sink, picture: &Picture) {
    let end = out.width().min(WIDEST);
    out!(out, Styled(Style::Strong, Wrapped { text: picture.title, indent: 2 }), "\n");
    for line in picture.told {
        out!(out, Wrapped { text: line, indent: 2 }, "\n");
    }
    out!(out, "\n");
    let arrow = if end >= WIDEST { 4 } else { 1 };
    let left = NAME + 2 + arrow;
    let columns = Columns { tasks: [left, end.saturating_sub(left + 1).max(left + NAME + 5)], arrow, end };
    match picture.other {
        Ok(other) => two(out, picture, other, &columns),
        Err(why) => alone(out, &picture.one, why),
    }
    let mut is_first = true;
    picture.notes("? ", &mut |note| {
        if core::mem::take(&mut is_first) {
            out!(out, "\n");
        }
        out!(out, Wrapped { text: note, indent: 2 }, "\n");
    });
}

/// Both tasks.
fn two(out: &mut dyn Sink, picture: &Picture, other: Task, columns: &Columns) {
    let [left, right] = columns.tasks;
    centred(out, NAME / 2, &OWN);
    centred(out, left, picture.one.name);
    centred(out, (left + right) / 2, &SHARED);
    centred(out, right, other.name);
    centred(out, columns.end - NAME / 2, &OWN);
    out!(out, "\n");
    for (one, other) in picture.one.facts.iter().zip(other.facts) {
        centred(out, left, one);
        centred(out, right, other);
        out!(out, "\n");
    }
    bars(out, columns);
    for item in picture.objects() {
        row(out, item, columns);
    }
    bars(out, columns);
}

/// A task that made no other.
fn alone(out: &mut dyn Sink, task: &Task, why: &str) {
    out!(out, "  ", task.name, "  ----->  ", why, "\n");
    for fact in task.facts {
        out!(out, "  ", fact, "\n");
    }
}

/// A line that goes on with both tasks.
fn bars(out: &mut dyn Sink, columns: &Columns) {
    for place in columns.tasks {
        to(out, place);
        out!(out, "|");
    }
    out!(out, "\n");
}

/// An object, or one for each task.
fn row(out: &mut dyn Sink, item: &Item, columns: &Columns) {
    let [left, right] = columns.tasks;
    let width = width_of(&item.name);
    let [mut from, mut to_it] = ["<", ">"];
    if item.is_otherwise {
        [from, to_it] = ["!"; 2];
    }
    if item.seen.is_between() {
        let mut line = "-";
        if item.seen == Seen::Unknown {
            line = ".";
            [from, to_it] = ["?"; 2];
        }
        let room = (right - left - 1).saturating_sub(width + 4);
        to(out, left);
        out!(out, "+", Repeat(line, room / 2), to_it, " ", item.name, " ", from);
        out!(out, Repeat(line, room - room / 2), "+\n");
        return;
    }
    let [has_one, has_other] = item.seen.own();
    if has_one {
        to(out, (left - columns.arrow - 2).saturating_sub(width));
        out!(out, item.name, " ", from, Repeat("-", columns.arrow), "+");
    } else {
        to(out, left);
        out!(out, "|");
    }
    to(out, right);
    if has_other {
        out!(out, "+", Repeat("-", columns.arrow), to_it, " ", item.name, "\n");
    } else {
        out!(out, "|\n");
    }
}

/// Writes blanks up to a column.
fn to(out: &mut dyn Sink, column: usize) {
    let blanks = column.saturating_sub(out.column());
    out!(out, Repeat(" ", blanks));
}

/// Writes a value around a column.
fn centred(out: &mut dyn Sink, column: usize, value: &dyn Show) {
    to(out, column.saturating_sub(width_of(value) / 2));
    out!(out, value);
}
