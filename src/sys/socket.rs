//! Sockets: the names of unix(7) that stand in no file, which belong to a network namespace.

use super::{Answer, file};
use linux_raw_sys::net::{AF_UNIX, SOCK_DGRAM};
use sc::syscall;

/// Binds a new socket to the name that is this number, in the caller's network namespace; answers the descriptor, whose
/// end frees the name. EADDRINUSE: it is taken there.
pub fn claim(name: usize) -> Answer {
    // SAFETY: no memory is passed.
    Answer(unsafe { syscall!(SOCKET, AF_UNIX, SOCK_DGRAM, 0) }).and_then(|fd| {
        // The family, the zero that keeps the name out of the file system, and the name.
        let mut address = [0; 11];
        let parts = (AF_UNIX as u16).to_ne_bytes().into_iter().chain([0]).chain(name.to_ne_bytes());
        address.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        // SAFETY: the kernel reads as many bytes as it is told.
        let bound = Answer(unsafe { syscall!(BIND, fd, address.as_ptr(), address.len()) });
        if bound.is_error() {
            // The error of the bind is what counts.
            let _ = file::close(fd);
            return bound;
        }
        Answer(fd)
    })
}
