//! Alternative forms of values.

use super::number::{LONGEST, digits};
use super::show::{Show, Sink};
use super::style::Style;

/// A number in hexadecimal: `0x1f`.
#[derive(Clone, Copy)]
pub struct Hex<T = u64>(pub T);

impl Show for Hex<usize> {
    fn show(&self, out: &mut dyn Sink) {
        "0x".show(out);
        out.put(digits(self.0, 16, &mut [0; LONGEST]));
    }
}

impl Show for Hex<u64> {
    fn show(&self, out: &mut dyn Sink) {
        Hex(self.0 as usize).show(out);
    }
}

impl Show for Hex<u32> {
    fn show(&self, out: &mut dyn Sink) {
        Hex(self.0 as usize).show(out);
    }
}

/// A decimal fraction: a number with this many digits after the point, `1.05` for 105 and 2.
#[derive(Clone, Copy)]
pub struct Fixed {
    /// The number without its point.
    pub number: u64,
    /// The number of digits after the point; with 0 there is no point.
    pub places: u32,
}

impl Show for Fixed {
    fn show(&self, out: &mut dyn Sink) {
        let places = self.places as usize;
        if places == 0 {
            return self.number.show(out);
        }
        let mut room = [0; LONGEST];
        let digits = digits(self.number as usize, 10, &mut room);
        match digits.len().checked_sub(places).and_then(|point| digits.split_at_checked(point)) {
            Some((whole @ [_, ..], rest)) => {
                out.put(whole);
                ".".show(out);
                out.put(rest);
            }
            _ => {
                ("0.", Repeat("0", places - digits.len())).show(out);
                out.put(digits);
            }
        }
    }
}

/// A text, repeated.
#[derive(Clone, Copy)]
pub struct Repeat<'a>(pub &'a str, pub usize);

impl Show for Repeat<'_> {
    fn show(&self, out: &mut dyn Sink) {
        (0..self.1).for_each(|_| self.0.show(out));
    }
}

/// Bytes from outside (arguments, names, paths), for people: up to the first zero byte. A control character, which
/// could move the cursor or change the terminal, and a byte that is not UTF-8 are shown as `\x9b`, a backslash as two.
#[derive(Clone, Copy)]
pub struct Outside<'a>(pub &'a [u8]);

impl Show for Outside<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        for chunk in self.0[..end].utf8_chunks() {
            for character in chunk.valid().chars() {
                let mut room = [0; 4];
                let bytes = character.encode_utf8(&mut room).as_bytes();
                match character {
                    '\\' => "\\\\".show(out),
                    _ if character.is_control() => escape(bytes, out),
                    _ => out.put(bytes),
                }
            }
            escape(chunk.invalid(), out);
        }
    }
}

/// Each byte as `\x1b`.
fn escape(bytes: &[u8], out: &mut dyn Sink) {
    for byte in bytes {
        if *byte < 0x10 { "\\x0" } else { "\\x" }.show(out);
        out.put(digits(usize::from(*byte), 16, &mut [0; LONGEST]));
    }
}

/// Values with a text between each two.
#[derive(Clone, Copy)]
pub struct Joined<I>(pub &'static str, pub I);

impl<I: Iterator<Item: Show> + Clone> Show for Joined<I> {
    fn show(&self, out: &mut dyn Sink) {
        for (place, value) in self.1.clone().enumerate() {
            if place > 0 {
                self.0.show(out);
            }
            value.show(out);
        }
    }
}

/// The output of a function, as a value.
#[derive(Clone, Copy)]
pub struct With<F>(pub F);

impl<F: Fn(&mut dyn Sink)> Show for With<F> {
    fn show(&self, out: &mut dyn Sink) {
        (self.0)(out);
    }
}

/// A value that looks like this, and what follows it plain again.
#[derive(Clone, Copy)]
pub struct Styled<T>(pub Style, pub T);

impl<T: Show> Show for Styled<T> {
    fn show(&self, out: &mut dyn Sink) {
        out.paint(self.0);
        self.1.show(out);
        out.paint(Style::Plain);
    }
}
