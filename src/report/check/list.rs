//! The page of `check --list`: groups and leaves, with what each asks.

use crate::check::group::Group;
use crate::check::leaf::Leaf;
use crate::clone::flags::{FLAGS, Flags};
use crate::text::table::{Column, table};
use crate::text::{Show, Sink, Style, Styled, With, Wrapped, out};

/// The columns.
const COLUMNS: [Column; 3] = [Column::text("leaf"), Column::number("cases"), Column::prose("flags")];

/// How many flags of a leaf are named.
const NAMED: usize = 6;

/// Writes a group and its leaves.
pub fn group(out: &mut dyn Sink, group: &Group) {
    let leaves = group.leaves().count();
    let text = With(|out: &mut dyn Sink| {
        out!(out, Styled(Style::Strong, group.name), ": ", group.about, " (");
        out!(out, leaves, if leaves == 1 { " leaf, " } else { " leaves, " }, group.cases(), " cases");
        out!(out, if group.is_usual { "" } else { ", only if it is named" }, ")");
    });
    out!(out, Wrapped { text, indent: 2 }, "\n");
    table(out, &COLUMNS, &|row| {
        for Leaf { name, cases, flags, .. } in group.leaves() {
            row(&[&name, &cases, &Shortened(flags)]);
        }
    });
}

/// Flags without CLONE_, of which the first are named.
struct Shortened(Flags);

impl Show for Shortened {
    fn show(&self, out: &mut dyn Sink) {
        let of_leaf = || FLAGS.iter().filter(|flag| self.0.contains(flag.bit));
        let count = of_leaf().count();
        let named = if count > NAMED + 1 { NAMED } else { count };
        for (place, flag) in of_leaf().take(named).enumerate() {
            out!(out, if place == 0 { "" } else { " " }, flag.name);
        }
        match count - named {
            0 if count == 0 => out!(out, "-"),
            0 => {}
            more => out!(out, " and ", more, " more"),
        }
    }
}
