//! Becoming root of a new user namespace, step by step, and the proof that it is root.
//!
//! The decision behind it: the child writes its own maps (one id needs no help from outside, so no handshake), and
//! only after its id was seen to have no name: without a new namespace the steps would act on the old one.

use super::board::{Board, Word};
use crate::clone::flags::Flags;
use crate::clone::task::Failure;
use crate::sys::namespace::IdMap;
use crate::sys::{Answer, Errno, ids, namespace};
use crate::words::Text;
use core::ffi::CStr;

/// The name that the new root gives to a host of its own, and the zero that ends it.
const NAME: [u8; 8] = *b"chimera\0";

/// One step of the child.
pub struct Step {
    /// Where the child leaves the result.
    pub result: Word,
    /// The name.
    pub name: Text,
    /// What it writes, in which `#` is the outer id; [`Text::Nothing`] if it writes nothing.
    pub text: Text,
    /// Where the parent has left the outer id.
    pub outer: Word,
}

/// All steps, in their order.
pub static STEPS: [Step; 8] = [
    step(Word::Setgroups, Text::RootSetgroups, Text::RootDeny, Word::Egid),
    step(Word::UidMap, Text::RootUidMap, Text::RootMap, Word::Euid),
    step(Word::GidMap, Text::RootGidMap, Text::RootMap, Word::Egid),
    step(Word::RootUid, Text::RootGetuid, Text::Nothing, Word::Euid),
    step(Word::RootGid, Text::RootGetgid, Text::Nothing, Word::Egid),
    step(Word::Setuid, Text::RootSetuid, Text::Nothing, Word::Euid),
    step(Word::Unshare, Text::RootUnshare, Text::Nothing, Word::Euid),
    step(Word::Sethostname, Text::RootSethostname, Text::Nothing, Word::Euid),
];

const fn step(result: Word, name: Text, text: Text, outer: Word) -> Step {
    Step { result, name, text, outer }
}

/// Whether a step is one of these: their texts stand together.
pub fn is_step(name: Text) -> bool {
    (Text::RootSetgroups as u16..=Text::RootSethostname as u16).contains(&(name as u16))
}

/// The parent, before the call: leaves the ids that root will be outside. Only the effective ones may be named.
pub fn brief(board: Board) {
    board.parent().put(Word::Euid, ids::geteuid());
    board.parent().put(Word::Egid, ids::getegid());
}

/// The child, after [`act`](super::behaviour::act): if it was briefed, and if its id had a name before and has none now. Where that could not
/// be asked, the first step is not taken and answers the same. A refused step does not end the child: the next ones are
/// refused too, and the first is the one that is told.
pub fn become_root(board: Board) {
    let (side, parent) = (board.child(), board.parent());
    let named = side.get(Word::KeepUid);
    let briefed = !parent.get(Word::Euid).is(Errno::ECANCELED);
    if !briefed || named.ok().is_some() || parent.get(Word::KeepUid).is(Errno::EINVAL) {
        return;
    }
    if !named.is(Errno::EINVAL) {
        return side.put(Word::Setgroups, named);
    }
    map_ids(board);
    side.put(Word::RootUid, ids::getuid());
    side.put(Word::RootGid, ids::getgid());
    side.put(Word::Setuid, ids::setuid(0));
    let host = new_host();
    side.put(Word::Unshare, host);
    let named = host.and_then(|_| namespace::sethostname(&NAME[..7]));
    side.put(Word::Sethostname, named.and_then(|_| host_name_is_ours()));
}

/// A UTS namespace of its own; EIO if it is the one before.
fn new_host() -> Answer {
    namespace::own(b"uts").and_then(|before| {
        let own = namespace::unshare(Flags::NEWUTS.bits() as usize).and_then(|_| namespace::own(b"uts"));
        own.and_then(|own| if own == before { Answer::error(Errno::EIO) } else { Answer(0) })
    })
}

/// The child: gives the ids with which its maker was briefed the names 0 and 0.
pub fn map_ids(board: Board) {
    let (side, parent) = (board.child(), board.parent());
    side.put(Word::Setgroups, namespace::write_file(c"/proc/self/setgroups", b"deny"));
    side.put(Word::UidMap, write_map(c"/proc/self/uid_map", parent.get(Word::Euid)));
    side.put(Word::GidMap, write_map(c"/proc/self/gid_map", parent.get(Word::Egid)));
}

/// The first of the three steps of [`map_ids`] that was refused.
pub fn unmapped(board: Board) -> Option<Failure> {
    STEPS.iter().take(3).find_map(|step| {
        let errno = board.child().get(step.result).split().err()?;
        (errno != Errno::ECANCELED).then_some(Failure { step: step.name, errno })
    })
}

/// Writes the line of a map, `0 OUTER 1`: the inner id 0 is the outer id, one id long.
fn write_map(path: &CStr, outer: Answer) -> Answer {
    outer.and_then(|outer| {
        let mut map = IdMap::EMPTY;
        map.push([0, outer, 1]);
        map.write(path)
    })
}

/// Reads the name back: EIO if it is another.
fn host_name_is_ours() -> Answer {
    let mut answer = Answer::error(Errno::EIO);
    namespace::uname(|name| {
        if name.nodename.starts_with(&NAME) {
            answer = Answer(0);
        }
    });
    answer
}

/// Whether the child tried: without a new namespace it does not, and then the verdict about that stands alone.
pub fn was_tried(board: Board) -> bool {
    !board.child().get(Word::Setgroups).is(Errno::ECANCELED)
}

/// The first step that failed; an id that is not 0 is a failure too (EIO).
pub fn check(board: Board) -> Result<(), Failure> {
    for step in &STEPS {
        let result = board.child().get(step.result).split();
        let result = result.map_err(|errno| Failure { step: step.name, errno })?;
        if result != 0 && matches!(step.result, Word::RootUid | Word::RootGid) {
            return Err(Failure { step: step.name, errno: Errno::EIO });
        }
    }
    Ok(())
}
