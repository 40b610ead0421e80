//! Blocks of ids that users may map, subuid(5), subgid(5), and the programs that map them, newuidmap(1), newgidmap(1).

use super::id_map::{Ids, LAST, Range};
use super::path;
use super::proc::{self, Line};
use crate::error::Step;
use crate::sys::{Errno, Result, control, file};
use crate::text::read::number;
use crate::text::{Room, Sink};
use core::ffi::CStr;
use linux_raw_sys::general::PATH_MAX;

/// What differs between users and groups.
pub struct Source {
    /// The file with each user's blocks.
    pub blocks: &'static CStr,
    /// The privileged program that writes maps.
    pub program: &'static CStr,
    /// The step of finding a block.
    pub find: Step,
    /// The step of executing the program.
    pub execute: Step,
    /// The step of writing the map.
    pub write: Step,
}

/// The source for users or for groups.
pub const fn source(kind: Ids) -> &'static Source {
    match kind {
        Ids::Users => &Source {
            blocks: c"/etc/subuid",
            program: c"newuidmap",
            find: Step::UserBlock,
            execute: Step::Newuidmap,
            write: Step::UidMap,
        },
        Ids::Groups => &Source {
            blocks: c"/etc/subgid",
            program: c"newgidmap",
            find: Step::GroupBlock,
            execute: Step::Newgidmap,
            write: Step::GidMap,
        },
    }
}

/// The kind of ids that a step is about; none for any other step.
pub fn kind_of(step: Step) -> Option<Ids> {
    Ids::ALL.into_iter().find(|kind| {
        let source = source(*kind);
        [source.find, source.execute, source.write].contains(&step)
    })
}

/// A buffer for a user's name, longer than any.
const NAME: usize = 256;

/// The name of a user in passwd(5); empty if the user has none.
pub fn name_of(user: usize) -> Result<Room<NAME>> {
    let mut room = Room::new();
    let found = proc::find(c"/etc/passwd", &mut |line| {
        let name = line.part(0, b":").filter(|name| id_in(line, 2) == Some(user) && name.len() <= NAME);
        room.put(name.unwrap_or_default());
        name.is_some()
    });
    match found {
        // The file may be absent; but an unreadable file might name the user.
        Ok(_) | Err(Errno::ENOENT) => Ok(room),
        Err(errno) => Err(errno),
    }
}

/// A column of such a file that holds an id.
fn id_in(line: Line, place: usize) -> Option<usize> {
    number(line.part(place, b":")?).filter(|id| *id <= LAST)
}

/// The block of a line `USER:FIRST:COUNT`; none if it holds no ids.
fn block_in(line: Line) -> Option<core::ops::Range<usize>> {
    let (start, count) = id_in(line, 1).zip(line.part(2, b":").and_then(number))?;
    let end = start.checked_add(count).filter(|end| count != 0 && *end <= LAST + 1)?;
    Some(start..end)
}

/// Passes each block of a user, listed by name or by id, to `is_last` until that returns true. Returns whether it did.
fn find(kind: Ids, user: usize, is_last: &mut dyn FnMut(core::ops::Range<usize>) -> bool) -> Result<bool> {
    let own_name = name_of(user)?;
    proc::find(source(kind).blocks, &mut |line| {
        let Some(owner) = line.part(0, b":") else { return false };
        let is_named = !owner.is_empty() && own_name.bytes() == Some(owner);
        (is_named || number(owner) == Some(user)) && block_in(line).is_some_and(&mut *is_last)
    })
}

/// The first block of a user. ENOENT: there is none.
pub fn first(kind: Ids, user: usize) -> Result<core::ops::Range<usize>> {
    let mut first = None;
    find(kind, user, &mut |block| first.replace(block).is_none())?;
    first.ok_or(Errno::ENOENT)
}

/// Whether a user is proven to have no block: the file was read to its end, or does not exist.
pub fn is_without(kind: Ids, user: usize) -> bool {
    matches!(find(kind, user, &mut |_| true), Ok(false) | Err(Errno::ENOENT))
}

/// The ids of a range that are in no block of a user, from the first such id on; none if all are, or if that cannot be
/// read. As newuidmap(1), this goes on where a block ends with any other block.
pub fn uncovered(kind: Ids, user: usize, range: Range) -> Option<core::ops::Range<usize>> {
    let end = range.outer.checked_add(range.count)?;
    let mut next = range.outer;
    while next < end {
        let from = next;
        find(kind, user, &mut |block| {
            let has_next = block.contains(&next);
            next = if has_next { block.end } else { next };
            has_next
        })
        .ok()?;
        if next == from {
            return Some(next..end);
        }
    }
    None
}

/// The number of ids that a new block is given, as useradd(8) does.
const COUNT: usize = 65536;
/// The first id that is given away, SUB_UID_MIN of login.defs(5).
const FIRST: usize = 100_000;

/// Ids behind all blocks of both files, for a new block; none if a file cannot be read, or if none are left.
pub fn free() -> Option<core::ops::Range<usize>> {
    let mut start = FIRST;
    for kind in Ids::ALL {
        let found = proc::find(source(kind).blocks, &mut |line| {
            start = start.max(block_in(line).map_or(0, |block| block.end));
            false
        });
        if !matches!(found, Ok(_) | Err(Errno::ENOENT)) {
            return None;
        }
    }
    (start + COUNT <= LAST + 1).then_some(start..start + COUNT)
}

/// What keeps a program from writing a map, as far as its file shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Program {
    /// It is not on PATH.
    Missing,
    /// The caller may not execute it.
    Closed,
    /// It gets no privileges because of no_new_privs.
    Renounced,
    /// It gets no privileges because of its mount.
    Nosuid,
    /// It has neither a set-user-ID bit that makes it root nor file capabilities.
    Plain,
    /// It is set-user-ID.
    Setuid,
    /// It has file capabilities.
    Capable,
}

/// The path of the program: the first on PATH that `run` would execute.
pub type At = Room<{ PATH_MAX as usize }>;

/// The program for users or for groups, and its path, which is empty if it is missing.
pub fn program(kind: Ids) -> (Program, At) {
    let mut found = At::new();
    let mut find = |is_meant: fn(&CStr) -> bool| {
        let is_found = path::find(source(kind).program.to_bytes(), &mut |path| {
            let is_it = is_meant(path);
            if is_it {
                found.put(path.to_bytes());
            }
            is_it
        });
        is_found == Ok(true)
    };
    if !find(|path| file::is_executable(path).is_ok()) {
        // In a folder that is closed itself nobody knows whether the program is there.
        let is_closed = find(|path| file::is_executable(path) == Err(Errno::EACCES) && file::node(path).is_ok());
        return (if is_closed { Program::Closed } else { Program::Missing }, found);
    }
    (found.c_str().map_or(Program::Missing, rights), found)
}

/// The privileges of the program at a path.
fn rights(path: &CStr) -> Program {
    let (is_setuid, is_capable) = (file::is_setuid_root(path) == Ok(true), file::has_capabilities(path) == Ok(true));
    if !is_setuid && !is_capable {
        Program::Plain
    } else if control::no_new_privileges() == Ok(true) {
        Program::Renounced
    } else if file::mount_flags(path).is_ok_and(|flags| flags & file::NOSUID != 0) {
        Program::Nosuid
    } else if is_setuid {
        Program::Setuid
    } else {
        Program::Capable
    }
}
