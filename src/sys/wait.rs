//! Waiting for children: wait4(2), waitid(2).

use super::{Errno, Pid, Result, Signal, answer, done};
use core::mem::MaybeUninit;
pub use linux_raw_sys::general::{__WALL, __WCLONE, __WNOTHREAD, WCONTINUED, WEXITED, WNOHANG, WNOWAIT, WUNTRACED};
use linux_raw_sys::general::{P_ALL, P_PID};

/// A wait status as wait4(2) stores it, see [`Status::change`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Status(pub usize);

/// A change of a child's state, wait(2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// The child ended with this exit status, 0 to 255.
    Exited(i32),
    /// A signal killed the child.
    Killed(Signal),
    /// A signal, or its tracer, stopped the child.
    Stopped(Option<Signal>),
    /// SIGCONT let the child go on.
    Continued,
}

impl Status {
    /// The state change that this status encodes: W* of sys/wait.h.
    pub fn change(self) -> Change {
        let (low, high) = (self.0 & 0x7f, self.0 >> 8 & 0xff);
        match Signal::new(low) {
            _ if self.0 & 0xffff == 0xffff => Change::Continued,
            None => Change::Exited(high as i32),
            Some(_) if low == 0x7f => Change::Stopped(Signal::new(high)),
            Some(signal) => Change::Killed(signal),
        }
    }

    /// The signal that killed the child, if one did.
    pub fn killed_by(self) -> Option<Signal> {
        if let Change::Killed(signal) = self.change() { Some(signal) } else { None }
    }
}

/// The children for which wait4(2) waits.
#[derive(Clone, Copy)]
pub enum Waited {
    /// This child.
    One(Pid),
    /// Any child. Only for a process whose every child was made by this program, or reparented to it as process 1 of a
    /// PID namespace.
    Any,
}

/// wait4(2) with `options` and __WALL, which includes children with any exit signal: a child that changed state; none
/// if none has yet.
pub fn wait(children: Waited, options: u32) -> Result<Option<(Pid, Status)>> {
    wait4(children, __WALL | options)
}

/// wait4(2) with these options alone. Without __WALL it is only for children whose exit signal is SIGCHLD or, with
/// __WCLONE, for the others.
pub fn wait4(children: Waited, options: u32) -> Result<Option<(Pid, Status)>> {
    let which = match children {
        Waited::One(pid) => pid.number() as isize,
        Waited::Any => -1,
    };
    let mut status = 0u32;
    // SAFETY: the kernel writes one int.
    match answer(unsafe { syscall!(WAIT4, which, &raw mut status, options, 0) })? {
        0 => Ok(None),
        child => Ok(Some((Pid::new(child).ok_or(Errno::EIO)?, Status(status as usize)))),
    }
}

/// wait4(2): waits for the end of process `pid`. EIO: the call returned no child.
pub fn wait_for(pid: Pid) -> Result<Status> {
    wait(Waited::One(pid), 0)?.map(|(_, status)| status).ok_or(Errno::EIO)
}

/// waitid(2) without reaping: waits until `pid`, a child, has ended and can be reaped.
pub fn until_ended(pid: Pid) -> Result<()> {
    waitid(pid, WEXITED | WNOWAIT | __WALL).map(|_| ())
}

/// waitid(2) of a child with these options alone: whether the child has changed its state.
pub fn waitid(pid: Pid, options: u32) -> Result<bool> {
    look(P_PID, pid.number(), options)
}

/// waitid(2): whether a child has changed its state. ECHILD: there is no such child.
fn look(which: u32, id: usize, options: u32) -> Result<bool> {
    // A siginfo: si_signo, its first word, stays 0 if no child has.
    let mut info = MaybeUninit::<[u32; 32]>::zeroed();
    // SAFETY: the kernel writes one siginfo of 128 bytes.
    done(unsafe { syscall!(WAITID, which, id, info.as_mut_ptr(), options, 0) })?;
    // SAFETY: zeroes are a valid siginfo, and so is what the kernel has written.
    Ok(unsafe { info.as_ptr().cast::<u32>().read() } != 0)
}

/// Options to see whether a child has ended, without reaping it.
const TO_LOOK: u32 = WEXITED | WNOHANG | WNOWAIT | __WALL;

/// waitid(2) without reaping: whether `pid` has ended and can be reaped. ECHILD: `pid` is no child of the caller.
pub fn has_ended(pid: Pid) -> Result<bool> {
    look(P_PID, pid.number(), TO_LOOK)
}

/// waitid(2) without reaping: whether the caller has any child. A process keeps its children across execve(2), so a
/// program may start with some. Any error other than ECHILD counts as yes.
pub fn has_children() -> bool {
    look(P_ALL, 0, TO_LOOK) != Err(Errno::ECHILD)
}
