//! Entering user namespaces: by setns(2), and while other tasks share something with the caller.

use super::here::Here;
use super::trial::{
    Asked, EINVAL, EPERM, OK, Trial, answer, become_root, beside, enter, make, moved, must, nothing, prepared,
};
use crate::check::case::Answer;
use crate::check::step::Step;
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind};
use crate::clone::process::Process;
use crate::host::namespace as host;
use crate::sys::{Fd, Pid, Result, file, namespace, process};
use core::sync::atomic::AtomicU32;

/// userns_install: not the caller's own namespace again, and only one in which the caller has CAP_SYS_ADMIN, which is
/// one of its own children and none of its parents.
pub static SETNS: &[Trial] = &[
    answer(Step::OfItself, EINVAL, |here| {
        become_root(here)?;
        join(&own_file()?).map(Answer::of)
    }),
    answer(Step::OfParent, EPERM, |here| {
        let outside = own_file()?;
        become_root(here)?;
        join(&outside).map(Answer::of)
    }),
    answer(Step::OfParentUnmapped, EPERM, |_| {
        let outside = own_file()?;
        enter()?;
        join(&outside).map(Answer::of)
    }),
    answer(Step::OfChild, OK, join_child),
];

/// Who shares root and working directory with another task does not enter a namespace by setns(2); by unshare(2) the
/// task gets copies of them: ksys_unshare.
pub static FS: &[Trial] = &[
    answer(Step::SetnsShared, EINVAL, |here| sharing(Flags::FS, || join_child(here))),
    answer(Step::UnshareShared, OK, |_| sharing(Flags::FS, || make().map(Answer::of))),
];

/// One thread of several does not change its user namespace alone; a process may that shares its memory with another
/// one.
pub static THREAD: &[Trial] = &[
    answer(Step::SetnsThread, EINVAL, |here| sharing(THREADS, || join_child(here))),
    answer(Step::UnshareThread, EINVAL, |_| sharing(THREADS, || make().map(Answer::of))),
    answer(Step::UnshareMemory, OK, |_| sharing(Flags::VM, || make().map(Answer::of))),
];

/// The caller's own user namespace.
fn own_file() -> Asked<Fd> {
    prepared(file::open(c"/proc/self/ns/user", file::O_RDONLY))
}

/// setns(2) into a user namespace.
fn join(file: &Fd) -> Asked<Result<()>> {
    moved(host::moved(Kind::User, || namespace::enter(file.raw(), Flags::NEWUSER.bits() as usize)))
}

/// setns(2) into the user namespace of a child.
fn join_child(here: &Here) -> Asked<Answer> {
    let joins = |child: Pid| {
        let open = |path: &_| file::open(path, file::O_RDONLY);
        let inside = prepared(here.tasks.with_path(child, [b"ns/", b"user"], open))?;
        join(&inside).map(Answer::of)
    };
    beside(here, enter, joins, nothing).map(|(answer, _)| answer)
}

/// What a thread shares with the others of its process.
const THREADS: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD);

/// What is answered while another task shares something with the caller. The task is ended then, unless it is a thread:
/// that ends with its process.
fn sharing(flags: Flags, ask: impl FnOnce() -> Asked<Answer>) -> Asked<Answer> {
    let _other = Process::adopt(sleeper(flags)?);
    ask()
}

/// A task that sleeps as long as this process lives.
fn sleeper(flags: Flags) -> Asked<Pid> {
    static WORDS: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];
    let [word, gate] = &WORDS;
    // A kernel without pidfd_open(2) ends the task by PR_SET_PDEATHSIG alone.
    bare::set_parent(process::own_pidfd().ok().map(Fd::leave));
    must(Step::Make, bare::make_sleeper(&Call::usual(Api::Clone, flags), word, gate))
}
