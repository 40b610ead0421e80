//! Becoming root of a new user namespace, step by step, and the proof that it is root.
//!
//! The decision behind it: the child writes its own maps (one id needs no help from outside, so no handshake), and
//! only after its id was seen to have no name: without a new namespace the steps would act on the old one.

use super::board::{Board, Word};
use crate::clone::flags::Flags;
use crate::clone::task::{Failure, Plan, Step};
use crate::sys::bytes::digits;
use crate::sys::{Answer, Errno, ids, namespace};
use core::ffi::CStr;
use linux_raw_sys::system::new_utsname;

/// The name that the new root gives to a host of its own.
const NAME: &[u8] = b"chimera";

/// All steps, in their order: where each leaves its result, and how it is named.
pub static STEPS: [(Word, Step); 8] = [
    (
        Word::Setgroups,
        Step::new("write /proc/self/setgroups \"deny\""),
    ),
    (Word::UidMap, Step::new("write /proc/self/uid_map")),
    (Word::GidMap, Step::new("write /proc/self/gid_map")),
    (Word::RootUid, Step::new("getuid()")),
    (Word::RootGid, Step::new("getgid()")),
    (Word::Setuid, Step::new("setuid(0)")),
    (Word::Unshare, Step::new("unshare(CLONE_NEWUTS)")),
    (Word::Sethostname, Step::new("sethostname(\"chimera\")")),
];

/// The parent, before the call: leaves the ids that root will be outside. Only the effective ones may be named.
pub fn brief(board: Board) {
    board.parent().put(Word::Euid, ids::geteuid());
    board.parent().put(Word::Egid, ids::getegid());
}

/// The child, after [`act`](super::behaviour::act): if it was briefed, and if its id had a name before and has none
/// now.
pub fn become_root(board: Board) {
    let had = board
        .parent()
        .get(Word::KeepUid)
        .and_then(|_| board.parent().get(Word::Euid));
    if had.ok().is_some() && board.child().get(Word::KeepUid).is(Errno::EINVAL) {
        // The first refusal ends it: what was not done stays ECANCELED.
        let _ = steps(board);
    }
}

fn steps(board: Board) -> Option<usize> {
    let (side, parent) = (board.child(), board.parent());
    let step = |word, answer: Answer| {
        side.put(word, answer);
        answer.ok()
    };
    step(
        Word::Setgroups,
        namespace::write_file(c"/proc/self/setgroups", b"deny"),
    )?;
    step(
        Word::UidMap,
        write_map(c"/proc/self/uid_map", parent.get(Word::Euid)),
    )?;
    step(
        Word::GidMap,
        write_map(c"/proc/self/gid_map", parent.get(Word::Egid)),
    )?;
    step(Word::RootUid, ids::getuid())?;
    step(Word::RootGid, ids::getgid())?;
    step(Word::Setuid, ids::setuid(0))?;
    step(Word::Unshare, namespace::unshare_uts())?;
    step(
        Word::Sethostname,
        namespace::sethostname(NAME).and_then(|_| host_name_is_ours()),
    )
}

/// Writes the line of a map: the inner id 0 is the outer id, one id long.
fn write_map(path: &CStr, outer: Answer) -> Answer {
    outer.and_then(|outer| {
        let mut room = [0; 20];
        let (mut line, mut len) = ([0; 24], 0);
        let text = b"0 "
            .iter()
            .chain(digits(outer, 10, &mut room))
            .chain(b" 1");
        for (place, byte) in line.iter_mut().zip(text) {
            *place = *byte;
            len += 1;
        }
        namespace::write_file(path, line.get(..len).unwrap_or_default())
    })
}

/// Reads the name back: EIO if it is another.
fn host_name_is_ours() -> Answer {
    let ours = |name: new_utsname| {
        name.nodename
            .iter()
            .zip(NAME)
            .all(|(one, other)| *one as u8 == *other)
    };
    match namespace::uname().is_some_and(ours) {
        true => Answer(0),
        false => Answer::error(Errno::EIO),
    }
}

/// The first step that failed, if the plan was to become root; an id that is not 0 is a failure too (EIO).
pub fn check(plan: Plan, board: Board) -> core::result::Result<(), Failure> {
    for (word, step) in STEPS.iter().filter(|_| plan.flags.contains(Flags::NEWUSER)) {
        match (*word, board.child().get(*word).split()) {
            (Word::RootUid | Word::RootGid, Ok(1..)) => return Err(step.failed(Errno::EIO)),
            (_, Err(errno)) => return Err(step.failed(errno)),
            _ => {}
        }
    }
    Ok(())
}
