//! Error numbers, by the names of errno(3).

use crate::words::Text;
use core::num::NonZeroUsize;
use linux_raw_sys::errno as nr;

/// Why a system call was refused: 1 to 4095, kept negative as the kernel answers it, so that nothing is negated on
/// the way. As wide as a register: a `Result` travels in two of them and never through memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Errno(pub(super) NonZeroUsize);

macro_rules! errnos {
    ($($(#[$only:meta])* $name:ident $text:ident)*) => {
        #[allow(missing_docs, reason = "each has its text")]
        impl Errno {
            $($(#[$only])* pub const $name: Errno = Errno::new(nr::$name as usize);)*
        }

        /// Those that can come out of the calls made here.
        static TEXTS: &[(u8, Text)] = &[$($(#[$only])* (nr::$name as u8, Text::$text)),*];
    };
}

errnos! {
    EPERM Eperm
    E2BIG E2big
    EFAULT Efault
    EEXIST Eexist
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
    ENFILE Enfile
    EMFILE Emfile
    ENOSPC Enospc
    EPIPE Epipe
    ENOTDIR Enotdir
    EISDIR Eisdir
    ENOTTY Enotty
    EFBIG Efbig
    EROFS Erofs
    EBUSY Ebusy
    ENODEV Enodev
    ENXIO Enxio
    ELOOP Eloop
    ERANGE Erange
    ENAMETOOLONG Enametoolong
    EOVERFLOW Eoverflow
    ENOEXEC Enoexec
    EADDRINUSE Eaddrinuse
    ENOSYS Enosys
    EOPNOTSUPP Eopnotsupp
    EUSERS Eusers
    ETIMEDOUT Etimedout
    ECANCELED Ecanceled
}

impl Errno {
    /// The errno of this number; a 0, which is none, counts as EPERM.
    pub const fn new(number: usize) -> Self {
        match NonZeroUsize::new(number.wrapping_neg()) {
            Some(negative) => Self(negative),
            None => Self(NonZeroUsize::MAX),
        }
    }

    /// Its number.
    pub fn number(self) -> usize {
        self.0.get().wrapping_neg()
    }

    /// `EPERM (Operation not permitted)`; `errno #` for a number that has no text here.
    pub fn text(self) -> Text {
        let own = |(number, _): &&(u8, Text)| usize::from(*number) == self.number();
        TEXTS.iter().find(own).map_or(Text::Errno, |(_, text)| *text)
    }
}
