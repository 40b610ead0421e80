//! The mounts that the caller sees, proc_pid_mountinfo(5).

use super::proc::{self, Line};
use crate::sys::Result;
use crate::text::read::parts;
use core::ffi::CStr;

/// A mount; a text that was cut is absent. Blanks and backslashes in paths are octal escapes.
#[derive(Clone, Copy)]
pub struct Mount<'a> {
    /// The id.
    pub id: Option<usize>,
    /// The folder of the file system that is the root of the mount.
    pub root: Option<&'a [u8]>,
    /// The mount point, as seen from the root directory.
    pub point: Option<&'a [u8]>,
    /// The options of the mount itself.
    pub options: Option<&'a [u8]>,
    /// The type of the file system.
    pub kind: Option<&'a [u8]>,
    /// The options of the file system.
    pub of_system: Option<&'a [u8]>,
}

impl<'a> Mount<'a> {
    /// Reads a line: the id, that of the parent, the device, the root, the mount point, options, any number of optional
    /// fields, a hyphen, the type, the source, and the options of the file system.
    fn read(line: Line<'a>) -> Self {
        let part = |place| line.part(place, b" ");
        let hyphen = (6..32).find(|place| part(*place) == Some(b"-"));
        let behind = |distance| hyphen.and_then(|hyphen| part(hyphen + distance));
        Self {
            id: line.number(10),
            root: part(3),
            point: part(4),
            options: part(5),
            kind: behind(1),
            of_system: behind(3),
        }
    }

    /// Whether one of the mount's own options is this.
    pub fn has(&self, option: &[u8]) -> bool {
        self.options.is_some_and(|options| parts(options, b",").any(|one| one == option))
    }

    /// Whether one of the options of the file system is this.
    pub fn is_of(&self, option: &[u8]) -> bool {
        self.of_system.is_some_and(|options| parts(options, b",").any(|one| one == option))
    }
}

/// The mounts of the caller.
pub const OWN: &CStr = c"/proc/self/mountinfo";

/// Whether any mount of such a file is of interest.
pub fn any(path: &CStr, is_meant: &mut dyn FnMut(Mount) -> bool) -> Result<bool> {
    proc::find(path, &mut |line| is_meant(Mount::read(line)))
}
