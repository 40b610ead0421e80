//! What all pictures in SVG are made of: a document that needs nothing but a viewer, boxes, and text that fits into them.
//!
//! A document is black on a white ground of its own, its letters are text in a font of the system, and no text is wider
//! than what is drawn around it.

use crate::text::{Assembled, Show, Sink, Wrapped, Xml, out};

/// The width of a document.
pub const WIDTH: usize = 800;

/// The space around everything.
pub const MARGIN: usize = 20;

/// The sizes of letters: of the title, of prose, and of what stands in boxes.
const TITLE: usize = 15;
/// Of prose.
pub const PROSE: usize = 13;
/// Of what stands in boxes.
pub const LABEL: usize = 12;

/// The width of a letter, in hundredths of its size. Those of the usual fonts are 55 to 61.
const LETTER: usize = 62;

/// The height of a line of letters, in hundredths of their size.
const LINE: usize = 140;

/// The height of the box of an object.
pub const BOX: usize = 26;

/// What is one task's alone.
pub const SOLE: &str = "fill=\"white\" stroke=\"black\"";
/// What tasks share.
pub const COMMON: &str = "fill=\"#d8d8d8\" stroke=\"black\" stroke-width=\"2\"";
/// What is unknown.
pub const DASHED: &str = "fill=\"white\" stroke=\"black\" stroke-dasharray=\"4 3\"";

/// Where something is drawn from left to right: its left edge and its width.
#[derive(Clone, Copy)]
pub struct Column(pub usize, pub usize);

impl Column {
    /// Its right edge.
    pub const fn right(self) -> usize {
        self.0 + self.1
    }

    /// What is centred in it has its middle there.
    pub const fn middle(self) -> usize {
        self.0 + self.1 / 2
    }
}

/// How a text stands, as attributes: from x on.
pub const PLAIN: &str = "";
/// In the middle of x.
pub const MIDDLE: &str = " text-anchor=\"middle\"";
/// The same in bold.
pub const HEAD: &str = " text-anchor=\"middle\" font-weight=\"bold\"";
const BOLD: &str = " font-weight=\"bold\"";

/// A block of text.
#[derive(Clone, Copy)]
pub struct Block {
    /// Where its lines begin or have their middle.
    pub x: usize,
    /// Where its first line begins from above.
    pub top: usize,
    /// The size of its letters.
    pub size: usize,
    /// The width that its lines may have.
    pub width: usize,
    /// More attributes.
    pub more: &'static str,
}

/// Writes a document of this height, whose body is written by a function.
pub fn document(out: &mut dyn Sink, height: usize, title: &dyn Show, body: &dyn Fn(&mut dyn Sink)) {
    out!(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", WIDTH, "\" height=\"", height);
    out!(out, "\" viewBox=\"0 0 ", WIDTH, " ", height, "\" font-family=\"monospace\">\n");
    out!(out, "<title>", Xml(title), "</title>\n<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" ");
    out!(out, "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
    out!(out, "<rect width=\"", WIDTH, "\" height=\"", height, "\" fill=\"white\"/>\n");
    body(out);
    out!(out, "</svg>\n");
}

/// Writes the title, and what is told below it; answers where they end.
pub fn head(out: &mut dyn Sink, title: &dyn Show, told: &[&dyn Show]) -> usize {
    let width = WIDTH - 2 * MARGIN;
    let mut end = MARGIN + Block { x: MARGIN, top: MARGIN, size: TITLE, width, more: BOLD }.write(out, title) + 4;
    for line in told {
        end += prose(out, end, *line);
    }
    end
}

/// Writes a paragraph over the whole width; answers its height.
pub fn prose(out: &mut dyn Sink, top: usize, text: &dyn Show) -> usize {
    Block { x: MARGIN, top, size: PROSE, width: WIDTH - 2 * MARGIN, more: PLAIN }.write(out, text)
}

/// Writes the box of an object around this height.
pub fn object(out: &mut dyn Sink, column: Column, middle: usize, look: &str, label: &dyn Show) {
    rect(out, column, [middle - BOX / 2, BOX], BOX / 2, look);
    let top = middle - Block::height_of(LABEL) / 2;
    Block { x: column.middle(), top, size: LABEL, width: column.1 - 8, more: MIDDLE }.write(out, label);
}

/// Writes a box.
pub fn rect(out: &mut dyn Sink, column: Column, [top, height]: [usize; 2], round: usize, look: &str) {
    out!(out, "<rect x=\"", column.0, "\" y=\"", top, "\" width=\"", column.1, "\" height=\"", height);
    out!(out, "\" rx=\"", round, "\" ", look, "/>\n");
}

/// Writes a line with a head.
pub fn arrow(out: &mut dyn Sink, [from, to]: [usize; 2], y: usize, more: &str) {
    out!(out, "<path d=\"M", from, " ", y, "H", to, "\" stroke=\"black\"", more, " marker-end=\"url(#head)\"/>\n");
}

impl Block {
    /// Writes the lines; answers their height.
    pub fn write(self, out: &mut dyn Sink, text: &dyn Show) -> usize {
        let mut lines =
            Lines { out, block: self, assembled: Assembled::default(), count: 0, column: 0, is_open: false };
        out!(&mut lines, Wrapped { text, indent: 0 });
        lines.close();
        lines.count * Self::height_of(self.size)
    }

    /// The height of a line with letters of this size.
    pub const fn height_of(size: usize) -> usize {
        size * LINE / 100
    }

    /// The number of letters in a line.
    const fn letters(self) -> usize {
        match (self.width * 100).checked_div(LETTER * self.size) {
            Some(letters) => letters,
            None => 0,
        }
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
        // Letters stand on a line a quarter of their size above their lowest point.
        let y = top + self.count * Block::height_of(size) + size * (LINE + 70) / 200;
        out!(self.out, "<text x=\"", x, "\" y=\"", y, "\" font-size=\"", size, "\"", more, ">");
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
pub struct Nowhere;

impl Sink for Nowhere {
    fn put(&mut self, _: &[u8]) {}

    fn column(&self) -> usize {
        0
    }
}
