//! Texts in XML 1.0.

use super::assembled::Escaped;
use super::show::{Show, Sink};

/// A text between tags or in quotes, whatever bytes the value consists of. What XML has no place for (control characters,
/// bytes that are not UTF-8) becomes U+FFFD.
#[derive(Clone, Copy)]
pub struct Xml<T>(pub T);

impl<T: Show> Show for Xml<T> {
    fn show(&self, out: &mut dyn Sink) {
        Escaped(&self.0, escape).show(out);
    }
}

/// Writes one character. A line end in an attribute would be read as a blank, so it is replaced too.
fn escape(out: &mut dyn Sink, character: char) {
    match character {
        '&' => "&amp;".show(out),
        '<' => "&lt;".show(out),
        '>' => "&gt;".show(out),
        '"' => "&quot;".show(out),
        '\u{fffe}' | '\u{ffff}' => escape(out, char::REPLACEMENT_CHARACTER),
        _ if character.is_control() => escape(out, char::REPLACEMENT_CHARACTER),
        _ => out.put(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}
