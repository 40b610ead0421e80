//! The machine: reboot(2).

use super::{Errno, answer};
use linux_raw_sys::general::{LINUX_REBOOT_CMD_POWER_OFF, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2};

/// reboot(2) with RB_POWER_OFF: turns the machine off at once. Returns only on failure; EIO: the call returned success.
/// Only for process 1 of a machine, which has proven that it is.
pub fn power_off() -> Errno {
    // SAFETY: no memory is passed, and nothing runs afterwards.
    let came_back =
        unsafe { syscall!(REBOOT, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0) };
    answer(came_back).err().unwrap_or(Errno::EIO)
}
