//! Characters from bytes that may arrive in any pieces, and values whose characters are escaped.

use super::show::{Show, Sink};

/// Puts characters together. What is not UTF-8 becomes U+FFFD, as in `String::from_utf8_lossy`.
#[derive(Clone, Copy, Default)]
pub struct Assembled {
    /// The first bytes of a character.
    begun: [u8; 4],
    len: usize,
}

impl Assembled {
    /// Adds a byte, and calls the function with each character that it completes.
    pub fn push(&mut self, byte: u8, each: &mut dyn FnMut(char)) {
        if let Some(place) = self.begun.get_mut(self.len) {
            *place = byte;
        }
        let begun = self.begun.get(..=self.len).unwrap_or_default();
        match core::str::from_utf8(begun) {
            Ok(character) => {
                character.chars().for_each(each);
                self.len = 0;
            }
            Err(error) if error.error_len().is_none() => self.len += 1,
            Err(_) => {
                each(char::REPLACEMENT_CHARACTER);
                // The begun bytes are no character, but the last byte may begin another.
                if core::mem::take(&mut self.len) > 0 {
                    self.push(byte, each);
                }
            }
        }
    }

    /// Ends the text, and calls the function if a character was begun.
    pub fn end(&mut self, each: &mut dyn FnMut(char)) {
        if core::mem::take(&mut self.len) > 0 {
            each(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// A value whose characters are written by a function, which escapes them.
#[derive(Clone, Copy)]
pub struct Escaped<T>(pub T, pub fn(&mut dyn Sink, char));

impl<T: Show> Show for Escaped<T> {
    fn show(&self, out: &mut dyn Sink) {
        let mut escaping = Escaping { out, escape: self.1, assembled: Assembled::default() };
        self.0.show(&mut escaping);
        let Escaping { out, escape, mut assembled } = escaping;
        assembled.end(&mut |character| escape(out, character));
    }
}

/// A sink that escapes what it takes.
struct Escaping<'a> {
    out: &'a mut dyn Sink,
    escape: fn(&mut dyn Sink, char),
    assembled: Assembled,
}

impl Sink for Escaping<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let Self { out, escape, assembled } = self;
        bytes.iter().for_each(|byte| assembled.push(*byte, &mut |character| escape(*out, character)));
    }

    fn column(&self) -> usize {
        self.out.column()
    }
}
