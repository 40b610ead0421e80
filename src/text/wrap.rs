//! Prose in lines that are not longer than the page is wide: a line ends at a blank, or after the `|` between flags.

use super::form::Repeat;
use super::show::{Show, Sink};
use super::style::Style;
use crate::out;

/// The longest word that is kept together, in bytes.
const WORD: usize = 256;

/// A text whose lines end at the page's width; each line after the first is indented.
#[derive(Clone, Copy)]
pub struct Wrapped<T> {
    /// The text. A line end in it begins a new line.
    pub text: T,
    /// The number of blanks before each line but the first, which begins where the page is.
    pub indent: usize,
}

impl<T: Show> Show for Wrapped<T> {
    fn show(&self, out: &mut dyn Sink) {
        let right = out.width();
        let mut lines = Lines { out, indent: self.indent, right, word: [0; WORD], len: 0, blanks: 0, may_end: false };
        self.text.show(&mut lines);
        lines.end_word();
    }
}

/// Writes a text as lines that all begin with this many blanks.
pub fn paragraph(out: &mut dyn Sink, indent: usize, text: impl Show) {
    out!(out, Repeat(" ", indent), Wrapped { text, indent }, "\n");
}

/// Passes on words, each in a new line if the line has no room for it.
struct Lines<'a> {
    out: &'a mut dyn Sink,
    indent: usize,
    right: usize,
    /// The word that has begun.
    word: [u8; WORD],
    len: usize,
    /// The blanks before that word.
    blanks: usize,
    /// Whether the line may end before that word although there is no blank.
    may_end: bool,
}

impl Lines<'_> {
    /// Passes on the word that has begun.
    fn end_word(&mut self) {
        let word = self.word.get(..self.len).unwrap_or_default();
        if word.is_empty() {
            return;
        }
        let end = self.out.column() + self.blanks + characters(word);
        if (self.blanks > 0 || self.may_end) && end > self.right && self.out.column() > self.indent {
            "\n".show(self.out);
            self.blanks = self.indent;
        }
        Repeat(" ", self.blanks).show(self.out);
        self.out.put(word);
        self.may_end = word.ends_with(b"|");
        self.blanks = 0;
        self.len = 0;
    }

    fn byte(&mut self, byte: u8) {
        match byte {
            b' ' => {
                self.end_word();
                self.blanks += 1;
            }
            b'\n' => {
                self.end_word();
                "\n".show(self.out);
                self.blanks = self.indent;
            }
            _ => {
                if self.len == WORD {
                    self.end_word();
                }
                self.word[self.len] = byte;
                self.len += 1;
                if byte == b'|' {
                    self.end_word();
                }
            }
        }
    }
}

impl Sink for Lines<'_> {
    fn put(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    fn column(&self) -> usize {
        self.out.column() + self.blanks + characters(self.word.get(..self.len).unwrap_or_default())
    }

    fn width(&mut self) -> usize {
        self.right
    }

    fn paint(&mut self, style: Style) {
        // What has begun keeps its look. A word whose look changes within it may break there only after a blank.
        self.end_word();
        self.out.paint(style);
    }
}

/// The number of characters of a text: bytes that continue a character do not count.
pub fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
