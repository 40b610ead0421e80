//! Paths assembled from parts, and the search for a program.

use crate::sys::{Errno, Result, exec};
use crate::text::read::{Parts, parts};
use crate::text::{Room, Sink};
use core::ffi::CStr;
use linux_raw_sys::general::PATH_MAX;

/// Calls `act` with the concatenated parts as a path. ENAMETOOLONG, without a call, if the path is longer than
/// PATH_MAX.
pub fn with<T>(parts: &[&[u8]], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
    act(join(&mut Room::<{ PATH_MAX as usize }>::new(), parts)?)
}

/// Calls `act` with a path, if there is one. ENAMETOOLONG as above.
pub fn with_given(path: Option<&[u8]>, act: &dyn Fn(&CStr) -> Result<()>) -> Result<()> {
    path.map_or(Ok(()), |path| with(&[path], act))
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

/// The search path without PATH.
const USUAL: &[u8] = b"/bin:/usr/bin";

/// The folders of PATH, each with a slash or as `./`.
fn folders() -> impl Iterator<Item = [&'static [u8]; 2]> {
    let all: Parts<'static> = parts(exec::variable(b"PATH=").unwrap_or(USUAL), b":");
    all.map(|folder| [folder, if folder.is_empty() { b"./" } else { b"/" }])
}

/// Passes the path that a program without a slash in its name has in each folder of PATH to `is_it` until that returns
/// true. Returns whether it did; ENAMETOOLONG: it did not, and one of the paths is longer than that of any file.
pub fn find(name: &[u8], is_it: &mut dyn FnMut(&CStr) -> bool) -> Result<bool> {
    let mut found = Ok(false);
    for [folder, slash] in folders() {
        match with(&[folder, slash, name], |path| Ok(is_it(path))) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(errno) => found = Err(errno),
        }
    }
    found
}
