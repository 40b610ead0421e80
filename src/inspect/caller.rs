//! Why something cannot be seen: found by looking, or not told.
//!
//! kcmp(2) and the namespace links ask for the right to trace for reading, ptrace(2) "Ptrace access mode checking", and
//! say neither which of the two tasks nor which of the checks was refused. So the checks are repeated here, on what
//! `status` says of both. Yama is not among the causes: it restricts attaching, not reading.

use super::cause::{Cause, Unseen};
use super::listing::Reader;
use crate::host::proc::{self, Line};
use crate::sys::{Errno, Pid, Result, file};
use crate::text::read::{leading, parts};
use core::ffi::CStr;
use linux_raw_sys::general::CAP_SYS_PTRACE;

/// The rights of a task, by its `status`.
#[derive(Clone, Copy, Debug, Default)]
struct Rights {
    /// Real, effective and saved user id.
    users: [usize; 3],
    /// Real, effective and saved group id.
    groups: [usize; 3],
    permitted: usize,
    effective: usize,
    /// The mode of seccomp(2).
    seccomp: usize,
    tracer: usize,
}

impl Rights {
    /// Reads them.
    fn read(path: &CStr) -> Result<Self> {
        let mut rights = Self::default();
        let mut is_whole = false;
        proc::find(path, &mut |line| {
            if let Some(ids) = line.after(b"Uid:\t") {
                rights.users = three(ids);
            } else if let Some(ids) = line.after(b"Gid:\t") {
                rights.groups = three(ids);
            } else if let Some(number) = line.after(b"TracerPid:\t") {
                rights.tracer = number.number(10).unwrap_or(0);
            } else if let Some(set) = line.after(b"CapPrm:\t") {
                rights.permitted = set.number(16).unwrap_or(0);
            } else if let Some(set) = line.after(b"CapEff:\t") {
                rights.effective = set.number(16).unwrap_or(0);
                is_whole = true;
            } else if let Some(mode) = line.after(b"Seccomp:\t") {
                rights.seccomp = mode.number(10).unwrap_or(0);
                return true;
            }
            false
        })?;
        if is_whole { Ok(rights) } else { Err(Errno::EIO) }
    }
}

/// The first three numbers of a line; what is no number is an id that no user has.
fn three(line: Line) -> [usize; 3] {
    let number = |place| {
        let part = line.part(place, b"\t")?;
        leading(part, 10).map(|(number, _)| number)
    };
    [0, 1, 2].map(|place| number(place).unwrap_or(usize::MAX))
}

/// The number in the map of a user namespace that stands for an id which is not mapped here, user_namespaces(7).
const UNMAPPED: usize = u32::MAX as usize;

/// The inode of the first user namespace, PROC_USER_INIT_INO of linux/proc_ns.h.
const FIRST_USER_NAMESPACE: usize = 0xEFFF_FFFD;

/// The caller, as far as the causes depend on it.
pub struct Caller {
    rights: Rights,
    is_in_first_namespace: bool,
    /// Whether /proc hides the processes of others.
    pub is_hidden: bool,
}

impl Caller {
    /// Looks at the caller and at its /proc.
    pub fn look() -> Self {
        let rights = Rights::read(c"/proc/self/status").unwrap_or_default();
        let is_in_first_namespace = file::inode(c"/proc/self/ns/user") == Ok(FIRST_USER_NAMESPACE);
        Self { rights, is_in_first_namespace, is_hidden: is_proc_hiding() }
    }

    /// Whether the caller may trace everybody in its user namespace.
    fn is_tracer(&self) -> bool {
        self.rights.effective >> CAP_SYS_PTRACE & 1 != 0
    }

    /// Whether something may answer system calls instead of the kernel.
    fn is_filtered(&self) -> bool {
        self.rights.seccomp != 0 || self.rights.tracer != 0
    }

    /// Why kcmp(2) refuses to compare the caller with itself, for which no rights are needed.
    pub fn why_not_itself(&self, errno: Errno) -> Unseen {
        let cause = match (errno, is_kcmp_built()) {
            (Errno::ENOSYS, Some(false)) => Some(Cause::NoKcmp),
            (Errno::ENOSYS, None) if !self.is_filtered() => Some(Cause::NoKcmp),
            (_, Some(true)) | (Errno::EPERM, None) if self.is_filtered() => Some(Cause::Filter),
            _ => None,
        };
        Unseen { errno, cause }
    }

    /// Why a task is refused, if the caller may compare itself.
    pub fn why(&self, reader: &Reader, task: [Pid; 2], errno: Errno) -> Unseen {
        let is_right = matches!(errno, Errno::EPERM | Errno::EACCES);
        let cause = if is_right { self.missing_right(reader, task) } else { None };
        Unseen { errno, cause }
    }

    /// The check that refuses the right to trace for reading, in the order of the kernel.
    fn missing_right(&self, reader: &Reader, task: [Pid; 2]) -> Option<Cause> {
        if self.is_tracer() && self.is_in_first_namespace {
            // The right extends to every user namespace, so only a module can object, unless a tracer answers.
            return (self.rights.tracer == 0).then_some(Cause::SecurityModule);
        }
        let rights = reader.with_path(task, b"status", Rights::read).ok()?;
        let own = [self.rights.users[0], self.rights.groups[0]];
        let is_own = rights.users == [own[0]; 3] && rights.groups == [own[1]; 3];
        if !is_own && !self.is_tracer() {
            return Some(Cause::OtherUser);
        }
        if is_elsewhere(reader, task) {
            return Some(Cause::UserNamespace);
        }
        if !is_own {
            return None;
        }
        // The kernel gives the files of a process that is not dumpable to root.
        let owner = reader.with_path(task, b"stat", file::owner_of).ok()?;
        if !self.is_tracer() && owner != rights.users[1] {
            return Some(Cause::NotDumpable);
        }
        (rights.permitted & !self.rights.permitted != 0 && !self.is_tracer()).then_some(Cause::Capabilities)
    }
}

/// Whether the task's user namespace is neither the caller's nor below it: ids of it are not mapped in the caller's.
fn is_elsewhere(reader: &Reader, task: [Pid; 2]) -> bool {
    let is_unmapped = |line: Line| {
        let mut numbers = line.whole()?.split(|byte| *byte == b' ').filter(|part| !part.is_empty());
        leading(numbers.nth(1)?, 10).map(|(number, _)| number == UNMAPPED)
    };
    let look = |path: &CStr| proc::find(path, &mut |line| is_unmapped(line) == Some(true));
    reader.with_path(task, b"uid_map", look) == Ok(true)
}

/// Whether the kernel was built with kcmp(2): its symbol is strong then, and weak otherwise. None: the kernel does not
/// list its symbols.
fn is_kcmp_built() -> Option<bool> {
    let mut is_built = None;
    // Without the file nothing is known.
    let _ = proc::find(c"/proc/kallsyms", &mut |line| {
        let mut columns = parts(line.whole().unwrap_or_default(), b" \t").skip(1);
        let (kind, name) = (columns.next(), columns.next());
        if name == Some(b"__x64_sys_kcmp") {
            is_built = Some(kind == Some(b"T"));
        }
        is_built.is_some()
    });
    is_built
}

/// Whether the mount at /proc hides the processes of others: its options have hidepid, proc(5).
fn is_proc_hiding() -> bool {
    let mut is_hiding = false;
    // The fifth field is the mount point, and the last are the options of the file system. The last mount of all that
    // are at one place is the visible one.
    let _ = proc::find(c"/proc/self/mountinfo", &mut |line| {
        if line.part(4, b" ") == Some(b"/proc")
            && let Some(whole) = line.whole()
        {
            let options = parts(whole, b" ").last().unwrap_or_default();
            is_hiding = parts(options, b",").any(|option| option.starts_with(b"hidepid="));
        }
        false
    });
    is_hiding
}
