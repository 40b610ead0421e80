//! Memory: mmap(2), mprotect(2), madvise(2), munmap(2).

use super::{Errno, Result, answer, done};
use core::ops::Range;
use core::sync::atomic::{AtomicU8, AtomicU32};
use linux_raw_sys::general::{
    MADV_HUGEPAGE, MADV_NOHUGEPAGE, MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, MAP_STACK, PROT_NONE,
    PROT_READ, PROT_WRITE,
};

/// The size of a page on x86-64, in bytes.
pub const PAGE: usize = 4096;

/// mmap(2) of anonymous memory, at `hint` if that address is free. Returns the address, which is never 0.
fn map(hint: usize, length: usize, rights: u32, flags: u32) -> Result<usize> {
    // SAFETY: without MAP_FIXED nothing that exists is replaced.
    let address = answer(unsafe { syscall!(MMAP, hint, length, rights, MAP_ANONYMOUS | flags, -1isize, 0) })?;
    if address == 0 { Err(Errno::EIO) } else { Ok(address) }
}

/// mmap(2) of `length` zeroed bytes that this process shares with all tasks it makes afterwards; at `hint` if that
/// address is free, so that traces of two runs are equal.
pub fn shared(hint: usize, length: usize) -> Result<usize> {
    map(hint, length, PROT_READ | PROT_WRITE, MAP_SHARED)
}

/// mmap(2) of `length` bytes of private memory, inaccessible until [`allow`]; at `hint` if that address is free.
pub fn reserve_stack(hint: usize, length: usize) -> Result<usize> {
    map(hint, length, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE | MAP_STACK)
}

/// mmap(2) of `length` bytes of private memory, inaccessible until [`allow`].
pub fn reserve(length: usize) -> Result<usize> {
    map(0, length, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE)
}

/// mprotect(2): makes `length` bytes of a reservation readable and writable.
///
/// # Safety
/// The bytes must lie in a reservation that the caller owns.
pub unsafe fn allow(address: usize, length: usize) -> Result<()> {
    // SAFETY: access is only added, and only to memory that the caller owns.
    done(unsafe { syscall!(MPROTECT, address, length, PROT_READ | PROT_WRITE) })
}

/// munmap(2).
///
/// # Safety
/// The memory must be a mapping that the caller owns and no task uses any more.
pub unsafe fn unmap(address: usize, length: usize) -> Result<()> {
    // SAFETY: the caller's promise.
    done(unsafe { syscall!(MUNMAP, address, length) })
}

/// mmap(2) of `length` zeroed bytes of private memory.
pub(super) fn private(length: usize) -> Result<usize> {
    map(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE)
}

/// Copies a value into newly mapped private memory that lives as long as the process: tasks that share this address
/// space, or have a copy of it, can be given the reference.
pub fn keep<T: Copy>(value: T) -> Result<&'static T> {
    const { assert!(align_of::<T>() <= PAGE) };
    let address = private(size_of::<T>().max(1))?;
    let place = address as *mut T;
    // SAFETY: the mapping is new, large enough, and aligned to a page.
    unsafe { place.write(value) };
    // SAFETY: the value was just written, and the memory is never unmapped or written again.
    Ok(unsafe { &*place })
}

/// Private memory, every page of it touched; unmapped when dropped.
pub struct Touched(Range<usize>);

impl Touched {
    /// mmap(2) of `length` bytes, then a write to each page; madvise(2) asks for huge pages, or for none.
    pub fn new(length: usize, huge: bool) -> Result<Self> {
        let start = map(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE)?;
        let advice = if huge { MADV_HUGEPAGE } else { MADV_NOHUGEPAGE };
        // SAFETY: the mapping is new. A kernel without huge pages refuses the advice, and has none anyway.
        let _ = done(unsafe { syscall!(MADVISE, start, length, advice) });
        for page in (start..start + length).step_by(PAGE) {
            // SAFETY: inside the mapping, which no other code knows.
            unsafe { (page as *mut u8).write_volatile(1) };
        }
        Ok(Self(start..start + length))
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // SAFETY: this value owns the mapping. If the call fails, unused memory stays mapped.
        let _ = unsafe { unmap(self.0.start, self.0.len()) };
    }
}

/// mmap(2) of `count` zeroed words that this process shares with all tasks it makes afterwards. They live as long as
/// the process.
pub fn futexes(count: usize) -> Result<&'static [AtomicU32]> {
    let length = count.checked_mul(size_of::<AtomicU32>()).filter(|length| *length > 0).ok_or(Errno::ENOMEM)?;
    let address = shared(0, length)?;
    // SAFETY: zeroed memory of that length, which is never unmapped; zeros are valid atomics.
    Ok(unsafe { core::slice::from_raw_parts(address as *const AtomicU32, count) })
}

/// mmap(2) of a zeroed page of private memory before one that cannot be accessed. Both live as long as the process.
pub fn edge() -> Result<&'static [AtomicU8; PAGE]> {
    let address = reserve(2 * PAGE)?;
    // SAFETY: the first page of the reservation, which no other code knows.
    unsafe { allow(address, PAGE) }?;
    // SAFETY: zeroed memory of that length, which is never unmapped; zeros are valid atomics.
    Ok(unsafe { &*(address as *const [AtomicU8; PAGE]) })
}
