//! Error numbers, by the names of errno(3).

use core::num::NonZeroUsize;
use linux_raw_sys::errno as nr;

/// A number that a system call answered instead of a result: 1 to 4095. As wide as a register, so that a `Result`
/// travels in two of them and never through memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Errno(pub NonZeroUsize);

macro_rules! errnos {
    ($($name:ident $text:literal)*) => {
        #[allow(missing_docs, reason = "each has its text beside it")]
        impl Errno {
            $(pub const $name: Errno = Errno(NonZeroUsize::new(nr::$name as usize).unwrap());)*
        }

        /// Those that can come out of the calls made here, as they are printed.
        static TEXTS: [(Errno, &str); [$($text),*].len()] =
            [$((Errno::$name, concat!(stringify!($name), " (", $text, ")"))),*];
    };
}

errnos! {
    EPERM "Operation not permitted"
    ENOENT "No such file or directory"
    ESRCH "No such process"
    EINTR "Interrupted system call"
    EIO "Input/output error"
    EBADF "Bad file descriptor"
    ECHILD "No child processes"
    EAGAIN "Resource temporarily unavailable"
    ENOMEM "Cannot allocate memory"
    EACCES "Permission denied"
    EINVAL "Invalid argument"
    EMFILE "Too many open files"
    ENOSPC "No space left on device"
    EPIPE "Broken pipe"
    ENOSYS "Function not implemented"
    EUSERS "Too many users"
    ETIMEDOUT "Connection timed out"
    ECANCELED "Operation canceled"
}

impl Errno {
    /// `EPERM (Operation not permitted)`; none for a number that is not in the table.
    pub fn text(self) -> Option<&'static str> {
        TEXTS
            .iter()
            .find(|(errno, _)| *errno == self)
            .map(|(_, text)| *text)
    }
}
