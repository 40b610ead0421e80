//! Paths assembled from parts.

use crate::sys::{Errno, Result};
use crate::text::{Room, Sink};
use core::ffi::CStr;
use linux_raw_sys::general::PATH_MAX;

/// Calls `act` with the concatenated parts as a path. ENAMETOOLONG, without a call, if the path is longer than
/// PATH_MAX.
pub fn with<T>(parts: &[&[u8]], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
    act(join(&mut Room::<{ PATH_MAX as usize }>::new(), parts)?)
}

/// Calls `act` with a path that is known to be short, for callers on a small stack. ENAMETOOLONG if it has 128 bytes or
/// more.
pub fn with_short<T>(parts: &[&[u8]], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
    act(join(&mut Room::<128>::new(), parts)?)
}

/// Concatenates the parts in a buffer.
fn join<'a, const N: usize>(room: &'a mut Room<N>, parts: &[&[u8]]) -> Result<&'a CStr> {
    for part in parts {
        room.put(part);
    }
    room.c_str().ok_or(Errno::ENAMETOOLONG)
}
