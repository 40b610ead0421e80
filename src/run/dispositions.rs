//! The dispositions of signals that this program sets up for itself, and what it inherited in their place, which a
//! program that is executed gets back.

use crate::sys::Signal;
use crate::sys::signal::{Disposition, dispose};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What is set up before anything else. A reader that goes away is an error of the write (EPIPE), and so is a file that
/// may not grow (EFBIG): not a death with a task alive. And a child's end must wait for wait4(2), which an inherited
/// SIG_IGN would not let it do.
const OWN: [(Signal, Disposition); 3] =
    [(Signal::PIPE, Disposition::IGNORE), (Signal::XFSZ, Disposition::IGNORE), (Signal::CHLD, Disposition::DEFAULT)];

/// What was inherited in their place.
static BEFORE: [AtomicUsize; 3] = [const { AtomicUsize::new(Disposition::DEFAULT.0) }; 3];

/// Sets these signals up for this program.
pub fn prepare() {
    for ((signal, own), before) in OWN.into_iter().zip(&BEFORE) {
        // A refusal leaves what was inherited, and the usual is inherited.
        before.store(dispose(signal, own).unwrap_or(Disposition::DEFAULT).0, Relaxed);
    }
}

/// Sets these signals up as they were inherited, for a program that is executed.
pub fn restore() {
    for ((signal, _), before) in OWN.into_iter().zip(&BEFORE) {
        let before = Disposition(before.load(Relaxed));
        if matches!(before, Disposition::DEFAULT | Disposition::IGNORE) {
            // A refusal leaves what this program has set up.
            let _ = dispose(signal, before);
        }
    }
}
