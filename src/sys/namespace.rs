//! Namespaces from inside: unshare(2), setns(2), sethostname(2), uname(2), mount(2), fsmount(2), move_mount(2),
//! chroot(2), chdir(2).

use super::{Fd, RawFd, Result, done};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use linux_raw_sys::general::{
    AT_FDCWD, FSMOUNT_CLOEXEC, FSOPEN_CLOEXEC, MNT_DETACH, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID,
    MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_SYMLINKS, MS_BIND, fsconfig_command,
};
pub use linux_raw_sys::general::{MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_REC, MS_SHARED, MS_SLAVE};

/// unshare(2): moves the caller into new namespaces (CLONE_NEW*).
pub fn unshare(flags: usize) -> Result<()> {
    // SAFETY: no memory is passed. Only namespaces are asked for, and no code here relies on staying in one.
    done(unsafe { syscall!(UNSHARE, flags) })
}

/// setns(2): moves the caller into the namespaces of these kinds (CLONE_NEW*) of the process of a pidfd, Linux 5.8.
/// Into its own mount namespace too: then its root and its working directory become the root of the namespace. Or into
/// the one namespace of an open file of /proc/PID/ns, which has to be of this kind.
pub fn enter(process: RawFd, kinds: usize) -> Result<()> {
    // SAFETY: no memory is passed, and no code here relies on staying in a namespace.
    done(unsafe { syscall!(SETNS, process.number(), kinds) })
}

/// chroot(2).
pub fn chroot(path: &CStr) -> Result<()> {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    done(unsafe { syscall!(CHROOT, path.as_ptr()) })
}

/// chdir(2).
pub fn chdir(path: &CStr) -> Result<()> {
    // SAFETY: as above.
    done(unsafe { syscall!(CHDIR, path.as_ptr()) })
}

/// mount(2): mounts a new file system of type `kind` on `path` with `flags` (MS_*); with an empty `kind`, changes the
/// flags of an existing mount.
pub fn mount(kind: &CStr, path: &CStr, flags: u32) -> Result<()> {
    // SAFETY: the kernel only reads the strings, which end with a zero byte.
    done(unsafe { syscall!(MOUNT, kind.as_ptr(), path.as_ptr(), kind.as_ptr(), flags, 0) })
}

/// mount(2) with MS_BIND: mounts the file `source` on the file `path`.
pub fn bind(source: &CStr, path: &CStr) -> Result<()> {
    // SAFETY: the kernel only reads the strings, which end with a zero byte.
    done(unsafe { syscall!(MOUNT, source.as_ptr(), path.as_ptr(), 0, MS_BIND, 0) })
}

/// NS_GET_MNTNS_ID of linux/nsfs.h: `_IOR(0xb7, 5, __u64)`.
const NS_GET_MNTNS_ID: u32 = 0x8008_b705;

/// ioctl_nsfs(2), Linux 6.11: the number of the mount namespace of an open file of /proc/PID/ns.
pub fn number_of_mounts(file: RawFd) -> Result<u64> {
    let mut number = 0u64;
    // SAFETY: the kernel writes 64 bits.
    done(unsafe { syscall!(IOCTL, file.number(), NS_GET_MNTNS_ID, &raw mut number) })?;
    Ok(number)
}

/// umount2(2) with MNT_DETACH: takes away the mount at `path`, even if it is in use.
pub fn unmount(path: &CStr) -> Result<()> {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    done(unsafe { syscall!(UMOUNT2, path.as_ptr(), MNT_DETACH) })
}

/// Which instance of a file system a mount may show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instance {
    /// One that may be mounted elsewhere too.
    Any,
    /// One that was not there before: the kernel refuses any other with EBUSY. Before Linux 6.6 it answers EOPNOTSUPP.
    New,
}

/// fsopen(2), fsconfig(2) and fsmount(2), Linux 5.2: a new mount of a file system of type `kind`, which is attached
/// nowhere. Set-user-ID bits and device files have no effect there, and nothing can be executed. The mount goes when the
/// descriptor is closed.
pub fn mount_nowhere(kind: &CStr, instance: Instance) -> Result<Fd> {
    // SAFETY: the kernel only reads the string, which ends with a zero byte.
    let system = Fd::opened(unsafe { syscall!(FSOPEN, kind.as_ptr(), FSOPEN_CLOEXEC) })?;
    let create = match instance {
        Instance::Any => fsconfig_command::FSCONFIG_CMD_CREATE,
        Instance::New => fsconfig_command::FSCONFIG_CMD_CREATE_EXCL,
    };
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(FSCONFIG, system.raw().number(), create as u32, 0, 0, 0) })?;
    let attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    // SAFETY: likewise.
    Fd::opened(unsafe { syscall!(FSMOUNT, system.raw().number(), FSMOUNT_CLOEXEC, attributes) })
}

/// move_mount(2), Linux 5.2: attaches a mount that is attached nowhere to `path`, which may be a symbolic link.
pub fn attach(mount: RawFd, path: &CStr) -> Result<()> {
    let flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS;
    // SAFETY: the kernel only reads the strings, which end with a zero byte.
    done(unsafe { syscall!(MOVE_MOUNT, mount.number(), c"".as_ptr(), AT_FDCWD, path.as_ptr(), flags) })
}

/// sethostname(2), in the caller's UTS namespace.
pub fn sethostname(name: &[u8]) -> Result<()> {
    // SAFETY: the kernel reads no further than the length of `name`.
    done(unsafe { syscall!(SETHOSTNAME, name.as_ptr(), name.len()) })
}

/// struct new_utsname of linux/utsname.h: strings that end with a zero byte.
#[repr(C)]
pub struct Names {
    sysname: [u8; 65],
    nodename: [u8; 65],
    release: [u8; 65],
    version: [u8; 65],
    architecture: [u8; 65],
    domain: [u8; 65],
}

const _: () = assert!(size_of::<Names>() == size_of::<linux_raw_sys::system::new_utsname>());

impl Names {
    /// The host name.
    pub fn host(&self) -> &[u8] {
        text(&self.nodename)
    }

    /// The kernel release, `6.18.0`.
    pub fn release(&self) -> &[u8] {
        text(&self.release)
    }

    /// The machine for which the kernel was built, `x86_64`; a personality(2) may change it.
    pub fn architecture(&self) -> &[u8] {
        text(&self.architecture)
    }
}

/// The bytes before the zero byte.
fn text(field: &[u8; 65]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// uname(2).
pub fn uname() -> Result<Names> {
    let mut names = MaybeUninit::<Names>::zeroed();
    // SAFETY: the kernel writes one struct.
    done(unsafe { syscall!(UNAME, names.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    Ok(unsafe { names.assume_init() })
}
