//! The files of /proc/TASK, proc(5): where the kernel says of a task what no system call answers.

use super::{Answer, Errno, file};
use crate::scan::{leading, parts};
use crate::words::digits;
use core::ffi::CStr;

/// How many bytes the path of such a file has at most.
pub const ROOM: usize = 64;

/// The path `/proc/TASK/NAME`, with a name in two parts.
pub fn path<'a>(room: &'a mut [u8], task: usize, [name, more]: [&[u8]; 2]) -> &'a CStr {
    let mut digits_of = [0; 20];
    file::path(room, &[b"/proc/", digits(task, 10, &mut digits_of), b"/", name, more])
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

/// The number behind `key` (its colon and tab included) with which a line begins in the file `name` of `task`; ENOENT if
/// it is not there.
pub fn number(task: usize, name: [&[u8]; 2], key: &[u8], base: u32) -> Answer {
    let mut room = [0; 2048];
    let text = read(path(&mut [0; ROOM], task, name), &mut room);
    or_missing(parts(text, b"\n").find_map(|line| line.strip_prefix(key)).and_then(|text| leading(text, base)))
}

/// The number in field `field` of proc_pid_stat(5); of the state, which is a letter, the letter.
pub fn stat(task: usize, field: usize) -> Answer {
    let mut room = [0; 512];
    let text = read(path(&mut [0; ROOM], task, [b"stat", b""]), &mut room);
    // Counted from behind the command (2), which may hold anything.
    let rest = parts(text, b")").last().unwrap_or_default();
    match parts(rest, b" ").nth(field - 2) {
        Some([letter @ b'A'..=b'z', ..]) => Answer((*letter).into()),
        number => or_missing(number.and_then(|number| leading(number, 10))),
    }
}

/// A number that was looked for; ENOENT if it is not there.
pub fn or_missing(found: Option<(usize, &[u8])>) -> Answer {
    found.map_or(Answer::error(Errno::ENOENT), |(number, _)| Answer(number))
}

/// Fields of proc_pid_stat(5).
pub const STATE: usize = 3;
/// See [`STATE`].
pub const PPID: usize = 4;
/// See [`STATE`].
pub const EXIT_SIGNAL: usize = 38;
