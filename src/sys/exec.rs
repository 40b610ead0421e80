//! execve(2) of words of the command line, or of others, with the environment as it came.
//!
//! The decision behind it: the vectors that the kernel has built on the initial stack are handed back to it as they are;
//! nothing is copied, so a task that shares nothing but its memory can do it.

use super::initial::{InitialStack, Strings, strings};
use super::{Answer, Errno};
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use sc::syscall;

/// The words of the command line, those to execute, and the environment; none yet.
static WORDS: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());
static ARGUMENTS: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());
static ENVIRONMENT: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());

/// How many words can be executed that are none of the command line, with the null behind them.
pub const MOST: usize = 128;

/// Keeps the words of the command line, those to be executed from number `first` on (0 is the program's own name), and the
/// environment.
pub fn remember(stack: &InitialStack, first: usize) {
    WORDS.store(stack.vectors(2).0 as *mut usize, Relaxed);
    let (arguments, environment) = stack.vectors(first);
    ARGUMENTS.store(arguments as *mut usize, Relaxed);
    ENVIRONMENT.store(environment as *mut usize, Relaxed);
}

/// The strings of one of these vectors.
fn of(vector: &'static AtomicPtr<usize>) -> Strings {
    static NONE: usize = 0;
    let vector: *const usize = vector.load(Relaxed);
    strings(if vector.is_null() { &raw const NONE } else { vector })
}

/// The words of the command line behind the command.
pub fn words() -> Strings {
    of(&WORDS)
}

/// The first of the words to execute, if there is one.
pub fn name() -> Option<&'static [u8]> {
    of(&ARGUMENTS).next()
}

/// The value of a variable of the environment, `NAME=` being its name.
pub fn variable(name: &[u8]) -> Option<&'static [u8]> {
    of(&ENVIRONMENT).find_map(|word| word.strip_prefix(name))
}

/// execve(2) of the file at `path` with the words; comes back only with an errno.
pub fn execute(path: &CStr) -> Answer {
    // SAFETY: the path ends with a zero byte, and the vectors are the kernel's own.
    Answer(unsafe { syscall!(EXECVE, path.as_ptr(), ARGUMENTS.load(Relaxed), ENVIRONMENT.load(Relaxed)) })
}

/// The same with these words; E2BIG if they are [`MOST`] or more.
pub fn execute_with(path: &CStr, words: &[&CStr]) -> Answer {
    let mut vector = [core::ptr::null::<c_char>(); MOST];
    if words.len() >= vector.len() {
        return Answer::error(Errno::E2BIG);
    }
    vector.iter_mut().zip(words).for_each(|(place, word)| *place = word.as_ptr());
    // SAFETY: the path and the words end with a zero byte, and so does the vector with a null.
    Answer(unsafe { syscall!(EXECVE, path.as_ptr(), vector.as_ptr(), ENVIRONMENT.load(Relaxed)) })
}
