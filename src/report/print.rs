//! The printer: a line is built in one buffer and goes out in one write(2).
//!
//! The decision behind it: no `core::fmt`, which costs more than the four modes together. A number is its digits, a
//! table is columns, and a line with numbers is a text with a mark for each; nothing else is ever printed. There is
//! one buffer, for the first task alone prints; its parts are atomics, so that sharing it needs no unsafe code.

use crate::sys::bytes::format;
use crate::sys::{Answer, Errno, file};
use crate::words::Text;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

/// As long as a line can get without being written in two parts.
const ROOM: usize = 4096;

/// How many calls a line may take: a byte each, and as many that bring nothing (EINTR, EAGAIN).
const PATIENCE: usize = 2 * ROOM;

static LINE: [AtomicU8; ROOM] = [const { AtomicU8::new(0) }; ROOM];
static LEN: AtomicUsize = AtomicUsize::new(0);
static FD: AtomicUsize = AtomicUsize::new(0);

/// The answer of the write that failed on each descriptor; 0 for none.
static FAILED: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

/// Where results go.
pub const OUT: usize = 1;

/// Where messages go.
pub const ERR: usize = 2;

/// Lines go to this descriptor from here on.
pub fn to(fd: usize) {
    FD.store(fd, Relaxed);
}

/// The first error of a write to fd 1. A reader that went away (EPIPE) is not one: it has seen what it wanted.
pub fn error() -> Option<Errno> {
    Answer(FAILED[OUT].load(Relaxed)).split().err().filter(|errno| *errno != Errno::EPIPE)
}

/// Appends a byte.
pub fn byte(byte: u8) {
    if LEN.load(Relaxed) == ROOM {
        flush();
    }
    let len = LEN.load(Relaxed);
    if let Some(room) = LINE.get(len) {
        room.store(byte, Relaxed);
        LEN.store(len + 1, Relaxed);
    }
}

/// Appends bytes.
pub fn bytes(bytes: &[u8]) {
    for next in bytes {
        byte(*next);
    }
}

/// Appends bytes up to the first that is `end`.
pub fn until(end: u8, bytes: &[u8]) {
    for next in bytes {
        if *next == end {
            return;
        }
        byte(*next);
    }
}

/// Appends a text.
pub fn say(text: Text) {
    bytes(text.bytes());
}

/// Appends a text with its numbers.
pub fn tell(text: Text, numbers: &[usize]) {
    format(text.bytes(), numbers, &mut byte);
}

/// Appends a text with its one number.
#[inline(never)] // a call of it needs no array
pub fn count(text: Text, number: usize) {
    tell(text, &[number]);
}

/// Appends blanks up to column `column`, at least one.
pub fn column(column: usize) {
    byte(b' ');
    while LEN.load(Relaxed) < column {
        byte(b' ');
    }
}

/// Ends the line and writes it.
pub fn end() {
    byte(b'\n');
    flush();
}

/// Appends a text, ends the line and writes it.
pub fn line(text: Text) {
    say(text);
    end();
}

/// Writes what is there, in as many calls as the kernel wants. After an error nothing goes there any more.
fn flush() {
    let fd = FD.load(Relaxed);
    let (Some(failed), Some(mut rest)) = (FAILED.get(fd), LINE.get(..LEN.swap(0, Relaxed))) else { return };
    for _ in 0..PATIENCE {
        if rest.is_empty() || failed.load(Relaxed) != 0 {
            return;
        }
        match file::write_cells(fd, rest).split() {
            Ok(taken) => rest = rest.get(taken..).unwrap_or_default(),
            // The result is of no use: the next write says the same.
            Err(Errno::EAGAIN | Errno::EINTR) => _ = file::wait_writable(fd),
            Err(errno) => failed.store(Answer::error(errno).0, Relaxed),
        }
    }
    failed.store(Answer::error(Errno::EAGAIN).0, Relaxed);
}
