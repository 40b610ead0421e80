//! Paths that are put together from parts.

use crate::sys::{Errno, Result};
use crate::text::{Room, Sink};
use core::ffi::CStr;
use linux_raw_sys::general::PATH_MAX;

/// Calls `act` with the parts one after another as a path; ENAMETOOLONG, without a call, if the kernel takes none so long.
pub fn at<T>(parts: &[&[u8]], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
    act(join(&mut Room::<{ PATH_MAX as usize }>::new(), parts)?)
}

/// The same for a path that is known to be short, on a stack that may be small.
pub fn at_short<T>(parts: &[&[u8]], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
    act(join(&mut Room::<128>::new(), parts)?)
}

/// The parts in a room, one after another.
fn join<'a, const N: usize>(room: &'a mut Room<N>, parts: &[&[u8]]) -> Result<&'a CStr> {
    for part in parts {
        room.put(part);
    }
    room.c_str().ok_or(Errno::ENAMETOOLONG)
}
