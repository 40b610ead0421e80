//! The stack: clone(2) takes any address as it is, clone3(2) an address and a size whose range is user memory, mapped
//! or not.

use super::asking::{answer, ask, compare, plain};
use crate::check::case::{Answer, What};
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::want::Want;
use crate::clone::attempt::Attempt;
use crate::clone::bare::attempt_with;
use crate::clone::call::Api;
use crate::clone::flags::Flags;
use crate::sys::Errno;

/// Where user memory may end. By TASK_SIZE_MAX of 47 and of 56 bits; and where all addresses count as user memory that
/// are not the kernel's, as access_ok of Linux 6.4 to 6.11 has it.
const ENDS: [usize; 3] = [(1 << 47) - 4096, (1 << 56) - 4096, 1 << 63];

/// All powers of two, and their neighbours.
pub fn powers() -> impl Iterator<Item = usize> {
    (0..64).flat_map(|bit| [(1usize << bit) - 1, 1 << bit, (1 << bit) + 1])
}

/// Asks the next case: of a stack pointer that is asked for, the task must report it.
fn ask_pointer(judge: Judge, attempt: &Attempt, pointer: usize, want: Want) {
    judge.case(|| {
        let made = attempt_with(attempt);
        let got = match made {
            Ok(made) if made.stack_pointer == Some(pointer) => Answer::Ok,
            Ok(_) => Answer::NotSeen,
            Err(_) => answer(attempt, made),
        };
        compare(judge, attempt, (What::Stack, pointer as u64), want, got)
    });
}

/// The stack pointers of clone(2).
fn pointers() -> impl Iterator<Item = usize> {
    powers().filter(|pointer| *pointer != 0).chain([usize::MAX, !15])
}

pub fn of_clone_cases() -> usize {
    pointers().count()
}

/// clone(2) looks at no stack.
pub fn of_clone(_: &Leaf, judge: Judge) {
    for pointer in pointers() {
        let attempt = Attempt { stack: Some([pointer, 0]), ..plain(Api::Clone, Flags::VM) };
        ask_pointer(judge, &attempt, pointer, Want::OK);
    }
}

/// An attempt with a range as the stack.
fn ranged(flags: Flags, stack: [usize; 2]) -> Attempt {
    Attempt { stack: Some(stack), ..plain(Api::Clone3, flags) }
}

/// The ranges of clone3(2): powers of two as address and as size, and such that end about one of the borders.
fn ranges() -> impl Iterator<Item = [usize; 2]> {
    let around =
        |end: usize| (1..=64).flat_map(move |off| [[end - off - 16, 16], [end + off - 16, 16], [end + off, 8]]);
    let of_powers = (0..64).flat_map(|bit| (0..64).map(move |of_size| [1usize << bit, 1 << of_size]));
    let whole = ENDS.into_iter().flat_map(|end| [[16, end - 17], [1, end]]);
    of_powers.chain(ENDS.into_iter().flat_map(around)).chain(whole)
}

pub fn of_clone3_cases() -> usize {
    ranges().count()
}

/// A range that is not user memory, or wraps, is refused; one that is unmapped is not.
pub fn of_clone3(_: &Leaf, judge: Judge) {
    // The first border that a stack may not cross.
    let is_end = |end: usize| attempt_with(&ranged(Flags::empty(), [end, 16])).err() == Some(Errno::EINVAL);
    let end = ENDS.into_iter().find(|end| is_end(*end)).unwrap_or(ENDS[0]);
    for [address, size] in ranges() {
        let pointer = address.wrapping_add(size);
        let is_memory = address.checked_add(size).is_some_and(|last| last <= end);
        let want = if is_memory { Want::OK } else { Want::by("B5", Errno::EINVAL) };
        ask_pointer(judge, &ranged(Flags::VM, [address, size]), pointer, want);
    }
}

pub fn half_cases() -> usize {
    2 * powers().filter(|half| *half != 0).count()
}

/// A size without an address, and an address without a size.
pub fn half(_: &Leaf, judge: Judge) {
    let want = Want::by("B5", Errno::EINVAL);
    for half in powers().filter(|half| *half != 0) {
        ask(judge, &ranged(Flags::empty(), [0, half]), (What::StackSize, half as u64), want);
        ask(judge, &ranged(Flags::empty(), [half, 0]), (What::Stack, half as u64), want);
    }
}
