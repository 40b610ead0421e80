//! The files of /proc/TASK, proc(5): where the kernel says of a task what no system call answers.

use super::{Answer, Errno, file};
use crate::words::digits;
use core::ffi::CStr;

/// The path `/proc/TASK/NAME`, ended by a zero.
pub struct Path {
    bytes: [u8; 64],
    end: usize,
}

impl Path {
    /// Of task `task`, with a name in parts; what has no room is left out, and then no such file exists.
    pub fn new(task: usize, name: &[&[u8]]) -> Self {
        let mut room = [0; 20];
        let start = digits(task, 10, &mut room);
        let mut path = Self { bytes: [0; 64], end: 0 };
        path.push(b"/proc/");
        path.push(room.get(start..).unwrap_or_default());
        path.push(b"/");
        name.iter().for_each(|part| path.push(part));
        path
    }

    #[inline(never)] // four callers in one function
    fn push(&mut self, part: &[u8]) {
        for byte in part {
            // The last byte stays a zero.
            if let Some(room) = self.bytes.get_mut(..63).and_then(|room| room.get_mut(self.end)) {
                *room = *byte;
                self.end += 1;
            }
        }
    }

    /// As the system calls want it.
    pub fn as_c(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or_default()
    }
}

/// What stands in a small file, at most as much as there is room; empty if it cannot be read.
pub fn read<'a>(path: &CStr, room: &'a mut [u8]) -> &'a [u8] {
    let read = file::open(path, file::O_RDONLY).and_then(|fd| {
        let read = file::read(fd, room);
        // A failed close loses nothing of what was read.
        let _ = file::close(fd);
        read
    });
    room.get(..read.ok().unwrap_or(0)).unwrap_or_default()
}

/// The number behind `key` (its colon and tab included) in the file `name` of `task`; ENOENT if it is not there.
pub fn number(task: usize, name: &[&[u8]], key: &[u8], base: usize) -> Answer {
    let mut room = [0; 2048];
    let text = read(Path::new(task, name).as_c(), &mut room);
    let found = text.windows(key.len()).position(|part| part == key);
    found
        .and_then(|place| text.get(place + key.len()..))
        .map_or(Answer::error(Errno::ENOENT), |rest| leading(rest, base))
}

/// The number in field `field` of proc_pid_stat(5); of the state, which is a letter, the letter.
pub fn stat(task: usize, field: usize) -> Answer {
    let mut room = [0; 512];
    let text = read(Path::new(task, &[b"stat"]).as_c(), &mut room);
    // Counted from behind the command (2), which may hold anything.
    let rest = text.rsplit(|byte| *byte == b')').next().unwrap_or_default();
    match rest.split(|byte| *byte == b' ').nth(field - 2) {
        Some([letter @ b'A'..=b'z', ..]) => Answer((*letter).into()),
        Some(number) => leading(number, 10),
        None => Answer::error(Errno::ENOENT),
    }
}

/// Fields of proc_pid_stat(5).
pub const STATE: usize = 3;
/// See [`STATE`].
pub const PPID: usize = 4;
/// See [`STATE`].
pub const EXIT_SIGNAL: usize = 38;

/// The number with which a text begins; ENOENT if it begins with none.
pub fn leading(text: &[u8], base: usize) -> Answer {
    let digit = |byte: &u8| (*byte as char).to_digit(base as u32);
    match text.first().and_then(digit) {
        Some(_) => Answer(text.iter().map_while(digit).fold(0, |n, digit| n * base + digit as usize)),
        None => Answer::error(Errno::ENOENT),
    }
}
