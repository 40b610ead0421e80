//! Namespaces from inside: unshare(2), sethostname(2), uname(2), mount(2), umount(2), and the files of user_namespaces(7).

use super::{Answer, file};
use core::ffi::CStr;
use core::mem::MaybeUninit;
use sc::syscall;

/// unshare(2) with CLONE_NEWUTS: this task alone gets a UTS namespace of its own.
pub fn unshare_uts() -> Answer {
    // SAFETY: no memory is passed, and no other task shares what changes.
    Answer(unsafe { syscall!(UNSHARE, linux_raw_sys::general::CLONE_NEWUTS) })
}

/// sethostname(2), in the task's UTS namespace.
pub fn sethostname(name: &[u8]) -> Answer {
    // SAFETY: the kernel reads no further than the length of `name`.
    Answer(unsafe { syscall!(SETHOSTNAME, name.as_ptr(), name.len()) })
}

/// mount(2): makes all mounts of this namespace private, then puts an empty file system over `path`.
pub fn cover(path: &CStr) -> Answer {
    let flags = linux_raw_sys::general::MS_REC | linux_raw_sys::general::MS_PRIVATE;
    // SAFETY: the kernel reads the paths alone, which end with a zero byte.
    let private = Answer(unsafe { syscall!(MOUNT, 0, c"/".as_ptr(), 0, flags, 0) });
    // SAFETY: likewise.
    private.and_then(|_| Answer(unsafe { syscall!(MOUNT, c"none".as_ptr(), path.as_ptr(), c"tmpfs".as_ptr(), 0, 0) }))
}

/// umount(2) of what was put over `path` last.
pub fn uncover(path: &CStr) -> Answer {
    // SAFETY: the kernel reads the path alone, which ends with a zero byte.
    Answer(unsafe { syscall!(UMOUNT2, path.as_ptr(), linux_raw_sys::general::MNT_DETACH) })
}

/// struct new_utsname of linux/utsname.h: texts, each ended by a zero.
#[repr(C)]
pub struct Names {
    /// `Linux`
    pub sysname: [u8; 65],
    /// The host name.
    pub nodename: [u8; 65],
    /// The release of the kernel.
    pub release: [u8; 65],
    rest: [[u8; 65]; 3],
}

const _: () = assert!(size_of::<Names>() == size_of::<linux_raw_sys::system::new_utsname>());

/// uname(2): calls `with` with the host name, the release of the kernel and the rest, if that is not refused.
pub fn uname(with: impl FnOnce(&Names)) {
    let mut names = MaybeUninit::<Names>::uninit();
    // SAFETY: the kernel writes one whole struct.
    if Answer(unsafe { syscall!(UNAME, names.as_mut_ptr()) }).ok().is_some() {
        // SAFETY: it has.
        with(unsafe { names.assume_init_ref() });
    }
}

/// Writes `line` to the file at `path` in one write(2), as the maps of user_namespaces(7) ask; answers its length.
pub fn write_file(path: &CStr, line: &[u8]) -> Answer {
    file::open(path, file::O_WRONLY).and_then(|fd| {
        let answer = file::write(fd, line);
        // A failed close loses nothing: these files take or refuse the line at the write.
        let _ = file::close(fd);
        answer
    })
}
