//! The id maps of a user namespace, user_namespaces(7), and becoming root there.

use crate::board::fact::Fact;
use crate::board::record::{Becoming, Briefing};
use crate::error::{At, Failure, Step};
use crate::sys::{Errno, Result, file, ids};
use crate::text::read::{number, parts};
use crate::text::{Room, out};
use core::ffi::CStr;

/// A line of a map: the first id inside, the first id outside, and the number of ids.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first id inside.
    pub inner: usize,
    /// The first id outside.
    pub outer: usize,
    /// The number of ids.
    pub count: usize,
}

/// The highest id: ids have 32 bits, and the value with all bits set means "none", credentials(7).
pub const LAST: usize = u32::MAX as usize - 1;

impl Range {
    /// Reads a line of a map: three numbers between blanks. None if it is no such line.
    pub fn read(line: &[u8]) -> Option<Self> {
        let mut numbers = parts(line, b" ").filter(|part| !part.is_empty()).map(number);
        let [inner, outer, count] = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(Self { inner, outer, count })
    }
}

/// The text of a map.
pub struct IdMap(Room<2048>);

impl IdMap {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Room::new())
    }

    /// Adds a line, unless the range is empty.
    pub fn push(&mut self, range: Range) {
        if range.count != 0 {
            let Range { inner, outer, count } = range;
            let glue = if self.0.bytes() == Some(b"") { "" } else { "\n" };
            out!(&mut self.0, glue, inner, " ", outer, " ", count);
        }
    }

    /// The lines; none of a map that did not fit.
    pub fn ranges(&self) -> impl Iterator<Item = Range> {
        parts(self.0.bytes().unwrap_or_default(), b"\n").filter_map(Range::read)
    }

    /// The text; E2BIG if it did not fit.
    pub fn text(&self) -> Result<&[u8]> {
        self.0.bytes().ok_or(Errno::E2BIG)
    }

    /// Writes the map to the file at `path`; returns its length in bytes.
    pub fn write(&self, path: &CStr) -> Result<usize> {
        write_file(path, self.text()?)
    }
}

impl Default for IdMap {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes `line` to the file at `path` in one write(2), as user_namespaces(7) requires; returns its length. EIO: the
/// write was partial.
pub fn write_file(path: &CStr, line: &[u8]) -> Result<usize> {
    let file = file::open(path, file::O_WRONLY)?;
    let written = file::write(file.raw(), line)?;
    if written == line.len() { Ok(written) } else { Err(Errno::EIO) }
}

/// Writes `allow` or `deny` to the caller's own setgroups file.
pub fn write_setgroups(word: &[u8]) -> Result<usize> {
    write_file(c"/proc/self/setgroups", word)
}

/// Whether the caller may go on to the maps after denying setgroups(2), by the result of [`write_setgroups`]. Kernels
/// before 3.19 and some sandboxes have no such file and need no denial.
pub fn is_denied(written: Result<usize>) -> Result<()> {
    match written {
        Err(errno) if errno != Errno::ENOENT => Err(errno),
        _ => Ok(()),
    }
}

/// The two kinds of id map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ids {
    /// User ids.
    Users,
    /// Group ids.
    Groups,
}

impl Ids {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Users, Self::Groups];

    /// The caller's own map file.
    pub const fn own_map(self) -> &'static CStr {
        match self {
            Self::Users => c"/proc/self/uid_map",
            Self::Groups => c"/proc/self/gid_map",
        }
    }

    /// Writes a map of one id to the caller's own file, which needs no privileges outside.
    pub fn write_one(self, inner: usize, outer: usize) -> Result<usize> {
        let mut map = IdMap::new();
        map.push(Range { inner, outer, count: 1 });
        map.write(self.own_map())
    }
}

/// Before the call, in the task that makes a user namespace: leaves its effective ids, the only ids that may be mapped
/// without privileges.
pub fn brief(outer: &Briefing) {
    outer.euid.put(ids::geteuid());
    outer.egid.put(ids::getegid());
}

/// In the first process of a user namespace that is proven to be new: maps the ids that the parent left to 0. A refused
/// step does not stop the later steps, which are then refused too; the first refusal is reported.
pub fn become_root(steps: &Becoming) {
    steps.setgroups.put(write_setgroups(b"deny"));
    steps.uid_map.put(steps.outer.euid.result().and_then(|outer| Ids::Users.write_one(0, outer)));
    steps.gid_map.put(steps.outer.egid.result().and_then(|outer| Ids::Groups.write_one(0, outer)));
}

/// The first refused step of [`become_root`].
pub fn refused(steps: &Becoming) -> Option<Failure> {
    let setgroups = steps.setgroups.get().map_or(Ok(()), is_denied).at(Step::WriteSetgroups).err();
    let map = |step, fact: &Fact| fact.errno().map(|errno| Failure::new(step, errno));
    setgroups.or_else(|| map(Step::UidMap, &steps.uid_map)).or_else(|| map(Step::GidMap, &steps.gid_map))
}
