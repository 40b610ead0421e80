//! The reasons for refusals, in one table: what is told of each, and what to try.
//!
//! Words in brackets are filled in: names, paths and ids of this machine. What goes to a shell is quoted for it.

use super::id_block;
use super::id_map::Ids;
use super::limits;
use crate::board::record::Finding;
use crate::clone::flags::Kind;
use crate::sys::{Errno, exec, file};
use crate::text::number::{LONGEST, digits};
use crate::text::{Outside, Show, Sink, out};
use core::ffi::CStr;

macro_rules! reasons {
    ($($(#[$about:meta])* $name:ident $cause:literal $remedy:literal)*) => {
        /// The reason for a refusal.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Reason {
            $($(#[$about])* $name,)*
        }

        impl Reason {
            /// All reasons, in the order of their indexes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The cause, and what to try.
            pub const fn texts(self) -> [&'static str; 2] {
                match self {
                    $(Self::$name => [$cause, $remedy],)*
                }
            }
        }
    };
}

reasons! {
    /// proc(5) is not mounted.
    NoProc "/proc is not mounted" "mount -t proc proc /proc"
    /// proc(5) is mounted read-only.
    ProcReadOnly "/proc is mounted read-only" "mount -o remount,rw /proc"
    /// RLIMIT_NOFILE.
    NoDescriptors "too many open files: RLIMIT_NOFILE is reached" "ulimit -n 1024"
    /// newuidmap(1) is not on PATH.
    NoHelper "new[id]map is not on PATH" "apt-get install uidmap"
    /// newuidmap(1) may not be executed.
    HelperClosed "[helper] may not be executed by this user" "chmod a+rx [helper]"
    /// newuidmap(1) gets no privileges after PR_SET_NO_NEW_PRIVS.
    HelperRenounced "no_new_privs is set, so [helper] gets no rights" "start it from a process without no_new_privs"
    /// newuidmap(1) gets no privileges on its mount.
    HelperNosuid "[helper] is on a mount with nosuid, so it gets no rights"
        "mount -o remount,suid \"$(findmnt -no TARGET -T [helper])\""
    /// newuidmap(1) has no privileges.
    HelperPlain "[helper] has neither root's set-user-ID bit nor file capabilities"
        "chown root [helper] && chmod u+s [helper]"
    /// newuidmap(1) refused for a reason that only itself knows.
    HelperSays "[helper] says why, above" "grep [user] /etc/sub[id]"
    /// subuid(5) has no block for the caller, subgid(5) has one.
    NoBlock "[user] has no block in /etc/sub[id]" "usermod --add-sub[id]s [range] [user]"
    /// Neither subuid(5) nor subgid(5) has a block for the caller.
    NoBlocks "[user] has no block in /etc/subuid nor in /etc/subgid"
        "usermod --add-subuids [range] --add-subgids [range] [user]"
    /// The caller's blocks do not cover a range.
    NotCovered "the ids [range] are in no block of [user] in /etc/sub[id]" "usermod --add-sub[id]s [range] [user]"
    /// The user namespace outside lacks ids of a range.
    OutsideMap "the ids [range] are not all mapped in the caller's user namespace" "take ids of `cat /proc/self/[id]_map`"
    /// A range lies in more than one line of the map outside.
    TwoLines "the ids [range] are in two lines of the caller's own map, and the kernel wants them in one"
        "split the range where a line of `cat /proc/self/[id]_map` ends"
    /// Two lines of a map overlap.
    Overlap "two ranges have an id in common" "give ranges without common ids, inside and outside"
    /// The process is not dumpable, for its file may not be read.
    NotReadable "this file may be executed but not read, so /proc/self is root's" "chmod +r [self]"
    /// The process is not dumpable, for its ids differ.
    IdsDiffer "the real and the effective ids differ, so /proc/self is root's" "run it with equal ids, as sudo does"
    /// The caller's id is not mapped in its user namespace.
    Unmapped "the caller's uid is not mapped in its user namespace" "write its uid_map first"
    /// The caller's root directory is not that of its mount namespace.
    Chroot "the caller is in a chroot" "run it outside"
    /// A sysctl of Debian kernels.
    Unprivileged "kernel.unprivileged_userns_clone is 0" "sysctl -w kernel.unprivileged_userns_clone=1"
    /// seccomp(2).
    Seccomp "a seccomp filter forbids it" "docker run --security-opt seccomp=unconfined"
    /// The call needs privileges, and no user namespace was requested.
    NoRights "only root may, or root of a new user namespace" "add --map-root-user"
    /// Mounts are those of the caller's mount namespace, which needs privileges.
    NoRightsToMount "only root of the caller's mount namespace may mount" "run it as root, or in `chimera run -rm`"
    /// The file is not there.
    NoFile "there is no such file" "create it: touch"
    /// The file is a folder.
    NotAFile "it is a folder, and a namespace is kept at a file" "create a file: touch"
    /// The new mount namespace has a smaller number than the caller's.
    CountsAsOlder "this kernel numbers mount namespaces by processor, and takes the new one for the older"
        "run it again, on another processor: taskset"
    /// Other mount namespaces would get a copy of a mount that holds a mount namespace.
    SharedMount "the file is on a shared mount, and other mount namespaces would get the new mount too"
        "make its folder a private mount: mount --bind, mount --make-private"
    /// The mount of a namespace could not be taken away, or it could not be seen whether it is there.
    MountStays "its mount may still be there" "umount [file]"
    /// A change of ids needs privileges, and no user namespace was requested.
    NoRightsToIds "only root may, or root of a new user namespace that has the id" "run it as root"
    /// setgroups(2) is denied in the new user namespace.
    GroupsDenied "setgroups is denied with a map of one id" "map more: --map-auto"
    /// setgroups(2) is denied in the user namespace outside.
    GroupsDeniedOutside "setgroups is denied in the caller's user namespace" "run it further out"
    /// The program's id is not mapped in the new user namespace.
    NoSuchId "the id is not mapped in the new user namespace" "map it: --map-users, --map-groups"
    /// The program's id is not mapped in the user namespace of the caller.
    NoSuchIdHere "the id is not mapped in the caller's user namespace" "take an id of `cat /proc/self/[id]_map`"
    /// The limit for a kind of namespace is 0.
    NoneAllowed "user.max_[kind]_namespaces is 0" "sysctl -w user.max_[kind]_namespaces=10000"
    /// A limit of namespaces(7) or user_namespaces(7) is reached.
    LimitReached "nested 32 deep, or user.max_[kind]_namespaces is used up" "run it further out"
    /// The kernel lacks a kind of namespace.
    NotBuilt "this kernel has no [kind] namespaces" "use a kernel that has them"
    /// Ids in /proc are those of another PID namespace.
    OtherTasks "/proc shows the tasks of another PID namespace"
        "mount -t proc proc /proc, in a mount namespace of its own"
    /// Only root of the PID namespace can mount its proc(5).
    ProcOfOthers "proc of the caller's PID namespace is not this root's" "add --pid"
    /// A partly covered proc(5) cannot be mounted again.
    ProcCovered "parts of /proc are covered by other mounts" "docker run --security-opt systempaths=unconfined"
    /// The kernel was built without binfmt_misc, or its module is not loaded.
    NoBinfmt "this kernel has no binfmt_misc" "modprobe binfmt_misc, if there is such a module"
    /// Only since Linux 6.7 a user namespace may have its own.
    OneBinfmt "before Linux 6.7 there is one binfmt_misc, that of the machine" "use Linux 6.7 or a later one"
    /// The file `register` belongs to user 0 and group 0 of the user namespace.
    NoRootThere "the register is that of root and its group, which are not both mapped there" "map them: --map-root-user"
    /// A line with the flag F has the interpreter opened at once.
    NoInterpreter "with the flag F the interpreter is opened at once, and it is not there"
        "give the path of a file that is there, seen from outside of the new root"
    /// binfmt_misc takes no such line.
    NoSuchLine "the kernel takes it for no line of binfmt_misc"
        "write :NAME:TYPE:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS, where TYPE is M for magic bytes or E for an extension"
    /// AppArmor: root of a new user namespace has no privileges, or the namespace is refused.
    Apparmor "AppArmor restricts unprivileged user namespaces"
        "printf '%s\\n' 'abi <abi/4.0>, profile chimera \"[profile]\" flags=(unconfined) { userns, }' | sudo tee /etc/apparmor.d/chimera | sudo apparmor_parser -r"
    /// SELinux, in enforcing mode.
    Selinux "SELinux forbids it" "ausearch -m avc -c chimera"
    /// The pids controller of cgroups(7).
    LimitCgroup "too many tasks: pids.max of [cgroup] is reached" "echo max > [cgroup]/pids.max"
    /// kernel.threads-max.
    LimitKernel "too many tasks: kernel.threads-max is reached" "sysctl -w kernel.threads-max=200000"
    /// RLIMIT_NPROC.
    LimitUser "too many tasks: RLIMIT_NPROC is reached" "ulimit -u unlimited"
    /// kernel.pid_max.
    LimitIds "too many tasks: no id is left, kernel.pid_max is reached" "sysctl -w kernel.pid_max=4194304"
    /// The PID namespace for children has lost its process 1.
    NoFirst "the PID namespace for children has lost its process 1" "enter another one: nsenter, or outside of unshare --pid"
    /// RLIMIT_AS.
    LimitMemory "no memory: RLIMIT_AS is reached" "ulimit -v unlimited"
    /// RLIMIT_DATA.
    LimitData "no memory: RLIMIT_DATA is reached" "ulimit -d unlimited"
    /// More memory was asked for than is available.
    LimitAvailable "no memory: more than MemAvailable of /proc/meminfo" "take less"
    /// The call succeeded without making the namespaces.
    FlagIgnored "a flag of the call was ignored" "chimera clone container"
}

/// What a look has found besides that its reason holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// The kind of namespace.
    pub kind: Option<Kind>,
    /// The first id in question.
    pub first: usize,
    /// The number of ids in question.
    pub count: usize,
}

impl Seen {
    /// Ids in question.
    pub const fn ids(range: core::ops::Range<usize>) -> Self {
        Self { kind: None, first: range.start, count: range.end - range.start }
    }

    /// A kind of namespace.
    pub const fn kind(kind: Kind) -> Self {
        Self { kind: Some(kind), first: 0, count: 0 }
    }
}

/// The explanation of a refusal: the reason, and what to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// The reason.
    pub reason: Reason,
    /// What was found.
    pub(super) seen: Seen,
    /// The kind of ids, if the step was about one of them.
    pub(super) ids: Option<Ids>,
    /// The caller's real user id outside; none if it cannot be read.
    pub(super) user: Option<usize>,
    /// The file that the step was about, if what to try names it.
    pub(super) file: Option<&'static [u8]>,
}

impl Told {
    /// A namespace that was to be kept at a file is still mounted there.
    pub fn mount_stays(file: &'static [u8]) -> Self {
        Self { reason: Reason::MountStays, seen: Seen::default(), ids: None, user: None, file: Some(file) }
    }

    /// The cause.
    pub fn cause(self) -> impl Show + Copy {
        Filled { told: self, text: self.reason.texts()[0] }
    }

    /// What to try.
    pub fn remedy(self) -> impl Show + Copy {
        Filled { told: self, text: self.reason.texts()[1] }
    }

    /// Leaves this for the process that reports it.
    pub fn leave(self, finding: &Finding) {
        finding.user.put(self.user.ok_or(Errno::ENODATA));
        finding.first.put(Ok(self.seen.first));
        finding.count.put(Ok(self.seen.count));
        finding.reason.put(Ok(self.reason as usize));
    }

    /// What another process has left about a step that concerns these ids.
    pub fn left(finding: &Finding, ids: Option<Ids>) -> Option<Self> {
        let reason = *Reason::ALL.get(finding.reason.number()?)?;
        let seen = Seen { kind: None, first: finding.first.number()?, count: finding.count.number()? };
        Some(Self { reason, seen, ids, user: finding.user.number(), file: None })
    }
}

/// A text of the table, with the words in brackets filled in.
#[derive(Clone, Copy)]
struct Filled {
    told: Told,
    text: &'static str,
}

impl Show for Filled {
    fn show(&self, out: &mut dyn Sink) {
        let mut rest = self.text;
        while let Some((before, behind)) = rest.split_once('[') {
            let Some((word, behind)) = behind.split_once(']') else { break };
            out!(out, before);
            self.told.fill(word, out);
            rest = behind;
        }
        out!(out, rest);
    }
}

impl Told {
    /// Writes what a word in brackets stands for.
    fn fill(self, word: &str, out: &mut dyn Sink) {
        match word {
            "kind" => out!(out, self.seen.kind.map_or("*", Kind::name)),
            "id" => out!(out, if self.ids == Some(Ids::Groups) { "gid" } else { "uid" }),
            "range" => out!(out, self.seen.first, "-", (self.seen.first + self.seen.count).saturating_sub(1)),
            "user" => self.fill_user(out),
            "helper" => {
                let (_, path) = id_block::program(self.ids.unwrap_or(Ids::Users));
                Quoted(path.bytes().unwrap_or_default()).show(out);
            }
            "file" => Quoted(self.file.unwrap_or(b"FILE")).show(out),
            "cgroup" => limits::with_fullest_cgroup(&mut |folder, _| Quoted(folder).show(out)),
            "self" => Quoted(exec::own_file().map_or(b"chimera".as_slice(), CStr::to_bytes)).show(out),
            "profile" => {
                let mut room = [0; 4096];
                let path = file::link(c"/proc/self/exe", &mut room).filter(|path| !path.ends_with(b" (deleted)"));
                Pattern(path.unwrap_or(b"/path/to/chimera")).show(out);
            }
            _ => out!(out, "[", word, "]"),
        }
    }

    /// Writes the caller's name, or its number if it has no name.
    fn fill_user(self, out: &mut dyn Sink) {
        let name = self.user.and_then(|user| id_block::name_of(user).ok());
        match name.as_ref().and_then(|name| name.bytes()).filter(|name| !name.is_empty()) {
            Some(name) => Quoted(name).show(out),
            None => out!(out, self.user),
        }
    }
}

/// Bytes as one word of a shell. What may not reach a terminal is written as the escapes of `$'..'`.
pub struct Quoted<'a>(pub &'a [u8]);

/// Whether a byte means nothing to a shell.
fn is_plain(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/._-+:,@%".contains(byte)
}

impl Show for Quoted<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let is_printable = core::str::from_utf8(self.0).is_ok_and(|text| !text.chars().any(char::is_control));
        if self.0.iter().all(is_plain) && !self.0.is_empty() {
            out.put(self.0);
        } else if is_printable {
            out!(out, "'", InQuotes(self.0), "'");
        } else {
            out!(out, "$'");
            for byte in self.0 {
                match byte {
                    b'\'' => out!(out, "\\'"),
                    byte => Outside(&[*byte]).show(out),
                }
            }
            out!(out, "'");
        }
    }
}

/// Bytes between two single quotes of a shell.
struct InQuotes<'a>(&'a [u8]);

impl Show for InQuotes<'_> {
    fn show(&self, out: &mut dyn Sink) {
        for (place, part) in self.0.split(|byte| *byte == b'\'').enumerate() {
            out!(out, if place == 0 { "" } else { "'\\''" });
            out.put(part);
        }
    }
}

/// A path as AppArmor reads it between double quotes, apparmor.d(5), of which no byte means anything but itself, in a
/// word that the shell reads between single ones.
struct Pattern<'a>(&'a [u8]);

impl Show for Pattern<'_> {
    fn show(&self, out: &mut dyn Sink) {
        for byte in self.0 {
            match byte {
                b'\'' => out!(out, "'\\''"),
                // What has a meaning in a pattern, or ends it.
                b'"' | b'\\' | b'*' | b'?' | b'[' | b']' | b'{' | b'}' | b'^' | b',' => out.put(&[b'\\', *byte]),
                // What a terminal may not show as it is, in three octal digits.
                ..b' ' | 0x7f.. => {
                    let room = &mut [0; LONGEST];
                    let octal = digits(0o1000 + usize::from(*byte), 8, room);
                    out!(out, "\\");
                    out.put(&octal[1..]);
                }
                _ => out.put(&[*byte]),
            }
        }
    }
}
