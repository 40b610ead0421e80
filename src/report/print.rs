//! The printer: a line is built in one buffer and goes out in one write(2).
//!
//! The decision behind it: no `core::fmt`, which costs more than the four modes together. All that is ever printed is
//! a text of `words` with its values, and the text itself says where a column or a new line begins. There is
//! one buffer, for the first task alone prints; its parts are atomics, so that sharing it needs no unsafe code.

use crate::sys::{Answer, Errno, file};
use crate::words::{Text, digits};
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

/// As long as a line can get without being written in two parts.
const ROOM: usize = 4096;

/// How many calls for a line may bring nothing (EINTR, EAGAIN) before that is an error.
const PATIENCE: usize = 4096;

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

/// How far apart the columns begin to which `\t` goes on; the first, for names, is twice as wide.
const COLUMN: usize = 10;

/// Appends a byte. `\t` is blanks up to the next column, at least one; `\n` ends the line and writes it.
pub fn byte(byte: u8) {
    if byte != b'\t' {
        return put(byte);
    }
    loop {
        put(b' ');
        let len = LEN.load(Relaxed);
        if len >= 2 * COLUMN && len.is_multiple_of(COLUMN) {
            return;
        }
    }
}

/// Appends a byte as it is; a full line or an ended one is written.
fn put(byte: u8) {
    let place = LEN.load(Relaxed) % ROOM;
    LINE[place].store(byte, Relaxed);
    LEN.store(place + 1, Relaxed);
    if byte == b'\n' || place + 1 == ROOM {
        LEN.store(0, Relaxed);
        write(&LINE[..=place]);
    }
}

/// Writes what there is of a line, which goes on.
pub fn flush() {
    let len = LEN.swap(0, Relaxed) % ROOM;
    write(&LINE[..len]);
}

/// Appends bytes up to the first that is `end`; what would move the cursor is a `?`.
pub fn until(end: u8, bytes: &[u8]) {
    for next in bytes {
        if *next == end {
            return;
        }
        byte(if *next < b' ' { b'?' } else { *next });
    }
}

/// Appends a text.
pub fn say(text: Text) {
    format(text, &[], &[]);
}

/// Appends a text with its words.
pub fn spell(text: Text, words: &[Text]) {
    format(text, words, &[]);
}

/// Appends a text with its numbers.
pub fn tell(text: Text, numbers: &[usize]) {
    format(text, &[], numbers);
}

/// Appends a text with words and numbers.
pub fn both(text: Text, words: &[Text], numbers: &[usize]) {
    format(text, words, numbers);
}

/// Appends a text with its one number.
pub fn count(text: Text, number: usize) {
    tell(text, &[number]);
}

/// Appends a text with facts for its numbers: one that is an errno is unknown, `null`.
pub fn facts(text: Text, facts: &[Answer]) {
    let mut facts = facts.iter();
    for &next in text.bytes() {
        match next {
            b'#' => match facts.next().and_then(|fact| fact.ok()) {
                Some(number) => count(Text::Number, number),
                None => say(Text::Null),
            },
            _ => byte(next),
        }
    }
}

/// Appends a text, with the next of `words` or of `numbers` at each of its places, `null` where there is none.
fn format(text: Text, words: &[Text], numbers: &[usize]) {
    let (mut words, mut numbers) = (words.iter(), numbers.iter());
    for &next in text.bytes() {
        let base = match next {
            b'@' => {
                words.next().inspect(|word| say(**word));
                continue;
            }
            b'#' => 10,
            b'$' => 16,
            _ => {
                byte(next);
                continue;
            }
        };
        let Some(number) = numbers.next() else {
            say(Text::Null);
            continue;
        };
        let mut room = [0; 20];
        digits(*number, base, &mut room).iter().for_each(|digit| byte(*digit));
    }
}

/// Writes a line in as many calls as the kernel wants. After an error nothing goes there any more.
fn write(mut rest: &[AtomicU8]) {
    let fd = FD.load(Relaxed);
    let Some(failed) = FAILED.get(fd) else { return };
    let mut patience = PATIENCE;
    while !rest.is_empty() && failed.load(Relaxed) == 0 {
        match file::write_cells(fd, rest).split() {
            Ok(taken @ 1..) => rest = rest.get(taken..).unwrap_or_default(),
            Ok(0) | Err(Errno::EAGAIN | Errno::EINTR) if patience > 0 => {
                patience -= 1;
                // The result is of no use: the next write says the same.
                let _ = file::wait_writable(fd);
            }
            answer => failed.store(Answer::error(answer.err().unwrap_or(Errno::EIO)).0, Relaxed),
        }
    }
}
