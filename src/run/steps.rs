//! The steps from new namespaces to the program, one table: whoever takes them stops at the first that is refused.

use super::maps;
use super::plan::Plan;
use crate::clone::flags::{Flags, KINDS};
use crate::clone::task::Failure;
use crate::sys::{Answer, Errno, control, file, ids, namespace, privilege};
use crate::witness::board::{Board, Word};
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::SIGKILL;

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

/// What the child of a parent that stays asks for first, and last, for a change of ids undoes it.
pub static OF_START: [Step; 1] = [Step(Text::StepKillChild, wait_with_parent)];
/// See [`OF_START`].
pub static OF_CHILD: [Step; 1] = [Step(Text::StepKillChild, die_with_parent)];

/// What process 1 of a PID namespace gives up before it makes the program: what its maker has opened for itself.
pub static OF_FIRST: [Step; 2] = [
    Step(Text::StepClose, |_, board| close(board, Word::Terminal)),
    Step(Text::StepClose, |_, board| close(board, Word::Descriptor)),
];

/// Process 1 shares its memory with the program until execve(2), and root of the namespace could write to it. What the parent is
/// told lies there, so it is made not dumpable.
pub static OF_INIT: [Step; 1] = [Step(Text::StepDumpable, |_, _| control::not_dumpable())];

/// Takes steps up to the first that is refused, which is left on the board too.
pub fn take(steps: &[Step], plan: &Plan, board: Board) -> Result<(), Failure> {
    for Step(name, act) in steps {
        if let Err(errno) = act(plan, board).split() {
            let failure = Failure { step: *name, errno };
            tell(failure, board);
            return Err(failure);
        }
    }
    Ok(())
}

/// Leaves a refusal for the parent.
pub fn tell(failure: Failure, board: Board) {
    board.child().put(Word::Step, Answer(failure.step as usize));
    board.child().put(Word::Refusal, Answer::error(failure.errno));
}

/// The refusal that another process has left.
pub fn refused(board: Board) -> Option<Failure> {
    let errno = board.child().get(Word::Refusal).split().err().filter(|errno| *errno != Errno::ECANCELED)?;
    let number = board.child().get(Word::Step);
    let tables = OF_PLACE.iter().chain(&OF_PROGRAM).chain(&OF_CHILD).chain(&OF_INIT).chain(&OF_FIRST);
    let others = [Text::Stack, Text::Guard, Text::End, Text::StepWords, Text::StepBlock];
    let mut steps = tables.map(|step| step.0).chain(others);
    let step = steps.find(|step| Answer(*step as usize) == number);
    Some(Failure { step: step.unwrap_or(Text::StepParent), errno })
}

/// Closes a descriptor of the parent's, if there is one.
fn close(board: Board, word: Word) -> Answer {
    board.parent().get(word).ok().map_or(Answer(0), file::close)
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
fn at(path: Option<&[u8]>, mut act: impl FnMut(&core::ffi::CStr) -> Answer) -> Answer {
    path.map_or(Answer(0), |path| file::at(&[path], &mut act))
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

/// Whether each is another than before: EIO if a flag was ignored, and the errno if that cannot be seen of one in which a step
/// would change something. Of the others the kernel's word is all that there is then.
fn are_new(plan: &Plan, board: Board) -> Answer {
    let has = |flag| plan.namespaces.contains(flag);
    if has(Flags::NEWUSER) {
        let proof = ids::prove_new();
        if proof.is_error() {
            return proof;
        }
    }
    if has(Flags::NEWPID) {
        match ids::getpid().split() {
            Ok(1) => {}
            other => return Answer::error(other.err().unwrap_or(Errno::EIO)),
        }
    }
    let words = board.parent().0.iter().skip(Word::Kinds as usize).zip(asked(plan));
    for (word, (place, _)) in words.filter(|(_, (_, is_asked))| *is_asked) {
        let before = Answer(word.load(Relaxed));
        let now = before.and_then(|_| inode(place));
        if now == before && !now.is_error() {
            return Answer::error(Errno::EIO);
        }
        if now.is_error() && changes(plan, place) {
            return now;
        }
    }
    Answer(0)
}

/// Whether a step changes something in a kind of namespace.
fn changes(plan: &Plan, place: usize) -> bool {
    match KINDS.get(place) {
        Some((Flags::NEWNS, _)) => plan.propagation.is_some() || plan.proc.is_some(),
        Some((Flags::NEWUTS, _)) => plan.hostname.is_some(),
        _ => false,
    }
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

/// The proc file system shows the PID namespace of the task that mounts it.
fn mount_proc(plan: &Plan, _: Board) -> Answer {
    let flags = namespace::MS_NOSUID | namespace::MS_NODEV | namespace::MS_NOEXEC;
    // Where mounts of this namespace go on to others, this one must not: the place has to be a mount that can be made private.
    let goes_on = !matches!(plan.propagation, Some(namespace::MS_PRIVATE | namespace::MS_SLAVE));
    let private = namespace::MS_REC | namespace::MS_PRIVATE;
    at(plan.proc, |path| {
        let guarded = if goes_on { namespace::mount(c"", path, private) } else { Answer(0) };
        guarded.and_then(|_| namespace::mount(c"proc", path, flags))
    })
}

/// Whether the parent has ended: only its descriptor tells, for in a new PID namespace it has no id.
pub(super) fn has_parent_ended(board: Board) -> Answer {
    board.parent().get(Word::Descriptor).and_then(file::is_readable)
}

/// ESRCH if the parent has ended. Without a descriptor that is not known, and an error if `--kill-child` depends on it.
fn parent_lives(plan: &Plan, board: Board) -> Answer {
    match has_parent_ended(board) {
        Answer(1) => Answer::error(Errno::ESRCH),
        unknown if unknown.is_error() && plan.kill.is_some() => unknown,
        _ => Answer(0),
    }
}

/// A process that is to end with its parent, or that waits for the helper of that, asks for the signal at once. The kernel tells
/// children of an end a moment before it tells the descriptor, so that is looked at again later.
fn wait_with_parent(plan: &Plan, board: Board) -> Answer {
    let signal = plan.kill.map(|signal| signal as u32).or(plan.has_ranges().then_some(SIGKILL));
    signal.map_or(Answer(0), |signal| control::signal_at_parents_end(signal).and_then(|_| parent_lives(plan, board)))
}

/// Asks for the signal that comes when the parent dies, or for none any more.
fn die_with_parent(plan: &Plan, board: Board) -> Answer {
    match plan.kill {
        Some(signal) => control::signal_at_parents_end(signal as u32).and_then(|_| parent_lives(plan, board)),
        None if plan.has_ranges() => parent_lives(plan, board).and_then(|_| control::signal_at_parents_end(0)),
        None => Answer(0),
    }
}

/// An offset of a clock, time_namespaces(7).
fn offset(seconds: Option<&[u8]>, clock: &[u8]) -> Answer {
    let Some(seconds) = seconds else { return Answer(0) };
    let write = |line: &core::ffi::CStr| namespace::write_file(c"/proc/self/timens_offsets", line.to_bytes());
    file::at(&[clock, seconds, b" 0\n"], &mut { write })
}
