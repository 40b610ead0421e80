//! execve(2) of words of the command line, with the environment as it came.
//!
//! The decision behind it: the vectors that the kernel has built on the initial stack are handed back to it as they are;
//! nothing is copied, so a task that shares nothing but its memory can do it.

use super::Answer;
use super::initial::{InitialStack, strings};
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use sc::syscall;

/// The words to execute and the environment; none yet.
static ARGUMENTS: AtomicPtr<*const c_char> = AtomicPtr::new(core::ptr::null_mut());
static ENVIRONMENT: AtomicPtr<*const c_char> = AtomicPtr::new(core::ptr::null_mut());

/// Keeps the words of the command line from number `first` on (0 is the program's own name), and the environment.
pub fn remember(stack: &InitialStack, first: usize) {
    let (arguments, environment) = stack.vectors(first);
    ARGUMENTS.store(arguments as *mut *const c_char, Relaxed);
    ENVIRONMENT.store(environment as *mut *const c_char, Relaxed);
}

/// The first of the words, if there is one.
pub fn name() -> Option<&'static CStr> {
    let words = ARGUMENTS.load(Relaxed);
    if words.is_null() {
        return None;
    }
    // SAFETY: `remember` has stored a vector that the kernel has closed with a null.
    let name = unsafe { words.read() };
    // SAFETY: what is not null is a string that the kernel has closed with a zero, for the life of the process.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) })
}

/// The value of a variable of the environment, `NAME=` being its name.
pub fn variable(name: &[u8]) -> Option<&'static [u8]> {
    let environment = ENVIRONMENT.load(Relaxed) as *const usize;
    if environment.is_null() { None } else { strings(environment).find_map(|word| word.strip_prefix(name)) }
}

/// execve(2) of the file at `path` with the words; comes back only with an errno.
pub fn execute(path: &CStr) -> Answer {
    // SAFETY: the path ends with a zero byte, and the vectors are the kernel's own.
    Answer(unsafe { syscall!(EXECVE, path.as_ptr(), ARGUMENTS.load(Relaxed), ENVIRONMENT.load(Relaxed)) })
}
