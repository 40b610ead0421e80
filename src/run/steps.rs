//! The steps from new namespaces to the program, one table: whoever takes them stops at the first that is refused.

use super::maps;
use super::plan::Plan;
use crate::clone::flags::{Flags, KINDS};
use crate::clone::task::Failure;
use crate::sys::{Answer, Errno, control, file, ids, namespace, privilege};
use crate::witness::board::{Board, Word};
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;

/// A step: its name, and what it does; 0 where it was not asked for.
pub struct Step(pub Text, fn(&Plan, Board) -> Answer);

/// What makes the namespaces what they are to be: taken once, by the first process in them, and only if they are new: else it
/// would be done to those of the caller.
pub static OF_PLACE: [Step; 10] = [
    Step(Text::StepNew, are_new),
    Step(Text::RootSetgroups, setgroups),
    Step(Text::StepHelper, maps::call_helper),
    Step(Text::RootUidMap, |plan, board| maps::write_own(plan, board, 0)),
    Step(Text::RootGidMap, |plan, board| maps::write_own(plan, board, 1)),
    Step(Text::StepPropagation, |plan, _| {
        plan.propagation.map_or(Answer(0), |flags| namespace::mount(c"", c"/", namespace::MS_REC | flags))
    }),
    Step(Text::StepHostname, |plan, _| plan.hostname.map_or(Answer(0), namespace::sethostname)),
    Step(Text::StepChroot, |plan, _| at(plan.root, namespace::chroot)),
    Step(Text::StepChdir, |plan, _| at(plan.directory.or(plan.root.map(|_| b"/".as_slice())), namespace::chdir)),
    Step(Text::StepProc, mount_proc),
];

/// What makes the program what it is to be: taken by the process that executes it.
pub static OF_PROGRAM: [Step; 7] = [
    Step(Text::StepOffsets, |plan, _| offset(plan.offsets[0], b"monotonic ")),
    Step(Text::StepOffsets, |plan, _| offset(plan.offsets[1], b"boottime ")),
    Step(Text::StepSetgroups, |plan, _| plan.setgid.map_or(Answer(0), |_| ids::no_groups())),
    Step(Text::StepSetgid, |plan, _| plan.setgid.map_or(Answer(0), ids::setgid)),
    Step(Text::StepSetuid, |plan, _| plan.setuid.map_or(Answer(0), ids::setuid)),
    Step(Text::StepKeepCaps, |plan, _| if plan.keeps_capabilities { privilege::keep() } else { Answer(0) }),
    Step(Text::StepRenounce, |plan, _| if plan.renounces { control::renounce_privileges() } else { Answer(0) }),
];

/// What is asked for last, for a change of ids undoes it: taken by the child of the parent that stays.
pub static OF_CHILD: [Step; 1] = [Step(Text::StepKillChild, die_with_parent)];

/// Takes steps up to the first that is refused, which is left on the board too.
pub fn take(steps: &[Step], plan: &Plan, board: Board) -> Result<(), Failure> {
    for Step(name, act) in steps {
        if let Err(errno) = act(plan, board).split() {
            board.child().put(Word::Step, Answer(*name as usize));
            board.child().put(Word::Refusal, Answer::error(errno));
            return Err(Failure { step: *name, errno });
        }
    }
    Ok(())
}

/// The refusal that another process has left.
pub fn refused(board: Board) -> Option<Failure> {
    let errno = board.child().get(Word::Refusal).split().err().filter(|errno| *errno != Errno::ECANCELED)?;
    let number = board.child().get(Word::Step);
    let step = OF_PLACE.iter().chain(&OF_PROGRAM).chain(&OF_CHILD).find(|step| Answer(step.0 as usize) == number);
    Some(Failure { step: step.map_or(Text::StepParent, |step| step.0), errno })
}

/// What the user has given for a step.
pub fn argument(plan: &Plan, step: Text) -> &'static [u8] {
    let given = match step {
        Text::StepChroot => plan.root,
        Text::StepChdir => plan.directory,
        Text::StepProc => plan.proc,
        Text::StepHostname => plan.hostname,
        _ => None,
    };
    given.unwrap_or_default()
}

/// Does something to a path, if there is one.
fn at(path: Option<&[u8]>, act: fn(&core::ffi::CStr) -> Answer) -> Answer {
    path.map_or(Answer(0), |path| act(file::path(&mut [0; 4096], &[path])))
}

/// The inode of a namespace of this process, by its place among the kinds.
fn inode(place: usize) -> Answer {
    namespace::own(KINDS.get(place).map_or(b"", |(_, kind)| kind.bytes()))
}

/// Whoever asks for new namespaces leaves which it has.
pub fn brief(plan: &Plan, board: Board) {
    let words = board.parent().0.iter().skip(Word::Kinds as usize).zip(asked(plan));
    words.filter(|(_, (_, is_asked))| *is_asked).for_each(|(word, (place, _))| word.store(inode(place).0, Relaxed));
}

/// The kinds, and whether each is asked for and is to be told by its inode. A new user namespace has no ids and a new PID
/// namespace has a first process, which is found out faster; a time namespace begins at execve(2).
fn asked(plan: &Plan) -> impl Iterator<Item = (usize, bool)> {
    let flags = plan.namespaces - (Flags::NEWUSER | Flags::NEWPID | Flags::NEWTIME);
    KINDS.iter().enumerate().map(move |(place, (flag, _))| (place, flags.contains(*flag)))
}

/// Whether each is another than before; EIO if a flag was ignored. What cannot be asked here is not known.
fn are_new(plan: &Plan, board: Board) -> Answer {
    let has = |flag| plan.namespaces.contains(flag);
    let has_names = has(Flags::NEWUSER) && !ids::getuid().and_then(ids::keep_uid).is_error();
    let has_others = has(Flags::NEWPID) && ids::getpid() != Answer(1);
    let words = board.parent().0.iter().skip(Word::Kinds as usize).zip(asked(plan));
    let mut asked = words.filter(|(_, (_, is_asked))| *is_asked);
    let is_old = asked.any(|(word, (place, _))| {
        let before = Answer(word.load(Relaxed));
        !before.is_error() && inode(place) == before
    });
    if has_names || has_others || is_old { Answer::error(Errno::EIO) } else { Answer(0) }
}

/// A gid_map of one's own is refused until that is denied; who maps nothing denies nothing. Kernels without such a file
/// (before 3.19) want no denial.
fn setgroups(plan: &Plan, _: Board) -> Answer {
    let is_implied = plan.setgroups.is_none() && plan.ids[1].own.is_some() && !plan.has_ranges();
    let Some(word) = plan.setgroups.or(is_implied.then_some(b"deny")) else { return Answer(0) };
    match namespace::write_file(c"/proc/self/setgroups", word) {
        missing if is_implied && missing.is(Errno::ENOENT) => Answer(0),
        answer => answer,
    }
}

/// The proc file system shows the PID namespace of whoever mounts it.
fn mount_proc(plan: &Plan, _: Board) -> Answer {
    let flags = namespace::MS_NOSUID | namespace::MS_NODEV | namespace::MS_NOEXEC;
    let Some(path) = plan.proc else { return Answer(0) };
    let mut room = [0; 4096];
    let path = file::path(&mut room, &[path]);
    let is_private = plan.root.is_some() || plan.propagation == Some(namespace::MS_PRIVATE);
    // Mounts that are shared must not show this one elsewhere; where it is no mount, there is nothing to be shared.
    let private = namespace::MS_REC | namespace::MS_PRIVATE;
    match if is_private { Answer(0) } else { namespace::mount(c"", path, private) } {
        refusal if refusal.is_error() && !refusal.is(Errno::EINVAL) => refusal,
        _ => namespace::mount(c"proc", path, flags),
    }
}

/// Asks for the signal that comes when the parent dies. ESRCH: it has died before, which only its descriptor tells: there is
/// no parent in a new PID namespace.
fn die_with_parent(plan: &Plan, board: Board) -> Answer {
    let Some(signal) = plan.kill else { return Answer(0) };
    control::signal_at_parents_end(signal as u32).and_then(|_| {
        let is_dead = board.parent().get(Word::Descriptor).and_then(file::is_readable);
        if is_dead == Answer(1) { Answer::error(Errno::ESRCH) } else { is_dead }
    })
}

/// An offset of a clock, time_namespaces(7).
fn offset(seconds: Option<&[u8]>, clock: &[u8]) -> Answer {
    let Some(seconds) = seconds else { return Answer(0) };
    let mut room = [0; 64];
    let line = file::path(&mut room, &[clock, seconds, b" 0\n"]);
    namespace::write_file(c"/proc/self/timens_offsets", line.to_bytes())
}
