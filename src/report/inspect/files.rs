//! The open files that are in more than one file table.

use crate::inspect::files::{Files, Holder, Shared};
use crate::inspect::scan::Scan;
use crate::text::{Outside, Repeat, Show, Sink, With, Wrapped, out};

/// The blanks before an indented line.
const INDENT: usize = 4;

/// Writes the list for people: an open file, and below it who has it by which descriptors.
pub fn write(out: &mut dyn Sink, scan: &Scan, files: &Files) {
    let text = With(|out: &mut dyn Sink| {
        out!(out, files.shared.len(), " open files are in more than one of ", files.tables, " file tables, by ");
        out!(out, files.calls, " comparisons");
    });
    out!(out, Wrapped { text, indent: 2 }, "\n");
    for shared in &files.shared {
        out!(out, "  ", Outside(files.names.get(shared.name)), "\n");
        for (place, holders) in of_task(files, shared).enumerate() {
            let holder = &holders[0];
            let name = (Outside(scan.text(holder.name)), " ", holder.group);
            begin(out, place == 0);
            out!(out, name);
            if holder.tid != holder.group {
                out!(out, "/", holder.tid);
            }
            out!(out, ":");
            for holder in holders {
                if out.column() + 8 > out.width() {
                    out!(out, "\n", Repeat(" ", INDENT + 2));
                }
                out!(out, " ", holder.fd.number());
            }
        }
        out!(out, "\n");
    }
}

/// Begins the next holder, in a new line if this one is long.
fn begin(out: &mut dyn Sink, is_first: bool) {
    const ROOM: usize = 32;
    match (is_first, out.column() + ROOM > out.width()) {
        (true, _) => Repeat(" ", INDENT).show(out),
        (false, true) => out!(out, ",\n", Repeat(" ", INDENT)),
        (false, false) => out!(out, ", "),
    }
}

/// The descriptors of an open file, by their tasks.
fn of_task<'a>(files: &'a Files, shared: &Shared) -> impl Iterator<Item = &'a [Holder]> {
    files.holders[shared.holders.clone()].chunk_by(|one, other| one.tid == other.tid)
}
