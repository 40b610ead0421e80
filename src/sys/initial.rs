//! The initial stack: what the kernel hands to a program at execve(2).
//!
//! ```text
//! rsp -> argc | argv[0] .. argv[argc-1] | 0 | envp[0] .. | 0 | (type, value) .. | (AT_NULL, 0)
//! ```
//!
//! Nothing is copied: arguments, environment and auxiliary vector are read where they lie, so ten thousand arguments
//! cost no memory and an empty argv is not a special case.

use super::memory::PAGE;
use core::ffi::{CStr, c_char};
use linux_raw_sys::auxvec::AT_SECURE;

/// The type of the entry for the name of the file, linux/auxvec.h.
const AT_EXECFN: usize = 31;

/// More than the kernel puts on the stack: 6 MiB of arguments and environment, however large the stack may be.
const MOST: usize = 7 << 20;

/// The argument, environment and auxiliary vectors of the process, which live as long as the process.
#[derive(Clone, Copy)]
pub struct InitialStack {
    argc: usize,
    argv: *const usize,
}

impl InitialStack {
    /// # Safety
    /// `argc` must point at the initial stack of a process, laid out as above, which no code modifies.
    pub unsafe fn new(argc: *const usize) -> Self {
        // SAFETY: the first word is argc.
        let count = unsafe { argc.read() };
        Self { argc: count, argv: argc.wrapping_add(1) }
    }

    /// The arguments after `argv[0]`; execve(2) permits an empty argv, so `argv[0]` may be missing.
    pub fn arguments(&self) -> Strings {
        strings(self.argv.wrapping_add(self.argc.min(1)))
    }

    /// `argv[0]`: the name under which the program was executed; none if argv is empty.
    pub fn name(&self) -> Option<&'static [u8]> {
        strings(self.argv).next()
    }

    /// The environment: strings `NAME=value`.
    pub fn environment(&self) -> Strings {
        strings(self.envp())
    }

    /// The value of type `tag` (AT_*) in the auxiliary vector, getauxval(3).
    pub fn auxiliary(&self, tag: usize) -> Option<usize> {
        // The pairs begin after the null pointer that ends the environment; its strings need not be read for that.
        let mut environment = self.environment();
        while environment.pointer().is_some() {}
        let mut pair = environment.0.wrapping_add(1);
        loop {
            // SAFETY: AT_NULL (0) ends the vector, and the loop stops there.
            let (found, value) = unsafe { pair.cast::<(usize, usize)>().read() };
            match found {
                0 => return None,
                _ if found == tag => return Some(value),
                _ => pair = pair.wrapping_add(2),
            }
        }
    }

    /// Whether the kernel says that this program has more rights than its caller, AT_SECURE of getauxval(3): by its own
    /// file, because the caller's real and effective ids differ, or by a security module.
    pub fn is_secure(&self) -> bool {
        self.auxiliary(AT_SECURE as usize) == Some(1)
    }

    /// The size of all that the kernel has put on the stack, in bytes, up to the end of its mapping: the name of the
    /// file (AT_EXECFN) stands last, with a null word behind it. None if something else than the kernel has arranged it
    /// in another way.
    pub fn used(&self) -> Option<usize> {
        let start = self.argv as usize - size_of::<usize>();
        let name = self.auxiliary(AT_EXECFN)?;
        // SAFETY: the kernel wrote the name there, with a zero byte at its end.
        let length = unsafe { CStr::from_ptr(name as *const c_char) }.count_bytes() + 1;
        let end = (name + length + size_of::<usize>()).next_multiple_of(PAGE);
        end.checked_sub(start).filter(|used| *used <= MOST)
    }

    /// The pointer vectors in place: argv from index `first` on, and the environment.
    pub(super) fn vectors(&self, first: usize) -> (*const usize, *const usize) {
        (self.argv.wrapping_add(first.min(self.argc)), self.envp())
    }

    fn envp(&self) -> *const usize {
        self.argv.wrapping_add(self.argc + 1)
    }
}

/// Iterates over the strings of a null-terminated vector of pointers.
#[derive(Clone)]
pub struct Strings(*const usize);

/// The strings of a vector that the kernel built, or of a copy.
pub(super) fn strings(vector: *const usize) -> Strings {
    Strings(vector)
}

impl Strings {
    /// The next pointer; at the end none, and the iterator stays at the null pointer.
    fn pointer(&mut self) -> Option<*const c_char> {
        // SAFETY: a null pointer ends the vector, and the iterator never moves past it.
        let string = unsafe { self.0.read() } as *const c_char;
        if string.is_null() {
            return None;
        }
        self.0 = self.0.wrapping_add(1);
        Some(string)
    }
}

impl Iterator for Strings {
    type Item = &'static [u8];

    fn next(&mut self) -> Option<&'static [u8]> {
        // SAFETY: each string ends with a zero byte and stays in place for the life of the process.
        self.pointer().map(|string| unsafe { CStr::from_ptr(string) }.to_bytes())
    }
}
