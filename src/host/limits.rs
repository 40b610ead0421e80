//! Limits on tasks (RLIMIT_NPROC, the pids controller of cgroups(7), kernel.threads-max, kernel.pid_max), namespaces,
//! descriptors and memory, and the available memory.

use super::mounts::{self, Mount};
use super::path;
use super::proc::{self, Line, Tasks};
use crate::clone::flags::Kind;
use crate::sys::limit::{self, Limited};
use crate::sys::{Errno, Fd, Pid, file, ids};
use crate::text::read::{number, parts};
use crate::text::{Room, Sink};
use core::ffi::CStr;

/// RLIMIT_NPROC; none if unlimited or not available.
pub fn tasks_of_user() -> Option<usize> {
    limit::soft(Limited::Tasks).ok().flatten()
}

/// A limit and its current use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    /// The limit.
    pub most: usize,
    /// The number in use.
    pub now: usize,
}

impl Used {
    /// Whether the limit leaves no room for the two tasks of an experiment. They have exited by now, so they count as
    /// free room.
    pub fn is_full(self) -> bool {
        self.lacks(2)
    }

    /// Whether the limit leaves no room for so many more.
    pub fn lacks(self, more: usize) -> bool {
        self.now.saturating_add(more) > self.most
    }

    /// What the limit leaves.
    fn room(self) -> usize {
        self.most.saturating_sub(self.now)
    }
}

/// RLIMIT_NPROC, and how many tasks of the caller's user can be seen, which may be fewer than there are.
pub fn seen_tasks_of_user() -> Option<Used> {
    let most = tasks_of_user()?;
    let (tasks, own) = (Tasks::here()?, ids::getuid().ok()?);
    let folder = file::open(c"/proc", file::O_RDONLY | file::O_DIRECTORY).ok()?;
    let mut now = 0;
    file::each_name(folder.raw(), &mut |name| {
        let task = number(name).filter(|_| name.iter().all(u8::is_ascii_digit)).and_then(Pid::new);
        let threads =
            |task| (tasks.status(task, b"Uid:\t", 10) == Ok(own)).then(|| tasks.status(task, b"Threads:\t", 10));
        // A task that has ended meanwhile is none.
        now += task.and_then(threads).and_then(Result::ok).unwrap_or(0);
    })
    .ok()?;
    Some(Used { most, now })
}

/// `pids.max` and `pids.current` of the cgroup with the least room, of either cgroup version: the caller's, or one of
/// those above it that can be seen. None if there is no limit.
pub fn tasks_of_cgroup() -> Option<Used> {
    let mut used = None;
    with_fullest_cgroup(&mut |_, found| used = Some(found));
    used
}

/// A hierarchy of cgroups(7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hierarchy {
    /// That of version 1 with the pids controller.
    OfPids,
    /// That of version 2.
    Unified,
}

impl Hierarchy {
    /// Its controllers in /proc/self/cgroup; that of version 2 names none.
    const fn controller(self) -> &'static [u8] {
        match self {
            Self::OfPids => b"pids",
            Self::Unified => b"",
        }
    }

    /// Whether a mount shows it.
    fn is_at(self, mount: &Mount) -> bool {
        match self {
            Self::OfPids => mount.kind == Some(b"cgroup") && mount.is_of(b"pids"),
            Self::Unified => mount.kind == Some(b"cgroup2"),
        }
    }
}

/// The folder of a cgroup: two parts of lines of proc(5), none longer than is read of a line.
type Folder = Room<2048>;

/// Passes the folder of that cgroup to `see`, and its limit.
pub fn with_fullest_cgroup(see: &mut dyn FnMut(&[u8], Used)) {
    let mut folder = Folder::new();
    for hierarchy in [Hierarchy::OfPids, Hierarchy::Unified] {
        let all = if own_cgroup(&mut folder, hierarchy).is_some() { folder.bytes() } else { None };
        let all = all.unwrap_or_default();
        // From the own cgroup up; the path of each ends before a slash, or is whole.
        let ends = (1..=all.len()).rev().filter(|end| all.get(*end).is_none_or(|byte| *byte == b'/'));
        let limited = ends.filter_map(|end| all.get(..end)).filter_map(|folder| Some((folder, used_tasks(folder)?)));
        if let Some((folder, used)) = limited.min_by_key(|(_, used)| used.room()) {
            return see(folder, used);
        }
        folder = Folder::new();
    }
}

/// `pids.max` and `pids.current` of the cgroup in a folder; none if it has no limit.
fn used_tasks(folder: &[u8]) -> Option<Used> {
    let value = |name: &[u8]| path::with(&[folder, name], |path| Ok(proc::only_number(path))).ok().flatten();
    value(b"/pids.max").zip(value(b"/pids.current")).map(|(most, now)| Used { most, now })
}

/// The folder of the caller's cgroup in a hierarchy.
fn own_cgroup(folder: &mut Folder, hierarchy: Hierarchy) -> Option<()> {
    let mut own = Room::<1024>::new();
    // Each line is `ID:CONTROLLERS:PATH`.
    proc::find(c"/proc/self/cgroup", &mut |line| {
        let is_own = line.part(1, b":").is_some_and(|all| parts(all, b",").any(|one| one == hierarchy.controller()));
        own.put(line.part(2, b":").filter(|_| is_own).unwrap_or_default());
        is_own
    })
    .ok()?;
    let own = own.bytes().filter(|own| !own.is_empty())?;
    let is_found = mounts::any(mounts::OWN, &mut |mount| {
        let (true, Some(root), Some(point)) = (hierarchy.is_at(&mount), mount.root, mount.point) else { return false };
        // Of a cgroup outside of what is mounted nothing can be seen; neither of one behind an escaped path.
        let below = if root == b"/" { Some(own) } else { own.strip_prefix(root) };
        let Some(below) = below.filter(|below| !below.starts_with(b"/..") && !point.contains(&b'\\')) else {
            return false;
        };
        folder.put(point);
        folder.put(if below == b"/" { b"" } else { below });
        true
    });
    (is_found == Ok(true)).then_some(())
}

/// The number of tasks on the machine, proc_loadavg(5).
fn all_tasks() -> Option<usize> {
    parts(proc::read_small(c"/proc/loadavg", &mut [0; 64]).ok()?, b"/ ").nth(4).and_then(number)
}

/// kernel.threads-max, and the number of tasks on the machine.
pub fn tasks_of_kernel() -> Option<Used> {
    Some(Used { most: proc::only_number(c"/proc/sys/kernel/threads-max")?, now: all_tasks()? })
}

/// The ids that the kernel gives to no task once it has begun anew, RESERVED_PIDS.
const RESERVED: usize = 300;

/// kernel.pid_max without the reserved ids, and the number of tasks on the machine.
pub fn ids_of_kernel() -> Option<Used> {
    let most = proc::only_number(c"/proc/sys/kernel/pid_max")?;
    Some(Used { most: most.saturating_sub(RESERVED), now: all_tasks()? })
}

/// How many descriptors the program has open at once, beside those that it was given.
const DESCRIPTORS: usize = 4;

/// Whether RLIMIT_NOFILE leaves fewer descriptors than the program needs.
pub fn lacks_descriptors() -> bool {
    let limited = limit::soft(Limited::Files).is_ok_and(|most| most.is_some());
    let opened: [_; DESCRIPTORS] = core::array::from_fn(|_| file::open(c"/", file::O_PATH));
    let beyond = |file: &Result<Fd, _>| matches!(file, Err(Errno::EMFILE));
    limited && opened.iter().any(beyond)
}

/// RLIMIT_AS and the bytes of the address space, or RLIMIT_DATA and the bytes that it counts.
pub fn bytes(limited: Limited) -> Option<Used> {
    let key: &[u8] = if limited == Limited::Data { b"VmData:" } else { b"VmSize:" };
    let most = limit::soft(limited).ok().flatten()?;
    Some(Used { most, now: kib_after(c"/proc/self/status", key)?.checked_mul(1024)? })
}

/// The number of bytes that can be touched without swapping, MemAvailable of proc_meminfo(5); none if unknown.
pub fn memory() -> Option<usize> {
    kib_after(c"/proc/meminfo", b"MemAvailable:")?.checked_mul(1024)
}

/// The number behind a key and blanks.
fn kib_after(path: &CStr, key: &[u8]) -> Option<usize> {
    let mut kib = None;
    proc::find(path, &mut |line| {
        let Some(rest) = line.after(key).and_then(Line::whole) else { return false };
        kib = parts(rest, b" \t").find_map(number);
        true
    })
    .ok()?;
    kib
}

/// The limit for a kind of namespace, namespaces(7); none if it cannot be read.
pub fn namespaces(kind: Kind) -> Option<usize> {
    let parts = [b"/proc/sys/user/max_", kind.name().as_bytes(), b"_namespaces"];
    path::with_short(&parts, |path| Ok(proc::only_number(path))).ok().flatten()
}
