//! System V semaphores: semget(2), semop(2), semctl(2). One set of one semaphore is all that a witness needs.

use super::Answer;
use sc::syscall;

/// Constants of linux/sem.h and linux/ipc.h.
const IPC_PRIVATE: usize = 0;
const IPC_RMID: usize = 0;
const GETVAL: usize = 12;
const SEM_UNDO: u16 = 0x1000;

/// semget(2): a set of one semaphore without a name, for this user alone. It stays until [`remove`].
pub fn semaphore() -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SEMGET, IPC_PRIVATE, 1, 0o600) })
}

/// semop(2): raises the semaphore by one; at the task's end it is lowered again, unless somebody else shares its list
/// of adjustments. EINVAL: there is no such set in this IPC namespace.
pub fn raise(set: usize) -> Answer {
    let operation = [0u16, 1, SEM_UNDO]; // which of the set, by how much, how
    // SAFETY: the kernel reads one struct sembuf of six bytes.
    Answer(unsafe { syscall!(SEMOP, set, operation.as_ptr(), 1) })
}

/// semctl(2) with GETVAL.
pub fn value(set: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SEMCTL, set, 0, GETVAL, 0) })
}

/// semctl(2) with IPC_RMID.
pub fn remove(set: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SEMCTL, set, 0, IPC_RMID, 0) })
}
