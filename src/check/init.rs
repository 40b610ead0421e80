//! The program as /init: process 1 of a whole machine, in which there is no other program.
//!
//! The kernel panics when process 1 ends, whatever it ends by. So process 1 itself takes a few steps that cannot end
//! it, and waits. Its child executes this file as the ordinary command `chimera check` and may fail in any way. Then
//! process 1 turns the machine off.

use crate::clone::process::Process;
use crate::error::{At, Failure, Step};
use crate::host::namespace::{INITIAL_PID, INITIAL_USER};
use crate::host::{probe, proc};
use crate::sys::initial::InitialStack;
use crate::sys::namespace::{Instance, MS_NODEV, MS_NOEXEC, MS_NOSUID, mount, mount_nowhere};
use crate::sys::wait::{self, Status, Waited};
use crate::sys::{Errno, Fd, Pid, RawFd, Result, exec, file, ids, machine, terminal};
use core::ffi::CStr;

/// The proof that the caller is process 1 of the machine. Nothing else can turn the machine off.
pub struct Init(());

/// The name under which the kernel executes a program as the first one.
const NAME: &[u8] = b"/init";

/// The magic number of the file system of namespaces, linux/magic.h.
const NSFS_MAGIC: usize = 0x6e73_6673;

/// The magic number of proc(5), linux/magic.h.
const PROC_SUPER_MAGIC: usize = 0x9fa0;

/// The device to which the kernel writes too, console(4).
const CONSOLE: &CStr = c"/dev/console";

/// The word on the kernel's command line behind which the groups stand, with commas between them.
const WORD: &[u8] = b"chimera.check=";

/// The room for the kernel's command line, which has 2,048 bytes at most, COMMAND_LINE_SIZE of asm/setup.h.
const LONGEST: usize = 4096;

impl Init {
    /// The proof; none in any other process. Process 1 of a container may have the same name: nothing is changed here.
    pub fn prove(stack: &InitialStack) -> Option<Self> {
        let is_called_so = stack.name() == Some(NAME);
        // There is no filter before the first process. Where there is one, it might kill for the calls below.
        if !is_called_so || ids::getpid().ok()?.number() != 1 || probe::may_be_filtered() {
            return None;
        }
        // A mount of its own: /proc may be missing, and may be anything.
        let proc = mount_nowhere(c"proc", Instance::Any).ok()?;
        let is_initial = |path, inode| is_namespace(&proc, path, inode) == Ok(true);
        (is_initial(c"self/ns/pid", INITIAL_PID) && is_initial(c"self/ns/user", INITIAL_USER)).then_some(Self(()))
    }

    /// Opens the console for the descriptors 0 to 2, unless the kernel has done so. Where there is no console, they are
    /// descriptors of something that nobody can write to.
    pub fn open_console(&self) {
        for standard in [RawFd::IN, RawFd::OUT, RawFd::ERR] {
            if file::identity(standard).is_ok() {
                continue;
            }
            // The kernel gives the lowest number that is free.
            let open = || file::open_for_all(CONSOLE, file::O_RDWR | file::O_NOCTTY);
            let made = || {
                let _ = file::make_folder(c"/dev");
                let _ = file::make_device(CONSOLE, [5, 1]);
                open()
            };
            let _ = open().or_else(|_| made()).or_else(|_| file::open_for_all(c"/", file::O_PATH));
        }
    }

    /// Makes the child that becomes the check, by what `act` does, and waits for its end. Reaps all orphans meanwhile.
    pub fn await_check(&self, act: impl FnOnce() -> i32) -> core::result::Result<Status, Failure> {
        let child = Process::make(0, act).at(Step::Check)?;
        let pid = child.pid();
        let ended = reap_until(pid).at(Step::AwaitEnd);
        child.was_reaped();
        ended
    }

    /// Turns the machine off, when the console has sent all. Returns only if the kernel refuses.
    pub fn power_off(&self) -> Failure {
        // The result does not matter: a console may be no terminal.
        let _ = terminal::drain(RawFd::OUT);
        let _ = terminal::drain(RawFd::ERR);
        Failure::new(Step::PowerOff, machine::power_off())
    }
}

/// Whether a path in a mount of proc(5) is the namespace with this inode.
fn is_namespace(proc: &Fd, path: &CStr, inode: usize) -> Result<bool> {
    let namespace = file::open_in(proc.raw(), path, file::O_RDONLY)?;
    let is_there = file::identity(namespace.raw())?.inode == inode as u64;
    Ok(is_there && file::file_system(namespace.raw())? == NSFS_MAGIC)
}

/// Reaps every child that ends, up to this one.
fn reap_until(child: Pid) -> Result<Status> {
    loop {
        match wait::wait(Waited::Any, 0) {
            Ok(Some((ended, status))) if ended == child => return Ok(status),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Mounts proc(5) on /proc, which is made if it is missing.
pub fn mount_proc() -> Result<()> {
    let mounted = file::open(c"/proc", file::O_RDONLY).and_then(|folder| file::file_system(folder.raw()));
    if mounted == Ok(PROC_SUPER_MAGIC) {
        return Ok(());
    }
    match file::make_folder(c"/proc") {
        Ok(()) | Err(Errno::EEXIST) => mount(c"proc", c"/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC),
        Err(errno) => Err(errno),
    }
}

/// The kernel's command line.
pub fn command_line(room: &mut [u8; LONGEST]) -> Result<&[u8]> {
    proc::read_small(c"/proc/cmdline", room)
}

/// An empty room for [`command_line`].
pub const ROOM: [u8; LONGEST] = [0; LONGEST];

/// What the last `chimera.check=` of a command line asks for; empty if there is none.
fn asked(line: &[u8]) -> &[u8] {
    let words = line.split(|byte| byte.is_ascii_whitespace());
    words.filter_map(|word| word.strip_prefix(WORD)).next_back().unwrap_or_default()
}

/// Executes this file as `chimera check` with the words that the kernel's command line names. Returns only on failure.
pub fn become_check(line: &[u8]) -> Failure {
    // Each word ends with a zero byte.
    let mut text = [0; LONGEST + 1];
    let place = text.iter_mut().zip(asked(line));
    place.for_each(|(place, byte)| *place = if *byte == b',' { 0 } else { *byte });
    let named = text.split_inclusive(|byte| *byte == 0).filter_map(|word| CStr::from_bytes_with_nul(word).ok());
    let mut words = [c""; exec::MOST];
    let all = [c"chimera", c"check"].into_iter().chain(named.filter(|word| !word.is_empty()));
    let count = words.iter_mut().zip(all).map(|(place, word)| *place = word).count();
    // The name by which the kernel has found this file a moment ago.
    let own = exec::own_file().unwrap_or(c"/init");
    Failure::new(Step::Execute, exec::execute_with(own, words.get(..count).unwrap_or_default()))
}
