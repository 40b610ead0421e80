//! Sockets: the names of unix(7) that stand in no file, which belong to a network namespace.

use super::{Fd, Result, done};
use linux_raw_sys::net::{AF_UNIX, SOCK_DGRAM};
use sc::syscall;

/// Binds a new socket to the name that is this number, in the caller's network namespace. The end of the descriptor frees
/// the name. EADDRINUSE: it is taken there.
pub fn claim(name: u64) -> Result<Fd> {
    // SAFETY: no memory is passed.
    let socket = Fd::opened(unsafe { syscall!(SOCKET, AF_UNIX, SOCK_DGRAM, 0) })?;
    // The family, and a name of which the first byte, a zero, keeps it out of the file system.
    let address = [u64::from(AF_UNIX) | name << 24, name >> 40];
    // SAFETY: the kernel reads as many bytes as it is told.
    done(unsafe { syscall!(BIND, socket.raw().number(), address.as_ptr(), size_of_val(&address)) })?;
    Ok(socket)
}
