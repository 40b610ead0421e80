//! A picture in SVG: a document that needs nothing but a viewer. It is black on a white ground of its own, its letters are
//! text in a font of the system, and no text is wider than what is drawn around it.

use super::{Item, OWN, Picture, SHARED, Seen, Task};
use crate::text::{Assembled, Show, Sink, Wrapped, Xml, out};

/// The width of a document.
const WIDTH: usize = 800;

/// The space around everything.
const MARGIN: usize = 20;

/// The sizes of letters: of the title, of prose, and of what stands in boxes.
const TITLE: usize = 16;
const PROSE: usize = 13;
const LABEL: usize = 12;

/// The width of a letter, in hundredths of its size. Those of the usual fonts are 55 to 61.
const LETTER: usize = 62;

/// The height of a line of letters, in hundredths of their size.
const LINE: usize = 140;

/// The height of a row, and of the box of an object in it.
const ROW: usize = 36;
const BOX: usize = 26;

/// Where something is drawn from left to right: its left edge and its width.
#[derive(Clone, Copy)]
struct Column(usize, usize);

/// The five columns: both tasks, and left, between and right of them the objects.
const LEFT: Column = Column(MARGIN, 146);
const ONE: Column = Column(190, 112);
const BETWEEN: Column = Column(328, 144);
const OTHER: Column = Column(498, 112);
const RIGHT: Column = Column(634, 146);

/// How the box of an object is drawn.
const SOLE: &str = "fill=\"white\" stroke=\"black\"";
const COMMON: &str = "fill=\"#d8d8d8\" stroke=\"black\" stroke-width=\"2\"";
const DASHED: &str = "fill=\"white\" stroke=\"black\" stroke-dasharray=\"4 3\"";

impl Column {
    const fn right(self) -> usize {
        self.0 + self.1
    }

    const fn middle(self) -> usize {
        self.0 + self.1 / 2
    }
}

/// A block of text.
#[derive(Clone, Copy)]
struct Block {
    x: usize,
    /// Where its first line begins from above.
    top: usize,
    size: usize,
    /// The width that its lines may have.
    width: usize,
    /// More attributes.
    more: &'static str,
}

/// Whether lines are centred around x, and bold.
const PLAIN: &str = "";
const BOLD: &str = " font-weight=\"bold\"";
const MIDDLE: &str = " text-anchor=\"middle\"";
const HEAD: &str = " text-anchor=\"middle\" font-weight=\"bold\"";

/// Writes the picture.
pub fn write(out: &mut dyn Sink, picture: &Picture) {
    let body = head(&mut Nowhere, picture, 0) + PROSE;
    let end = match picture.other {
        Ok(_) => body + names(&mut Nowhere, picture, body) + ROW * picture.objects().count() + PROSE,
        Err(_) => body + task(&mut Nowhere, picture.one, ONE, body, 0),
    };
    let height = end + notes(&mut Nowhere, picture, end) + MARGIN;
    out!(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", WIDTH, "\" height=\"", height);
    out!(out, "\" viewBox=\"0 0 ", WIDTH, " ", height, "\" font-family=\"monospace\">\n");
    out!(
        out,
        "<title>",
        Xml(picture.title),
        "</title>\n<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
    );
    out!(out, "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
    out!(out, "<rect width=\"", WIDTH, "\" height=\"", height, "\" fill=\"white\"/>\n");
    head(out, picture, 0);
    match picture.other {
        Ok(other) => two(out, picture, other, body),
        Err(why) => alone(out, picture.one, why, body),
    }
    notes(out, picture, end);
    out!(out, "</svg>\n");
}

/// The title, and what came of it; answers the height.
fn head(out: &mut dyn Sink, picture: &Picture, top: usize) -> usize {
    let width = WIDTH - 2 * MARGIN;
    let block = Block { x: MARGIN, top: top + MARGIN, size: TITLE, width, more: BOLD };
    let mut end = block.top + block.write(out, picture.title) + TITLE / 4;
    for line in picture.told {
        end += Block { x: MARGIN, top: end, size: PROSE, width, more: PLAIN }.write(out, *line);
    }
    end - top
}

/// What stands below; answers the height.
fn notes(out: &mut dyn Sink, picture: &Picture, top: usize) -> usize {
    let mut end = top;
    picture.notes("dashed ", &mut |note| {
        let width = WIDTH - 2 * MARGIN;
        end += Block { x: MARGIN, top: end, size: PROSE, width, more: PLAIN }.write(out, note);
    });
    end - top
}

/// Both tasks.
fn two(out: &mut dyn Sink, picture: &Picture, other: Task, top: usize) {
    let names = names(&mut Nowhere, picture, top);
    let height = names + ROW * picture.objects().count();
    for (column, one) in [(ONE, picture.one), (OTHER, other)] {
        task(out, one, column, top, height);
    }
    for (column, heading) in [(LEFT, OWN), (BETWEEN, SHARED), (RIGHT, OWN)] {
        let top = top + names - ROW / 2 - LABEL;
        Block { x: column.middle(), top, size: LABEL, width: column.1, more: MIDDLE }.write(out, &heading);
    }
    for (number, item) in picture.objects().enumerate() {
        row(out, item, top + names + ROW * number);
    }
}

/// The height of what stands in the boxes of both tasks.
fn names(out: &mut dyn Sink, picture: &Picture, top: usize) -> usize {
    let other = picture.other.unwrap_or(picture.one);
    let heights = [picture.one, other].map(|one| task(out, one, ONE, top, 0));
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
    let height = task(out, one, LEFT, top, 0);
    let middle = top + height / 2;
    arrow(out, [LEFT.right(), BETWEEN.0], middle, "");
    let top = middle - PROSE * LINE / 200;
    Block { x: BETWEEN.0 + 8, top, size: PROSE, width: WIDTH - MARGIN - BETWEEN.0, more: PLAIN }.write(out, &why);
}

/// An object between both tasks, or one at the side of each.
fn row(out: &mut dyn Sink, item: &Item, top: usize) {
    let middle = top + ROW / 2;
    let sole = [(ONE.0, LEFT, LEFT.right()), (OTHER.right(), RIGHT, RIGHT.0)];
    let common = [(ONE.right(), BETWEEN, BETWEEN.0), (OTHER.0, BETWEEN, BETWEEN.right())];
    let (arrows, look) = match item.seen {
        Seen::Two => (sole, SOLE),
        Seen::One => (common, COMMON),
        Seen::Unknown => (common, DASHED),
    };
    let dashes = if item.seen == Seen::Unknown { " stroke-dasharray=\"4 3\"" } else { "" };
    for (number, (from, column, to)) in arrows.into_iter().enumerate() {
        out!(out, "<circle cx=\"", from, "\" cy=\"", middle, "\" r=\"3\"/>\n");
        arrow(out, [from, to], middle, dashes);
        if number == 0 || item.seen == Seen::Two {
            rect(out, column, [middle - BOX / 2, BOX], BOX / 2, look);
            let top = middle - LABEL * LINE / 200;
            let block = Block { x: column.middle(), top, size: LABEL, width: column.1 - 8, more: MIDDLE };
            block.write(out, &item.label());
        }
    }
}

/// A box.
fn rect(out: &mut dyn Sink, column: Column, [top, height]: [usize; 2], round: usize, look: &str) {
    out!(out, "<rect x=\"", column.0, "\" y=\"", top, "\" width=\"", column.1, "\" height=\"", height);
    out!(out, "\" rx=\"", round, "\" ", look, "/>\n");
}

/// A line with a head.
fn arrow(out: &mut dyn Sink, [from, to]: [usize; 2], y: usize, more: &str) {
    out!(out, "<path d=\"M", from, " ", y, "H", to, "\" stroke=\"black\"", more, " marker-end=\"url(#head)\"/>\n");
}

impl Block {
    /// Writes the lines; answers their height.
    fn write(self, out: &mut dyn Sink, text: &dyn Show) -> usize {
        let mut lines =
            Lines { out, block: self, assembled: Assembled::default(), count: 0, column: 0, is_open: false };
        out!(&mut lines, Wrapped { text, indent: 0 });
        lines.close();
        lines.count * self.height()
    }

    /// The height of a line.
    const fn height(self) -> usize {
        self.size * LINE / 100
    }

    /// The number of letters in a line.
    const fn letters(self) -> usize {
        self.width * 100 / (LETTER * self.size)
    }
}

/// A sink whose lines are elements of text. A word that is longer than a line goes on in the next.
struct Lines<'a> {
    out: &'a mut dyn Sink,
    block: Block,
    assembled: Assembled,
    count: usize,
    column: usize,
    is_open: bool,
}

impl Lines<'_> {
    fn character(&mut self, character: char) {
        if character == '\n' {
            return self.close();
        }
        // Not all fonts have all characters, and some are as wide as two letters, as is what stands for a control character.
        let width = if character.is_ascii() && !character.is_control() { 1 } else { 2 };
        if self.column + width > self.block.letters() {
            self.close();
        }
        if !self.is_open {
            self.open();
        }
        out!(self.out, Xml(&*character.encode_utf8(&mut [0; 4])));
        self.column += width;
    }

    fn open(&mut self) {
        let Block { x, top, size, more, .. } = self.block;
        // The line on which letters stand is a quarter of their size above their lowest point.
        let y = top + self.count * self.block.height() + size * (LINE + 70) / 200;
        out!(self.out, "<text x=\"", x, "\" y=\"", y, "\" font-size=\"", size, "\"", more, " xml:space=\"preserve\">");
        self.is_open = true;
        self.count += 1;
    }

    fn close(&mut self) {
        if core::mem::take(&mut self.is_open) {
            out!(self.out, "</text>\n");
        }
        self.column = 0;
    }
}

impl Sink for Lines<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let mut assembled = self.assembled;
        bytes.iter().for_each(|byte| assembled.push(*byte, &mut |character| self.character(character)));
        self.assembled = assembled;
    }

    fn column(&self) -> usize {
        self.column
    }

    fn width(&mut self) -> usize {
        self.block.letters()
    }
}

/// A sink for what is only measured.
struct Nowhere;

impl Sink for Nowhere {
    fn put(&mut self, _: &[u8]) {}

    fn column(&self) -> usize {
        0
    }
}
