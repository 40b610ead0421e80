//! The terminal: which process group is in its foreground, tcgetpgrp(3) and tcsetpgrp(3).

use super::{Pid, RawFd, Result, done};
use linux_raw_sys::ioctl::{TIOCGPGRP, TIOCSPGRP};
use sc::syscall;

/// The process group in the foreground of a terminal; none if that is in another PID namespace, or gone.
pub fn foreground(terminal: RawFd) -> Result<Option<Pid>> {
    let mut group = 0u32;
    // SAFETY: the kernel writes one int.
    done(unsafe { syscall!(IOCTL, terminal.number(), TIOCGPGRP, &raw mut group) })?;
    Ok(Pid::new(group as usize))
}

/// Puts a process group there. A caller that is not in the foreground itself is stopped by SIGTTOU, unless that is blocked.
pub fn set_foreground(terminal: RawFd, group: Pid) -> Result<()> {
    let group = group.number() as u32;
    // SAFETY: the kernel reads one int.
    done(unsafe { syscall!(IOCTL, terminal.number(), TIOCSPGRP, &raw const group) })
}
