//! Pictures of who shares what, for dot(1) and for Mermaid.
//!
//! A thread group is one node unless its threads differ, and an object is drawn if two groups have it.

use super::lines::{self, Letters, Line};
use crate::inspect::object::Resource;
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use crate::text::{Outside, Room, Show, Sink, out};
use alloc::vec::Vec;

/// The syntax of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    /// That of dot(1).
    Dot,
    /// Mermaid.
    Mermaid,
}

/// Writes a picture.
pub fn write(out: &mut dyn Sink, scan: &Scan, syntax: Syntax) {
    let mut all = Vec::new();
    for group in (0..scan.groups.len()).filter(|group| scan.shown[*group]) {
        lines::of_group(scan, group, false, &mut all);
    }
    let letters = Letters::new(scan, &all);
    out!(out, if syntax == Syntax::Dot { "graph chimera {\n  rankdir=LR;\n" } else { "graph LR\n" });
    all.iter().for_each(|line| node(out, scan, syntax, line));
    for resource in Resource::ALL {
        for (class, letter) in letters.all(resource).filter(|(class, _)| scan.sharing(resource, *class).groups > 1) {
            object(out, syntax, resource, class, letter);
        }
    }
    for line in &all {
        edges(out, scan, syntax, line);
    }
    if syntax == Syntax::Dot {
        out!(out, "}\n");
    }
}

/// A text between the quotes of a label.
struct Label<'a>(&'a [u8]);

impl Show for Label<'_> {
    fn show(&self, out: &mut dyn Sink) {
        // Nothing that is a sign of either language.
        let mut plain = Room::<256>::new();
        Outside(self.0).show(&mut plain);
        for byte in plain.bytes().unwrap_or(b"?") {
            match byte {
                b'"' | b'\\' | b'<' | b'>' | b'#' | b'&' | b'`' | b'[' | b']' => out.put(b"?"),
                _ => out.put(&[*byte]),
            }
        }
    }
}

/// A thread group, or those of its threads that are alike.
fn node(out: &mut dyn Sink, scan: &Scan, syntax: Syntax, line: &Line) {
    let task = &scan.tasks[line.task];
    let id = id(task, line);
    let shape = if syntax == Syntax::Dot { " [shape=box,label=\"" } else { "[\"" };
    out!(out, "  t", id, shape, id, " ", Label(scan.name(task)));
    if line.count > 1 {
        out!(out, " +", line.count - 1);
    }
    out!(out, if syntax == Syntax::Dot { "\"];\n" } else { "\"]\n" });
}

/// The id of a node: that of the group for its first line.
fn id(task: &Task, line: &Line) -> usize {
    if line.is_first { task.group.number() } else { task.tid.number() }
}

/// An object.
fn object(out: &mut dyn Sink, syntax: Syntax, resource: Resource, class: u32, letter: impl Show) {
    let name = (resource.name(), " ", letter);
    match syntax {
        Syntax::Dot => out!(out, "  ", resource.key(), class, " [label=\"", name, "\"];\n"),
        Syntax::Mermaid => out!(out, "  ", resource.key(), class, "((\"", name, "\"))\n"),
    }
}

/// The edges of a node: to its objects, and from its parent.
fn edges(out: &mut dyn Sink, scan: &Scan, syntax: Syntax, line: &Line) {
    let task = &scan.tasks[line.task];
    let (id, edge, end) = match syntax {
        Syntax::Dot => (id(task, line), " -- ", ";\n"),
        Syntax::Mermaid => (id(task, line), " --- ", "\n"),
    };
    for resource in Resource::ALL {
        if let Some(class) = task.object(resource).class()
            && scan.sharing(resource, class).groups > 1
        {
            out!(out, "  t", id, edge, resource.key(), class, end);
        }
    }
    let parent = scan.parent_of(line.group).filter(|parent| line.is_first && scan.shown[*parent]);
    if let Some(parent) = parent {
        let parent = scan.tasks[scan.groups[parent].start].group;
        match syntax {
            Syntax::Dot => out!(out, "  t", parent, " -- t", id, " [style=dashed];\n"),
            Syntax::Mermaid => out!(out, "  t", parent, " -.- t", id, "\n"),
        }
    }
}
