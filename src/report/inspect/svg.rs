//! The picture of any number of tasks in SVG: a row for each line of the page, a column for each resource, and in a
//! column the same letter for the same object.

use super::lines::{self, Letters, Line};
use crate::inspect::object::{Object, Resource};
use crate::inspect::scan::Scan;
use crate::report::picture::sheet::{
    BOX, Block, COMMON, Column, DASHED, HEAD, LABEL, MARGIN, Nowhere, PLAIN, PROSE, SOLE, document, head, object, prose,
};
use crate::text::{Outside, Show, Sink, With, out};
use alloc::vec::Vec;

/// The column of the tasks, and the first of the objects.
const TASKS: Column = Column(MARGIN, 226);
const OBJECTS: Column = Column(256, 76);
/// From one column to the next.
const STEP: usize = 89;

/// The least height of a row.
const ROW: usize = BOX + 8;

/// The longest heading: two lines.
const HEADING: usize = 2 * Block::height_of(SMALL) + 8;
const SMALL: usize = 10;

/// What the signs mean.
const LEGEND: [&str; 2] = [
    "gray: an object that others have too; in a column, the same letter is the same object",
    "white: an object of this row alone; dashed: it could not be seen; no box: there is none",
];

/// Writes the picture.
pub fn write(out: &mut dyn Sink, scan: &Scan) {
    let mut all = Vec::new();
    for group in (0..scan.groups.len()).filter(|group| scan.shown[*group]) {
        lines::of_group(scan, group, false, &mut all);
    }
    let letters = Letters::new(scan, &all);
    let title = "inspect: what the tasks share";
    let told = LEGEND.each_ref().map(|line| line as &dyn Show);
    let top = head(&mut Nowhere, &title, &told) + PROSE;
    let rows = top + HEADING;
    let height = all.iter().map(|line| row(&mut Nowhere, scan, &letters, line, rows)).sum::<usize>();
    let none = "none of the tasks can be seen";
    let foot = if all.is_empty() { prose(&mut Nowhere, rows, &none) } else { 0 };
    document(out, rows + height + foot + MARGIN, &title, &|out| {
        head(out, &title, &told);
        for (place, resource) in Resource::ALL.into_iter().enumerate() {
            let Column(x, width) = column(place);
            let block = Block { x: x + width / 2, top, size: SMALL, width: STEP, more: HEAD };
            block.write(out, &resource.name());
        }
        let mut top = rows;
        for line in &all {
            top += row(out, scan, &letters, line, top);
        }
        if all.is_empty() {
            prose(out, rows, &none);
        }
    });
}

/// The column of a resource.
const fn column(place: usize) -> Column {
    Column(OBJECTS.0 + STEP * place, OBJECTS.1)
}

/// A thread group, or those of its threads that are alike; answers the height.
fn row(out: &mut dyn Sink, scan: &Scan, letters: &Letters, line: &Line, top: usize) -> usize {
    let task = &scan.tasks[line.task];
    let label = With(|out: &mut dyn Sink| {
        let id = if line.is_first { task.group } else { task.tid };
        out!(out, id, " ", Outside(scan.name(task)));
        if line.count > 1 {
            out!(out, " +", line.count - 1);
        }
    });
    let block = Block { x: TASKS.0, top, size: LABEL, width: TASKS.1, more: PLAIN };
    let height = block.write(&mut Nowhere, &label);
    let row = ROW.max(height + 8);
    Block { top: top + (row - height) / 2, ..block }.write(out, &label);
    let middle = top + row / 2;
    for (place, resource) in Resource::ALL.into_iter().enumerate() {
        let has = task.object(resource);
        match (has, letters.of(resource, has)) {
            (Object::None, _) => {}
            (Object::Unseen | Object::Changing, _) => object(out, column(place), middle, DASHED, &"?"),
            (Object::Class(_), Some(letter)) => object(out, column(place), middle, COMMON, &letter),
            (Object::Class(_), None) => object(out, column(place), middle, SOLE, &""),
        }
    }
    row
}
