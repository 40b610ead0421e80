//! The files of proc(5): where the kernel says of a task, or of itself, what no system call answers.
//!
//! Files are read line by line, however long they are, so that no room has to be large enough for a whole one. A line that
//! is itself too long is handed over cut, and is marked as such: half a number is never taken for one.

use super::path::at_short;
use crate::sys::{Errno, Pid, RawFd, Result, file, ids};
use crate::text::number::{LONGEST, digits};
use crate::text::read::{leading, number, parts};
use core::ffi::CStr;

/// How much of a line there is room for: far more than any line that is looked for here can have.
const ROOM: usize = 1024;

/// A line of a file, without its end.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    text: &'a [u8],
    is_cut: bool,
}

impl<'a> Line<'a> {
    /// The whole line; none if it was too long.
    pub fn whole(self) -> Option<&'a [u8]> {
        (!self.is_cut).then_some(self.text)
    }

    /// The part of this number between separators; none if the line has fewer, or if the part may have been cut.
    pub fn part(self, place: usize, separators: &'static [u8]) -> Option<&'a [u8]> {
        let mut parts = parts(self.text, separators);
        let part = parts.nth(place)?;
        (!self.is_cut || parts.next().is_some()).then_some(part)
    }

    /// What stands behind a key with which the line begins; none if it begins otherwise.
    pub fn after(self, key: &[u8]) -> Option<Line<'a>> {
        Some(Line { text: self.text.strip_prefix(key)?, ..self })
    }

    /// The number with which the line begins; none if it begins with none, or if the number may have been cut.
    pub fn number(self, base: u32) -> Option<usize> {
        let (number, rest) = leading(self.text, base)?;
        (!self.is_cut || !rest.is_empty()).then_some(number)
    }
}

/// Hands each line of a file over, up to the first for which `is_last` says yes. Answers whether there was one.
pub fn find(path: &CStr, is_last: &mut dyn FnMut(Line) -> bool) -> Result<bool> {
    let file = file::open(path, file::O_RDONLY)?;
    find_in(file.raw(), is_last)
}

/// The same of an open file, from where it stands.
pub fn find_in(file: RawFd, is_last: &mut dyn FnMut(Line) -> bool) -> Result<bool> {
    let mut room = [0; ROOM];
    // How much of the room is filled, and whether that goes on a line whose beginning was handed over.
    let (mut filled, mut is_rest) = (0, false);
    loop {
        let read = file::read(file, &mut room[filled..])?;
        filled += read;
        let mut start = 0;
        while let Some(length) = room[start..filled].iter().position(|byte| *byte == b'\n') {
            let text = &room[start..start + length];
            if !core::mem::take(&mut is_rest) && is_last(Line { text, is_cut: false }) {
                return Ok(true);
            }
            start += length + 1;
        }
        let (is_end, is_full) = (read == 0, start == 0 && filled == ROOM);
        if is_end && start < filled || is_full {
            let text = &room[start..filled];
            if !core::mem::replace(&mut is_rest, true) && is_last(Line { text, is_cut: is_full }) {
                return Ok(true);
            }
            start = filled;
        }
        if is_end {
            return Ok(false);
        }
        room.copy_within(start..filled, 0);
        filled -= start;
    }
}

/// The number behind `key` (its colon and tab included) with which a line of the file begins; ENOENT if there is none.
pub fn number_in(path: &CStr, key: &[u8], base: u32) -> Result<usize> {
    let mut number = None;
    find(path, &mut |line| {
        number = line.after(key).map(|rest| rest.number(base));
        number.is_some()
    })?;
    number.flatten().ok_or(Errno::ENOENT)
}

/// What stands in a small file; EOVERFLOW if it has more than there is room for.
pub fn read<'a>(path: &CStr, room: &'a mut [u8]) -> Result<&'a [u8]> {
    let file = file::open(path, file::O_RDONLY)?;
    let mut filled = 0;
    loop {
        match file::read(file.raw(), &mut room[filled..])? {
            0 if filled == room.len() => return Err(Errno::EOVERFLOW),
            0 => return Ok(&room[..filled]),
            read => filled += read,
        }
    }
}

/// The number that is all there is in a small file; none if it cannot be read.
pub fn value(path: &CStr) -> Option<usize> {
    number(parts(read(path, &mut [0; 32]).ok()?, b"\n").next()?)
}

/// That /proc shows the caller's own PID namespace: only then a number in a path there names the task that system calls mean
/// by it.
#[derive(Clone, Copy)]
pub struct Tasks(());

impl Tasks {
    /// None if /proc shows another namespace, or if that cannot be seen.
    pub fn here() -> Option<Self> {
        let own = Some(ids::getpid().ok()?.number());
        let mut is_own = false;
        find(c"/proc/self/status", &mut |line| {
            if let Some(rest) = line.after(b"Pid:\t") {
                is_own = rest.number(10) == own;
            }
            // The ids of the task from the namespace of this proc file system down to its own: one, if these are the same.
            line.after(b"NSpid:\t").is_some_and(|rest| {
                is_own = rest.whole().and_then(number) == own;
                true
            })
        })
        .ok()?;
        is_own.then_some(Self(()))
    }

    /// Calls `act` with the path `/proc/TASK/FOLDERNAME`; the folder may be empty and ends with a slash.
    pub fn at<T>(self, task: Pid, [folder, name]: [&[u8]; 2], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
        let number = &mut [0; LONGEST];
        at_short(&[b"/proc/", digits(task.number(), 10, number), b"/", folder, name], act)
    }

    /// The number behind `key` in the status of `task`, proc_pid_status(5).
    pub fn status(self, task: Pid, key: &[u8], base: u32) -> Result<usize> {
        self.at(task, [b"", b"status"], |path| number_in(path, key, base))
    }

    /// The number in a field of proc_pid_stat(5); of the state, which is a letter, the letter.
    pub fn stat(self, task: Pid, field: StatField) -> Result<usize> {
        self.at(task, [b"", b"stat"], |path| {
            self::field(read(path, &mut [0; ROOM])?, field as usize).ok_or(Errno::ENOENT)
        })
    }
}

/// A field of the text of proc_pid_stat(5), from the third on: the first behind the command, which is in parentheses and may
/// hold anything, blanks, line ends and parentheses too.
pub fn field(stat: &[u8], field: usize) -> Option<usize> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let part = parts(stat.get(end + 1..)?, b" \n").nth(field.checked_sub(2)?)?;
    match part {
        [letter @ b'A'..=b'z'] => Some((*letter).into()),
        digits => number(digits),
    }
}

/// Fields of proc_pid_stat(5), by their numbers there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum StatField {
    /// What the task does: a letter.
    State = 3,
    /// Its parent.
    Ppid = 4,
    /// The signal that its end sends to its parent.
    ExitSignal = 38,
}
