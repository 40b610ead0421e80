//! The caller's own namespaces, by the inodes of /proc/thread-self/ns, namespaces(7).

use super::path::with_short;
use crate::clone::flags::Kind;
use crate::sys::{Errno, Result, file, namespace};

/// The host name that this program sets in a UTS namespace that it made.
pub const HOST: &[u8] = b"chimera";

/// The inode of the caller's namespace, by the name of its file.
pub fn own_by_name(name: &str) -> Result<usize> {
    with_short(&[b"/proc/thread-self/ns/", name.as_bytes()], file::inode)
}

/// The inode of the caller's namespace of a kind.
pub fn own(kind: Kind) -> Result<usize> {
    own_by_name(kind.name())
}

/// unshare(2) of a namespace, then a proof that it is new. Returns its inode. EIO: the namespace did not change.
pub fn enter_new(kind: Kind) -> Result<usize> {
    let before = own(kind)?;
    namespace::unshare(kind.flag().bits() as usize)?;
    let now = own(kind)?;
    if now == before { Err(Errno::EIO) } else { Ok(now) }
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

/// Whether the root directory is not the root of a mount, so that the caller is in a chroot. No if the kernel does not
/// say.
pub fn is_chroot() -> bool {
    file::is_mount_root(c"/") == Some(false)
}
