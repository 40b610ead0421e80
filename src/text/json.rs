//! JSON objects and lists, for machines.
//!
//! Each is filled by a function and closed afterwards, so no output holds half an object; commas and quotes are written
//! only here. The output is valid whatever bytes the values consist of: quotes and control characters are escaped, and
//! invalid UTF-8 becomes U+FFFD as in `String::from_utf8_lossy`. Members appear in the order of the calls, without
//! blanks.

use super::form::Fixed;
use super::number::{LONGEST, digits};
use super::show::{Show, Sink};

/// The version of the format: a key whose meaning changes, or that goes, makes it another.
const VERSION: usize = 1;

/// A value that is shown as a JSON number.
pub trait Number: Show {}

impl Number for usize {}
impl Number for u64 {}
impl Number for u32 {}
impl Number for u16 {}
impl Number for u8 {}
impl Number for i64 {}
impl Number for i32 {}
impl Number for Fixed {}
impl<T: Number + ?Sized> Number for &T {}

/// An object that is being written.
pub struct Object<'a> {
    out: &'a mut dyn Sink,
    glue: &'static str,
}

impl Object<'_> {
    /// Writes an object, filled by a function.
    pub fn write(out: &mut dyn Sink, fill: impl FnOnce(&mut Object)) {
        "{".show(out);
        let mut object = Object { out, glue: "" };
        fill(&mut object);
        "}".show(object.out);
    }

    /// Writes an object on a line of its own, with the version of the format as its first member.
    pub fn line(out: &mut dyn Sink, fill: impl FnOnce(&mut Object)) {
        Self::write(out, |object| {
            object.number("v", VERSION);
            fill(object);
        });
        "\n".show(out);
    }

    /// A member that is a text.
    pub fn text(&mut self, key: &str, value: impl Show) {
        text(self.member(key), &value);
    }

    /// A member that is a text, or `null`.
    pub fn text_or_null(&mut self, key: &str, value: Option<impl Show>) {
        match value {
            Some(value) => self.text(key, value),
            None => self.null(key),
        }
    }

    /// A member that is a number.
    pub fn number(&mut self, key: &str, value: impl Number) {
        value.show(self.member(key));
    }

    /// A member that is a number, or `null`.
    pub fn number_or_null(&mut self, key: &str, value: Option<impl Number>) {
        value.show(self.member(key));
    }

    /// A member that is `true` or `false`.
    pub fn bool(&mut self, key: &str, value: bool) {
        value.show(self.member(key));
    }

    /// A member that is `true`, `false` or `null`.
    pub fn bool_or_null(&mut self, key: &str, value: Option<bool>) {
        value.show(self.member(key));
    }

    /// A member that is `null`.
    pub fn null(&mut self, key: &str) {
        "null".show(self.member(key));
    }

    /// A member that is an object, filled by a function.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object)) {
        Object::write(self.member(key), fill);
    }

    /// A member that is a list, filled by a function.
    pub fn list(&mut self, key: &str, fill: impl FnOnce(&mut List)) {
        List::write(self.member(key), fill);
    }

    /// Begins a member; the value must follow.
    fn member(&mut self, key: &str) -> &mut dyn Sink {
        core::mem::replace(&mut self.glue, ",").show(self.out);
        text(self.out, &key);
        ":".show(self.out);
        self.out
    }
}

/// A list that is being written.
pub struct List<'a> {
    out: &'a mut dyn Sink,
    glue: &'static str,
}

impl List<'_> {
    /// Writes a list, filled by a function.
    pub fn write(out: &mut dyn Sink, fill: impl FnOnce(&mut List)) {
        "[".show(out);
        let mut list = List { out, glue: "" };
        fill(&mut list);
        "]".show(list.out);
    }

    /// An element that is a text.
    pub fn text(&mut self, value: impl Show) {
        text(self.element(), &value);
    }

    /// An element that is a number.
    pub fn number(&mut self, value: impl Number) {
        value.show(self.element());
    }

    /// An element that is an object, filled by a function.
    pub fn object(&mut self, fill: impl FnOnce(&mut Object)) {
        Object::write(self.element(), fill);
    }

    /// An element that is a list, filled by a function.
    pub fn list(&mut self, fill: impl FnOnce(&mut List)) {
        List::write(self.element(), fill);
    }

    /// Begins an element; the value must follow.
    fn element(&mut self) -> &mut dyn Sink {
        core::mem::replace(&mut self.glue, ",").show(self.out);
        self.out
    }
}

/// Writes a text in quotes.
fn text(out: &mut dyn Sink, value: &dyn Show) {
    "\"".show(out);
    let mut escaped = Escaped { out, begun: [0; 4], len: 0 };
    value.show(&mut escaped);
    if escaped.len > 0 {
        UNREADABLE.show(escaped.out);
    }
    "\"".show(escaped.out);
}

/// The replacement for bytes that are not UTF-8.
const UNREADABLE: &str = "\\ufffd";

/// A sink that escapes bytes for a JSON string.
struct Escaped<'a> {
    out: &'a mut dyn Sink,
    /// The first bytes of a character, which may arrive in several calls.
    begun: [u8; 4],
    len: usize,
}

impl Escaped<'_> {
    /// Adds a byte; a character that it completes is passed on.
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.begun.get_mut(self.len) {
            *place = byte;
        }
        let begun = self.begun.get(..=self.len).unwrap_or_default();
        match core::str::from_utf8(begun) {
            Ok(character) => {
                escape(self.out, character);
                self.len = 0;
            }
            Err(error) if error.error_len().is_none() => self.len += 1,
            Err(_) => self.give_up(byte),
        }
    }

    /// The begun bytes are no character, but the last byte may begin another.
    fn give_up(&mut self, last: u8) {
        UNREADABLE.show(self.out);
        if core::mem::take(&mut self.len) > 0 {
            self.push(last);
        }
    }
}

impl Sink for Escaped<'_> {
    fn put(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.push(*byte));
    }

    fn column(&self) -> usize {
        self.out.column()
    }
}

/// Writes one character, escaped for a JSON string: also the control characters that JSON allows, but that change a
/// terminal on which the output is read.
fn escape(out: &mut dyn Sink, character: &str) {
    let control = character.chars().next().filter(|first| first.is_control());
    match (character, control) {
        ("\"" | "\\", _) => ("\\", character).show(out),
        (_, Some(control)) => {
            // All control characters are below U+00A0.
            if control < '\x10' { "\\u000" } else { "\\u00" }.show(out);
            out.put(digits(control as usize, 16, &mut [0; LONGEST]));
        }
        _ => character.show(out),
    }
}
