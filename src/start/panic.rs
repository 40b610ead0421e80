//! The panic handler: one line to fd 2 with the place in the source, then the end of the process.
//!
//! The panic message is not printed: that needs `core::fmt`, which costs 2 KB for a single number. A panic is a defect
//! of this program, and the place in the source identifies it.

use chimera::sys::{RawFd, file, process};
use chimera::text::{Room, out};
use core::panic::PanicInfo;

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let mut line = Room::<512>::new();
    out!(&mut line, "chimera: internal error");
    if let Some(place) = info.location() {
        out!(&mut line, " at ", place.file(), ":", place.line());
    }
    out!(&mut line, "\n");
    // The result does not matter: there is nowhere else to report.
    let _ = file::write(RawFd::ERR, line.bytes().unwrap_or(b"chimera: internal error\n"));
    process::exit_group(super::FAILED)
}

/// Referenced by the prebuilt `core` and `alloc`, which were compiled to unwind; with `panic = "abort"` it is never
/// called.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
