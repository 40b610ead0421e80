//! Error numbers, by the names of errno(3).

use crate::words::Text;
use core::num::NonZeroUsize;
use linux_raw_sys::errno as nr;

/// A number that a system call answered instead of a result: 1 to 4095. As wide as a register, so that a `Result`
/// travels in two of them and never through memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Errno(pub NonZeroUsize);

macro_rules! errnos {
    ($($name:ident $text:ident)*) => {
        #[allow(missing_docs, reason = "each has its text")]
        impl Errno {
            $(pub const $name: Errno = Errno(NonZeroUsize::new(nr::$name as usize).unwrap());)*
        }

        /// Those that can come out of the calls made here.
        static TEXTS: [(u8, Text); [$(nr::$name),*].len()] = [$((nr::$name as u8, Text::$text)),*];
    };
}

errnos! {
    EPERM Eperm
    ENOENT Enoent
    ESRCH Esrch
    EINTR Eintr
    EIO Eio
    EBADF Ebadf
    ECHILD Echild
    EAGAIN Eagain
    ENOMEM Enomem
    EACCES Eacces
    EINVAL Einval
    EMFILE Emfile
    ENOSPC Enospc
    EPIPE Errno
    ENOSYS Enosys
    ETIMEDOUT Etimedout
    ECANCELED Errno
}

impl Errno {
    /// `EPERM (Operation not permitted)`; `errno #` for a number that has no text here.
    pub fn text(self) -> Text {
        let own = |(number, _): &&(u8, Text)| usize::from(*number) == self.0.get();
        TEXTS.iter().find(own).map_or(Text::Errno, |(_, text)| *text)
    }
}
