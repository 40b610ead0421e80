//! A picture in SVG: both tasks as tall boxes from which arrows lead to their objects.

use super::sheet::{
    BOX, Block, COMMON, Column, DASHED, HEAD, LABEL, MARGIN, MIDDLE, Nowhere, PLAIN, PROSE, SOLE, WIDTH, arrow,
    document, head, object, prose, rect,
};
use super::value::{Item, OWN, Picture, SHARED, Seen, Task};
use crate::text::{Sink, out};

/// The height of a row.
const ROW: usize = BOX + 10;

/// The five columns: both tasks, and left, between and right of them the objects.
const LEFT: Column = Column(MARGIN, 146);
const ONE: Column = Column(190, 112);
const BETWEEN: Column = Column(328, 144);
const OTHER: Column = Column(498, 112);
const RIGHT: Column = Column(634, 146);

/// Writes the picture.
pub fn write(out: &mut dyn Sink, picture: &Picture) {
    let top = head(&mut Nowhere, picture.title, picture.told) + PROSE;
    let end = match picture.other {
        Ok(_) => top + names(picture, top) + ROW * picture.objects().count() + PROSE,
        Err(_) => top + task(&mut Nowhere, picture.one, ONE, top, 0) + PROSE,
    };
    let height = notes(&mut Nowhere, picture, end) + MARGIN;
    document(out, height, picture.title, &|out| {
        head(out, picture.title, picture.told);
        match picture.other {
            Ok(other) => two(out, picture, other, top),
            Err(why) => alone(out, picture.one, why, top),
        }
        notes(out, picture, end);
    });
}

/// What stands below; answers where it ends.
fn notes(out: &mut dyn Sink, picture: &Picture, top: usize) -> usize {
    let mut end = top;
    picture.notes("dashed ", &mut |note| end += prose(out, end, note));
    end
}

/// Both tasks.
fn two(out: &mut dyn Sink, picture: &Picture, other: Task, top: usize) {
    let names = names(picture, top);
    let height = names + ROW * picture.objects().count();
    for (column, one) in [(ONE, picture.one), (OTHER, other)] {
        task(out, one, column, top, height);
    }
    for (column, heading) in [(LEFT, OWN), (BETWEEN, SHARED), (RIGHT, OWN)] {
        let top = top + names - Block::height_of(LABEL);
        Block { x: column.middle(), top, size: LABEL, width: column.1, more: MIDDLE }.write(out, &heading);
    }
    for (number, item) in picture.objects().enumerate() {
        row(out, item, top + names + ROW * number);
    }
}

/// The height of what stands in the boxes of both tasks.
fn names(picture: &Picture, top: usize) -> usize {
    let other = picture.other.unwrap_or(picture.one);
    let heights = [picture.one, other].map(|one| task(&mut Nowhere, one, ONE, top, 0));
    heights[0].max(heights[1])
}

/// A task, in a box at least as high as what stands in it; answers that height.
fn task(out: &mut dyn Sink, task: Task, column: Column, top: usize, height: usize) -> usize {
    let written = |out: &mut dyn Sink| {
        let block = Block { x: column.middle(), top: top + 6, size: LABEL, width: column.1 - 8, more: HEAD };
        let mut end = block.top + block.write(out, task.name);
        for fact in task.facts {
            end += Block { top: end, more: MIDDLE, ..block }.write(out, *fact);
        }
        end + 6 - top
    };
    let least = written(&mut Nowhere);
    rect(out, column, [top, height.max(least)], 4, SOLE);
    written(out)
}

/// A task that made no other.
fn alone(out: &mut dyn Sink, one: Task, why: &str, top: usize) {
    let middle = top + task(out, one, LEFT, top, 0) / 2;
    arrow(out, [LEFT.right(), BETWEEN.0], middle, "");
    let top = middle - Block::height_of(PROSE) / 2;
    let (x, width) = (BETWEEN.0 + 8, WIDTH - MARGIN - BETWEEN.0 - 8);
    Block { x, top, size: PROSE, width, more: PLAIN }.write(out, &why);
}

/// An object between both tasks, or one at the side of each task that has one.
fn row(out: &mut dyn Sink, item: &Item, top: usize) {
    let middle = top + ROW / 2;
    let label = item.label();
    let dashes = if item.seen == Seen::Unknown { " stroke-dasharray=\"4 3\"" } else { "" };
    let pointer = |out: &mut dyn Sink, from: usize, to: usize| {
        out!(out, "<circle cx=\"", from, "\" cy=\"", middle, "\" r=\"3\"/>\n");
        arrow(out, [from, to], middle, dashes);
    };
    if item.seen.is_between() {
        pointer(out, ONE.right(), BETWEEN.0);
        pointer(out, OTHER.0, BETWEEN.right());
        object(out, BETWEEN, middle, if item.seen == Seen::Unknown { DASHED } else { COMMON }, &label);
    }
    let [has_one, has_other] = item.seen.own();
    if has_one {
        pointer(out, ONE.0, LEFT.right());
        object(out, LEFT, middle, SOLE, &label);
    }
    if has_other {
        pointer(out, OTHER.right(), RIGHT.0);
        object(out, RIGHT, middle, SOLE, &label);
    }
}
