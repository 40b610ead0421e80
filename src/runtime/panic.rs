//! The panic handler: a fixed line to fd 2, and the end of the process.
//!
//! The decision behind it: no message is formatted. `core::fmt` costs more bytes than the four modes together, and a
//! panic is a defect of this program, which its source position names well enough in a debug build's debugger.

use chimera::cli::Status;
use chimera::sys::{file, process};
use core::panic::PanicInfo;

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    // The result is of no use: there is nobody left to tell.
    let _ = file::write(2, b"chimera: internal error\n");
    process::exit_group(Status::Failed as i32)
}

/// Named by the prebuilt `core` and `alloc`, which were compiled to unwind; with `panic = "abort"` nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
