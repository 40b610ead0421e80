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
use crate::sys::{Errno, RawFd, Result, file};
use linux_raw_sys::general::BINFMTFS_MAGIC;

/// Makes the file system, if it is wanted. EBUSY: the kernel gave one that was there before.
pub(super) fn make(plan: &Plan, board: Board<Running>) -> Result<()> {
    if plan.binfmt.is_none() {
        return Ok(());
    }
    let made = namespace::mount_nowhere(c"binfmt_misc", Instance::New)?;
    if file::file_system(made.raw())? != BINFMTFS_MAGIC as usize {
        return Err(Errno::EIO);
    }
    board.record().binfmt.put(Ok(made.leave()));
    Ok(())
}

/// The file system, which is attached nowhere yet.
fn made(board: Board<Running>) -> Result<RawFd> {
    board.record().binfmt.descriptor().ok_or(Errno::EBADF)
}

/// Registers the interpreter, if there is one.
pub(super) fn register(plan: &Plan, board: Board<Running>) -> Result<()> {
    let Some(line) = plan.interpreter else { return Ok(()) };
    let register = file::open_in(made(board)?, c"register", file::O_WRONLY)?;
    // The kernel takes each write for a line of its own.
    let written = file::write(register.raw(), line)?;
    if written == line.len() { Ok(()) } else { Err(Errno::EIO) }
}

/// Attaches the file system to its place, if it is wanted.
pub(super) fn attach(plan: &Plan, board: Board<Running>) -> Result<()> {
    path::with_given(plan.binfmt, &|path| {
        let made = made(board)?;
        namespace::attach(made, path)?;
        made.close()
    })
}
