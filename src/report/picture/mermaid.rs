//! A picture for Mermaid: a flow chart with the columns of the one for dot(1).

use super::value::{COLUMNS, Column, Picture, Seen, Task};
use crate::text::{Escaped, Joined, Show, Sink, out};

/// Writes the picture.
pub fn write(out: &mut dyn Sink, picture: &Picture) {
    out!(out, "---\ntitle: \"", Escaped(picture.title, escape_title), "\"\n---\nflowchart LR\n");
    task(out, "one", &picture.one);
    match picture.other {
        Ok(other) => {
            task(out, "other", &other);
            two(out, picture);
        }
        Err(why) => out!(out, "  one --> none[\"", quoted(why), "\"]\n"),
    }
    out!(out, "  told[\"", Joined("<br>", picture.told.iter().map(quoted)));
    picture.notes("dashed ", &mut |note| out!(out, "<br>", quoted(note)));
    out!(out, "\"]\n  style told fill:none,stroke:none\n");
}

/// A task.
fn task(out: &mut dyn Sink, id: &str, task: &Task) {
    out!(out, "  ", id, "[\"", quoted(task.name));
    for fact in task.facts {
        out!(out, "<br>", quoted(fact));
    }
    out!(out, "\"]\n");
}

/// The objects of two tasks.
fn two(out: &mut dyn Sink, picture: &Picture) {
    for (column, side) in COLUMNS.into_iter().zip(["a", "b", "c"]) {
        group(out, picture, side, &column);
    }
    // The tasks keep their sides even if they share nothing.
    out!(out, "  one ~~~ other\n");
    for (number, item) in picture.objects().enumerate() {
        let [has_one, has_other] = item.seen.own();
        match item.seen {
            Seen::One => out!(out, "  one --> b", number, "\n  b", number, " --- other\n"),
            Seen::Unknown => out!(out, "  one -.-> b", number, "\n  b", number, " -.- other\n"),
            Seen::Two | Seen::First | Seen::Second => {}
        }
        if has_one {
            out!(out, "  a", number, " --- one\n");
        }
        if has_other {
            out!(out, "  other --> c", number, "\n");
        }
    }
}

/// The objects at one side of the tasks, or between them.
fn group(out: &mut dyn Sink, picture: &Picture, side: &str, column: &Column) {
    if !picture.objects().any(column.holds) {
        return;
    }
    out!(out, "  subgraph ", side, " [\"", column.heading, "\"]\n");
    for (number, item) in picture.objects().enumerate().filter(|(_, item)| (column.holds)(item)) {
        out!(out, "    ", side, number, "([\"", quoted(item.label()), "\"])\n");
    }
    out!(out, "  end\n");
}

/// A text between the quotes of a label.
fn quoted<T: Show>(text: T) -> Escaped<T> {
    Escaped(text, escape)
}

/// Writes one character, escaped for a text in quotes: Mermaid has numbers for all that is a sign there.
fn escape(out: &mut dyn Sink, character: char) {
    match character {
        '"' | '\\' | '#' | '&' | '<' | '>' | '`' => out!(out, "#", character as u32, ";"),
        _ if character.is_control() => out!(out, " "),
        _ => out!(out, &*character.encode_utf8(&mut [0; 4])),
    }
}

/// Writes one character, escaped for the title, which is a text of YAML in quotes.
fn escape_title(out: &mut dyn Sink, character: char) {
    match character {
        '"' | '\\' => out!(out, "\\", &*character.encode_utf8(&mut [0; 4])),
        _ if character.is_control() => out!(out, " "),
        _ => out!(out, &*character.encode_utf8(&mut [0; 4])),
    }
}
