//! What `chimera doctor` looks at: each setting, and what its value means.

use super::topic::{Kind, Plain, Visit};

/// The examples of all settings.
const DOCTOR: &[&str] = &["doctor"];

const fn row(
    name: &'static str,
    also: &'static [&'static str],
    text: &'static str,
    see: &'static [&'static str],
) -> (&'static str, &'static [&'static str], Plain) {
    (name, also, Plain { text, examples: DOCTOR, see })
}

/// All settings.
#[rustfmt::skip]
static SETTINGS: &[(&str, &[&str], Plain)] = &[
    row("user.max_user_namespaces", &["max_[kind]", "user.max_[kind]_namespaces"], "How many namespaces of the kind each user may have, per level of user namespaces: user.max_user_namespaces, user.max_mnt_namespaces and so on. 0 forbids them.", &["E4", "F3", "namespaces(7)"]),
    row("CONFIG_USER_NS", &[], "Whether the kernel was built with user namespaces: /proc/self/ns/user is there.", &["F3", "user_namespaces(7)"]),
    row("kernel.unprivileged_userns_clone", &["unprivileged_userns_clone"], "A switch of Debian's kernels: 0 forbids user namespaces to ordinary users. - means that this kernel does not have it.", &["E7", "user_namespaces(7)"]),
    row("AppArmor userns restriction", &["kernel.apparmor_restrict_unprivileged_userns"], "A switch of Ubuntu's kernels: with 1 only programs with a profile of AppArmor that allows it may use user namespaces. - means that this kernel does not have it.", &["E7", "AppArmor"]),
    row("security label", &[], "What a security module (AppArmor, SELinux) has this program run as.", &["E7", "proc(5)"]),
    row("SELinux enforcing", &[], "1 if SELinux refuses what its policy forbids, 0 if it only logs it.", &["E7", "SELinux"]),
    row("seccomp mode", &[], "filter if a seccomp filter is asked before each system call of this process, strict if it may only read, write and end, disabled if neither.", &["seccomp", "seccomp(2)"]),
    row("seccomp filter in the way", &[], "Whether a seccomp filter answers unshare(2) or clone(2) instead of the kernel; found out by calls that the kernel itself refuses in another way.", &["seccomp", "A0"]),
    row("in a chroot", &[], "Whether the caller's root directory is not that of its mount namespace. Such a caller may make no user namespace.", &["E5", "chroot(2)"]),
    row("uid or gid not mapped", &[], "Whether the caller's id has no meaning in its own user namespace. Such a caller may make no user namespace.", &["E6", "65534"]),
    row("levels of nesting left", &[], "How many user namespaces can be made inside one another here, tried by doing it. 0 forbids them.", &["E4", "user_namespaces(7)"]),
    row("bounding set of capabilities", &[], "The capabilities that this process and its programs can have at most. What is missing here even root cannot do.", &["capability", "capabilities(7)"]),
    row("may read its own file", &[], "Whether this program may read its own file. If it may not, its files in /proc belong to root, and it cannot write its maps of ids.", &["uid_map", "prctl(2)"]),
    row("first id of the caller's subuid", &["first id of the caller's subgid"], "The first id of the block that /etc/subuid (or /etc/subgid) gives to this user, for --map-auto.", &["subuid", "--map-auto"]),
    row("/proc is writable", &[], "Whether /proc/self/uid_map can be opened for writing. In many containers /proc is read-only.", &["uid_map", "proc(5)"]),
    row("RLIMIT_NPROC", &["ulimit -u"], "How many tasks this user may have.", &["EAGAIN", "getrlimit(2)"]),
    row("pids.max", &[], "How many tasks the cgroup, or one above it, may have.", &["EAGAIN", "cgroups(7)"]),
    row("mnt", &["proc", "net", "uts", "ipc", "time"], "In `chimera doctor`: a namespace of this kind was made by the options beside it, used, and thrown away. proc is a PID namespace with a /proc of its own.", &["namespace", "run"]),
];

/// Passes on all settings.
pub fn each(visit: &mut Visit) {
    for (name, also, plain) in SETTINGS {
        plain.visit(Kind::Setting, name, also, visit);
    }
}
