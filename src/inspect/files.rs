//! Which open files two processes share, though each has a file table of its own: as after fork(2), or by a descriptor
//! that was passed on.
//!
//! Two descriptors can be one open file only if they are of one file. So those of each file are compared with each
//! other, by the order of kcmp(2), and once more afterwards. A file system is not waited for: its server may be stuck.

use super::classes::ordered;
use super::listing::{Answer, Reader, answer};
use super::object::{Object, Resource};
use super::scan::Scan;
use super::task::{Text, Texts};
use crate::sys::file::{self, Node};
use crate::sys::process::kcmp_file;
use crate::sys::{Errno, Pid, RawFd, Result};
use crate::text::{Room, out};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

/// A descriptor of a task.
#[derive(Clone, Copy, Debug)]
pub struct Holder {
    /// The task, which stands for all that have its file table.
    pub tid: Pid,
    /// Its thread group.
    pub group: Pid,
    /// Its name, in the texts of the scan.
    pub name: Text,
    /// The descriptor.
    pub fd: RawFd,
    /// Its file.
    pub file: Node,
}

/// An open file that is in two file tables.
pub struct Shared {
    /// Its descriptors, in [`Files::holders`].
    pub holders: Range<usize>,
    /// What proc(5) calls it, in [`Files::names`].
    pub name: Text,
}

/// All open files that are in two file tables.
#[derive(Default)]
pub struct Files {
    /// The open files.
    pub shared: Vec<Shared>,
    /// Their descriptors.
    pub holders: Vec<Holder>,
    /// Their names.
    pub names: Texts,
    /// The number of file tables that were read.
    pub tables: usize,
    /// The number of comparisons.
    pub calls: usize,
}

impl Files {
    /// Compares the open files of the tasks that are shown.
    pub fn read(scan: &mut Scan) -> Result<Self> {
        let mut files = Self::default();
        let mut all = files.list(scan)?;
        all.sort_unstable_by_key(|Holder { file, group, tid, fd, .. }| {
            (file.device, file.inode, group.number(), tid.number(), fd.number())
        });
        for same in all.chunk_by(|one, other| one.file == other.file) {
            files.compare(&mut scan.reader, same);
        }
        Ok(files)
    }

    /// Lists the descriptors in each file table.
    fn list(&mut self, scan: &mut Scan) -> Result<Vec<Holder>> {
        let mut is_known = alloc::vec![false; scan.class_counts[Resource::Files.index()]];
        let mut all = Vec::new();
        for (group, _) in scan.groups.iter().zip(&scan.shown).filter(|(_, is_shown)| **is_shown) {
            for task in &scan.tasks[group.clone()] {
                let Object::Class(class) = task.object(Resource::Files) else { continue };
                if core::mem::replace(&mut is_known[class as usize], true) {
                    continue;
                }
                let Answer::Is(fds) = answer(scan.reader.descriptors([task.group, task.tid]))? else { continue };
                self.tables += 1;
                for fd in fds {
                    let file = with_path(&scan.reader, [task.group, task.tid], fd, file::cached_node);
                    // A descriptor that was closed meanwhile is no descriptor, and one of an odd file is not compared.
                    if let Ok(file) = file {
                        all.push(Holder { tid: task.tid, group: task.group, name: task.name, fd, file });
                    }
                }
            }
        }
        Ok(all)
    }

    /// Compares the descriptors of one file, and keeps the open files that are in two tables.
    fn compare(&mut self, reader: &mut Reader, same: &[Holder]) {
        if same.iter().all(|holder| holder.tid == same[0].tid) {
            return;
        }
        // The open files, sorted by kcmp(2).
        let mut opened: Vec<Vec<Holder>> = Vec::new();
        for holder in same {
            match self.search(&opened, holder) {
                Ok(Ok(place)) => opened[place].push(*holder),
                Ok(Err(place)) => opened.insert(place, alloc::vec![*holder]),
                // One of both is closed. It cannot be told which, so this one is left out.
                Err(_) => {}
            }
        }
        for mut holders in opened {
            let first = holders[0];
            holders.retain(|holder| self.order(&first, holder) == Ok(Ordering::Equal));
            if holders.iter().any(|holder| holder.tid != first.tid) {
                self.keep(reader, &holders);
            }
        }
    }

    /// Where the open file of a descriptor is, or belongs, among those that are sorted.
    fn search(&mut self, opened: &[Vec<Holder>], holder: &Holder) -> Result<core::result::Result<usize, usize>> {
        let (mut low, mut high) = (0, opened.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.order(holder, &opened[middle][0])? {
                Ordering::Equal => return Ok(Ok(middle)),
                Ordering::Less => high = middle,
                Ordering::Greater => low = middle + 1,
            }
        }
        Ok(Err(low))
    }

    /// How two open files are ordered.
    fn order(&mut self, one: &Holder, other: &Holder) -> Result<Ordering> {
        self.calls += 1;
        ordered(kcmp_file([one.tid, other.tid], [one.fd, other.fd])?)
    }

    /// Keeps an open file.
    fn keep(&mut self, reader: &mut Reader, holders: &[Holder]) {
        let Holder { tid, group, fd, .. } = holders[0];
        let start = self.holders.len();
        self.holders.extend_from_slice(holders);
        let name = reader.link([group, tid], fd).unwrap_or(b"?");
        self.shared.push(Shared { holders: start..self.holders.len(), name: self.names.keep(name) });
    }
}

/// Calls `act` with the path of a descriptor.
fn with_path<T>(
    reader: &Reader,
    task: [Pid; 2],
    fd: RawFd,
    act: impl FnOnce(&core::ffi::CStr) -> Result<T>,
) -> Result<T> {
    let mut name = Room::<32>::new();
    out!(&mut name, "fd/", fd.number());
    reader.with_path(task, name.bytes().unwrap_or_default(), act)
}

impl Reader {
    /// Lists the descriptors of a task.
    fn descriptors(&mut self, task: [Pid; 2]) -> Result<Vec<RawFd>> {
        let folder = self.with_path(task, b"fd", |path| file::open(path, file::O_RDONLY | file::O_DIRECTORY))?;
        let mut fds = Vec::new();
        file::each_name(folder.raw(), &mut |name| {
            fds.extend(crate::text::read::number(name).and_then(RawFd::new));
        })?;
        Ok(fds)
    }

    /// What proc(5) calls the file of a descriptor.
    fn link(&mut self, task: [Pid; 2], fd: RawFd) -> Option<&[u8]> {
        let mut room = core::mem::take(self.room_mut());
        let length =
            with_path(self, task, fd, |path| file::link(path, &mut room).map(<[u8]>::len).ok_or(Errno::ENOENT));
        *self.room_mut() = room;
        self.room_mut().get(..length.ok()?)
    }
}
