//! How many tasks there may be: getrlimit(2), and the pids controller of cgroups(7). And how much memory: proc_meminfo(5).

use super::proc::{self, Line};
use super::{Answer, file};
use crate::scan::{number, parts};
use core::ffi::CStr;
use linux_raw_sys::general::{RLIM64_INFINITY, RLIMIT_NPROC};
use sc::syscall;

/// RLIMIT_NPROC; none if it is unlimited.
pub fn tasks() -> Option<usize> {
    let mut limits = [0u64; 2];
    // SAFETY: the kernel writes one struct of two words.
    let answer = Answer(unsafe { syscall!(PRLIMIT64, 0, RLIMIT_NPROC, 0, limits.as_mut_ptr()) });
    answer.ok().filter(|_| limits[0] != RLIM64_INFINITY as u64).map(|_| limits[0] as usize)
}

/// `pids.max` and `pids.current` of the caller's cgroup, of either version; none where they are not or unlimited.
pub fn cgroup() -> Option<[usize; 2]> {
    of_controllers(b"pids", b"/sys/fs/cgroup/pids").or_else(|| of_controllers(b"", b"/sys/fs/cgroup"))
}

/// The same of the hierarchy with these controllers, which is mounted at `root`: that of version 2 has none.
fn of_controllers(controllers: &[u8], root: &[u8]) -> Option<[usize; 2]> {
    let mut values = None;
    // Each line is `NUMBER:CONTROLLERS:PATH`.
    proc::find(c"/proc/self/cgroup", &mut |line| {
        let Some(path) = line.part(2, b":").filter(|_| line.part(1, b":") == Some(controllers)) else { return false };
        let value = |name: &[u8]| {
            let mut value = None;
            // What cannot be read is not known.
            let _ = file::at(&[root, path, name], &mut |path| {
                value = proc::value(path);
                Answer(0)
            });
            value
        };
        values = value(b"/pids.max").zip(value(b"/pids.current"));
        true
    })
    .ok()?;
    values.map(|(most, now)| [most, now])
}

/// What had been made before one task too many has gone again when the limit is looked at.
const GONE: usize = 2;

/// Whether the tasks that were asked for do not fit into the cgroup.
pub fn is_cgroup_full() -> bool {
    cgroup().is_some_and(|[most, now]| now + GONE > most)
}

/// The same of the whole machine: kernel.threads-max, against the number of tasks in proc_loadavg(5).
pub fn is_kernel_full() -> bool {
    let most = proc::value(c"/proc/sys/kernel/threads-max");
    let mut load = [0; 64];
    let load = proc::read(c"/proc/loadavg", &mut load).unwrap_or_default();
    let now = parts(load, b"/ ").nth(4).and_then(number);
    matches!((most, now), (Some(most), Some(now)) if now + GONE > most)
}

/// How many bytes can be touched before somebody else's memory is; none if it is not known.
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

/// Calls `act` with the file that has the limit of a kind of namespaces, namespaces(7), by its name in proc(5).
pub fn of_namespaces(kind: &[u8], act: &mut dyn FnMut(&CStr) -> Answer) -> Answer {
    file::at(&[b"/proc/sys/user/max_", kind, b"_namespaces"], act)
}
