//! The look at the initial stack, before anything else: has it room for this program?
//!
//! A stack that cannot grow ends a program by SIGSEGV without a word. The kernel lets the stack grow up to
//! RLIMIT_STACK, and puts the arguments and the environment there first.

use super::status::Status;
use super::table::Request;
use crate::run::trial::PROGRAM;
use crate::sys::initial::InitialStack;
use crate::sys::limit::{self, Limited};
use crate::sys::memory::PAGE;
use crate::sys::{Errno, RawFd, file};
use crate::text::{Room, out};

/// What the commands need at most, in bytes, the tour more than any other. Without optimising more is copied.
const NEEDED: usize = if cfg!(debug_assertions) { 60 << 10 } else { 36 << 10 };

/// By how much more the kernel may put its data lower at the next start, so that its place is not known beforehand.
const SHIFT: usize = 8192;

/// The exit status if the stack is too small, after a line on fd 2; none if it suffices or cannot be looked at.
pub fn refuse(stack: &InitialStack) -> Option<i32> {
    let Ok([Some(limit), hard]) = limit::both(Limited::Stack) else { return None };
    let used = stack.used()?;
    // The stack grows by pages.
    let room = (limit - limit % PAGE).saturating_sub(used);
    // The doctor, which had enough, starts this file again to see whether it can: there the kernel may have put its
    // data lower, and little is done.
    if room >= NEEDED || stack.name() == Some(PROGRAM.to_bytes()) {
        return None;
    }
    let mut line = Room::<256>::new();
    out!(&mut line, "chimera: the stack: ", Errno::ENOMEM, ": RLIMIT_STACK leaves ", room, " of ");
    out!(&mut line, NEEDED, " bytes that are needed\n");
    let enough = (used + NEEDED + SHIFT).next_multiple_of(PAGE);
    if hard.is_none_or(|hard| enough <= hard) {
        out!(&mut line, "  try: ulimit -s ", enough >> 10, "\n");
    }
    // The result does not matter: there is nowhere else to report.
    let _ = file::write(RawFd::ERR, line.bytes().unwrap_or(b"chimera: the stack is too small\n"));
    Some(Request::find(stack).failure(Status::Failed))
}
