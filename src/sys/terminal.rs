//! A terminal: its foreground process group, tcgetpgrp(3) and tcsetpgrp(3), its size, TIOCGWINSZ(2const),
//! and tcdrain(3).

use super::{Pid, RawFd, Result, done};
use linux_raw_sys::general::winsize;
use linux_raw_sys::ioctl::{TCSBRK, TIOCGPGRP, TIOCGWINSZ, TIOCSPGRP};

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

/// The number of columns of a terminal, 0 if the terminal does not know it; ENOTTY: the file is no terminal.
pub fn columns(file: RawFd) -> Result<usize> {
    let mut size = winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel writes one struct.
    done(unsafe { syscall!(IOCTL, file.number(), TIOCGWINSZ, &raw mut size) })?;
    Ok(usize::from(size.ws_col))
}

/// tcdrain(3): waits until all that was written has been sent; ENOTTY: the file is no terminal.
pub fn drain(file: RawFd) -> Result<()> {
    // SAFETY: no memory is passed: the argument is a number, and any but 0 means to wait.
    done(unsafe { syscall!(IOCTL, file.number(), TCSBRK, 1) })
}
