//! Namespaces from inside: unshare(2), sethostname(2), uname(2), mount(2), chroot(2), chdir(2), and the files of
//! user_namespaces(7).

use super::{Answer, Errno, file};
use crate::words::digits;
use core::ffi::CStr;
use core::mem::MaybeUninit;
pub use linux_raw_sys::general::{MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_REC, MS_SHARED, MS_SLAVE};
use sc::syscall;

/// unshare(2): this task gets namespaces (CLONE_NEW*) of its own.
pub fn unshare(flags: usize) -> Answer {
    // SAFETY: no memory is passed. Only namespaces are asked for, and no code here relies on staying in one.
    Answer(unsafe { syscall!(UNSHARE, flags) })
}

/// chroot(2).
pub fn chroot(path: &CStr) -> Answer {
    // SAFETY: the kernel reads the path alone, which ends with a zero byte.
    Answer(unsafe { syscall!(CHROOT, path.as_ptr()) })
}

/// chdir(2).
pub fn chdir(path: &CStr) -> Answer {
    // SAFETY: as above.
    Answer(unsafe { syscall!(CHDIR, path.as_ptr()) })
}

/// mount(2) of a new file system `kind` on `path` with `flags` (MS_*), or with an empty `kind` of other flags for an old one.
pub fn mount(kind: &CStr, path: &CStr, flags: u32) -> Answer {
    // SAFETY: the kernel reads the texts alone, which end with a zero byte.
    Answer(unsafe { syscall!(MOUNT, kind.as_ptr(), path.as_ptr(), kind.as_ptr(), flags, 0) })
}

/// sethostname(2), in the task's UTS namespace.
pub fn sethostname(name: &[u8]) -> Answer {
    // SAFETY: the kernel reads no further than the length of `name`.
    Answer(unsafe { syscall!(SETHOSTNAME, name.as_ptr(), name.len()) })
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

/// Writes `line` to the file at `path` in one write(2), as the maps of user_namespaces(7) ask; EIO if a part of it was left out.
pub fn write_file(path: &CStr, line: &[u8]) -> Answer {
    file::open(path, file::O_WRONLY).and_then(|fd| {
        let answer = file::write(fd, line);
        // A failed close loses nothing: these files take or refuse the line at the write.
        let _ = file::close(fd);
        answer.and_then(|written| if written == line.len() { Answer(written) } else { Answer::error(Errno::EIO) })
    })
}

/// The inode of the caller's own namespace of a kind, by its name in proc(5).
pub fn own(kind: &[u8]) -> Answer {
    file::at_in(&mut [0; 64], &[b"/proc/thread-self/ns/", kind], &mut file::inode)
}

/// A map of user_namespaces(7), as it is written.
pub struct IdMap {
    text: [u8; 2048],
    end: usize,
}

impl IdMap {
    /// No line yet.
    pub const EMPTY: Self = Self { text: [0; 2048], end: 0 };

    /// Adds a line: the first id inside, the first outside, and how many; nothing if that is 0.
    pub fn push(&mut self, range: [usize; 3]) {
        for (value, glue) in range.iter().zip(b"\n  ").filter(|_| range[2] != 0) {
            let glue: &[u8] = if self.end == 0 { b"" } else { &[*glue] };
            for byte in glue.iter().chain(digits(*value, 10, &mut [0; 20])) {
                self.text.get_mut(self.end).into_iter().for_each(|place| *place = *byte);
                self.end += 1;
            }
        }
    }

    /// What it has so far; E2BIG if that is more than there is room for.
    pub fn text(&self) -> super::Result<&[u8]> {
        self.text.get(..self.end).ok_or(Errno::E2BIG)
    }

    /// Writes it to the file at `path`; answers its length.
    pub fn write(&self, path: &CStr) -> Answer {
        self.text().map_or_else(Answer::error, |text| write_file(path, text))
    }
}
