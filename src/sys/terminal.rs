//! The foreground process group of a terminal: tcgetpgrp(3) and tcsetpgrp(3).

use super::{Pid, RawFd, Result, done};
use linux_raw_sys::ioctl::{TIOCGPGRP, TIOCSPGRP};

/// The foreground process group of a terminal; none if the group is in another PID namespace, or gone.
pub fn foreground(terminal: RawFd) -> Result<Option<Pid>> {
    let mut group = 0u32;
    // SAFETY: the kernel writes one int.
    done(unsafe { syscall!(IOCTL, terminal.number(), TIOCGPGRP, &raw mut group) })?;
    Ok(Pid::new(group as usize))
}

/// Makes a process group the foreground group of a terminal. SIGTTOU stops a background caller unless it blocks that
/// signal.
pub fn set_foreground(terminal: RawFd, group: Pid) -> Result<()> {
    let group = group.number() as u32;
    // SAFETY: the kernel reads one int.
    done(unsafe { syscall!(IOCTL, terminal.number(), TIOCSPGRP, &raw const group) })
}
