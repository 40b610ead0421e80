//! The files of proc(5), for what no system call returns.
//!
//! Files are read line by line, so no buffer must hold a whole file. A line longer than the buffer is passed on
//! truncated and marked as such, so a partial number is never taken for a number.

use super::path::with_short;
use crate::sys::{Errno, Pid, RawFd, Result, file, ids};
use crate::text::number::{LONGEST, digits};
use crate::text::read::{leading, number, parts};
use core::ffi::CStr;

/// The buffer for a line: far more than any line needs that is read here.
const ROOM: usize = 1024;

/// A line of a file, without its newline.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    text: &'a [u8],
    is_cut: bool,
}

impl<'a> Line<'a> {
    /// The whole line; none if the line was truncated.
    pub fn whole(self) -> Option<&'a [u8]> {
        (!self.is_cut).then_some(self.text)
    }

    /// The part with this index between separators; none if the line has fewer parts, or if the part may be truncated.
    pub fn part(self, place: usize, separators: &'static [u8]) -> Option<&'a [u8]> {
        let mut parts = parts(self.text, separators);
        let part = parts.nth(place)?;
        (!self.is_cut || parts.next().is_some()).then_some(part)
    }

    /// The rest of a line that begins with `key`; none for any other line.
    pub fn after(self, key: &[u8]) -> Option<Line<'a>> {
        Some(Line { text: self.text.strip_prefix(key)?, ..self })
    }

    /// The line without the blanks at its start.
    pub fn behind_blanks(self) -> Self {
        Line { text: self.text.trim_ascii_start(), ..self }
    }

    /// The number at the start of the line; none if there is none, or if the number may be truncated.
    pub fn number(self, base: u32) -> Option<usize> {
        let (number, rest) = leading(self.text, base)?;
        (!self.is_cut || !rest.is_empty()).then_some(number)
    }
}

/// Passes each line of a file to `is_last` until that returns true. Returns whether it did.
pub fn find(path: &CStr, is_last: &mut dyn FnMut(Line) -> bool) -> Result<bool> {
    let file = file::open(path, file::O_RDONLY)?;
    find_in(file.raw(), is_last)
}

/// Passes each line of an open file, from its current offset, to `is_last` until that returns true. Returns whether it
/// did.
pub fn find_in(file: RawFd, is_last: &mut dyn FnMut(Line) -> bool) -> Result<bool> {
    let mut room = [0; ROOM];
    // The number of bytes in the buffer, and whether they continue a line whose start was already passed on.
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

/// The number after `key` (with its colon and tab) in the first line that begins with `key`; ENOENT if there is none.
pub fn number_in(path: &CStr, key: &[u8], base: u32) -> Result<usize> {
    let mut number = None;
    find(path, &mut |line| {
        number = line.after(key).map(|rest| rest.number(base));
        number.is_some()
    })?;
    number.flatten().ok_or(Errno::ENOENT)
}

/// The contents of a small file; EOVERFLOW if the file fills the buffer.
pub fn read_small<'a>(path: &CStr, room: &'a mut [u8]) -> Result<&'a [u8]> {
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

/// The number that a small file consists of; none if it cannot be read.
pub fn only_number(path: &CStr) -> Option<usize> {
    number(parts(read_small(path, &mut [0; 32]).ok()?, b"\n").next()?)
}

/// Proof that /proc shows the caller's own PID namespace: only then an id in a path names the task that system calls
/// mean by it.
#[derive(Clone, Copy)]
pub struct Tasks(());

impl Tasks {
    /// The proof; none if /proc shows another namespace, or if that cannot be seen.
    pub fn here() -> Option<Self> {
        Self::prove().ok()
    }

    /// The proof. ESRCH: /proc shows another namespace; any other errno: that cannot be seen.
    pub fn prove() -> Result<Self> {
        Own::read().tasks
    }

    /// Calls `act` with the path `/proc/TASK/FOLDERNAME`; `folder` may be empty and otherwise ends with a slash.
    pub fn with_path<T>(
        self,
        task: Pid,
        [folder, name]: [&[u8]; 2],
        act: impl FnOnce(&CStr) -> Result<T>,
    ) -> Result<T> {
        let number = &mut [0; LONGEST];
        with_short(&[b"/proc/", digits(task.number(), 10, number), b"/", folder, name], act)
    }

    /// The number after `key` in the status file of `task`, proc_pid_status(5).
    pub fn status(self, task: Pid, key: &[u8], base: u32) -> Result<usize> {
        self.with_path(task, [b"", b"status"], |path| number_in(path, key, base))
    }

    /// The number in a field of proc_pid_stat(5); for the state, a letter, its byte.
    pub fn stat(self, task: Pid, field: StatField) -> Result<usize> {
        self.with_path(task, [b"", b"stat"], |path| {
            self::field(read_small(path, &mut [0; ROOM])?, field as usize).ok_or(Errno::ENOENT)
        })
    }
}

/// What the caller's own status file tells, proc_pid_status(5).
pub struct Own {
    /// Access to the files of other tasks. ESRCH: /proc shows another namespace; any other errno: that cannot be seen.
    pub tasks: Result<Tasks>,
    /// Whether a seccomp filter is in force; none if that cannot be read. Unlike prctl(2), which tells this too,
    /// reading a file is allowed by any filter under which this program could work.
    pub has_filter: Option<bool>,
}

impl Own {
    /// Reads the file.
    pub fn read() -> Self {
        let mut has_filter = None;
        Self { tasks: Self::read_into(&mut has_filter), has_filter }
    }

    fn read_into(has_filter: &mut Option<bool>) -> Result<Tasks> {
        let own = Some(ids::getpid()?.number());
        let mut is_own = false;
        find(c"/proc/self/status", &mut |line| {
            // NSpid lists the task's ids from the namespace of this proc file system down to its own: a single id if
            // the two are the same. Kernels before 4.1 have no such line.
            if let Some(rest) = line.after(b"Pid:\t") {
                is_own = rest.number(10) == own;
            } else if let Some(rest) = line.after(b"NSpid:\t") {
                is_own = rest.whole().and_then(number) == own;
            } else if let Some(rest) = line.after(b"Seccomp:\t") {
                *has_filter = rest.number(10).map(|mode| mode != 0);
            }
            has_filter.is_some()
        })?;
        if is_own { Ok(Tasks(())) } else { Err(Errno::ESRCH) }
    }
}

/// A field of the text of proc_pid_stat(5), from the third on. The third follows the command name, which is in
/// parentheses and may itself contain blanks, newlines and parentheses.
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
    /// The state: a letter.
    State = 3,
    /// The parent's thread group.
    Ppid = 4,
    /// The exit signal.
    ExitSignal = 38,
}
