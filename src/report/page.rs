//! Where the program writes: a line is collected in a buffer and written by one write(2).
//!
//! A page is a plain value that is passed to everything that writes. Results and messages have one page each.

use super::look::{Colors, Look};
use crate::sys::{Errno, RawFd, file};
use crate::text::{Show, Sink, Style, Wrapped, characters, out};

/// The longest line that goes out in one write, in bytes.
const ROOM: usize = 4096;

/// How many fruitless writes (0 bytes, EINTR, EAGAIN) in one flush are tolerated.
const PATIENCE: usize = 4096;

/// A line buffer for a descriptor.
pub struct Page {
    fd: RawFd,
    line: [u8; ROOM],
    len: usize,
    column: usize,
    failed: Option<Errno>,
    colors: Colors,
    /// What is known of the place where the page is read; none before anything asks.
    look: Option<Look>,
}

impl Page {
    /// An empty page for this descriptor.
    pub const fn new(fd: RawFd) -> Self {
        Self { fd, line: [0; ROOM], len: 0, column: 0, failed: None, colors: Colors::Auto, look: None }
    }

    /// Decides when the page has colors.
    pub fn set_colors(&mut self, colors: Colors) {
        self.colors = colors;
    }

    /// Looks once at where the page is read: a page that never asks costs no system call.
    fn look(&mut self) -> Look {
        let Self { fd, colors, .. } = *self;
        *self.look.get_or_insert_with(|| Look::at(fd, colors))
    }

    /// Writes a message: in lines of the terminal's width at a terminal, elsewhere in one line, for those that look for it.
    pub fn message(&mut self, text: impl Show) {
        if self.look().is_terminal {
            out!(self, Wrapped { text, indent: 2 }, "\n");
        } else {
            out!(self, text, "\n");
        }
    }

    /// Whether the page is read at a screen, on which a line can be written over.
    pub fn is_screen(&mut self) -> bool {
        self.look().is_screen
    }

    /// Writes the unfinished line.
    pub fn flush(&mut self) {
        let len = core::mem::take(&mut self.len);
        let line = self.line.get(..len).unwrap_or_default();
        if self.failed.is_none() {
            self.failed = write(self.fd, line).err();
        }
    }

    /// The first failed write, if any. EPIPE does not count: the reader has seen what it wanted.
    pub fn failure(&self) -> Option<Errno> {
        self.failed.filter(|errno| *errno != Errno::EPIPE)
    }

    /// Appends a byte; a complete line or a full buffer is written.
    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.line.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
        let is_end = byte == b'\n';
        self.column = if is_end { 0 } else { self.column + characters(&[byte]) };
        if is_end || self.len == ROOM {
            self.flush();
        }
    }
}

impl Sink for Page {
    fn put(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    fn column(&self) -> usize {
        self.column
    }

    fn width(&mut self) -> usize {
        self.look().width
    }

    fn paint(&mut self, style: Style) {
        if self.look().has_colors {
            let column = self.column;
            self.put(style.sequence().as_bytes());
            self.column = column;
        }
    }
}

/// Writes all bytes, in as many calls as needed.
pub fn write(fd: RawFd, mut rest: &[u8]) -> Result<(), Errno> {
    let mut patience = PATIENCE;
    while !rest.is_empty() {
        match file::write(fd, rest) {
            Ok(taken @ 1..) => rest = rest.get(taken..).unwrap_or_default(),
            Ok(0) | Err(Errno::EAGAIN | Errno::EINTR) if patience > 0 => {
                patience -= 1;
                // The result does not matter: the next write reports any error.
                let _ = file::wait_writable(fd);
            }
            answer => return Err(answer.err().unwrap_or(Errno::EIO)),
        }
    }
    Ok(())
}

/// The two pages of a process.
pub struct Console {
    /// Results: fd 1.
    pub out: Page,
    /// Messages: fd 2.
    pub err: Page,
}

impl Console {
    /// Both pages, empty.
    pub const fn new() -> Self {
        Self { out: Page::new(RawFd::OUT), err: Page::new(RawFd::ERR) }
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}
