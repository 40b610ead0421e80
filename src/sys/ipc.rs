//! System V semaphores: semget(2), semop(2), semctl(2). A witness uses one set of one semaphore.

use super::{Result, answer, done};

/// Constants of linux/sem.h and linux/ipc.h.
const IPC_PRIVATE: usize = 0;
const GETVAL: usize = 12;
const SEM_UNDO: u16 = 0x1000;

/// semget(2): a private set of one semaphore, for this user alone, in the caller's IPC namespace. The set lives until
/// the namespace ends.
pub fn semaphore() -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(SEMGET, IPC_PRIVATE, 1, 0o600) })
}

/// semop(2) with SEM_UNDO: raises the semaphore by one. The kernel lowers it again at the task's end, unless another
/// task shares the undo list. EINVAL: the set does not exist in this IPC namespace.
pub fn raise(set: usize) -> Result<()> {
    let operation = [0u16, 1, SEM_UNDO]; // sem_num, sem_op, sem_flg
    // SAFETY: the kernel reads one struct sembuf of six bytes.
    done(unsafe { syscall!(SEMOP, set, operation.as_ptr(), 1) })
}

/// semctl(2) with GETVAL: the value of the set's one semaphore.
pub fn value(set: usize) -> Result<usize> {
    // SAFETY: no memory is passed.
    answer(unsafe { syscall!(SEMCTL, set, 0, GETVAL, 0) })
}
