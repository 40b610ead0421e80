//! A picture for dot(1): from left to right the first task's own objects, that task, what both share, the second task and
//! its own objects.

use super::value::{COLUMNS, Column, Picture, Seen, Task};
use crate::text::{Escaped, Show, Sink, out};

/// Writes the picture.
pub fn write(out: &mut dyn Sink, picture: &Picture) {
    out!(out, "digraph chimera {\n  rankdir=LR;\n  labelloc=t;\n  labeljust=l;\n  fontname=monospace;\n");
    out!(out, "  node [fontname=monospace];\n  label=\"", quoted(picture.title), "\\l");
    for line in picture.told {
        out!(out, quoted(line), "\\l");
    }
    picture.notes("dashed ", &mut |note| out!(out, quoted(note), "\\l"));
    out!(out, "\";\n");
    task(out, "one", &picture.one);
    match picture.other {
        Ok(other) => {
            task(out, "other", &other);
            two(out, picture);
        }
        Err(why) => out!(out, "  none [shape=plaintext,label=\"", quoted(why), "\"];\n  one -> none;\n"),
    }
    out!(out, "}\n");
}

/// A task.
fn task(out: &mut dyn Sink, id: &str, task: &Task) {
    out!(out, "  ", id, " [shape=box,label=\"", quoted(task.name));
    for fact in task.facts {
        out!(out, "\\n", quoted(fact));
    }
    out!(out, "\"];\n");
}

/// The objects of two tasks.
fn two(out: &mut dyn Sink, picture: &Picture) {
    for (column, side) in COLUMNS.into_iter().zip(["one", "both", "other"]) {
        cluster(out, picture, side, &column);
    }
    // The tasks keep their sides even if they share nothing.
    out!(out, "  one -> other [style=invis,minlen=2];\n");
    for item in picture.objects() {
        let [one, both, other] = ["one", "both", "other"].map(|side| Node(side, item.name));
        let [has_one, has_other] = item.seen.own();
        if item.seen.is_between() {
            let dashed = if item.seen == Seen::Unknown { ",style=dashed" } else { "" };
            out!(out, "  one -> ", both, " [dir=forward", dashed, "];\n");
            out!(out, "  ", both, " -> other [dir=back", dashed, "];\n");
        }
        if has_one {
            out!(out, "  ", one, " -> one [dir=back];\n");
        }
        if has_other {
            out!(out, "  other -> ", other, ";\n");
        }
    }
}

/// The objects at one side of the tasks, or between them.
fn cluster(out: &mut dyn Sink, picture: &Picture, side: &'static str, column: &Column) {
    if !picture.objects().any(column.holds) {
        return;
    }
    out!(out, "  subgraph cluster_", side, " {\n    label=\"", column.heading, "\";\n    color=gray;\n");
    for item in picture.objects().filter(|item| (column.holds)(item)) {
        let look = match item.seen {
            Seen::One => ",style=filled,fillcolor=lightgray",
            Seen::Unknown => ",style=dashed",
            Seen::Two | Seen::First | Seen::Second => "",
        };
        out!(out, "    ", Node(side, item.name), " [label=\"", quoted(item.label()), "\"", look, "];\n");
    }
    out!(out, "  }\n");
}

/// The id of an object.
struct Node(&'static str, &'static str);

impl Show for Node {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, "\"", self.0, " ", quoted(self.1), "\"");
    }
}

/// A text between the quotes of a label.
fn quoted<T: Show>(text: T) -> Escaped<T> {
    Escaped(text, escape)
}

/// Writes one character, escaped for a text in quotes: dot(1) also reads entities there.
fn escape(out: &mut dyn Sink, character: char) {
    match character {
        '"' | '\\' => out!(out, "\\", &*character.encode_utf8(&mut [0; 4])),
        '&' => out!(out, "&amp;"),
        _ if character.is_control() => out!(out, " "),
        _ => out!(out, &*character.encode_utf8(&mut [0; 4])),
    }
}
