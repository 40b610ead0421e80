//! How many tasks there may be: RLIMIT_NPROC, the pids controller of cgroups(7), kernel.threads-max. How many namespaces, and
//! how much memory.

use super::path;
use super::proc::{self, Line};
use crate::clone::flags::Kind;
use crate::sys::limit;
use crate::text::read::{number, parts};

/// RLIMIT_NPROC; none if it is unlimited, or cannot be asked.
pub fn tasks_of_user() -> Option<usize> {
    limit::tasks().ok().flatten()
}

/// A limit, and how much of it is used.
#[derive(Clone, Copy)]
pub struct Used {
    /// The limit.
    pub most: usize,
    /// How much is used.
    pub now: usize,
}

impl Used {
    /// Whether there is no room for the two tasks of an experiment: those that were made have exited by the time the limit is
    /// looked at.
    pub fn is_full(self) -> bool {
        self.now + 2 > self.most
    }
}

/// `pids.max` and `pids.current` of the caller's cgroup, of either version; none where there is no limit.
pub fn tasks_of_cgroup() -> Option<Used> {
    of_controllers(b"pids", b"/sys/fs/cgroup/pids").or_else(|| of_controllers(b"", b"/sys/fs/cgroup"))
}

/// The same of the hierarchy with these controllers, which is mounted at `root`: that of version 2 names none.
fn of_controllers(controllers: &[u8], root: &[u8]) -> Option<Used> {
    let mut used = None;
    // Each line is `NUMBER:CONTROLLERS:PATH`.
    proc::find(c"/proc/self/cgroup", &mut |line| {
        let Some(path) = line.part(2, b":").filter(|_| line.part(1, b":") == Some(controllers)) else { return false };
        let value = |name: &[u8]| path::at(&[root, path, name], |path| Ok(proc::value(path))).ok().flatten();
        used = value(b"/pids.max").zip(value(b"/pids.current")).map(|(most, now)| Used { most, now });
        true
    })
    .ok()?;
    used
}

/// kernel.threads-max, and the number of tasks in proc_loadavg(5).
pub fn tasks_of_kernel() -> Option<Used> {
    let most = proc::value(c"/proc/sys/kernel/threads-max")?;
    let now = parts(proc::read(c"/proc/loadavg", &mut [0; 64]).ok()?, b"/ ").nth(4).and_then(number)?;
    Some(Used { most, now })
}

/// How many bytes can be touched before the memory of other processes is; none if that is not known.
pub fn memory() -> Option<usize> {
    let mut kib = None;
    proc::find(c"/proc/meminfo", &mut |line| {
        let Some(rest) = line.after(b"MemAvailable:").and_then(Line::whole) else { return false };
        kib = parts(rest, b" ").find_map(number);
        true
    })
    .ok()?;
    kib?.checked_mul(1024)
}

/// How many namespaces of a kind there may be, namespaces(7); none if that cannot be read.
pub fn namespaces(kind: Kind) -> Option<usize> {
    let parts = [b"/proc/sys/user/max_", kind.name().as_bytes(), b"_namespaces"];
    path::at_short(&parts, |path| Ok(proc::value(path))).ok().flatten()
}
