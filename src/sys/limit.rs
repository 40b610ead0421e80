//! How many tasks there may be: getrlimit(2), and the pids controller of cgroups(7). And how much memory: proc_meminfo(5).

use super::{Answer, file, proc};
use crate::scan::{leading, number, parts};
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
    let mut room = [0; 2048];
    let text = proc::read(c"/proc/self/cgroup", &mut room);
    // Each line is `NUMBER:CONTROLLERS:PATH`; that of version 2 has neither a number but 0 nor controllers.
    let column = |line, number| parts(line, b":").nth(number).unwrap_or_default();
    let of = |controllers: &[u8]| {
        let line = parts(text, b"\n").find(|line| !line.is_empty() && column(line, 1) == controllers)?;
        let root: &[u8] = if controllers.is_empty() { b"/sys/fs/cgroup" } else { b"/sys/fs/cgroup/pids" };
        let value = |name: &[u8]| {
            let path = &mut [0; 4096];
            let path = file::path(path, &[root, column(line, 2), name]);
            number(parts(proc::read(path, &mut [0; 32]), b"\n").next()?)
        };
        Some([value(b"/pids.max")?, value(b"/pids.current")?])
    };
    of(b"pids").or_else(|| of(b""))
}

/// What had been made before one task too many has gone again when the limit is looked at.
const GONE: usize = 2;

/// Whether the tasks that were asked for do not fit into the cgroup.
pub fn is_cgroup_full() -> bool {
    cgroup().is_some_and(|[most, now]| now + GONE > most)
}

/// The same of the whole machine: kernel.threads-max, against the number of tasks in proc_loadavg(5).
pub fn is_kernel_full() -> bool {
    let (mut most, mut load) = ([0; 32], [0; 64]);
    let most = leading(proc::read(c"/proc/sys/kernel/threads-max", &mut most), 10);
    let now = parts(proc::read(c"/proc/loadavg", &mut load), b"/ ").nth(4).and_then(number);
    matches!((most, now), (Some((most, _)), Some(now)) if now + GONE > most)
}

/// How many bytes can be touched before somebody else's memory is; none if it is not known.
pub fn memory() -> Option<usize> {
    let mut room = [0; 4096];
    let text = proc::read(c"/proc/meminfo", &mut room);
    let line = parts(text, b"\n").find_map(|line| line.strip_prefix(b"MemAvailable:"))?;
    let kib = parts(line, b" ").find_map(number)?;
    kib.checked_mul(1024)
}

/// The file with the limit of a kind of namespaces, namespaces(7), by its name in proc(5).
pub fn of_namespaces<'a>(kind: &[u8], room: &'a mut [u8]) -> &'a CStr {
    file::path(room, &[b"/proc/sys/user/max_", kind, b"_namespaces"])
}
