//! The places, in one table: the name of each, the way in which it is made, and what `run -r` does there.

use crate::packages::{Package, Suite};
use crate::world::{End, NO_PLACE, Run};
use nix::libc::{self, c_long};

/// A place.
pub struct Place {
    pub name: &'static str,
    pub kind: Kind,
    pub expected: Expected,
    pub call: Call,
    /// The commands that the place itself cannot run, by the words of the table.
    pub cannot: &'static [&'static str],
}

/// How a place is made.
pub enum Kind {
    /// By steps of the process that then executes the program.
    Steps(&'static [Step]),
    /// By a program that executes another: its path in the package, and the words before the other's.
    /// Variables of the environment name other paths in the package.
    Wrapper {
        package: Package,
        path: &'static str,
        words: &'static [&'static str],
        environment: &'static [(&'static str, &'static str)],
    },
    /// By a runtime that makes a container from a bundle.
    Container { runtime: Package, path: &'static str, words: &'static [&'static str], engine: &'static Engine },
}

impl Place {
    /// Whether it was made for a run of `--version`. Where the program itself is met by what the place forbids, its end is
    /// the program's affair; before that it is the wrapper's or the runtime's.
    pub fn is_made(&self, run: &Run) -> bool {
        match self.kind {
            Kind::Steps(_) => run.end != End::Status(NO_PLACE),
            _ => run.end == End::Status(0),
        }
    }

    /// The packages that it takes.
    pub fn packages(&self) -> Vec<Package> {
        match &self.kind {
            Kind::Steps(_) => Vec::new(),
            Kind::Wrapper { package, .. } => vec![*package],
            Kind::Container { runtime, engine, .. } => {
                [*runtime].into_iter().chain(engine.profile.map(|(package, _)| package)).collect()
            }
        }
    }
}

/// The part of a container engine: what it asks a runtime for.
pub struct Engine {
    /// The package with the seccomp profile, and its path there.
    pub profile: Option<(Package, &'static str)>,
    /// The capabilities that root keeps in the container.
    pub capabilities: &'static [&'static str],
}

/// A step on the way into a place.
#[derive(Clone, Copy)]
pub enum Step {
    Chroot(Root),
    ReadOnlyProc,
    NoProc,
    /// A new PID namespace, while /proc shows the one before.
    OtherProc,
    /// A new user namespace in which 65,536 ids are mapped to themselves.
    UserNamespace,
    /// One below the other, until the kernel refuses.
    AllUserNamespaces,
    /// No namespace of this kind, in this user namespace.
    Limit(&'static str),
    /// Root keeps every capability but this one.
    Drop(libc::c_ulong),
    Filter(Filter),
}

/// The kind of folder that becomes the root directory.
#[derive(Clone, Copy)]
pub enum Root {
    /// A folder inside of a mount.
    Folder,
    /// The same folder, mounted once more.
    BindMount,
    /// The root of a filesystem.
    Tmpfs,
}

/// A seccomp filter for one system call.
#[derive(Clone, Copy)]
pub struct Filter {
    pub call: c_long,
    /// Bits of the first argument, of which one must be set; 0: whatever it is.
    pub bits: u32,
    /// The answer to the call.
    pub answer: u32,
}

/// The end of `run -r -- true` in a place, as the way in which the place was made lets expect it.
#[derive(Clone, Copy)]
pub enum Expected {
    Works,
    /// It is refused, with a cause in which this stands.
    Refused(&'static str),
    /// Anything, if it is told with a cause and the other commands say the same.
    Open,
}

/// The fate of clone(CLONE_NEWUSER), which `user`, the tour and `clone user` call, while `run -r` calls unshare(2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The same as that of `run -r`.
    AsRun,
    /// It is refused, and unshare(2) is not.
    Refused,
    /// The task that calls it is killed.
    Killed,
    /// It is made, and a later step of the modes is refused, or its task killed.
    LaterStep,
}

const DEBIAN_12: Suite = Suite::Named("bookworm");
const DEBIAN_13: Suite = Suite::Named("trixie");

/// As Docker has it: oci/caps/defaults.go.
const DOCKERS_CAPABILITIES: &[&str] = &[
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FSETID",
    "CAP_FOWNER",
    "CAP_MKNOD",
    "CAP_NET_RAW",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETFCAP",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT",
    "CAP_KILL",
    "CAP_AUDIT_WRITE",
];

/// As Podman has it: containers-common, `default_capabilities`.
const PODMANS_CAPABILITIES: &[&str] = &[
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
];

/// gVisor has the kernel's part itself, and takes no profile.
static GVISORS: Engine = Engine { profile: None, capabilities: DOCKERS_CAPABILITIES };

const fn docker(suite: Suite) -> Engine {
    let package = Package { suite, name: "golang-github-docker-docker-dev" };
    let path = "usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json";
    Engine { profile: Some((package, path)), capabilities: DOCKERS_CAPABILITIES }
}

const fn podman(suite: Suite) -> Engine {
    let package = Package { suite, name: "golang-github-containers-common" };
    Engine { profile: Some((package, "usr/share/containers/seccomp.json")), capabilities: PODMANS_CAPABILITIES }
}

static DOCKER_12: Engine = docker(DEBIAN_12);
static DOCKER_13: Engine = docker(DEBIAN_13);
static PODMAN_12: Engine = podman(DEBIAN_12);
static PODMAN_13: Engine = podman(DEBIAN_13);

const fn gvisor(suite: Suite) -> Kind {
    Kind::Container {
        runtime: Package { suite, name: "runsc" },
        path: "usr/bin/runsc",
        words: &["--network=none", "--ignore-cgroups"],
        engine: &GVISORS,
    }
}

/// `--rootless`: without a cgroup of its own, which would lie outside of the world.
const fn runc(engine: &'static Engine) -> Kind {
    let runtime = Package { suite: Suite::Own, name: "runc" };
    Kind::Container { runtime, path: "usr/sbin/runc", words: &["--rootless", "true"], engine }
}

const fn wrapper(name: &'static str, path: &'static str, words: &'static [&'static str]) -> Kind {
    Kind::Wrapper { package: Package { suite: Suite::Own, name }, path, words, environment: &[] }
}

/// Behind a script, which looks for it in the place where it would be installed.
const VALGRIND: Kind = Kind::Wrapper {
    package: Package { suite: Suite::Own, name: "valgrind" },
    path: "usr/bin/valgrind.bin",
    words: &["-q"],
    environment: &[("VALGRIND_LIB", "usr/libexec/valgrind")],
};

const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const TRAP: u32 = libc::SECCOMP_RET_TRAP;
const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const ENOSYS: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
const NEWUSER: u32 = libc::CLONE_NEWUSER as u32;

const fn filter(call: c_long, bits: u32, answer: u32) -> Step {
    Step::Filter(Filter { call, bits, answer })
}

/// linux/capability.h.
const CAP_SETFCAP: libc::c_ulong = 31;

const BWRAP: &[&str] = &["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all"];
const BWRAP_NONE: &[&str] =
    &["--ro-bind", "/", "/", "--proc", "/proc", "--unshare-user", "--unshare-pid", "--disable-userns"];

const fn place(name: &'static str, kind: Kind, expected: Expected) -> Place {
    Place { name, kind, expected, call: Call::AsRun, cannot: &[] }
}

const fn steps(name: &'static str, steps: &'static [Step], expected: Expected) -> Place {
    place(name, Kind::Steps(steps), expected)
}

/// With filters for these calls.
const fn filtered(name: &'static str, steps: &'static [Step], expected: Expected, call: Call) -> Place {
    Place { name, kind: Kind::Steps(steps), expected, call, cannot: &[] }
}

use Expected::{Open, Refused, Works};

/// All of them.
pub static PLACES: &[Place] = &[
    steps("here", &[], Works),
    place("gvisor12", gvisor(DEBIAN_12), Works),
    place("gvisor13", gvisor(DEBIAN_13), Works),
    place("docker12", runc(&DOCKER_12), Refused("seccomp")),
    place("docker13", runc(&DOCKER_13), Refused("seccomp")),
    place("podman12", runc(&PODMAN_12), Works),
    place("podman13", runc(&PODMAN_13), Works),
    // It has threads of its own, with which the kernel refuses a user namespace, and refuses clone(2) by itself.
    place("qemu", wrapper("qemu-user-static", "usr/bin/qemu-x86_64-static", &[]), Open),
    place("bwrap", wrapper("bubblewrap", "usr/bin/bwrap", BWRAP), Works),
    place("bwrap-none", wrapper("bubblewrap", "usr/bin/bwrap", BWRAP_NONE), Refused("max_user_namespaces")),
    // It ends a program that makes another task than a thread or a copy.
    Place { cannot: &["tour"], ..place("valgrind", VALGRIND, Works) },
    steps("chroot-folder", &[Step::Chroot(Root::Folder)], Refused("chroot")),
    steps("chroot-bind", &[Step::Chroot(Root::BindMount)], Refused("chroot")),
    steps("chroot-tmpfs", &[Step::Chroot(Root::Tmpfs)], Refused("chroot")),
    steps("proc-ro", &[Step::ReadOnlyProc], Refused("read-only")),
    steps("proc-none", &[Step::NoProc], Refused("/proc is not mounted")),
    steps("proc-other", &[Step::OtherProc], Open),
    steps("no-setfcap", &[Step::Drop(CAP_SETFCAP)], Open),
    steps("max_user", &[Step::UserNamespace, Step::Limit("user")], Refused("max_user_namespaces")),
    steps("max_mnt", &[Step::UserNamespace, Step::Limit("mnt")], Works),
    steps("max_uts", &[Step::UserNamespace, Step::Limit("uts")], Works),
    steps("max_ipc", &[Step::UserNamespace, Step::Limit("ipc")], Works),
    steps("max_net", &[Step::UserNamespace, Step::Limit("net")], Works),
    steps("max_pid", &[Step::UserNamespace, Step::Limit("pid")], Works),
    steps("max_cgroup", &[Step::UserNamespace, Step::Limit("cgroup")], Works),
    steps("max_time", &[Step::UserNamespace, Step::Limit("time")], Works),
    steps("nested", &[Step::UserNamespace], Works),
    steps("nested-twice", &[Step::UserNamespace, Step::UserNamespace], Works),
    steps("nested-all", &[Step::AllUserNamespaces], Refused("nested")),
    filtered("kill-clone", &[filter(libc::SYS_clone, NEWUSER, KILL)], Works, Call::Killed),
    filtered("kill-unshare", &[filter(libc::SYS_unshare, 0, KILL)], Open, Call::LaterStep),
    filtered("kill-clone3", &[filter(libc::SYS_clone3, 0, KILL)], Works, Call::AsRun),
    filtered("kill-statx", &[filter(libc::SYS_statx, 0, KILL)], Works, Call::AsRun),
    filtered("kill-kcmp", &[filter(libc::SYS_kcmp, 0, KILL)], Works, Call::AsRun),
    filtered("kill-prctl", &[filter(libc::SYS_prctl, 0, KILL)], Works, Call::LaterStep),
    filtered("kill-sethost", &[filter(libc::SYS_sethostname, 0, KILL)], Works, Call::LaterStep),
    filtered("trap-clone", &[filter(libc::SYS_clone, NEWUSER, TRAP)], Works, Call::Killed),
    filtered("trap-unshare", &[filter(libc::SYS_unshare, 0, TRAP)], Open, Call::LaterStep),
    filtered("trap-clone3", &[filter(libc::SYS_clone3, 0, TRAP)], Works, Call::AsRun),
    filtered("trap-statx", &[filter(libc::SYS_statx, 0, TRAP)], Works, Call::AsRun),
    filtered("deny-clone", &[filter(libc::SYS_clone, NEWUSER, EPERM)], Works, Call::Refused),
    filtered("deny-unshare", &[filter(libc::SYS_unshare, 0, EPERM)], Open, Call::LaterStep),
    filtered("deny-clone3", &[filter(libc::SYS_clone3, 0, ENOSYS)], Works, Call::AsRun),
    steps(
        "deny-both",
        &[filter(libc::SYS_clone, NEWUSER, EPERM), filter(libc::SYS_unshare, 0, EPERM)],
        Refused("seccomp"),
    ),
];
