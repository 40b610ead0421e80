//! The terminal: which process group is in its foreground, tcgetpgrp(3) and tcsetpgrp(3).

use super::Answer;
use sc::syscall;

/// Requests of ioctl_tty(2), asm-generic/ioctls.h.
const TIOCGPGRP: usize = 0x540f;
const TIOCSPGRP: usize = 0x5410;

/// The process group in the foreground of terminal `fd`.
pub fn foreground(fd: usize) -> Answer {
    let mut group = 0u32;
    // SAFETY: the kernel writes one int.
    Answer(unsafe { syscall!(IOCTL, fd, TIOCGPGRP, &raw mut group) }).and_then(|_| Answer(group as usize))
}

/// Puts process group `group` there. Who is not there itself is stopped by SIGTTOU, unless that is blocked.
pub fn set_foreground(fd: usize, group: usize) -> Answer {
    let group = group as u32;
    // SAFETY: the kernel reads one int.
    Answer(unsafe { syscall!(IOCTL, fd, TIOCSPGRP, &raw const group) })
}
