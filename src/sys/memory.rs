//! Memory: mmap(2), mprotect(2), madvise(2), munmap(2).

use super::{Errno, Result, answer, done};
use core::ops::Range;
use core::sync::atomic::AtomicU32;
use linux_raw_sys::general::{
    MADV_HUGEPAGE, MADV_NOHUGEPAGE, MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, MAP_STACK, PROT_NONE,
    PROT_READ, PROT_WRITE,
};
use sc::syscall;

/// The page of x86-64, in bytes.
pub const PAGE: usize = 4096;

/// mmap(2) of anonymous memory, at `hint` if that is free: the address, which is never 0.
fn map(hint: usize, length: usize, rights: u32, flags: u32) -> Result<usize> {
    // SAFETY: without MAP_FIXED nothing that exists is replaced.
    let address = answer(unsafe { syscall!(MMAP, hint, length, rights, MAP_ANONYMOUS | flags, -1isize, 0) })?;
    if address == 0 { Err(Errno::EIO) } else { Ok(address) }
}

/// mmap(2) of `length` zeroed bytes that every task shares which is made from here on; at `hint` if that is free, so that
/// traces of two runs are equal.
pub fn shared(hint: usize, length: usize) -> Result<usize> {
    map(hint, length, PROT_READ | PROT_WRITE, MAP_SHARED)
}

/// mmap(2) of `length` bytes of private memory that may not be touched before [`allow`]; at `hint` if that is free.
pub fn reserve_stack(hint: usize, length: usize) -> Result<usize> {
    map(hint, length, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE | MAP_STACK)
}

/// mmap(2) of `length` bytes of private memory that may not be touched before [`allow`].
pub fn reserve(length: usize) -> Result<usize> {
    map(0, length, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE)
}

/// mprotect(2): makes `length` bytes of a reservation readable and writable.
///
/// # Safety
/// The bytes must lie in a reservation of the caller's own.
pub unsafe fn allow(address: usize, length: usize) -> Result<()> {
    // SAFETY: rights are only added, and to memory of the caller's.
    done(unsafe { syscall!(MPROTECT, address, length, PROT_READ | PROT_WRITE) })
}

/// munmap(2).
///
/// # Safety
/// The memory must be a mapping of the caller's own that no task uses any more.
pub unsafe fn unmap(address: usize, length: usize) -> Result<()> {
    // SAFETY: the caller's promise.
    done(unsafe { syscall!(MUNMAP, address, length) })
}

/// mmap(2) of private memory for a value that is to live as long as the process: tasks with this memory, or with a copy of it,
/// can be given the reference.
pub fn keep<T: Copy>(value: T) -> Result<&'static T> {
    const { assert!(align_of::<T>() <= PAGE) };
    let address = map(0, size_of::<T>().max(1), PROT_READ | PROT_WRITE, MAP_PRIVATE)?;
    let place = address as *mut T;
    // SAFETY: the kernel has just given the memory, which is large enough, at a multiple of a page.
    unsafe { place.write(value) };
    // SAFETY: the value is there, and the memory is never unmapped nor written to again.
    Ok(unsafe { &*place })
}

/// Private memory that is given back when it is dropped.
pub struct Touched(Range<usize>);

impl Touched {
    /// mmap(2) of `length` bytes, each page of which is then written to once; with huge pages where the kernel has them, or
    /// without: madvise(2).
    pub fn new(length: usize, huge: bool) -> Result<Self> {
        let start = map(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE)?;
        let advice = if huge { MADV_HUGEPAGE } else { MADV_NOHUGEPAGE };
        // SAFETY: the memory is this call's own. A kernel without huge pages refuses, and has none.
        let _ = done(unsafe { syscall!(MADVISE, start, length, advice) });
        for page in (start..start + length).step_by(PAGE) {
            // SAFETY: inside of the mapping, of which no other code knows.
            unsafe { (page as *mut u8).write_volatile(1) };
        }
        Ok(Self(start..start + length))
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own. A refusal leaves memory that no code uses.
        let _ = unsafe { unmap(self.0.start, self.0.len()) };
    }
}

/// mmap(2) of so many zeroed words that every task shares which is made from here on. They live as long as the process.
pub fn futexes(count: usize) -> Result<&'static [AtomicU32]> {
    let length = count.checked_mul(size_of::<AtomicU32>()).filter(|length| *length > 0).ok_or(Errno::ENOMEM)?;
    let address = shared(0, length)?;
    // SAFETY: zeroed memory of that length, which is never unmapped; zeros are valid atomics.
    Ok(unsafe { core::slice::from_raw_parts(address as *const AtomicU32, count) })
}
