//! The printer: a line is built in one buffer and goes out in one write(2).
//!
//! The decision behind it: no `core::fmt`, which costs more than the four modes together. A number is its digits, a
//! table is columns, and a line with numbers is a template with a mark for each; nothing else is ever printed.

use crate::sys::bytes::{format, width};
use crate::sys::{Errno, file};

/// As long as a line can get without being written in two parts.
const ROOM: usize = 4096;

/// How often in a row a write may bring nothing (EINTR, EAGAIN) before it counts as refused.
const PATIENCE: u32 = 64;

/// A descriptor, and the line that is being built for it.
pub struct Printer {
    fd: usize,
    line: [u8; ROOM],
    len: usize,
    failed: Option<Errno>,
}

impl Printer {
    /// For a descriptor, 1 or 2.
    #[inline(never)] // it clears a page: once is enough
    pub fn new(fd: usize) -> Self {
        Self { fd, line: [0; ROOM], len: 0, failed: None }
    }

    /// The first error of a write. A reader that went away (EPIPE) is not one: it has seen what it wanted.
    pub fn error(&self) -> Option<Errno> {
        self.failed.filter(|errno| *errno != Errno::EPIPE)
    }

    /// Appends a byte.
    pub fn byte(&mut self, byte: u8) -> &mut Self {
        if self.len == ROOM {
            self.flush();
        }
        self.line[self.len] = byte;
        self.len += 1;
        self
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        for byte in bytes {
            self.byte(*byte);
        }
        self
    }

    /// Appends bytes up to the one that ends them.
    pub fn bytes_until(&mut self, bytes: impl Iterator<Item = u8>, end: u8) {
        for byte in bytes.take_while(|byte| *byte != end) {
            self.byte(byte);
        }
    }

    /// Appends text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Appends `template`, in which each `#` stands for the next of `numbers` in decimal, each `$` in hexadecimal.
    pub fn say(&mut self, template: &str, numbers: &[usize]) -> &mut Self {
        format(template, numbers, &mut |byte| _ = self.byte(byte));
        self
    }

    /// Appends an errno: `EPERM (Operation not permitted)`.
    pub fn errno(&mut self, errno: Errno) -> &mut Self {
        self.say(errno.text().unwrap_or("errno #"), &[errno.0.get()])
    }

    /// Appends blanks up to column `column`, at least one.
    pub fn column(&mut self, column: usize) -> &mut Self {
        self.byte(b' ');
        while self.len < column {
            self.byte(b' ');
        }
        self
    }

    /// Appends a number so that it ends before column `column`.
    pub fn right(&mut self, n: usize, column: usize) {
        self.column(column.saturating_sub(width(n))).say("#", &[n]);
    }

    /// Appends words, each at its column.
    pub fn words(&mut self, columns: &[usize], words: &[&str]) -> &mut Self {
        for (column, word) in columns.iter().zip(words) {
            self.column(*column).text(word);
        }
        self
    }

    /// Ends the line and writes it.
    pub fn end(&mut self) {
        self.byte(b'\n');
        self.flush();
    }

    /// Writes what is there, in as many calls as the kernel wants. After an error nothing is written any more.
    fn flush(&mut self) {
        let mut rest = &self.line[..self.len];
        let mut patience = PATIENCE;
        while !rest.is_empty() && self.failed.is_none() {
            match file::write(self.fd, rest).split() {
                Ok(taken @ 1..) => rest = rest.get(taken..).unwrap_or_default(),
                Ok(0) | Err(Errno::EAGAIN | Errno::EINTR) if patience > 0 => {
                    patience -= 1;
                    // Its result is of no use: the next write says the same.
                    let _ = file::wait_writable(self.fd);
                }
                answer => self.failed = answer.err().or(Some(Errno::EIO)),
            }
        }
        self.len = 0;
    }
}
