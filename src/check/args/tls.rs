//! The address of thread-local storage: below the end of user memory the task's FS base is that address, from there on
//! the kernel refuses it, and without CLONE_SETTLS nobody looks at it.

use super::asking::{answer, ask, compare, plain};
use super::stacks::powers;
use crate::check::case::{Answer, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::want::Want;
use crate::clone::attempt::{Attempt, Made};
use crate::clone::bare::attempt_with;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::Errno;

/// Where user memory may end: TASK_SIZE_MAX of 47 and of 56 bits.
const ENDS: [usize; 2] = [(1 << 47) - 4096, (1 << 56) - 4096];

/// The addresses: powers of two, and those about the borders.
fn addresses() -> impl Iterator<Item = usize> {
    let around = |end: usize| (end - 256)..(end + 256);
    powers().chain(ENDS.into_iter().flat_map(around)).chain([usize::MAX - 1, usize::MAX])
}

pub fn set_cases() -> usize {
    addresses().count()
}

/// An attempt with an address.
fn with(api: Api, flags: Flags, tls: usize) -> Attempt {
    let attempt = plain(api, flags);
    Attempt { call: Call { tls: Some(tls), ..attempt.call }, ..attempt }
}

/// Asks all addresses.
fn set(leaf: &Leaf, judge: Judge, api: Api) {
    // The first border from which on the kernel refuses addresses.
    let is_end = |end: usize| attempt_with(&with(api, leaf.flags, end)).err() == Some(Errno::EPERM);
    let end = ENDS.into_iter().find(|end| is_end(*end)).unwrap_or(ENDS[0]);
    for address in addresses() {
        let attempt = with(api, leaf.flags, address);
        let want = if address < end { Want::OK } else { Want::by("F4", Errno::EPERM) };
        judge.case(|| {
            let made = attempt_with(&attempt);
            let got = match made {
                Ok(made) if made.fs_base == Some(address) => Answer::Ok,
                // A filter refuses the task the look.
                Ok(Made { stack_pointer: Some(_), fs_base: None, .. }) if judge.ground.may_be_filtered => {
                    return Verdict::Skipped(Skip::NoWitness);
                }
                Ok(_) => Answer::NotSeen,
                Err(_) => answer(&attempt, made),
            };
            compare(judge, &attempt, (What::Tls, address as u64), want, got)
        });
    }
}

pub fn of_clone(leaf: &Leaf, judge: Judge) {
    set(leaf, judge, Api::Clone);
}

pub fn of_clone3(leaf: &Leaf, judge: Judge) {
    set(leaf, judge, Api::Clone3);
}

pub fn unused_cases() -> usize {
    2 * addresses().step_by(8).count()
}

/// Any address, and nobody asks for it.
pub fn unused(_: &Leaf, judge: Judge) {
    for address in addresses().step_by(8) {
        for api in [Api::Clone, Api::Clone3] {
            ask(judge, &with(api, Flags::empty(), address), (What::Tls, address as u64), Want::OK);
        }
    }
}
