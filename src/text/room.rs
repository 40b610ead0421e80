//! A text in an array: a path, a name, a line that must be complete.

use super::show::Sink;
use super::wrap::characters;
use core::ffi::CStr;

/// A sink for up to `N` bytes. If something does not fit, there is no text at all: nothing is truncated silently.
pub struct Room<const N: usize> {
    /// The text, followed by zeros.
    bytes: [u8; N],
    len: usize,
    is_whole: bool,
}

impl<const N: usize> Room<N> {
    /// An empty text.
    pub const fn new() -> Self {
        Self { bytes: [0; N], len: 0, is_whole: true }
    }

    /// The text; none if it did not fit.
    pub fn bytes(&self) -> Option<&[u8]> {
        if self.is_whole { self.bytes.get(..self.len) } else { None }
    }

    /// The text with a zero byte at its end; none if that did not fit, or if the text contains a zero byte.
    pub fn c_str(&self) -> Option<&CStr> {
        let with_zero = if self.is_whole { self.bytes.get(..=self.len) } else { None };
        CStr::from_bytes_with_nul(with_zero?).ok()
    }
}

impl<const N: usize> Default for Room<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Sink for Room<N> {
    fn put(&mut self, bytes: &[u8]) {
        match self.bytes.get_mut(self.len..).and_then(|rest| rest.get_mut(..bytes.len())) {
            Some(place) if self.is_whole => {
                place.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            _ => self.is_whole = false,
        }
    }

    fn column(&self) -> usize {
        let text = self.bytes.get(..self.len).unwrap_or_default();
        text.rsplit(|byte| *byte == b'\n').next().map_or(0, characters)
    }
}
