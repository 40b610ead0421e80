//! The table of causes, whole: for every step and every errno the cause that is told, in places where one thing is in the
//! way or nothing.
//!
//! In each place a child asks the library. What is told there for a failure that has not happened is told without a
//! reason, unless its look finds that very thing.

use crate::common::filter;
use crate::common::is_root;
use crate::common::skip::{skip, skip_part};
use chimera::clone::flags::Flags;
use chimera::error::{Failure, Step};
use chimera::host::cause::{self, Reason};
use chimera::sys::harmless::Harmless;
use chimera::sys::{Errno, control};
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{ForkResult, chdir, chroot, fork};
use std::collections::BTreeSet;
use std::io::{Read, Write, pipe};

/// What is told: the step, the errno, and the reason.
type Told = (&'static str, &'static str, Reason);

/// Everything that is told in a place about a call with these flags.
fn told(place: fn() -> nix::Result<()>, flags: Flags) -> BTreeSet<(String, String, String)> {
    let (mut reader, mut writer) = pipe().expect("a pipe");
    // SAFETY: the child calls the library, which takes no memory from the heap, and writes to a pipe.
    match unsafe { fork() }.expect("a child") {
        ForkResult::Child => {
            let status = if place().is_ok() { tell(&mut writer, flags) } else { 1 };
            // SAFETY: ends this process.
            unsafe { libc::_exit(status) }
        }
        ForkResult::Parent { child } => {
            drop(writer);
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).expect("what the child says");
            let ended = nix::sys::wait::waitpid(child, None).expect("its end");
            assert_eq!(ended, nix::sys::wait::WaitStatus::Exited(child, 0), "the place can be made");
            bytes.chunks_exact(3).map(read).collect()
        }
    }
}

/// All errnos; under a filter, about which a child is asked each time, those that a filter may well give.
fn errnos() -> impl Iterator<Item = usize> {
    let few = [libc::EPERM, libc::ENOENT, libc::EIO, libc::EAGAIN, libc::EACCES, libc::EINVAL, libc::ENOSYS]
        .map(|errno| errno as usize);
    let is_filtered = control::seccomp_mode() == Ok(2);
    (1..=133).filter(move |errno| !is_filtered || few.contains(errno))
}

/// In the child: three bytes for each failure that has a cause.
fn tell(writer: &mut impl Write, flags: Flags) -> i32 {
    for (number, step) in Step::ALL.iter().enumerate() {
        for errno in errnos() {
            let failure = Failure::new(*step, Errno::new(errno).expect("an errno"));
            if let Some(told) = cause::find(failure, flags)
                && writer.write_all(&[number as u8, errno as u8, told.reason as u8]).is_err()
            {
                return 2;
            }
        }
    }
    0
}

fn read(bytes: &[u8]) -> (String, String, String) {
    let [step, errno, reason] = [bytes[0], bytes[1], bytes[2]].map(usize::from);
    let errno = Errno::new(errno).and_then(Errno::name).expect("a name").0;
    (format!("{:?}", Step::ALL[step]), errno.into(), format!("{:?}", Reason::ALL[reason]))
}

/// What is told wherever it is: the step itself has seen that a namespace is not new.
const ALWAYS: Told = ("ProveNew", "EIO", Reason::FlagIgnored);

/// Panics unless exactly this is told there, beside [`ALWAYS`].
#[track_caller]
fn holds(name: &str, place: fn() -> nix::Result<()>, flags: Flags, expected: &[Told]) {
    let expected: BTreeSet<_> = expected
        .iter()
        .chain([&ALWAYS])
        .map(|(step, errno, reason)| ((*step).to_owned(), (*errno).to_owned(), format!("{reason:?}")))
        .collect();
    let told = told(place, flags);
    let (more, less): (Vec<_>, Vec<_>) = (told.difference(&expected).collect(), expected.difference(&told).collect());
    assert!(more.is_empty() && less.is_empty(), "{name}: told without a reason: {more:?}; not told: {less:?}");
}

/// The same reason for several steps.
fn all(steps: &[&'static str], errno: &'static str, reason: Reason) -> Vec<Told> {
    steps.iter().map(|step| (*step, errno, reason)).collect()
}

fn here() -> nix::Result<()> {
    Ok(())
}

/// These, and what is so of root's blocks of ids on this machine.
fn with_blocks(mut others: Vec<Told>) -> Vec<Told> {
    let lacks = ["subuid", "subgid"].map(|name| {
        let text = std::fs::read_to_string(format!("/etc/{name}")).unwrap_or_default();
        !text.lines().any(|line| line.starts_with("root:") || line.starts_with("0:"))
    });
    let reason = if lacks == [true, true] { Reason::NoBlocks } else { Reason::NoBlock };
    let steps = ["UserBlock", "GroupBlock"].into_iter().zip(lacks).filter(|(_, lacks)| *lacks);
    others.extend(steps.map(|(step, _)| (step, "ENOENT", reason)));
    others
}

/// A root with a whole /proc of its own, who is under no filter and no limit: what is expected is written for such a place.
fn is_plain() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let covered = mounts.lines().any(|line| {
        let point = line.split(' ').nth(4).unwrap_or_default();
        point.starts_with("/proc/") && point != "/proc/sys/fs/binfmt_misc" && point != "/proc/fs/nfsd"
    });
    let is_plain = is_root() && status.contains("Seccomp:\t0") && !covered && !mounts.is_empty();
    if !is_plain {
        skip("what is in the way here is not known to the test: only root outside of a container can ask");
    }
    is_plain
}

#[test]
fn where_nothing_is_in_the_way_nothing_is_told() {
    if !is_plain() {
        return;
    }
    let new = Flags::NEWUSER | Flags::NEWPID;
    for flags in [Flags::empty(), new, Flags::NEWUTS, new | Flags::NEWNS | Flags::NEWNET] {
        holds("here", here, flags, &with_blocks(Vec::new()));
    }
    // Such a root has no rights to the proc of a PID namespace that is not its own.
    let of_others = vec![("MountProc", "EPERM", Reason::ProcOfOthers)];
    holds("here", here, Flags::NEWUSER, &with_blocks(of_others));
}

#[test]
fn a_chroot_is_told_of_new_user_namespaces_alone() {
    if !is_plain() {
        return;
    }
    let place = || chroot(c"/tmp").and_then(|()| chdir(c"/"));
    let no_proc = ["WriteSetgroups", "UidMap", "GidMap", "Offsets", "ProveNew", "ProveTasks", "StatChildren", "Keep"];
    let mut expected = all(&no_proc, "ENOENT", Reason::NoProc);
    // Nor is there a file with anybody's block.
    expected.extend(all(&["UserBlock", "GroupBlock"], "ENOENT", Reason::NoBlocks));
    expected.extend(all(&["Newuidmap", "Newgidmap"], "ENOENT", Reason::NoHelper));
    holds("a chroot", place, Flags::NEWUTS, &expected);
    expected.extend(all(&["Call", "Unshare"], "EPERM", Reason::Chroot));
    holds("a chroot", place, Flags::NEWUSER | Flags::NEWPID, &expected);
}

#[test]
fn a_filter_is_told_of_what_it_refuses() {
    if !is_plain() {
        return;
    }
    let refused = || filter::refuse(&[(libc::SYS_setuid, 0, libc::EPERM), (libc::SYS_mount, 0, libc::ENOSYS)]);
    let mut expected = all(&["Setuid", "SetuidRoot", "OwnerUser"], "EPERM", Reason::Seccomp);
    expected.extend(all(&["Propagation", "MountProc", "Keep"], "ENOSYS", Reason::Seccomp));
    holds("a filter", refused, Flags::NEWPID, &with_blocks(expected));
    let harmless = || filter::refuse(&[(libc::SYS_kcmp, 0, libc::EPERM)]);
    holds("a harmless filter", harmless, Flags::NEWPID, &with_blocks(Vec::new()));
    let unshare = || filter::refuse(&[(libc::SYS_unshare, 0, libc::EPERM)]);
    let refused = all(&["Unshare", "UnshareUts", "UnshareIpc"], "EPERM", Reason::Seccomp);
    holds("a filter", unshare, Flags::NEWUTS, &with_blocks(refused));
}

#[test]
fn limits_are_told_of_what_they_limit() {
    if !is_plain() {
        return;
    }
    let files = || setrlimit(Resource::RLIMIT_NOFILE, 3, 3);
    let opens = [
        "Call",
        "OpenCgroup",
        "OpenSweep",
        "WriteSetgroups",
        "UidMap",
        "GidMap",
        "Offsets",
        "ProveTasks",
        "UserBlock",
        "GroupBlock",
        "MakeBinfmt",
        "LoadInterpreter",
    ];
    holds("few descriptors", files, Flags::NEWPID, &all(&opens, "EMFILE", Reason::NoDescriptors));
    let memory = || setrlimit(Resource::RLIMIT_AS, 4096, 4096);
    let mapped = all(&["Board", "Plan", "Stack", "Heap"], "ENOMEM", Reason::LimitMemory);
    holds("little memory", memory, Flags::NEWPID, &with_blocks(mapped));
    if unshare(CloneFlags::empty()).is_err() {
        return skip_part("user namespaces");
    }
    let none = || {
        unshare(CloneFlags::CLONE_NEWUSER)?;
        std::fs::write("/proc/sys/user/max_net_namespaces", "0").map_err(|_| nix::errno::Errno::EACCES)
    };
    let mut net = all(&["Call", "Unshare"], "ENOSPC", Reason::NoneAllowed);
    // Without a name there nobody has a block.
    net.extend(all(&["UserBlock", "GroupBlock"], "ENOENT", Reason::NoBlocks));
    holds("no network namespaces", none, Flags::NEWNET | Flags::NEWPID, &net);
}

/// A call that is asked in vain has the answer that its row promises: else a filter would be seen where none is.
#[test]
fn harmless_calls_have_the_kernels_own_answer() {
    if !is_root() {
        return skip("some answers need privileges");
    }
    for call in Harmless::ALL {
        // SAFETY: the child makes one system call and ends.
        let status = match unsafe { fork() }.expect("a child") {
            // SAFETY: ends this process.
            ForkResult::Child => unsafe { libc::_exit(call.foreign_answer().map_or(0, |errno| errno.number() as i32)) },
            ForkResult::Parent { child } => nix::sys::wait::waitpid(child, None).expect("its end"),
        };
        let nix::sys::wait::WaitStatus::Exited(_, foreign) = status else { panic!("{call:?}: {status:?}") };
        // A kernel may be built without kcmp(2).
        assert!(foreign == 0 || *call == Harmless::Kcmp && foreign == libc::ENOSYS, "{call:?}: errno {foreign}");
    }
}
