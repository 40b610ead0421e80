//! Memory: mmap(2), mprotect(2), munmap(2), and the page that tasks share.

use super::{Answer, Errno, Result};
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};
use linux_raw_sys::general::{
    MADV_HUGEPAGE, MADV_NOHUGEPAGE, MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, MAP_SHARED, MAP_STACK, PROT_NONE,
    PROT_READ, PROT_WRITE,
};
use sc::syscall;

/// The page of x86-64, in bytes.
pub const PAGE: usize = 4096;

/// How many facts a task can leave on the page.
pub const FACTS: usize = 128;

/// A page that every task made from here on shares, with or without CLONE_VM: words to sleep on, words to read.
#[repr(C)]
pub struct SharedPage {
    /// What one task leaves for the other, each the register of an [`Answer`]: two sides.
    pub words: [[AtomicUsize; FACTS]; 2],
    /// The flags of a call: any 64 bits, of which some would look like an errno.
    pub flags: AtomicU64,
    /// The signals that were blocked when the program began, likewise.
    pub mask: AtomicU64,
    /// For futex(2), which knows 32-bit words only.
    pub futexes: [AtomicU32; 508],
}

const _: () = assert!(size_of::<SharedPage>() == PAGE);

/// mmap(2) of one zeroed MAP_SHARED|MAP_ANONYMOUS page, at `hint` if that is free: traces of two runs are then equal.
pub fn shared_page(hint: usize) -> Result<&'static SharedPage> {
    // SAFETY: without MAP_FIXED nothing that exists is replaced.
    let answer =
        Answer(unsafe { syscall!(MMAP, hint, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1isize, 0) });
    // SAFETY: a whole zeroed page, which is never unmapped; zeros are valid atomics.
    answer.split().map(|address| unsafe { &*(address as *const SharedPage) })
}

/// mmap(2) of `length` bytes of private memory that may not be touched yet, for a stack; at `hint` if that is free.
pub fn reserve_stack(hint: usize, length: usize) -> Answer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK;
    // SAFETY: without MAP_FIXED nothing that exists is replaced.
    Answer(unsafe { syscall!(MMAP, hint, length, PROT_NONE, flags, -1isize, 0) })
}

/// mprotect(2): makes `length` bytes of a reservation from [`reserve_stack`] readable and writable.
pub(crate) fn allow(address: usize, length: usize) -> Answer {
    // SAFETY: rights are only added, and to memory that nothing refers to yet.
    Answer(unsafe { syscall!(MPROTECT, address, length, PROT_READ | PROT_WRITE) })
}

/// munmap(2) of a reservation from [`reserve_stack`].
pub(crate) fn unmap(address: usize, length: usize) -> Answer {
    // SAFETY: the crate gives back whole stacks alone, after the task that used one has ended.
    Answer(unsafe { syscall!(MUNMAP, address, length) })
}

/// mmap(2) of `length` bytes of private memory, each page of which exists from its first use on.
pub fn reserve(length: usize) -> Answer {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    // SAFETY: without MAP_FIXED nothing that exists is replaced.
    Answer(unsafe { syscall!(MMAP, 0, length, PROT_READ | PROT_WRITE, flags, -1isize, 0) })
}

/// mmap(2) of `length` bytes, each page of which is then written to once; with huge pages where the kernel has them, or
/// without: madvise(2). Answers the address.
pub fn touched(length: usize, huge: bool) -> Answer {
    let made = reserve(length);
    if let Some(start) = made.ok() {
        let advice = if huge { MADV_HUGEPAGE } else { MADV_NOHUGEPAGE };
        // SAFETY: the memory is this call's own. A kernel without huge pages refuses, and has none.
        let _ = Answer(unsafe { syscall!(MADVISE, start, length, advice) });
        for page in (start..start + length).step_by(PAGE) {
            // SAFETY: inside of the mapping, and nobody else knows of it.
            unsafe { (page as *mut u8).write_volatile(1) };
        }
    }
    made
}

/// mmap(2) of so many zeroed words that every task shares that is made from here on.
pub fn words(count: usize) -> Result<&'static [AtomicU32]> {
    let length = count.checked_mul(size_of::<AtomicU32>()).ok_or(Errno::ENOMEM)?;
    // SAFETY: without MAP_FIXED nothing that exists is replaced.
    let answer =
        Answer(unsafe { syscall!(MMAP, 0, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1isize, 0) });
    // SAFETY: zeroed memory of that length; zeros are valid atomics, and who gives it back has no other use of it.
    answer.split().map(|address| unsafe { core::slice::from_raw_parts(address as *const AtomicU32, count) })
}

/// munmap(2) of what [`words`] has made, by its last user.
pub fn forget_words(words: &'static [AtomicU32]) {
    forget(words.as_ptr() as usize, size_of_val(words));
}

/// munmap(2) of what [`touched`] has made.
pub fn forget(start: usize, length: usize) {
    // A refusal leaves memory that nobody uses.
    let _ = unmap(start, length);
}
