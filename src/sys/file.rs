//! Files: open(2), read(2), write(2), readlink(2), stat(2), statx(2), statfs(2), access(2), getdents64(2), getxattr(2),
//! poll(2), lseek(2), umask(2), mkdir(2), mknod(2), open_tree(2), memfd_create(2), and the owner that fcntl(2) keeps of
//! an eventfd(2).

use super::{Errno, Fd, Pid, RawFd, Result, answer, done};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use linux_raw_sys::general::{
    AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_RECURSIVE, AT_STATX_DONT_SYNC, EFD_CLOEXEC, F_GETFD, F_GETOWN_EX,
    F_OWNER_TID, F_SETOWN_EX, FD_CLOEXEC, MFD_CLOEXEC, O_CLOEXEC, OPEN_TREE_CLONE, POLLHUP, POLLIN, POLLOUT, S_IFCHR,
    S_ISGID, S_ISUID, S_IWOTH, SEEK_SET, STATX_ATTR_MOUNT_ROOT, STATX_INO, STATX_MNT_ID, X_OK, pollfd, stat, statfs,
    statx,
};

pub use linux_raw_sys::general::{O_DIRECTORY, O_NOCTTY, O_PATH, O_RDONLY, O_RDWR, O_WRONLY};

/// open(2): `path` with `flags` (O_*); close-on-exec is added.
pub fn open(path: &CStr, flags: u32) -> Result<Fd> {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    Fd::opened(unsafe { syscall!(OPENAT, AT_FDCWD, path.as_ptr(), flags | O_CLOEXEC, 0) })
}

/// open(2): `path` with `flags` (O_*); the file stays open across execve(2).
pub fn open_for_all(path: &CStr, flags: u32) -> Result<RawFd> {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    Fd::opened(unsafe { syscall!(OPENAT, AT_FDCWD, path.as_ptr(), flags, 0) }).map(Fd::leave)
}

/// openat(2): `path` relative to the directory `folder`, with `flags` (O_*); close-on-exec is added.
pub fn open_in(folder: RawFd, path: &CStr, flags: u32) -> Result<Fd> {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    Fd::opened(unsafe { syscall!(OPENAT, folder.number(), path.as_ptr(), flags | O_CLOEXEC, 0) })
}

/// read(2): reads at most `room.len()` bytes. Returns the number of bytes, 0 at the end of the file. EIO: the call
/// claims to have read more than that, as a tracer can make it.
pub fn read(file: RawFd, room: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes no further than the length of `room`.
    let count = answer(unsafe { syscall!(READ, file.number(), room.as_mut_ptr(), room.len()) })?;
    if count <= room.len() { Ok(count) } else { Err(Errno::EIO) }
}

/// write(2): returns the number of bytes written, which may be fewer than all.
pub fn write(file: RawFd, bytes: &[u8]) -> Result<usize> {
    // SAFETY: the kernel reads no further than the length of `bytes`.
    answer(unsafe { syscall!(WRITE, file.number(), bytes.as_ptr(), bytes.len()) })
}

/// lseek(2): moves the position of an open file to `offset`.
pub fn seek(file: RawFd, offset: usize) -> Result<()> {
    // SAFETY: no memory is passed.
    done(unsafe { syscall!(LSEEK, file.number(), offset, SEEK_SET) })
}

/// memfd_create(2): a file without a name, whose owner is the caller.
pub fn without_name() -> Result<Fd> {
    // SAFETY: the kernel only reads the name, which ends with a zero byte.
    Fd::opened(unsafe { syscall!(MEMFD_CREATE, c"".as_ptr(), MFD_CLOEXEC) })
}

/// poll(2): whether one of `events` (POLL*) occurs within this many milliseconds; -1 waits for ever.
fn poll(file: RawFd, events: u32, milliseconds: isize) -> Result<bool> {
    let mut poll = pollfd { fd: file.number() as i32, events: events as i16, revents: 0 };
    // SAFETY: one pollfd is passed, and it outlives the call.
    done(unsafe { syscall!(POLL, &raw mut poll, 1, milliseconds) })?;
    Ok(poll.revents & events as i16 != 0)
}

/// poll(2): waits until the file can be written.
pub fn wait_writable(file: RawFd) -> Result<()> {
    poll(file, POLLOUT, -1).map(|_| ())
}

/// poll(2) without waiting: whether the file can be read, if only to its end.
pub fn is_readable(file: RawFd) -> Result<bool> {
    poll(file, POLLIN | POLLHUP, 0)
}

/// pipe2(2): the end to read from, which is readable once nobody has the other, and the end to write to.
pub fn pipe() -> Result<[Fd; 2]> {
    let mut ends = [0u32; 2];
    // SAFETY: the kernel writes two ints.
    done(unsafe { syscall!(PIPE2, ends.as_mut_ptr(), O_CLOEXEC) })?;
    let [end, other] = ends.map(|end| Fd::opened(end as usize));
    Ok([end?, other?])
}

/// readlink(2): the target of a symbolic link; none if the link cannot be read, or the target does not fit into `room`.
pub fn link<'a>(path: &CStr, room: &'a mut [u8]) -> Option<&'a [u8]> {
    // SAFETY: the path ends with a zero byte, and the kernel writes no further than the length of `room`.
    let length = answer(unsafe { syscall!(READLINK, path.as_ptr(), room.as_mut_ptr(), room.len()) }).ok()?;
    // A target that fills the buffer may have been truncated.
    if length < room.len() { Some(&room[..length]) } else { None }
}

/// stat(2).
fn status(path: &CStr) -> Result<stat> {
    let mut room = MaybeUninit::<stat>::zeroed();
    // SAFETY: the path ends with a zero byte, and the kernel writes one struct.
    done(unsafe { syscall!(STAT, path.as_ptr(), room.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    Ok(unsafe { room.assume_init() })
}

/// stat(2): the inode number of the file at `path`.
pub fn inode(path: &CStr) -> Result<usize> {
    status(path).map(|status| status.st_ino as usize)
}

/// A file: the device of its file system, and its inode there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Node {
    /// The device.
    pub device: usize,
    /// The inode.
    pub inode: usize,
}

/// stat(2): which file is at `path`.
pub fn node(path: &CStr) -> Result<Node> {
    status(path).map(|status| Node { device: status.st_dev as usize, inode: status.st_ino as usize })
}

/// stat(2): the user that owns the file at `path`.
pub fn owner_of(path: &CStr) -> Result<usize> {
    status(path).map(|status| status.st_uid as usize)
}

/// stat(2): whether the file at `path` is set-user-ID or set-group-ID.
pub fn is_set_id(path: &CStr) -> Result<bool> {
    status(path).map(|status| status.st_mode & (S_ISUID | S_ISGID) != 0)
}

/// stat(2): whether the file at `path` is set-user-ID and root's.
pub fn is_setuid_root(path: &CStr) -> Result<bool> {
    status(path).map(|status| status.st_mode & S_ISUID != 0 && status.st_uid == 0)
}

/// access(2): whether the caller's real ids may execute the file at `path`, or if it is a directory, search it.
pub fn is_executable(path: &CStr) -> Result<()> {
    // SAFETY: the path ends with a zero byte.
    done(unsafe { syscall!(ACCESS, path.as_ptr(), X_OK) })
}

/// A flag of a mount, statfs(2): as if no file there were set-user-ID or had capabilities.
pub const NOSUID: u64 = 0x2;
/// A flag of a mount: nothing there may be changed.
pub const RDONLY: u64 = 0x1;

/// statfs(2): the flags of the mount on which `path` is.
pub fn mount_flags(path: &CStr) -> Result<u64> {
    let mut room = MaybeUninit::<statfs>::zeroed();
    // SAFETY: the path ends with a zero byte, and the kernel writes one struct.
    done(unsafe { syscall!(STATFS, path.as_ptr(), room.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    Ok(unsafe { room.assume_init() }.f_flags as u64)
}

/// getdents64(2): passes the names in an open directory, from its current position on, to `see`.
pub fn each_name(folder: RawFd, see: &mut dyn FnMut(&[u8])) -> Result<()> {
    // An entry: the inode, an offset, its own length, a type, and the name with a zero byte.
    const LENGTH: usize = 16;
    const NAME: usize = 19;
    let mut room = [0u8; 2048];
    loop {
        // SAFETY: the kernel writes no further than the length of `room`.
        let filled = answer(unsafe { syscall!(GETDENTS64, folder.number(), room.as_mut_ptr(), room.len()) })?;
        let mut entries = room.get(..filled).ok_or(Errno::EIO)?;
        if entries.is_empty() {
            return Ok(());
        }
        while let Some([low, high]) = entries.get(LENGTH..LENGTH + 2) {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            let (entry, rest) = entries.split_at_checked(length).filter(|_| length > NAME).ok_or(Errno::EIO)?;
            see(entry.get(NAME..).and_then(|name| name.split(|byte| *byte == 0).next()).unwrap_or_default());
            entries = rest;
        }
    }
}

/// What fstat(2) says of an open file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identity {
    /// The device of its file system.
    pub device: u64,
    /// Its inode.
    pub inode: u64,
    /// The user that owns it, as the caller's user namespace has it.
    pub owner: u32,
    mode: u32,
}

impl Identity {
    /// Whether a user may write to the file who is neither its owner nor of its group.
    pub const fn is_writable_to_others(self) -> bool {
        self.mode & S_IWOTH != 0
    }
}

/// fstat(2).
pub fn identity(file: RawFd) -> Result<Identity> {
    let mut room = MaybeUninit::<stat>::zeroed();
    // SAFETY: the kernel writes one struct.
    done(unsafe { syscall!(FSTAT, file.number(), room.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    let status = unsafe { room.assume_init() };
    Ok(Identity { device: status.st_dev, inode: status.st_ino, owner: status.st_uid, mode: status.st_mode })
}

/// fstatfs(2): the magic number of an open file's file system, linux/magic.h.
pub fn file_system(file: RawFd) -> Result<usize> {
    let mut room = MaybeUninit::<statfs>::zeroed();
    // SAFETY: the kernel writes one struct.
    done(unsafe { syscall!(FSTATFS, file.number(), room.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    Ok(unsafe { room.assume_init() }.f_type as usize)
}

/// fcntl(2) with F_GETFD: whether execve(2) closes the descriptor. No descriptor is so that this program was started with.
pub fn is_closed_by_exec(file: RawFd) -> Result<bool> {
    // SAFETY: no memory is passed.
    let flags = answer(unsafe { syscall!(FCNTL, file.number(), F_GETFD) })?;
    Ok(flags & FD_CLOEXEC as usize != 0)
}

/// getxattr(2): whether the file at `path` has file capabilities, capabilities(7).
pub fn has_capabilities(path: &CStr) -> Result<bool> {
    // SAFETY: the kernel reads two strings that end with a zero byte; for a size of 0 it writes nothing.
    match done(unsafe { syscall!(GETXATTR, path.as_ptr(), c"security.capability".as_ptr(), 0, 0) }) {
        Ok(()) => Ok(true),
        // The file has none, or the file system keeps none.
        Err(Errno::ENODATA | Errno::EOPNOTSUPP) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// statx(2) with the fields of `mask` (STATX_*), and `flags` (AT_*).
fn status_with(path: &CStr, flags: u32, mask: u32) -> Result<statx> {
    let mut room = MaybeUninit::<statx>::zeroed();
    // SAFETY: the path ends with a zero byte, and the kernel writes one struct.
    done(unsafe { syscall!(STATX, AT_FDCWD, path.as_ptr(), flags, mask, room.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    Ok(unsafe { room.assume_init() })
}

/// statx(2): whether `path` is the root of a mount (STATX_ATTR_MOUNT_ROOT, Linux 5.8); none if the kernel does not say.
pub fn is_mount_root(path: &CStr) -> Option<bool> {
    let status = status_with(path, 0, 0).ok()?;
    let bit = u64::from(STATX_ATTR_MOUNT_ROOT);
    (status.stx_attributes_mask & bit != 0).then_some(status.stx_attributes & bit != 0)
}

/// A file in a mount: the id of the mount, as in proc_pid_mountinfo(5), the device, and the inode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Located {
    /// The id of the mount.
    pub mount: usize,
    device: [u32; 2],
    inode: u64,
}

/// statx(2): where `path` is (STATX_MNT_ID, Linux 5.8); none if the kernel does not say.
pub fn located(path: &CStr) -> Option<Located> {
    let asked = STATX_MNT_ID | STATX_INO;
    let status = status_with(path, 0, asked).ok().filter(|status| status.stx_mask & asked == asked)?;
    let device = [status.stx_dev_major, status.stx_dev_minor];
    Some(Located { mount: status.stx_mnt_id as usize, device, inode: status.stx_ino })
}

/// statx(2) from what the kernel has in its memory, so that no file server is waited for: which file is at `path`.
/// EIO: the kernel does not know.
pub fn cached_node(path: &CStr) -> Result<Node> {
    let status = status_with(path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO)?;
    if status.stx_mask & STATX_INO == 0 {
        return Err(Errno::EIO);
    }
    let device = (status.stx_dev_major as usize) << 32 | status.stx_dev_minor as usize;
    Ok(Node { device, inode: status.stx_ino as usize })
}

/// eventfd(2): a file without content, used only for the owner that fcntl(2) keeps.
pub fn event() -> Result<Fd> {
    // SAFETY: no memory is passed.
    Fd::opened(unsafe { syscall!(EVENTFD2, 0, EFD_CLOEXEC) })
}

/// struct f_owner_ex of fcntl(2): the kind of id, and the id.
type Owner = [i32; 2];

/// fcntl(2) with F_SETOWN_EX: makes the task `tid`, an id in the caller's PID namespace, the owner of an open file.
pub fn set_owner(file: RawFd, tid: Pid) -> Result<()> {
    let owner: Owner = [F_OWNER_TID as i32, tid.number() as i32];
    // SAFETY: the kernel reads one struct of two words.
    done(unsafe { syscall!(FCNTL, file.number(), F_SETOWN_EX, owner.as_ptr()) })
}

/// fcntl(2) with F_GETOWN_EX: the owner of an open file, as an id in the caller's PID namespace. The kernel keeps a
/// reference to the owner rather than a number, so a task that reuses the id is never returned. None: there is no
/// owner, or it is not visible in this PID namespace.
pub fn owner(file: RawFd) -> Result<Option<Pid>> {
    let mut owner: Owner = [0; 2];
    // SAFETY: the kernel writes one struct of two words.
    done(unsafe { syscall!(FCNTL, file.number(), F_GETOWN_EX, owner.as_mut_ptr()) })?;
    Ok(Pid::new(owner[1] as usize))
}

/// open_tree(2): copies the mount of an open path, and the mounts below it, and drops the copy without attaching it.
/// EINVAL: the mount is not in the caller's mount namespace.
pub fn copy_mounts(path: RawFd) -> Result<()> {
    let flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
    // SAFETY: the kernel reads an empty path.
    let copy = Fd::opened(unsafe { syscall!(OPEN_TREE, path.number(), c"".as_ptr(), flags) })?;
    copy.close()
}

/// mkdir(2): makes a directory, with the permissions of a mount point.
pub fn make_folder(path: &CStr) -> Result<()> {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    done(unsafe { syscall!(MKDIR, path.as_ptr(), 0o755) })
}

/// mknod(2): makes the file of a character device, which only its owner may use.
pub fn make_device(path: &CStr, [major, minor]: [u8; 2]) -> Result<()> {
    let device = usize::from(major) << 8 | usize::from(minor);
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    done(unsafe { syscall!(MKNOD, path.as_ptr(), S_IFCHR | 0o600, device) })
}

/// umask(2): sets the file mode creation mask and returns the previous one.
pub fn umask(mask: usize) -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(UMASK, mask) })
}
