//! execve(2), with the inherited environment.
//!
//! The kernel built the vectors of arguments and environment on the initial stack and gets them back unchanged. Nothing
//! is copied, so a task that shares only its address space can execute a program.

use super::initial::{InitialStack, Strings, strings};
use super::{Errno, Result, answer, memory};
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Relaxed};
use linux_raw_sys::auxvec::{AT_EGID, AT_EUID, AT_EXECFN, AT_GID, AT_UID};

/// The arguments of the program to execute, and the environment; null until [`remember`] sets them.
static ARGUMENTS: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());
static ENVIRONMENT: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());
/// The path by which this program was executed.
static OWN: AtomicPtr<c_char> = AtomicPtr::new(core::ptr::null_mut());
/// Whether real and effective ids differed when this program was executed.
static HAD_DIFFERENT_IDS: AtomicBool = AtomicBool::new(false);

/// The capacity of the vector of [`execute_with`], including the null pointer at its end.
pub const MOST: usize = 128;

/// Keeps the environment, and by which path and with which ids this program was executed.
pub fn remember_environment(stack: &InitialStack) {
    let (_, environment) = stack.vectors(0);
    ENVIRONMENT.store(environment as *mut usize, Relaxed);
    let path = stack.auxiliary(AT_EXECFN as usize).unwrap_or_default();
    OWN.store(path as *mut c_char, Relaxed);
    let differ = |real: u32, effective: u32| stack.auxiliary(real as usize) != stack.auxiliary(effective as usize);
    HAD_DIFFERENT_IDS.store(differ(AT_UID, AT_EUID) || differ(AT_GID, AT_EGID), Relaxed);
}

/// Whether real and effective user or group ids differed when this program was executed. In a namespace where they are
/// not mapped they look equal.
pub fn had_different_ids() -> bool {
    HAD_DIFFERENT_IDS.load(Relaxed)
}

/// The path by which this program was executed, AT_EXECFN of getauxval(3).
pub fn own_file() -> Option<&'static CStr> {
    let path = OWN.load(Relaxed);
    // SAFETY: a string on the initial stack that ends with a zero byte and stays for the life of the process.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })
}

/// Keeps the arguments from index `first` on (0 is the program's own name) and the environment for [`execute`].
pub fn remember(stack: &InitialStack, first: usize) {
    let (arguments, environment) = stack.vectors(first);
    ARGUMENTS.store(arguments as *mut usize, Relaxed);
    ENVIRONMENT.store(environment as *mut usize, Relaxed);
}

/// Replaces the arguments for [`execute`], of which the first is the path of the program. E2BIG if there are [`MOST`]
/// or more.
pub fn remember_words(words: &[&'static CStr]) -> Result<()> {
    let mut vector = [0; MOST];
    if words.len() >= vector.len() {
        return Err(Errno::E2BIG);
    }
    for (place, word) in vector.iter_mut().zip(words) {
        *place = word.as_ptr() as usize;
    }
    let kept: &'static [usize; MOST] = memory::keep(vector)?;
    ARGUMENTS.store(kept.as_ptr().cast_mut(), Relaxed);
    Ok(())
}

/// The strings of a remembered vector.
fn strings_of(vector: &'static AtomicPtr<usize>) -> Strings {
    static NONE: usize = 0;
    let vector: *const usize = vector.load(Relaxed);
    strings(if vector.is_null() { &raw const NONE } else { vector })
}

/// The name of the program to execute, which is its first argument; none if no program was given.
pub fn name() -> Option<&'static [u8]> {
    strings_of(&ARGUMENTS).next()
}

/// The value of an environment variable; `name` includes the `=`.
pub fn variable(name: &[u8]) -> Option<&'static [u8]> {
    strings_of(&ENVIRONMENT).find_map(|word| word.strip_prefix(name))
}

/// Leaves only those strings of the environment for which `passes` is true, for [`variable`] and the programs that are
/// executed. The vector is copied to new memory: behind the kernel's own lies what [`InitialStack::auxiliary`] reads.
pub fn pass_only(passes: &dyn Fn(&'static [u8]) -> bool) -> Result<()> {
    let passed = strings_of(&ENVIRONMENT).filter(|word| passes(word)).map(|word| word.as_ptr() as usize);
    let length = (passed.clone().count() + 1) * size_of::<usize>();
    let vector = memory::private(length)? as *mut usize;
    for (place, word) in passed.enumerate() {
        // SAFETY: the mapping is new and has room for all words, and zeroed memory ends with a null.
        unsafe { vector.wrapping_add(place).write(word) };
    }
    ENVIRONMENT.store(vector, Relaxed);
    Ok(())
}

/// execve(2) of the file at `path` with the remembered arguments. Returns only on failure; EIO: the call returned
/// success.
pub fn execute(path: &CStr) -> Errno {
    // SAFETY: the path ends with a zero byte, and the vectors are the kernel's own.
    let came_back = unsafe { syscall!(EXECVE, path.as_ptr(), ARGUMENTS.load(Relaxed), ENVIRONMENT.load(Relaxed)) };
    answer(came_back).err().unwrap_or(Errno::EIO)
}

/// execve(2) of the shell, which reads the file at `path` as a script and gets the remembered arguments after it, as
/// execvp(3) does with a file in no format that the kernel knows. Returns only on failure; the vector is copied to new
/// memory, because the remembered one belongs to the tasks that share this address space.
pub fn execute_as_script(path: &CStr) -> Errno {
    const SHELL: &CStr = c"/bin/sh";
    // The path stands in the place of the program's name.
    let rest = strings_of(&ARGUMENTS).skip(1).map(|word| word.as_ptr() as usize);
    let words = [SHELL.as_ptr() as usize, path.as_ptr() as usize].into_iter().chain(rest);
    let length = (words.clone().count() + 1) * size_of::<usize>();
    let vector = match memory::private(length) {
        Ok(address) => address as *mut usize,
        Err(errno) => return errno,
    };
    for (place, word) in words.enumerate() {
        // SAFETY: the mapping is new and has room for all words.
        unsafe { vector.wrapping_add(place).write(word) };
    }
    // SAFETY: the path ends with a zero byte, and the vector with a null, for which there is room in zeroed memory.
    let came_back = unsafe { syscall!(EXECVE, SHELL.as_ptr(), vector, ENVIRONMENT.load(Relaxed)) };
    // SAFETY: the mapping made above. If it is refused, unused memory stays mapped.
    let _ = unsafe { memory::unmap(vector as usize, length) };
    answer(came_back).err().unwrap_or(Errno::EIO)
}

/// execve(2) of the file at `path` with these arguments; E2BIG if there are [`MOST`] or more.
pub fn execute_with(path: &CStr, arguments: &[&CStr]) -> Errno {
    let mut vector = [core::ptr::null::<c_char>(); MOST];
    if arguments.len() >= vector.len() {
        return Errno::E2BIG;
    }
    for (place, argument) in vector.iter_mut().zip(arguments) {
        *place = argument.as_ptr();
    }
    // SAFETY: the path and the arguments end with a zero byte, and the vector ends with a null.
    let came_back = unsafe { syscall!(EXECVE, path.as_ptr(), vector.as_ptr(), ENVIRONMENT.load(Relaxed)) };
    answer(came_back).err().unwrap_or(Errno::EIO)
}
