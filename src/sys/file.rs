//! Files: open(2), close(2), read(2), write(2), readlink(2), stat(2), statx(2), poll(2), umask(2), open_tree(2), and the
//! owner that fcntl(2) keeps of an eventfd(2).

use super::{Answer, Errno, Pid};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use core::sync::atomic::AtomicU8;
use linux_raw_sys::general::{
    AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, EFD_CLOEXEC, F_GETOWN_EX, F_OWNER_TID, F_SETOWN_EX, O_CLOEXEC,
    OPEN_TREE_CLONE, PATH_MAX, POLLIN, POLLOUT, S_ISUID, STATX_ATTR_MOUNT_ROOT, pollfd, stat, statx,
};
use sc::syscall;

pub use linux_raw_sys::general::{O_PATH, O_RDONLY, O_WRONLY};

/// open(2): `path` with `flags` (O_*); close-on-exec is added. Answers the lowest free descriptor.
pub fn open(path: &CStr, flags: u32) -> Answer {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    Answer(unsafe { syscall!(OPENAT, AT_FDCWD, path.as_ptr(), flags | O_CLOEXEC, 0) })
}

/// close(2).
pub(crate) fn close(fd: usize) -> Answer {
    // SAFETY: no memory is passed; every descriptor of this program is a plain number that nothing else relies on.
    Answer(unsafe { syscall!(CLOSE, fd) })
}

/// Calls `act` with the parts one after another as a path; ENAMETOOLONG, without a call, if the kernel takes none so long.
pub fn at(parts: &[&[u8]], act: &mut dyn FnMut(&CStr) -> Answer) -> Answer {
    at_in(&mut [0; PATH_MAX as usize], parts, act)
}

/// The same in a smaller room, for a path that is known to be short and a stack that may be small.
pub fn at_in(room: &mut [u8], parts: &[&[u8]], act: &mut dyn FnMut(&CStr) -> Answer) -> Answer {
    for (end, byte) in parts.iter().copied().flatten().chain(&[0]).enumerate() {
        let Some(place) = room.get_mut(end) else { return Answer::error(Errno::ENAMETOOLONG) };
        *place = *byte;
    }
    // SAFETY: the room ends with a zero at the latest where the last part does.
    act(unsafe { CStr::from_ptr(room.as_ptr().cast()) })
}

/// read(2): at most `room.len()` bytes; answers how many, 0 at the end.
pub fn read(fd: usize, room: &mut [u8]) -> Answer {
    // SAFETY: the kernel writes no further than the length of `room`.
    Answer(unsafe { syscall!(READ, fd, room.as_mut_ptr(), room.len()) })
}

/// write(2): answers how many bytes were taken, which may be fewer than all.
pub fn write(fd: usize, bytes: &[u8]) -> Answer {
    // SAFETY: the kernel reads no further than the length of `bytes`.
    Answer(unsafe { syscall!(WRITE, fd, bytes.as_ptr(), bytes.len()) })
}

/// write(2) of bytes that are atomics: no other task changes them meanwhile, or a mixture is written.
pub fn write_cells(fd: usize, cells: &[AtomicU8]) -> Answer {
    // SAFETY: the kernel reads no further than the length of `cells`.
    Answer(unsafe { syscall!(WRITE, fd, cells.as_ptr(), cells.len()) })
}

/// poll(2): waits until `fd` takes bytes again.
pub fn wait_writable(fd: usize) -> Answer {
    let mut poll = pollfd { fd: fd as i32, events: POLLOUT as i16, revents: 0 };
    // SAFETY: one pollfd is passed, and it outlives the call.
    Answer(unsafe { syscall!(POLL, &raw mut poll, 1, -1isize) })
}

/// poll(2) without waiting: 1 if there is something to be read from `fd`, else 0.
pub fn is_readable(fd: usize) -> Answer {
    let mut poll = pollfd { fd: fd as i32, events: POLLIN as i16, revents: 0 };
    // SAFETY: one pollfd is passed, and it outlives the call.
    let answer = Answer(unsafe { syscall!(POLL, &raw mut poll, 1, 0) });
    answer.and_then(|_| Answer((poll.revents & POLLIN as i16 != 0).into()))
}

/// openat(2): as [`open`], from the folder `folder` on.
pub fn open_in(folder: usize, path: &CStr, flags: u32) -> Answer {
    // SAFETY: the kernel only reads the path, which ends with a zero byte.
    Answer(unsafe { syscall!(OPENAT, folder, path.as_ptr(), flags | O_CLOEXEC, 0) })
}

/// readlink(2): where a symbolic link leads; none if it cannot be read, or leads further than there is room for.
pub fn link<'a>(path: &CStr, room: &'a mut [u8]) -> Option<&'a [u8]> {
    // SAFETY: the path ends with a zero byte, and the kernel writes no further than the length of `room`.
    let length = Answer(unsafe { syscall!(READLINK, path.as_ptr(), room.as_mut_ptr(), room.len()) });
    // A link that fills the room may have been cut.
    length.ok().filter(|length| *length < room.len()).and_then(|length| room.get(..length))
}

/// stat(2): the number of the inode that `path` leads to.
pub fn inode(path: &CStr) -> Answer {
    let mut room = MaybeUninit::<stat>::uninit();
    // SAFETY: the path ends with a zero byte, and the kernel writes one struct.
    let answer = Answer(unsafe { syscall!(STAT, path.as_ptr(), room.as_mut_ptr()) });
    // SAFETY: the closure runs only if the kernel has written the struct.
    answer.and_then(|_| Answer(unsafe { room.assume_init_ref() }.st_ino as usize))
}

/// stat(2): whether the file at `path` runs as its owner; none if there is no such file.
pub fn is_setuid(path: &CStr) -> Option<bool> {
    let mut room = MaybeUninit::<stat>::uninit();
    // SAFETY: the path ends with a zero byte, and the kernel writes one struct.
    let answer = Answer(unsafe { syscall!(STAT, path.as_ptr(), room.as_mut_ptr()) });
    // SAFETY: the closure runs only if the kernel has written the struct.
    answer.ok().map(|_| unsafe { room.assume_init_ref() }.st_mode & S_ISUID != 0)
}

/// getxattr(2): whether the file at `path` has capabilities, capabilities(7).
pub fn has_capabilities(path: &CStr) -> bool {
    // SAFETY: the kernel reads two texts, which end with a zero byte, and with no room it only tells the size.
    let size = Answer(unsafe { syscall!(GETXATTR, path.as_ptr(), c"security.capability".as_ptr(), 0, 0) });
    !size.is_error()
}

/// statx(2): whether `path` is the root of a mount (STATX_ATTR_MOUNT_ROOT, Linux 5.8); none if the kernel cannot say.
pub fn is_mount_root(path: &CStr) -> Option<bool> {
    let mut room = MaybeUninit::<statx>::zeroed();
    // SAFETY: the path ends with a zero byte, and the kernel writes one struct.
    Answer(unsafe { syscall!(STATX, AT_FDCWD, path.as_ptr(), 0, 0, room.as_mut_ptr()) }).ok()?;
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    let answer = unsafe { room.assume_init_ref() };
    let bit = u64::from(STATX_ATTR_MOUNT_ROOT);
    (answer.stx_attributes_mask & bit != 0).then_some(answer.stx_attributes & bit != 0)
}

/// Whether the root directory is none of a mount: the caller is in a chroot. What the kernel cannot say is no.
pub fn is_chroot() -> bool {
    is_mount_root(c"/") == Some(false)
}

/// eventfd(2): a file of no content, of which fcntl(2) keeps an owner.
pub fn event() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(EVENTFD2, 0, EFD_CLOEXEC) })
}

/// struct f_owner_ex of fcntl(2): what kind of id, and the id.
type Owner = [i32; 2];

/// fcntl(2) with F_SETOWN_EX: makes the task `tid`, an id of the caller's PID namespace, the owner of an open file.
pub fn set_owner(fd: usize, tid: Pid) -> Answer {
    let owner: Owner = [F_OWNER_TID as i32, tid.number() as i32];
    // SAFETY: the kernel reads one struct of two words.
    Answer(unsafe { syscall!(FCNTL, fd, F_SETOWN_EX, owner.as_ptr()) })
}

/// fcntl(2) with F_GETOWN_EX: the owner of an open file, by its id in the caller's PID namespace: the kernel translates it, and
/// names no task that has taken the id of one that is gone. 0: there is none, or it is not to be seen from here.
pub fn owner(fd: usize) -> Answer {
    let mut owner: Owner = [0; 2];
    // SAFETY: the kernel writes one struct of two words.
    Answer(unsafe { syscall!(FCNTL, fd, F_GETOWN_EX, owner.as_mut_ptr()) }).and_then(|_| Answer(owner[1] as usize))
}

/// open_tree(2), and its close(2): a copy of the mount of an open path, and of those below it, which is never attached
/// anywhere. EINVAL: the mount is of another mount namespace than the caller's.
pub fn copy_mounts(fd: usize) -> Answer {
    let flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
    // SAFETY: the kernel reads an empty path.
    Answer(unsafe { syscall!(OPEN_TREE, fd, c"".as_ptr(), flags) }).and_then(close)
}

/// umask(2): sets the file mode creation mask and answers the one before.
pub fn umask(mask: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(UMASK, mask) })
}
