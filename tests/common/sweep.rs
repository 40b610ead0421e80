//! The sets of a sweep, and which the kernel accepts, told once more: by the man page and without the program's tables.

use nix::libc;

/// How many sets there are.
pub const SETS: u64 = 1 << 24;

/// CLONE_PIDFD and CLONE_DETACHED, sched.h.
const PIDFD: u64 = 0x1000;
const DETACHED: u64 = 0x40_0000;

/// The set at a position of the order in which all are asked.
pub fn set(position: u64) -> u64 {
    (position * 0x9e_3779 % SETS) << 8
}

/// The same without CLONE_NEWNET, of which there are half as many.
pub fn set_without_net(position: u64) -> u64 {
    let number = position * 0x9e_3779 % (SETS / 2);
    ((number % (1 << 22)) | ((number >> 22) << 23)) << 8
}

/// Whether clone(2) accepts a set: of root's, or of a user's who may make user namespaces.
pub fn is_accepted(set: u64, is_root: bool) -> bool {
    let has = |flags: i32| set & u64::from(flags as u32) != 0;
    let namespaces = libc::CLONE_NEWNS
        | libc::CLONE_NEWCGROUP
        | libc::CLONE_NEWUTS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNET;
    let is_refused = has(libc::CLONE_FS) && has(libc::CLONE_NEWNS | libc::CLONE_NEWUSER)
        || has(libc::CLONE_THREAD) && !has(libc::CLONE_SIGHAND)
        || has(libc::CLONE_SIGHAND) && !has(libc::CLONE_VM)
        || has(libc::CLONE_THREAD) && has(libc::CLONE_NEWUSER | libc::CLONE_NEWPID)
        || has(libc::CLONE_SYSVSEM) && has(libc::CLONE_NEWIPC)
        || set & PIDFD != 0 && (has(libc::CLONE_PARENT_SETTID) || set & DETACHED != 0);
    let lacks_right = !is_root && has(namespaces) && !has(libc::CLONE_NEWUSER);
    !is_refused && !lacks_right
}
