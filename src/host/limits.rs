//! Limits on tasks (RLIMIT_NPROC, the pids controller of cgroups(7), kernel.threads-max) and namespaces, and the
//! available memory.

use super::path;
use super::proc::{self, Line};
use crate::clone::flags::Kind;
use crate::sys::limit;
use crate::text::read::{number, parts};

/// RLIMIT_NPROC; none if unlimited or not available.
pub fn tasks_of_user() -> Option<usize> {
    limit::tasks().ok().flatten()
}

/// A limit and its current use, in tasks.
#[derive(Clone, Copy)]
pub struct Used {
    /// The limit.
    pub most: usize,
    /// The number in use.
    pub now: usize,
}

impl Used {
    /// Whether the limit leaves no room for the two tasks of an experiment. They have exited by now, so they count as
    /// free room.
    pub fn is_full(self) -> bool {
        self.now + 2 > self.most
    }
}

/// `pids.max` and `pids.current` of the caller's cgroup, of either cgroup version; none if there is no limit.
pub fn tasks_of_cgroup() -> Option<Used> {
    of_controllers(b"pids", b"/sys/fs/cgroup/pids").or_else(|| of_controllers(b"", b"/sys/fs/cgroup"))
}

/// The limit in the hierarchy with these controllers, mounted at `root`; the hierarchy of version 2 names no
/// controllers.
fn of_controllers(controllers: &[u8], root: &[u8]) -> Option<Used> {
    let mut used = None;
    // Each line is `ID:CONTROLLERS:PATH`.
    proc::find(c"/proc/self/cgroup", &mut |line| {
        let Some(path) = line.part(2, b":").filter(|_| line.part(1, b":") == Some(controllers)) else { return false };
        let value = |name: &[u8]| path::with(&[root, path, name], |path| Ok(proc::only_number(path))).ok().flatten();
        used = value(b"/pids.max").zip(value(b"/pids.current")).map(|(most, now)| Used { most, now });
        true
    })
    .ok()?;
    used
}

/// kernel.threads-max, and the number of tasks in proc_loadavg(5).
pub fn tasks_of_kernel() -> Option<Used> {
    let most = proc::only_number(c"/proc/sys/kernel/threads-max")?;
    let now = parts(proc::read_small(c"/proc/loadavg", &mut [0; 64]).ok()?, b"/ ").nth(4).and_then(number)?;
    Some(Used { most, now })
}

/// The number of bytes that can be touched without swapping, MemAvailable of proc_meminfo(5); none if unknown.
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

/// The limit for a kind of namespace, namespaces(7); none if it cannot be read.
pub fn namespaces(kind: Kind) -> Option<usize> {
    let parts = [b"/proc/sys/user/max_", kind.name().as_bytes(), b"_namespaces"];
    path::with_short(&parts, |path| Ok(proc::only_number(path))).ok().flatten()
}
