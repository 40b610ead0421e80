//! Places that make the kernel answer otherwise: another user, a chroot, process 1, a container's filter, no task left.
//!
//! A place is made between fork and exec of a [`Command`], whatever that command is. So the same
//! place serves the program under test and the [`oracle`](super::oracle), which asks the kernel there and never execs.

use super::{Run, as_user, before, chimera, command, elf, filter, is_root, skip};
use nix::errno::Errno;
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::Resource;
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, chroot, fork};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A place.
pub struct Place {
    /// What it is called in messages.
    pub name: &'static str,
    /// Whether only root can make it.
    needs_root: bool,
    /// Whether the ELF has another path there.
    is_chroot: bool,
    prepare: fn(Command) -> Command,
}

/// A user who has no tasks but those of one run: a limit on tasks counts all that a user has, and tests run side by side.
/// The id is one that a container's user namespace has too.
pub fn lonely() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    20_000 + (std::process::id().wrapping_mul(64) + NEXT.fetch_add(1, Relaxed)) % 40_000
}

/// As whoever has started the tests.
pub const HERE: Place = Place { name: "here", needs_root: false, is_chroot: false, prepare: |command| command };

/// As a user without any right.
pub const NOBODY: Place =
    Place { name: "as nobody", needs_root: true, is_chroot: false, prepare: |command| as_user(command, 65534) };

/// With the folder of the ELF as the root.
pub const CHROOT: Place = Place { name: "in a chroot", needs_root: true, is_chroot: true, prepare: in_chroot };

/// As the first process of a PID namespace.
pub const PROCESS_1: Place = Place { name: "as process 1", needs_root: true, is_chroot: false, prepare: as_process_1 };

/// The same as root of a user namespace of its own, in which no id is mapped.
pub const ROOTLESS_PROCESS_1: Place =
    Place { name: "as process 1 without root", needs_root: false, is_chroot: false, prepare: as_rootless_process_1 };

/// Under the filter that containers without CAP_SYS_ADMIN have.
pub const CONTAINER: Place =
    Place { name: "in a container", needs_root: false, is_chroot: false, prepare: in_container };

/// As a user who may have one task, and has it.
pub const NO_TASK_LEFT: Place =
    Place { name: "with no task left", needs_root: true, is_chroot: false, prepare: |command| with_tasks(command, 1) };

/// All of them; [`HERE`] first.
pub const PLACES: [Place; 6] = [HERE, NOBODY, CHROOT, PROCESS_1, CONTAINER, NO_TASK_LEFT];

impl Place {
    /// Whether it can be made here; if not, the test that calls this is left out.
    pub fn is_possible(&self) -> bool {
        let is_possible = !self.needs_root || is_root();
        if !is_possible {
            skip::skip(format!("{}: only root can make this place", self.name));
        }
        is_possible
    }

    /// The ELF there.
    pub fn chimera(&self, arguments: &[&str]) -> Command {
        self.make(if self.is_chroot { command("/chimera", arguments) } else { chimera(arguments) })
    }

    /// A command there; what was done to it between fork and exec before is done outside.
    pub fn make(&self, command: Command) -> Command {
        (self.prepare)(command)
    }

    /// Runs the ELF there.
    pub fn run(&self, arguments: &[&str]) -> Run {
        super::run(self.chimera(arguments))
    }
}

fn in_chroot(command: Command) -> Command {
    let root = elf().parent().expect("a folder");
    before::exec(command, move || chroot(root))
}

fn in_container(command: Command) -> Command {
    before::exec(command, filter::container)
}

/// As a user who may have so many tasks at once, the program itself among them.
pub fn with_tasks(command: Command, number: u64) -> Command {
    before::limited(as_user(command, lonely()), Resource::RLIMIT_NPROC, number)
}

fn as_process_1(command: Command) -> Command {
    as_first_of(command, CloneFlags::empty())
}

fn as_rootless_process_1(command: Command) -> Command {
    as_first_of(command, CloneFlags::CLONE_NEWUSER)
}

/// The namespace has a /proc of its own. Outside a process waits for it and ends as it does.
fn as_first_of(command: Command, more: CloneFlags) -> Command {
    before::exec(command, move || {
        unshare(CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS | more)?;
        // SAFETY: between fork and exec there is one thread, and both sides make system calls alone.
        match unsafe { fork() }? {
            ForkResult::Parent { child } => end_like(child),
            ForkResult::Child => own_proc(),
        }
    })
}

fn own_proc() -> nix::Result<()> {
    const NONE: Option<&str> = None;
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
    mount(Some("proc"), "/proc", Some("proc"), MsFlags::empty(), NONE)
}

/// Waits for the child and ends in the same way. The descriptors are closed at once: whoever reads them waits for the
/// child alone.
fn end_like(child: Pid) -> ! {
    close_from(0);
    let status = loop {
        match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, status)) => break status,
            Ok(WaitStatus::Signaled(_, signal, _)) => {
                let _ = raise(signal); // and if that one does not kill:
                let _ = raise(Signal::SIGKILL);
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => {
                let _ = kill(child, Signal::SIGKILL);
                break 127;
            }
        }
    };
    // SAFETY: nothing of this copy of the tests is to run any more.
    unsafe { libc::_exit(status) }
}

/// Closes all descriptors from this one on, in a process that is never to exec.
pub fn close_from(first: libc::c_uint) {
    // SAFETY: nobody in this process uses them any more.
    let _ = unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) };
}
