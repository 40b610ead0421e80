//! Sockets: abstract names of unix(7), which belong to a network namespace.

use super::{Fd, Result, done};
use linux_raw_sys::net::{AF_UNIX, SOCK_DGRAM};

/// Binds a new socket to the abstract name made from this number, in the caller's network namespace. Closing the
/// descriptor frees the name. EADDRINUSE: the name is in use there.
pub fn claim(name: u64) -> Result<Fd> {
    // SAFETY: no memory is passed.
    let socket = Fd::opened(unsafe { syscall!(SOCKET, AF_UNIX, SOCK_DGRAM, 0) })?;
    // The address family, then a name whose first byte, a zero, makes it abstract.
    let address = [u64::from(AF_UNIX) | name << 24, name >> 40];
    // SAFETY: the kernel reads no more than the size of the address.
    done(unsafe { syscall!(BIND, socket.raw().number(), address.as_ptr(), size_of_val(&address)) })?;
    Ok(socket)
}
