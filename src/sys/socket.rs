//! Sockets: the names of unix(7) that stand in no file, which belong to a network namespace.

use super::{Answer, file};
use linux_raw_sys::net::{AF_UNIX, SOCK_DGRAM};
use sc::syscall;

/// Binds a new socket to the name that is this number, in the caller's network namespace; answers the descriptor, whose
/// end frees the name. EADDRINUSE: it is taken there.
pub fn claim(name: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SOCKET, AF_UNIX, SOCK_DGRAM, 0) }).and_then(|fd| {
        // The family, and a name of which the first byte, a zero, keeps it out of the file system.
        let address = [(AF_UNIX as u64) | (name as u64) << 24, name as u64 >> 40];
        // SAFETY: the kernel reads as many bytes as it is told.
        let bound = Answer(unsafe { syscall!(BIND, fd, address.as_ptr(), size_of_val(&address)) });
        if bound.is_error() {
            // The error of the bind is what counts.
            let _ = file::close(fd);
            return bound;
        }
        Answer(fd)
    })
}
