//! A binfmt_misc file system of the new user namespace, Linux 6.7, and the interpreter that is registered there.
//!
//! The file system is made and written to while it is attached nowhere, so that no path can lead to that of the machine;
//! and the kernel is asked for one that was not there before. All this comes before the root directory changes: for a line
//! with the flag F the kernel opens the interpreter when the line is written.

use super::plan::Plan;
use crate::board::Board;
use crate::board::record::Running;
use crate::host::path;
use crate::sys::namespace::{self, Instance};
use crate::sys::{Errno, Fd, RawFd, Result, file};
use linux_raw_sys::general::BINFMTFS_MAGIC;

/// Makes the file system, if it is wanted. EBUSY: the kernel gave one that was there before.
pub(super) fn make(plan: &Plan, board: Board<Running>) -> Result<()> {
    if plan.binfmt.is_none() {
        return Ok(());
    }
    let made = own(namespace::mount_nowhere(c"binfmt_misc", Instance::New)?)?;
    board.record().binfmt.put(Ok(made.leave()));
    Ok(())
}

/// A file that this process has opened in a binfmt_misc. EIO: it is another one. A sandbox that answers in the kernel's place
/// could name a descriptor from outside.
fn own(opened: Fd) -> Result<Fd> {
    let is_own = file::is_closed_by_exec(opened.raw())?;
    if is_own && file::file_system(opened.raw())? == BINFMTFS_MAGIC as usize {
        return Ok(opened);
    }
    if !is_own {
        // The program is to have it.
        opened.leave();
    }
    Err(Errno::EIO)
}

/// The file system, which is attached nowhere yet.
fn made(board: Board<Running>) -> Result<RawFd> {
    board.record().binfmt.descriptor().ok_or(Errno::EBADF)
}

/// Registers the interpreter, if there is one.
pub(super) fn register(plan: &Plan, board: Board<Running>) -> Result<()> {
    let Some(line) = plan.interpreter else { return Ok(()) };
    let register = own(file::open_in(made(board)?, c"register", file::O_WRONLY)?)?;
    // The kernel takes each write for a line of its own.
    let written = file::write(register.raw(), line)?;
    if written == line.len() { Ok(()) } else { Err(Errno::EIO) }
}

/// Attaches the file system to its place, if it is wanted. EIO: something else is there then. No other mount namespace gets
/// a copy: in that of a new user namespace all mounts are slaves of those outside.
pub(super) fn attach(plan: &Plan, board: Board<Running>) -> Result<()> {
    path::with_given(plan.binfmt, &|path| {
        let made = made(board)?;
        namespace::attach(made, path)?;
        let is_there = file::node(path)?.device as u64 == file::identity(made)?.device;
        made.close()?;
        if is_there { Ok(()) } else { Err(Errno::EIO) }
    })
}
