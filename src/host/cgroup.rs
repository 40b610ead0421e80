//! What the kernel would say to a task that is made in a cgroup, found by looking at the cgroup's files: cgroups(7),
//! and `cgroup_css_set_fork` of the kernel. Asking is not possible: this check comes after all that a call can fail in.

use super::proc::{self, Line};
use super::{mounts, path};
use crate::sys::file;
use crate::sys::{Errno, Fd, RawFd, Result, confirmed, ids};
use crate::text::number::{LONGEST, digits};
use crate::text::read::{number, parts};
use core::ffi::CStr;
use linux_raw_sys::general::CGROUP2_SUPER_MAGIC;

/// Whether a cgroup takes a new task, or what stands against it, in the order of the kernel's checks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The descriptor is invalid, or not that of a cgroup of version 2.
    NoCgroup,
    /// The cgroup was removed.
    Removed,
    /// The caller may not write to `cgroup.procs` of the cgroup, or of the nearest cgroup that contains both this one
    /// and the caller.
    NotWritable,
    /// The cgroup lies outside of the caller's cgroup namespace, which is a boundary.
    OutOfNamespace,
    /// The cgroup's type is "domain invalid"; or the task is a thread, and the cgroup is not of its process's domain.
    NotOfDomain,
    /// The cgroup has domain controllers enabled for its children, or enabled controllers and children with tasks.
    Controlled,
    /// Nothing that can be seen stands against it.
    Free,
}

/// Whether a cgroup's `pids.max`, or that of one above it, leaves room for a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tasks {
    /// There is room.
    Free,
    /// There is none.
    Full,
    /// This hierarchy does not count tasks.
    NotCounted,
}

/// How deep cgroups are looked at.
const DEPTH: usize = 64;

/// Whether the open cgroup `folder` takes a new task of the caller: a process, or a thread of the caller's.
/// `is_ordinary` asks for a user that is not root, if the caller is root.
pub fn enter(folder: RawFd, is_thread: bool, is_ordinary: bool) -> Entry {
    match confirmed(&[Errno::EBADF], || file::file_system(folder)) {
        Ok(system) if system != CGROUP2_SUPER_MAGIC as usize => return Entry::NoCgroup,
        Err(Errno::EBADF) => return Entry::NoCgroup,
        _ => {}
    }
    let procs = || file::open_in(folder, c"cgroup.procs", file::O_PATH);
    match confirmed(&[Errno::ENOTDIR, Errno::ENOENT], procs) {
        Err(Errno::ENOTDIR) => return Entry::NoCgroup,
        Err(Errno::ENOENT) => return Entry::Removed,
        _ => {}
    }
    let caller = Caller::seen_from(folder);
    let common = caller.as_ref().and_then(|caller| caller.common.as_ref());
    if !may_write(folder, is_ordinary) || common.is_some_and(|common| !may_write(common.raw(), is_ordinary)) {
        return Entry::NotWritable;
    }
    if caller.as_ref().is_some_and(|caller| caller.is_out_of_namespace) {
        return Entry::OutOfNamespace;
    }
    match Kind::of(folder) {
        Kind::Invalid => Entry::NotOfDomain,
        Kind::Domain if is_controlled(folder) => Entry::Controlled,
        // A thread stays in the domain of its process.
        _ if is_thread && is_domain_of_others(folder) => Entry::NotOfDomain,
        _ => Entry::Free,
    }
}

/// Where the caller is, seen from another cgroup.
struct Caller {
    /// The nearest cgroup that contains both; none if it is not mounted where the other one is.
    common: Option<Fd>,
    /// Whether one of the two lies outside of the caller's cgroup namespace, and the namespace is a boundary.
    is_out_of_namespace: bool,
}

impl Caller {
    /// None if proc(5) does not tell.
    fn seen_from(folder: RawFd) -> Option<Self> {
        let (mut rooms, mut outward) = ([[0; LONGEST_PATH]; 2], [0; DEPTH]);
        let [root, own] = &mut rooms;
        let mount = Mount::of(folder, root)?;
        let own = own_path(own)?;
        let (chain, top) = outward_from(folder, &mut outward)?;
        let mut caller = Self { common: None, is_out_of_namespace: false };
        // Both paths begin at the root of the caller's cgroup namespace; what is outside begins with "..".
        let above = names(mount.root).filter(|name| *name == b"..").count();
        let is_outside = names(own).any(|name| name == b"..");
        caller.is_out_of_namespace = mount.is_boundary && (is_outside || chain.len() <= above);
        if above > 0 || is_outside {
            return Some(caller);
        }
        let mut rest = names(own);
        if !names(mount.root).all(|name| rest.next() == Some(name)) {
            return Some(caller);
        }
        let mut here = file::open_in(top.as_ref().map_or(folder, Fd::raw), c".", file::O_PATH).ok()?;
        loop {
            if chain.contains(&file::identity(here.raw()).ok()?.inode) {
                caller.common = Some(file::open_in(here.raw(), c".", file::O_PATH).ok()?);
            }
            let Some(name) = rest.next() else { return Some(caller) };
            here = path::with(&[name], |name| file::open_in(here.raw(), name, file::O_PATH)).ok()?;
        }
    }
}

/// The longest path of a cgroup that is looked at.
const LONGEST_PATH: usize = 1024;

/// The names in a path.
fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    parts(path, b"/").filter(|name| !name.is_empty())
}

/// The caller's cgroup of version 2, from the root of its cgroup namespace.
fn own_path(room: &mut [u8; LONGEST_PATH]) -> Option<&[u8]> {
    let mut length = None;
    proc::find(c"/proc/thread-self/cgroup", &mut |line| {
        let Some(path) = line.after(b"0::") else { return false };
        length = path.whole().and_then(|path| {
            room.get_mut(..path.len())?.copy_from_slice(path);
            Some(path.len())
        });
        true
    })
    .ok()?;
    room.get(..length?)
}

/// The first that is meant of the caller's cgroups of version 2: from the root of the hierarchy, if that is mounted,
/// down to the caller's own.
pub fn find_own(is_meant: &mut dyn FnMut(RawFd) -> bool) -> Option<Fd> {
    let (mut room, mut here) = ([0; LONGEST_PATH], None);
    let own = own_path(&mut room)?;
    mounts::any(mounts::OWN, &mut |mount| {
        let is_root = mount.kind == Some(b"cgroup2") && mount.root == Some(b"/");
        let point = mount.point.filter(|_| is_root);
        here = point.and_then(|point| path::with(&[point], |path| file::open(path, file::O_DIRECTORY)).ok());
        here.is_some()
    })
    .ok()?;
    let mut here = here?;
    for name in names(own) {
        if is_meant(here.raw()) {
            return Some(here);
        }
        here = path::with(&[name], |name| file::open_in(here.raw(), name, file::O_DIRECTORY)).ok()?;
    }
    is_meant(here.raw()).then_some(here)
}

/// The mount of an open cgroup.
struct Mount<'a> {
    /// The cgroup at the mount's root, from the root of the caller's cgroup namespace.
    root: &'a [u8],
    /// Whether cgroup namespaces are boundaries, the mount option nsdelegate.
    is_boundary: bool,
}

impl<'a> Mount<'a> {
    fn of(folder: RawFd, room: &'a mut [u8; LONGEST_PATH]) -> Option<Self> {
        let number = &mut [0; LONGEST];
        let about = [b"/proc/self/fdinfo/".as_slice(), digits(folder.number(), 10, number)];
        let mount = path::with_short(&about, |path| proc::number_in(path, b"mnt_id:\t", 10)).ok()?;
        let (mut length, mut is_boundary) = (None, false);
        mounts::any(mounts::OWN, &mut |line| {
            if line.id != Some(mount) {
                return false;
            }
            length = line.root.and_then(|root| unescape(root, room));
            is_boundary = line.is_of(b"nsdelegate");
            true
        })
        .ok()?;
        Some(Self { root: room.get(..length?)?, is_boundary })
    }
}

/// Copies a text of proc(5), where `\134` is a backslash; returns its length. None if there is no room.
fn unescape(text: &[u8], room: &mut [u8]) -> Option<usize> {
    let (mut rest, mut length) = (text, 0);
    while let [first, behind @ ..] = rest {
        let (byte, behind) = match rest {
            [b'\\', high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', behind @ ..] => {
                ((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'), behind)
            }
            _ => (*first, behind),
        };
        *room.get_mut(length)? = byte;
        (rest, length) = (behind, length + 1);
    }
    Some(length)
}

/// The cgroup above, if it is mounted there.
fn above(folder: RawFd) -> Option<Fd> {
    let outer = file::open_in(folder, c"..", file::O_PATH).ok()?;
    let [own, other] = [file::identity(folder).ok()?, file::identity(outer.raw()).ok()?];
    (own.device == other.device && own.inode != other.inode).then_some(outer)
}

/// The inodes of a cgroup and of those above it, and the highest of them; none for the cgroup itself. None at all if
/// they are too many.
fn outward_from(folder: RawFd, room: &mut [u64; DEPTH]) -> Option<(&[u64], Option<Fd>)> {
    let mut top = None;
    for at in 0..DEPTH {
        let here = top.as_ref().map_or(folder, Fd::raw);
        room[at] = file::identity(here).ok()?.inode;
        match above(here) {
            Some(outer) => top = Some(outer),
            None => return Some((&room[..=at], top)),
        }
    }
    None
}

/// Whether the caller is not in the domain of a cgroup: the nearest cgroup from this one upwards that is not threaded,
/// which lists all processes of its threaded subtree.
fn is_domain_of_others(folder: RawFd) -> bool {
    let mut outer: Option<Fd> = None;
    loop {
        let here = outer.as_ref().map_or(folder, Fd::raw);
        if Kind::of(here) != Kind::Threaded {
            let Ok(own) = ids::getpid() else { return false };
            let procs = file::open_in(here, c"cgroup.procs", file::O_RDONLY);
            let is_own = |line: Line| line.number(10) == Some(own.number());
            return procs.and_then(|procs| proc::find_in(procs.raw(), &mut { is_own })) == Ok(false);
        }
        match above(here) {
            Some(next) => outer = Some(next),
            None => return false,
        }
    }
}

/// Whether the caller may write to `cgroup.procs`. Only a definite refusal is one; of a file system that is mounted
/// without the right to write, the kernel does not look at the mount.
fn may_write(folder: RawFd, is_ordinary: bool) -> bool {
    if is_ordinary && ids::geteuid() == Ok(0) {
        // To a user who is not the owner.
        let procs = file::open_in(folder, c"cgroup.procs", file::O_PATH);
        return procs.and_then(|procs| file::identity(procs.raw())).is_ok_and(|procs| procs.is_writable_to_others());
    }
    let procs = || file::open_in(folder, c"cgroup.procs", file::O_WRONLY);
    confirmed(&[Errno::EACCES], procs) != Err(Errno::EACCES)
}

/// The type of a cgroup, cgroup.type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The root of the hierarchy, which has no type.
    Root,
    Domain,
    /// The root of a threaded subtree.
    ThreadRoot,
    Threaded,
    Invalid,
    /// The file cannot be read.
    Unknown,
}

impl Kind {
    fn of(folder: RawFd) -> Self {
        let mut room = [0; 32];
        match read(folder, c"cgroup.type", &mut room) {
            Ok(b"domain") => Self::Domain,
            Ok(b"domain threaded") => Self::ThreadRoot,
            Ok(b"threaded") => Self::Threaded,
            Ok(b"domain invalid") => Self::Invalid,
            Err(Errno::ENOENT) => Self::Root,
            _ => Self::Unknown,
        }
    }
}

/// The controllers that a cgroup with tasks may enable for its children: the others count a resource per cgroup, not
/// per thread.
const THREADED: [&[u8]; 4] = [b"cpu", b"cpuset", b"perf_event", b"pids"];

/// Whether a domain takes no task because of its children: it hands on a domain controller, or any controller while
/// there are tasks below it. (In a domain that hands on threaded controllers there are no tasks of its own: with them
/// it would be the root of a threaded subtree.)
fn is_controlled(folder: RawFd) -> bool {
    let mut room = [0; 256];
    let Ok(controllers) = read(folder, c"cgroup.subtree_control", &mut room) else { return false };
    let mut controllers = parts(controllers, b" ").filter(|name| !name.is_empty());
    let Some(first) = controllers.next() else { return false };
    let is_of_domain = |name: &[u8]| !THREADED.contains(&name);
    is_of_domain(first) || controllers.any(is_of_domain) || is_populated(folder)
}

/// Whether there are tasks in a cgroup or below it.
fn is_populated(folder: RawFd) -> bool {
    let is_said = |line: Line| line.whole() == Some(b"populated 1");
    file::open_in(folder, c"cgroup.events", file::O_RDONLY)
        .and_then(|events| proc::find_in(events.raw(), &mut { is_said }))
        == Ok(true)
}

/// The first line of a file of a cgroup.
fn read<'a>(folder: RawFd, name: &CStr, room: &'a mut [u8]) -> Result<&'a [u8]> {
    let file = file::open_in(folder, name, file::O_RDONLY)?;
    let length = file::read(file.raw(), room)?;
    if length == room.len() {
        return Err(Errno::EOVERFLOW);
    }
    Ok(parts(&room[..length], b"\n").next().unwrap_or_default())
}

/// The number in a file of a cgroup; none for "max", or if there is no such file.
fn read_number(folder: RawFd, name: &CStr) -> Option<usize> {
    number(read(folder, name, &mut [0; 32]).ok()?)
}

/// Whether the cgroup `folder` and those above it, as far as they are mounted, leave room for one more task.
pub fn tasks(folder: RawFd) -> Tasks {
    let (mut outer, mut tasks): (Option<Fd>, _) = (None, Tasks::NotCounted);
    loop {
        let here = outer.as_ref().map_or(folder, Fd::raw);
        let used = read_number(here, c"pids.max").zip(read_number(here, c"pids.current"));
        if used.is_some_and(|(most, now)| now >= most) {
            return Tasks::Full;
        }
        let mut room = [0; 256];
        if read(here, c"cgroup.controllers", &mut room)
            .is_ok_and(|names| parts(names, b" ").any(|name| name == b"pids"))
        {
            tasks = Tasks::Free;
        }
        match above(here) {
            Some(next) => outer = Some(next),
            None => return tasks,
        }
    }
}
