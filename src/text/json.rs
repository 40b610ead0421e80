//! JSON objects and lists, for machines.
//!
//! Each is filled by a function and closed afterwards, so no output holds half an object; commas and quotes are written
//! only here. The output is valid whatever bytes the values consist of: quotes and control characters are escaped, and
//! invalid UTF-8 becomes U+FFFD as in `String::from_utf8_lossy`. Members appear in the order of the calls, without
//! blanks.

use super::assembled::Escaped;
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
    ("\"", Escaped(value, escape), "\"").show(out);
}

/// Writes one character, escaped for a JSON string: also the control characters that JSON allows, but that change a
/// terminal on which the output is read.
fn escape(out: &mut dyn Sink, character: char) {
    match character {
        '"' => "\\\"".show(out),
        '\\' => "\\\\".show(out),
        // Bytes that are not UTF-8.
        char::REPLACEMENT_CHARACTER => "\\ufffd".show(out),
        _ if character.is_control() => {
            // All control characters are below U+00A0.
            if character < '\x10' { "\\u000" } else { "\\u00" }.show(out);
            out.put(digits(character as usize, 16, &mut [0; LONGEST]));
        }
        _ => out.put(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}
