//! Where a task is: its namespaces, its cgroup and its tracer.

use super::caller::Caller;
use super::cause::{UNSTABLE, Unseen};
use super::listing::{Answer, Reader, answer};
use super::task::{Text, Texts};
use crate::clone::flags::Kind;
use crate::host::path::with_short;
use crate::host::proc::{self, Line};
use crate::sys::file::{self, Node};
use crate::sys::{Errno, Pid, Result, process};
use crate::text::read::leading;
use crate::text::{Room, out};
use core::ffi::CStr;

/// The namespaces of a task: those of each kind, and those of its children for the kinds that only a child enters.
pub const SPACES: usize = Kind::ALL.len() + FOR_CHILDREN.len();

const FOR_CHILDREN: [(&str, Kind); 2] = [("pid_for_children", Kind::Pid), ("time_for_children", Kind::Time)];

/// The file name of a namespace, by its index.
pub fn name_of(index: usize) -> &'static str {
    match Kind::ALL.get(index) {
        Some(kind) => kind.name(),
        None => FOR_CHILDREN[index - Kind::ALL.len()].0,
    }
}

/// The index of the task's own namespace of the same kind.
pub fn own_index(index: usize) -> usize {
    let kind = index.checked_sub(Kind::ALL.len()).map(|index| FOR_CHILDREN[index].1);
    kind.and_then(|kind| Kind::ALL.iter().position(|other| *other == kind)).unwrap_or(index)
}

/// A namespace of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Space {
    /// This one.
    Is(Node),
    /// None: the task has ended, or its children are to be in a PID namespace that has no process yet.
    None,
    /// It could not be seen.
    Unseen,
    /// The kernel has no namespaces of this kind.
    Absent,
}

/// Where a task is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its namespaces, by their index.
    pub spaces: [Space; SPACES],
    /// Why not all namespaces can be seen.
    pub unseen: Option<Unseen>,
    /// Its cgroup, in the texts of the scan.
    pub cgroup: Option<Text>,
    /// Its tracer, 0 for none.
    pub tracer: usize,
    /// Its resident memory in KiB, as ps(1) has it; none of a task without memory.
    pub resident: Option<usize>,
    /// The inode of its pidfd.
    pub inode: Option<usize>,
}

/// The caller's own namespaces, which tell what kinds the kernel has, and whether their inodes mean anything: gVisor has
/// other ones for every path.
pub fn own_spaces(reader: &Reader, own: [Pid; 2]) -> [Space; SPACES] {
    core::array::from_fn(|index| {
        let look = |index: usize| with_short(&[b"/proc/thread-self/ns/", name_of(index).as_bytes()], file::node);
        match (look(index), look(own_index(index))) {
            (Ok(node), _) if read_space(reader, own, index) == Ok(node) => Space::Is(node),
            (Err(Errno::ENOENT), Ok(_)) => Space::None,
            (Err(Errno::ENOENT), _) => Space::Absent,
            _ => Space::Unseen,
        }
    })
}

/// Reads a namespace of a task.
fn read_space(reader: &Reader, task: [Pid; 2], index: usize) -> Result<Node> {
    let mut name = Room::<32>::new();
    out!(&mut name, "ns/", name_of(index));
    reader.with_path(task, name.bytes().unwrap_or_default(), file::node)
}

impl Place {
    /// Reads where a task is. None: the task has ended.
    pub fn read(
        reader: &mut Reader,
        caller: &Caller,
        task: [Pid; 2],
        own: &[Space; SPACES],
        texts: &mut Texts,
        last: Option<Text>,
    ) -> Result<Option<Self>> {
        let mut place = Self {
            spaces: [Space::Unseen; SPACES],
            unseen: None,
            cgroup: None,
            tracer: 0,
            resident: None,
            inode: None,
        };
        if let Some(errno) = place.read_spaces(reader, task, own)? {
            place.unseen = Some(caller.why(reader, task, errno));
        } else if place.spaces.contains(&Space::Unseen) {
            place.unseen = Some(UNSTABLE);
        }
        match answer(reader.with_path(task, b"status", |path| place.read_status(path)))? {
            Answer::Is(()) | Answer::Refused => {}
            Answer::Gone => return Ok(None),
        }
        if let Answer::Is(cgroup) = answer(reader.read(task, b"cgroup"))? {
            place.cgroup = path_of(cgroup).map(|path| match last {
                Some(last) if texts.get(last) == path => last,
                _ => texts.keep(path),
            });
        }
        Ok(Some(place))
    }

    /// Reads what `status` tells: the tracer, and the memory, of which `stat` knows only roughly how much it is.
    fn read_status(&mut self, path: &CStr) -> Result<()> {
        proc::find(path, &mut |line| {
            if let Some(tracer) = line.after(b"TracerPid:\t") {
                self.tracer = tracer.number(10).unwrap_or(0);
            }
            let resident = line.after(b"VmRSS:\t").and_then(Line::whole);
            self.resident = resident.and_then(|line| leading(line.trim_ascii(), 10)).map(|(number, _)| number);
            self.resident.is_some()
        })
        .map(|_| ())
    }

    /// Reads the namespaces. Returns the errno of a refusal, after which no more are asked for.
    fn read_spaces(&mut self, reader: &Reader, task: [Pid; 2], own: &[Space; SPACES]) -> Result<Option<Errno>> {
        for (index, space) in self.spaces.iter_mut().enumerate() {
            if matches!(own[index], Space::Absent | Space::Unseen) {
                *space = own[index];
                continue;
            }
            match read_space(reader, task, index) {
                Ok(identity) => *space = Space::Is(identity),
                Err(Errno::ENOENT | Errno::ESRCH) => *space = Space::None,
                Err(errno @ (Errno::EPERM | Errno::EACCES | Errno::ENOSYS)) => return Ok(Some(errno)),
                Err(errno) => return Err(errno),
            }
        }
        Ok(None)
    }
}

/// The path in a file of cgroups(7): that of version 2, or of the last hierarchy of version 1.
fn path_of(file: &[u8]) -> Option<&[u8]> {
    let mut lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let line = lines.clone().find(|line| line.starts_with(b"0::")).or(lines.next_back())?;
    line.splitn(3, |byte| *byte == b':').nth(2)
}

/// The file system of pidfds that have inodes of their own, PID_FS_MAGIC of linux/magic.h.
const PIDFS: usize = 0x5049_4446;

/// The inode of a task's pidfd, which no other task has until the next boot; none before Linux 6.9.
pub fn inode(task: Pid, is_leader: bool) -> Option<usize> {
    let pidfd = if is_leader { process::pidfd(task) } else { process::pidfd_of_task(task) };
    let pidfd = pidfd.ok()?;
    let is_own = file::file_system(pidfd.raw()) == Ok(PIDFS);
    is_own.then(|| file::identity(pidfd.raw()).ok()).flatten().map(|identity| identity.inode as usize)
}
