//! Texts in the source of a manual page, mdoc(7): what roff(7) would read as its own is escaped.

use crate::text::{Show, Sink, With, Wrapped, out};

/// The width of the source, in bytes.
const WIDTH: usize = 78;

/// Prose, as lines of the source: each sentence begins one. A word between backquotes is bold.
pub fn prose(page: &mut dyn Sink, text: impl Show) {
    out!(&mut Source(page), Wrapped { text: Escaped { text, breaks: true }, indent: 0 }, "\n");
}

/// A text as one argument of a macro, which is never read as a macro itself.
pub fn argument(text: impl Show) -> impl Show {
    ("\"\\&", Escaped { text, breaks: false }, "\"")
}

/// The words of a usage: placeholders are italic, what is to be typed is bold.
pub fn usage(text: &'static str) -> impl Show {
    let sort = |byte: &u8| match byte {
        b'A'..=b'Z' => "\\fI",
        b'a'..=b'z' | b'-' => "\\fB",
        _ => "",
    };
    With(move |out: &mut dyn Sink| {
        out!(out, "\\&");
        for part in text.as_bytes().chunk_by(|one, other| sort(one) == sort(other)) {
            let font = part.first().map_or("", sort);
            let text = With(move |out: &mut dyn Sink| out.put(part));
            out!(out, font, Escaped { text, breaks: false }, if font.is_empty() { "" } else { "\\fR" });
        }
    })
}

/// The page, which is as wide as the source may be.
struct Source<'a>(&'a mut dyn Sink);

impl Sink for Source<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.0.put(bytes);
    }

    fn column(&self) -> usize {
        self.0.column()
    }

    fn width(&mut self) -> usize {
        WIDTH
    }
}

/// A text whose bytes are escaped.
struct Escaped<T> {
    text: T,
    /// Whether a line ends after each sentence.
    breaks: bool,
}

impl<T: Show> Show for Escaped<T> {
    fn show(&self, out: &mut dyn Sink) {
        self.text.show(&mut Escaping { out, breaks: self.breaks, before: b' ', is_code: false });
    }
}

/// Escapes what it takes.
struct Escaping<'a> {
    out: &'a mut dyn Sink,
    breaks: bool,
    /// The last byte.
    before: u8,
    /// Whether the text stands between backquotes.
    is_code: bool,
}

impl Escaping<'_> {
    fn byte(&mut self, byte: u8) {
        let escaped = match byte {
            b' ' if self.breaks && matches!(self.before, b'.' | b'?' | b'!') => "\n",
            b'`' => {
                self.is_code = !self.is_code;
                if self.is_code { "\\fB" } else { "\\fR" }
            }
            b'.' if self.before == b' ' => "\\&.",
            b'\\' => "\\e",
            b'-' => "\\-",
            b'\'' => "\\(aq",
            b'"' => "\\(dq",
            b'|' => "\\(ba",
            b'^' => "\\(ha",
            b'~' => "\\(ti",
            _ => "",
        };
        match escaped {
            "" => self.out.put(&[byte]),
            _ => out!(self.out, escaped),
        }
        self.before = byte;
    }
}

impl Sink for Escaping<'_> {
    fn put(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    fn column(&self) -> usize {
        self.out.column()
    }
}
