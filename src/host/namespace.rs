//! The caller's own namespaces, by the inodes of /proc/thread-self/ns, namespaces(7).

use super::mounts::{self, Mount};
use super::path::with_short;
use super::proc::{StatField, Tasks};
use crate::clone::flags::Kind;
use crate::clone::process::by_child;
use crate::sys::{Errno, Pid, Result, file, ids, namespace, process};

/// The host name that this program sets in a UTS namespace that it made.
pub const HOST: &[u8] = b"chimera";

/// The inode of the initial user namespace, PROC_USER_INIT_INO of linux/proc_ns.h.
pub const INITIAL_USER: usize = 0xefff_fffd;
/// The inode of the initial PID namespace, PROC_PID_INIT_INO.
pub const INITIAL_PID: usize = 0xefff_fffc;

/// The inode of the caller's namespace, by the name of its file.
pub fn own_by_name(name: &str) -> Result<usize> {
    with_short(&[b"/proc/thread-self/ns/", name.as_bytes()], file::inode)
}

/// The inode of the caller's namespace of a kind.
pub fn own(kind: Kind) -> Result<usize> {
    own_by_name(kind.name())
}

/// Why the caller is not proven to be in another namespace than before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotMoved {
    /// The call that was to move the caller was refused.
    Refused(Errno),
    /// The namespace could not be looked at, before the call or after.
    Unseen(Errno),
    /// The call succeeded, and the namespace is the same one.
    Same,
}

impl NotMoved {
    /// The errno; EIO for the same namespace.
    pub fn errno(self) -> Errno {
        match self {
            Self::Refused(errno) | Self::Unseen(errno) => errno,
            Self::Same => Errno::EIO,
        }
    }
}

/// Makes a call that moves the caller into another namespace of a kind, then proves that it has. Returns the inode of
/// that namespace.
pub fn moved(kind: Kind, call: impl FnOnce() -> Result<()>) -> core::result::Result<usize, NotMoved> {
    let look = || own(kind).map_err(NotMoved::Unseen);
    let before = look()?;
    call().map_err(NotMoved::Refused)?;
    let now = look()?;
    if now == before { Err(NotMoved::Same) } else { Ok(now) }
}

/// unshare(2) of a namespace, then a proof that it is new. Returns its inode.
pub fn enter_new(kind: Kind) -> core::result::Result<usize, NotMoved> {
    moved(kind, || namespace::unshare(kind.flag().bits() as usize))
}

/// Whether the caller's namespace of a kind is proven to be different from the one with this inode. The caller's inode
/// is read twice, because it might not be stable.
pub fn is_other(kind: Kind, inode: usize) -> bool {
    matches!(own(kind), Ok(now) if now != inode && own(kind) == Ok(now))
}

/// Whether the host has the name that this program sets.
pub fn is_host_ours() -> Result<bool> {
    Ok(namespace::uname()?.host() == HOST)
}

/// Whether the caller is proven to be in a chroot, see [`chrooted`].
pub fn is_chroot() -> bool {
    chrooted() == Some(true)
}

/// Whether the caller is in a chroot as create_user_ns of the kernel understands it: its root directory is not the root
/// of its mount namespace. None if that cannot be seen.
///
/// The root of a mount namespace is a mount's root. A root directory that is one may still be that of any other mount.
pub fn chrooted() -> Option<bool> {
    match file::is_mount_root(c"/") {
        Some(false) => Some(true),
        _ => has_left_root().or_else(is_below_root_of_ancestor),
    }
}

/// Whether the root directory becomes another one when a child enters its own mount namespace again. None: the child
/// lacks the privileges for that.
fn has_left_root() -> Option<bool> {
    let before = file::located(c"/")?;
    let entered = by_child(|| {
        let entered = process::own_pidfd()
            .and_then(|own| namespace::enter(own.raw(), Kind::Mnt.flag().bits() as usize))
            .ok()
            .and_then(|()| file::located(c"/"));
        entered.map_or(2, |now| (now != before).into())
    });
    match entered {
        Ok(0) => Some(false),
        Ok(1) => Some(true),
        _ => None,
    }
}

/// Whether an ancestor sees the caller's root mount at a path below its own root: the mount is not on the root of the
/// namespace then. None: none of them sees that. Ids of mounts are those of the whole machine.
fn is_below_root_of_ancestor() -> Option<bool> {
    let own = file::located(c"/")?.mount;
    let is_below = |mount: Mount| mount.id == Some(own) && mount.point.is_some_and(|point| point != b"/");
    let is_seen = |tasks: Tasks, task| {
        tasks.with_path(task, [b"", b"mountinfo"], |path| mounts::any(path, &mut { is_below })) == Ok(true)
    };
    // Ancestors are likely to be outside; the last of them is process 1.
    let tasks = Tasks::here()?;
    let mut task = ids::getpid().ok()?;
    for _ in 0..ANCESTORS {
        task = tasks.stat(task, StatField::Ppid).ok().and_then(Pid::new)?;
        if is_seen(tasks, task) {
            return Some(true);
        }
    }
    None
}

/// The number of ancestors that are asked for their mounts.
const ANCESTORS: usize = 64;
