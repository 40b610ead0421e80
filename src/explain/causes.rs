//! The causes of refusals that the program finds by looking, and of what `inspect` cannot see.

use super::topic::{Kind, Plain, Visit};
use crate::host::cause::Reason;
use crate::inspect::cause::Cause;
use crate::text::{Show, Sink, out};

/// A short name of a cause, and its text.
struct Row {
    name: &'static str,
    text: &'static str,
    see: &'static [&'static str],
}

const fn row(name: &'static str, text: &'static str, see: &'static [&'static str]) -> Row {
    Row { name, text, see }
}

/// What a reason means.
#[rustfmt::skip]
const fn reason(reason: Reason) -> Row {
    match reason {
        Reason::NoProc => row("/proc is not mounted", "The directory /proc, in which the kernel shows tasks as files, is empty here. Maps of ids are written there, and much is read there.", &["proc(5)"]),
        Reason::ProcReadOnly => row("/proc is mounted read-only", "/proc can be read but not written, as in many containers, so a map of ids cannot be written.", &["uid_map", "proc(5)"]),
        Reason::NoDescriptors => row("too many open files", "A process may have only so many file descriptors (RLIMIT_NOFILE, ulimit -n), and all are in use.", &["EMFILE", "getrlimit(2)"]),
        Reason::NoHelper => row("newuidmap is not on PATH", "The programs newuidmap and newgidmap, which have the right to map the blocks of /etc/subuid and /etc/subgid, are not installed. One id can be mapped without them: run -r.", &["newuidmap", "newuidmap(1)"]),
        Reason::HelperClosed => row("newuidmap may not be executed", "The program that has the right to map blocks of ids is there, but this user may not execute it.", &["newuidmap", "newuidmap(1)"]),
        Reason::HelperRenounced => row("no_new_privs is set", "The program that maps blocks of ids gets its right from a set-user-ID bit or from file capabilities. The caller has no_new_privs set, which makes both void.", &["no_new_privs", "prctl(2)"]),
        Reason::HelperNosuid => row("newuidmap is on a mount with nosuid", "The program that maps blocks of ids gets its right from a set-user-ID bit or from file capabilities, and its file system is mounted with nosuid, which makes both void.", &["newuidmap", "mount(8)"]),
        Reason::HelperPlain => row("newuidmap has no rights", "The program that maps blocks of ids has neither the set-user-ID bit of root nor file capabilities, so it has no more rights than the caller.", &["newuidmap", "newuidmap(1)"]),
        Reason::HelperSays => row("newuidmap says why", "The program that maps blocks of ids refused, and printed the reason itself.", &["newuidmap", "newuidmap(1)"]),
        Reason::NoBlock => row("no block of ids", "The user has no block of ids in /etc/subuid (users) or /etc/subgid (groups). A block is a range of ids that this user may map into user namespaces.", &["subuid", "subuid(5)"]),
        Reason::NoBlocks => row("no blocks of ids", "The user has no block of ids in /etc/subuid and none in /etc/subgid. A block is a range of ids that this user may map into user namespaces.", &["subuid", "subuid(5)"]),
        Reason::NotCovered => row("ids in no block", "An ordinary user may map only ids of the blocks in /etc/subuid and /etc/subgid, and the range that was asked for is not in them.", &["subuid", "subuid(5)"]),
        Reason::OutsideMap => row("ids not mapped outside", "A range of ids is to be mapped that does not exist in the user namespace around the new one: its own map lacks them.", &["uid_map", "user_namespaces(7)"]),
        Reason::TwoLines => row("ids in two lines of the map", "A range of ids that is mapped has to lie in one line of the map of the user namespace around the new one. This one lies in two.", &["uid_map", "user_namespaces(7)"]),
        Reason::Overlap => row("two ranges overlap", "Two lines of a map of ids have an id in common, inside or outside. The kernel wants each id once.", &["uid_map", "user_namespaces(7)"]),
        Reason::NotReadable => row("the file may not be read", "Who may execute a program but not read its file may not read its memory either, so the kernel gives /proc/self to root, and the maps of ids there cannot be written.", &["uid_map", "proc(5)"]),
        Reason::IdsDiffer => row("real and effective ids differ", "After a change of ids by a set-user-ID program the kernel gives /proc/self to root, and the maps of ids there cannot be written.", &["uid_map", "credentials(7)"]),
        Reason::Unmapped => row("the caller's id is not mapped", "The caller is in a user namespace whose map has no id for it, so it reads 65534 and may not make another user namespace.", &["E6", "65534", "user_namespaces(7)"]),
        Reason::Chroot => row("the caller is in a chroot", "The caller's root directory is not that of its mount namespace. There the kernel makes no user namespace, or its root could leave.", &["E5", "chroot(2)"]),
        Reason::Unprivileged => row("kernel.unprivileged_userns_clone is 0", "Debian's kernels have this switch: with 0 only root may make user namespaces.", &["E7", "user_namespaces(7)"]),
        Reason::Seccomp => row("a seccomp filter forbids it", "A seccomp filter is a program that is asked before each system call of a process, and that may answer instead of the kernel or kill the process. Docker, Podman, systemd and browsers install one.", &["A0", "seccomp(2)"]),
        Reason::NoRights => row("only root may", "The step needs a capability, CAP_SYS_ADMIN in most cases. Root has it, and so has the root of a new user namespace, in namespaces of its own.", &["capability", "capabilities(7)"]),
        Reason::NoRightsToMount => row("only root may mount", "Mounts belong to the caller's mount namespace, and the rights that a new user namespace gives end at its border: only root of the namespace outside may mount there.", &["capability", "mount_namespaces(7)"]),
        Reason::NoFile => row("there is no such file", "A namespace is kept by a mount on a file, and the file has to be there before.", &["--mount", "namespaces(7)"]),
        Reason::NotAFile => row("it is a folder", "A namespace is kept by a mount of a file of /proc, and a file is mounted only on a file.", &["--mount", "namespaces(7)"]),
        Reason::CountsAsOlder => row("the mount namespace counts as older", "A mount namespace may hold only younger ones, so that no two hold each other. The kernel tells by their numbers. Linux 6.18 gives each processor numbers of its own, so a new namespace can have a smaller number than the caller's.", &["--mount", "mount_namespaces(7)"]),
        Reason::SharedMount => row("the mount is shared", "A shared mount passes new mounts on to its copies in other mount namespaces. The kernel passes on no mount that holds a mount namespace, because two namespaces could hold each other forever.", &["--mount", "mount_namespaces(7)"]),
        Reason::MountStays => row("the mount may stay", "A namespace was mounted on a file to be kept, the program was not executed, and the mount could not be taken away, or it could not be seen whether it is gone. The namespace lives as long as it is mounted.", &["--mount", "umount(2)"]),
        Reason::NoRightsToIds => row("only root may change ids", "To become another user or group needs CAP_SETUID or CAP_SETGID, and the id has to exist in the user namespace.", &["capability", "setuid(2)"]),
        Reason::GroupsDenied => row("setgroups is denied", "An ordinary user may map one group only after denying setgroups(2) in the new user namespace: else a user could leave a group that keeps it out of a file.", &["setgroups", "user_namespaces(7)"]),
        Reason::GroupsDeniedOutside => row("setgroups is denied outside", "In the caller's own user namespace setgroups(2) was denied for good, and that holds in all that are made in it.", &["setgroups", "user_namespaces(7)"]),
        Reason::NoSuchId => row("the id is not mapped", "The id that the program is to have does not exist in the new user namespace: its map does not name it.", &["uid_map", "user_namespaces(7)"]),
        Reason::NoSuchIdHere => row("the id is not mapped here", "The id that the program is to have does not exist in the caller's user namespace: its map does not name it.", &["uid_map", "user_namespaces(7)"]),
        Reason::NoneAllowed => row("no namespace is allowed", "The limit on the number of namespaces of this kind, in /proc/sys/user, is 0: the administrator has switched them off.", &["ENOSPC", "namespaces(7)"]),
        Reason::LimitReached => row("the limit of namespaces is reached", "The limit on the number of namespaces of this kind, in /proc/sys/user, is used up here or at a level above, or they are nested as deep as the kernel allows.", &["ENOSPC", "namespaces(7)"]),
        Reason::NotBuilt => row("the kernel has no such namespaces", "The kernel was built without this kind of namespace.", &["F3", "namespaces(7)"]),
        Reason::OtherTasks => row("/proc shows other tasks", "The mounted /proc belongs to another PID namespace, so the ids in it are not those that system calls use here.", &["pid namespace", "pid_namespaces(7)"]),
        Reason::ProcOfOthers => row("/proc of others", "A new /proc shows the PID namespace of who mounts it, so to mount one needs rights over that PID namespace: make a new one as well.", &["pid namespace", "pid_namespaces(7)"]),
        Reason::ProcCovered => row("/proc is covered", "Container programs cover parts of /proc by other mounts. The kernel lets nobody mount an uncovered /proc in a user namespace who sees only a covered one.", &["proc(5)", "mount_namespaces(7)"]),
        Reason::NoBinfmt => row("the kernel has no binfmt_misc", "binfmt_misc is the part of the kernel that starts files by an interpreter that somebody has registered, as qemu for programs of another processor. This kernel was built without it, or its module is not loaded.", &["--mount-binfmt", "execve(2)"]),
        Reason::OneBinfmt => row("there is one binfmt_misc", "Since Linux 6.7 a user namespace may have a binfmt_misc of its own. Before, there is that of the machine alone, and what is registered there holds for everybody.", &["--mount-binfmt", "user_namespaces(7)"]),
        Reason::NoRootThere => row("root is not mapped there", "The file in which interpreters are registered belongs to user 0 and group 0 of the user namespace, and nobody may write to a file whose owner or group has no id.", &["--load-interp", "user_namespaces(7)"]),
        Reason::NoInterpreter => row("the interpreter is not there", "For a line with the flag F the kernel opens the interpreter when the line is written, before the root directory changes. Without this flag it is looked for whenever a file is executed.", &["--load-interp", "execve(2)"]),
        Reason::NoSuchLine => row("it is no line of binfmt_misc", "A line begins with the character that is between its fields: name, type, offset, magic bytes or extension, mask, interpreter, flags. The kernel's documentation, admin-guide/binfmt-misc, has the rules.", &["--load-interp", "execve(2)"]),
        Reason::Apparmor => row("AppArmor", "Ubuntu's AppArmor lets only programs that have a profile for it use user namespaces. To others it gives a root without capabilities, or refuses.", &["E7", "user_namespaces(7)"]),
        Reason::Selinux => row("SELinux", "The policy of SELinux forbids user namespaces to this program.", &["E7", "user_namespaces(7)"]),
        Reason::LimitCgroup => row("pids.max is reached", "The cgroup of the caller, or one above it, has as many tasks as its file pids.max allows.", &["EAGAIN", "cgroups(7)"]),
        Reason::LimitKernel => row("kernel.threads-max is reached", "The machine has as many tasks as the kernel allows.", &["EAGAIN", "proc(5)"]),
        Reason::LimitUser => row("RLIMIT_NPROC is reached", "The user has as many tasks as its limit allows (ulimit -u). Root is not limited.", &["EAGAIN", "getrlimit(2)"]),
        Reason::LimitIds => row("no id is left", "Every id below kernel.pid_max is in use.", &["EAGAIN", "proc(5)"]),
        Reason::NoFirst => row("the PID namespace has no process 1", "The process 1 of the PID namespace in which the caller's children would be has ended, and with it the namespace.", &["F6", "pid_namespaces(7)"]),
        Reason::LimitMemory => row("RLIMIT_AS is reached", "The process has as much address space as its limit allows (ulimit -v).", &["ENOMEM", "getrlimit(2)"]),
        Reason::LimitData => row("RLIMIT_DATA is reached", "The process has as much private writable memory as its limit allows (ulimit -d).", &["ENOMEM", "getrlimit(2)"]),
        Reason::LimitAvailable => row("more memory than available", "More memory was asked for than the machine has available, and chimera does not take what others would lose.", &["ENOMEM", "proc(5)"]),
        Reason::FlagIgnored => row("a flag was ignored", "The call succeeded, but a namespace that it asked for is not new. A kernel or an emulation of one that ignores flags does that. chimera then touches nothing.", &["not-honoured", "unshare(2)"]),
    }
}

/// What keeps a task from being seen.
#[rustfmt::skip]
const fn unseen(cause: Cause) -> &'static str {
    match cause {
        Cause::OtherUser => "The task belongs to another user. To compare its pointers needs the right to trace it, which its owner has, and CAP_SYS_PTRACE.",
        Cause::NotDumpable => "The task has made itself unreadable to others of the same user (PR_SET_DUMPABLE), or it has executed a set-user-ID program.",
        Cause::Capabilities => "The task has capabilities that the caller lacks, so the caller may not trace it.",
        Cause::UserNamespace => "The task is in a user namespace in which the caller has no rights.",
        Cause::Filter => "A seccomp filter, or a tracer, refuses kcmp(2) to the caller. Docker's filter does so without CAP_SYS_PTRACE.",
        Cause::SecurityModule => "A security module refuses although the caller has CAP_SYS_PTRACE.",
        Cause::NoKcmp => "The kernel was built without kcmp(2).",
        Cause::NoChild => "kcmp(2) calls two missing objects the same. A child that has ended tells the two apart, and none could be made.",
        Cause::Hidden => "/proc is mounted with hidepid, so it shows a user only its own tasks.",
        Cause::Unstable => "At each reading the namespace has another number here (as in gVisor), so equal and different mean nothing.",
        Cause::Changing => "At each of the two looks the task had another object: it changes faster than it can be seen.",
    }
}

/// Passes on all causes.
pub fn each(visit: &mut Visit) {
    for reason in Reason::ALL.iter().copied() {
        let [cause, remedy] = reason.texts();
        let Row { name, text, see } = self::reason(reason);
        let plain = Plain { text, examples: &["doctor"], see };
        plain.visit_with(Kind::Cause, ("", name), &[cause], &Remedy(remedy), visit);
    }
    for cause in Cause::ALL.iter().copied() {
        let plain = Plain { text: unseen(cause), examples: &["inspect"], see: &["inspect", "unseen", "kcmp(2)"] };
        plain.visit(Kind::Cause, cause.key(), &[cause.text()], visit);
    }
}

/// What to try against a cause. What stands in brackets depends on the machine.
struct Remedy(&'static str);

impl Show for Remedy {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, " Try: ", self.0, if self.0.contains('[') { " (words in brackets depend on the case)" } else { "" });
    }
}
