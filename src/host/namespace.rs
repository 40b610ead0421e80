//! The caller's own namespaces, by the inodes of /proc/thread-self/ns, namespaces(7).

use super::path::at_short;
use crate::clone::flags::Kind;
use crate::sys::{Errno, Result, file, namespace};

/// The name that the program gives to a host of its own.
pub const HOST: &[u8] = b"chimera";

/// The inode of the caller's own namespace, by the name of its file.
pub fn own_by_name(name: &str) -> Result<usize> {
    at_short(&[b"/proc/thread-self/ns/", name.as_bytes()], file::inode)
}

/// The inode of the caller's own namespace of a kind.
pub fn own(kind: Kind) -> Result<usize> {
    own_by_name(kind.name())
}

/// unshare(2) of a namespace that is then proven to be another: its inode. EIO: it is the one before.
pub fn enter_new(kind: Kind) -> Result<usize> {
    let before = own(kind)?;
    namespace::unshare(kind.flag().bits() as usize)?;
    let now = own(kind)?;
    if now == before { Err(Errno::EIO) } else { Ok(now) }
}

/// Whether the caller's namespace of a kind is proven to be another than one with this inode: the caller's own is read twice.
pub fn is_other(kind: Kind, inode: usize) -> bool {
    matches!(own(kind), Ok(now) if now != inode && own(kind) == Ok(now))
}

/// Whether the host has the name that the program gives.
pub fn is_host_ours() -> Result<bool> {
    Ok(namespace::uname()?.host() == HOST)
}

/// Whether the root directory is none of a mount: the caller is in a chroot. What the kernel cannot say is no.
pub fn is_chroot() -> bool {
    file::is_mount_root(c"/") == Some(false)
}
