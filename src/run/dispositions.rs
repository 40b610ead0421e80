//! The signal dispositions that this program sets for itself, and the inherited ones, which an executed program gets
//! back.

use crate::sys::Signal;
use crate::sys::signal::{Disposition, dispose};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Set before anything else. A vanished reader must be an error of write(2) (EPIPE), and so must a file at its size
/// limit (EFBIG): a signal would kill this process while a task is alive. SIGCHLD must be at its default, because a
/// child's end would not wait for wait4(2) under an inherited SIG_IGN.
const OWN: [(Signal, Disposition); 3] =
    [(Signal::PIPE, Disposition::IGNORE), (Signal::XFSZ, Disposition::IGNORE), (Signal::CHLD, Disposition::DEFAULT)];

/// The inherited dispositions of these signals.
static BEFORE: [AtomicUsize; 3] = [const { AtomicUsize::new(Disposition::DEFAULT.0) }; 3];

/// Sets the dispositions for this program.
pub fn prepare() {
    for ((signal, own), before) in OWN.into_iter().zip(&BEFORE) {
        // If refused, the inherited disposition stays; assume the default, which is the usual one.
        before.store(dispose(signal, own).unwrap_or(Disposition::DEFAULT).0, Relaxed);
    }
}

/// Restores the inherited dispositions, for a program that is executed.
pub fn restore() {
    restore_but(None);
}

/// Restores the inherited dispositions but that of SIGCHLD, for a program whose task shares its dispositions with the
/// parent until execve(2): under an inherited SIG_IGN the program's end would not wait for that parent's wait4(2).
pub fn restore_beside_parent() {
    restore_but(Some(Signal::CHLD));
}

fn restore_but(kept: Option<Signal>) {
    for ((signal, _), before) in OWN.into_iter().zip(&BEFORE).filter(|((signal, _), _)| Some(*signal) != kept) {
        let before = Disposition(before.load(Relaxed));
        if matches!(before, Disposition::DEFAULT | Disposition::IGNORE) {
            // If refused, this program's disposition stays.
            let _ = dispose(signal, before);
        }
    }
}
