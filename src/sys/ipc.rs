//! System V semaphores: semget(2), semop(2), semctl(2). A witness needs one set of one semaphore.

use super::{Result, answer, done};
use sc::syscall;

/// Constants of linux/sem.h and linux/ipc.h.
const IPC_PRIVATE: usize = 0;
const GETVAL: usize = 12;
const SEM_UNDO: u16 = 0x1000;

/// semget(2): a set of one semaphore without a name, for this user alone, in the caller's IPC namespace. The set lives as
/// long as the namespace.
pub fn semaphore() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(SEMGET, IPC_PRIVATE, 1, 0o600) })
}

/// semop(2): raises the semaphore by one. At the task's end the kernel lowers it again, unless another task shares the
/// list of adjustments. EINVAL: there is no such set in this IPC namespace.
pub fn raise(set: usize) -> Result<()> {
    let operation = [0u16, 1, SEM_UNDO]; // which of the set, by how much, how
    // SAFETY: the kernel reads one struct sembuf of six bytes.
    done(unsafe { syscall!(SEMOP, set, operation.as_ptr(), 1) })
}

/// semctl(2) with GETVAL.
pub fn value(set: usize) -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(SEMCTL, set, 0, GETVAL, 0) })
}
