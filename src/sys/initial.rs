//! The initial stack: what the kernel hands to a program at execve(2).
//!
//! ```text
//! rsp -> argc | argv[0] .. argv[argc-1] | 0 | envp[0] .. | 0 | (type, value) .. | (AT_NULL, 0)
//! ```
//!
//! Nothing is copied. Arguments, environment and auxiliary vector are walked where they lie,
//! so ten thousand arguments cost no memory and an empty argv is not a special case.

use core::ffi::{CStr, c_char};

/// The three vectors of the process; they live as long as it does.
#[derive(Clone, Copy)]
pub struct InitialStack {
    argc: usize,
    argv: *const usize,
}

impl InitialStack {
    /// # Safety
    /// `argc` must point at the initial stack of a process, in the shape above, which no code changes any more.
    pub unsafe fn new(argc: *const usize) -> Self {
        // SAFETY: the first word is argc.
        let count = unsafe { argc.read() };
        Self { argc: count, argv: argc.wrapping_add(1) }
    }

    /// argv after the name of the program, which may be missing: execve(2) takes an empty argv too.
    pub fn arguments(&self) -> Strings {
        strings(self.argv.wrapping_add(self.argc.min(1)))
    }

    /// The environment, each `NAME=value`.
    pub fn environment(&self) -> Strings {
        strings(self.envp())
    }

    /// The value of type `tag` (AT_*) in the auxiliary vector, getauxval(3).
    pub fn auxiliary(&self, tag: usize) -> Option<usize> {
        // Past the environment and its zero lie the pairs.
        let mut pair = self.envp().wrapping_add(self.environment().count() + 1);
        loop {
            // SAFETY: AT_NULL (0), where the loop ends, closes the vector.
            let (found, value) = unsafe { pair.cast::<(usize, usize)>().read() };
            match found {
                0 => return None,
                _ if found == tag => return Some(value),
                _ => pair = pair.wrapping_add(2),
            }
        }
    }

    /// The vectors of pointers as they lie there: argv from word `first` on, and the environment.
    pub(super) fn vectors(&self, first: usize) -> (*const usize, *const usize) {
        (self.argv.wrapping_add(first.min(self.argc)), self.envp())
    }

    fn envp(&self) -> *const usize {
        self.argv.wrapping_add(self.argc + 1)
    }
}

/// The strings that a vector of pointers names, up to its zero.
#[derive(Clone)]
pub struct Strings(*const usize);

/// Of a vector that the kernel has built, or a copy of one.
pub(super) fn strings(vector: *const usize) -> Strings {
    Strings(vector)
}

impl Iterator for Strings {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        // SAFETY: a zero, where the iterator stays for good, closes the vector.
        let string = unsafe { self.0.read() } as *const c_char;
        if string.is_null() {
            return None;
        }
        self.0 = self.0.wrapping_add(1);
        // SAFETY: the kernel closes each string with a zero byte and keeps it for the life of the process.
        Some(unsafe { CStr::from_ptr(string) }.to_bytes())
    }
}
