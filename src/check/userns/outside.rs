//! Maps of a namespace that other processes write: its maker's parent, with and without rights, and unrelated ones.

use super::here::{Here, MOST_LINES, SETFCAP};
use super::maps::File;
use super::trial::{
    Asked, DENY, EINVAL, EPERM, Line, OK, Text, Trial, answer, become_root, beside, both, by_child, enter, enter_again,
    gid, nothing, prepared, projid, uid,
};
use crate::check::case::Answer;
use crate::check::judge::Verdict;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::sys::privilege::{self, Capability};
use crate::sys::{Errno, ids};

/// A parent with the user id of the namespace's owner may do what the process inside may: map this id, deny
/// setgroups(2), and then map the group id.
pub static OWN: &[Trial] = &[
    answer(Step::Outside, OK, |here| beside_child(here, &[], &uid("0 @ 1"))),
    answer(Step::Denied, OK, |here| beside_child(here, &[DENY], &gid("0 @ 1"))),
    answer(Step::AllThree, OK, |here| beside_child(here, &[uid("0 @ 1"), DENY], &gid("0 @ 1"))),
    answer(Step::OutsideSecond, EPERM, |here| beside_child(here, &[uid("0 @ 1")], &uid("0 @ 1"))),
    answer(Step::CountZero, EINVAL, |here| beside_child(here, &[], &uid("0 @ 0"))),
    answer(Step::SetuidRoot, OK, |here| {
        let writes = |child| uid("0 @ 1").must_of(child, here);
        beside(here, enter, writes, || Ok(ids::setuid(0))).map(|(_, answer)| answer)
    }),
    answer(Step::InsideSecond, EPERM, |here| {
        let writes = |child| uid("0 @ 1").must_of(child, here);
        beside(here, enter, writes, || Ok(uid("7 @ 1").written(here))).map(|(_, answer)| answer)
    }),
];

/// Other ids need CAP_SETUID or CAP_SETGID in the namespace outside, and so does a map of groups while setgroups(2) may
/// still be allowed: new_idmap_permitted.
pub static WITHOUT_RIGHTS: &[Trial] = &[
    answer(Step::OtherId, EPERM, |here| without_rights(here, &[], &uid("0 + 1"))),
    answer(Step::Two, EPERM, |here| without_rights(here, &[], &uid("0 + 2"))),
    answer(Step::TwoLines, EPERM, |here| without_rights(here, &[], &uid("0 @ 1\n1 + 1"))),
    answer(Step::Lines340, EPERM, |here| without_rights(here, &[], &Line(File::Uid, Text::Lines(MOST_LINES)))),
    answer(Step::OtherGroup, EPERM, |here| without_rights(here, &[DENY], &gid("0 + 1"))),
    answer(Step::Denied, OK, |here| without_rights(here, &[DENY], &gid("0 @ 1"))),
    both(Step::NotDenied, |here| {
        let got = without_rights(here, &[], &gid("0 @ 1"))?;
        Ok([if here.allows_groups { EPERM } else { OK }, got])
    }),
];

/// With these rights any id may be mapped that is mapped outside.
pub static WITH_RIGHTS: &[Trial] = &[
    answer(Step::OtherId, OK, |here| with_rights(here, 1, &uid("0 + 1"))),
    answer(Step::Two, OK, |here| with_rights(here, 2, &uid("0 + 2"))),
    answer(Step::TwoLines, OK, |here| with_rights(here, 2, &uid("0 + 1\n1 * 1"))),
    answer(Step::Lines340, OK, |here| with_rights(here, MOST_LINES, &Line(File::Uid, Text::Lines(MOST_LINES)))),
    answer(Step::Lines341, EINVAL, |here| with_rights(here, 0, &Line(File::Uid, Text::Lines(MOST_LINES + 1)))),
    answer(Step::OtherGroup, OK, |here| with_rights(here, 1, &gid("0 + 1"))),
    answer(Step::NotDenied, OK, |here| with_rights(here, 0, &gid("0 @ 1"))),
    answer(Step::Unmapped, EPERM, |here| {
        become_root(here)?;
        beside_child(here, &[], &uid("0 1 1"))
    }),
];

/// verify_root_map, since Linux 5.12: the user id 0 of outside is mapped by who has, or by whose maker had, CAP_SETFCAP
/// there.
pub static SETFCAP_TRIALS: &[Trial] = &[
    answer(Step::SetfcapInside, OK, |here| of_root(here, false, |here| within(here, &uid("0 0 1")))),
    answer(Step::NoSetfcapInside, EPERM, |here| of_root(here, true, |here| within(here, &uid("0 0 1")))),
    answer(Step::SetfcapOutside, OK, |here| of_root(here, false, |here| beside_child(here, &[], &uid("0 0 1")))),
    answer(Step::NoSetfcapOutside, EPERM, |here| of_root(here, true, |here| beside_child(here, &[], &uid("0 0 1")))),
    answer(Step::GroupZero, OK, |here| of_root(here, true, |here| beside_child(here, &[DENY], &gid("0 0 1")))),
];

/// A map is written from its own namespace, or from that one's parent: proc_uid_map_write. The map of the namespace in
/// which all begins is there already, and gets a text that no kernel could take for one.
pub static UNRELATED: &[Trial] = &[
    answer(Step::OwnPlace, EPERM, |here| uid("none").write(here)),
    answer(Step::ParentsUidMap, EPERM, |here| from_below(here, &uid("0 0 1"))),
    answer(Step::ParentsProjidMap, EPERM, |here| from_below(here, &projid("0 0 1"))),
    answer(Step::Siblings, EPERM, |here| {
        let writes = |child| {
            let sibling = || {
                become_root(here)?;
                uid("0 0 1").write_of(child, here)
            };
            by_child(here, sibling)
        };
        beside(here, enter, writes, nothing).and_then(|(answer, _)| reached(answer))
    }),
    answer(Step::Grandchilds, EPERM, |here| {
        let descends = || {
            become_root(here)?;
            enter_again()
        };
        beside(here, descends, |child| uid("0 0 1").write_of(child, here), nothing).map(|(answer, _)| answer)
    }),
];

/// A line that the caller writes to the map of a child in a new user namespace, after other lines.
fn beside_child(here: &Here, before: &[Line], line: &Line) -> Asked<Answer> {
    line.is_possible(here)?;
    let writes = |child| {
        before.iter().try_for_each(|line| line.must_of(child, here))?;
        line.write_of(child, here)
    };
    beside(here, enter, writes, nothing).map(|(answer, _)| answer)
}

/// The same without any right in the namespace outside.
fn without_rights(here: &Here, before: &[Line], line: &Line) -> Asked<Answer> {
    prepared(privilege::renounce(None))?;
    beside_child(here, before, line)
}

/// The same with the right to map this many other ids.
fn with_rights(here: &Here, count: usize, line: &Line) -> Asked<Answer> {
    if !here.may_map(line.0, count) {
        return Err(Verdict::Skipped(Skip::Rights));
    }
    beside_child(here, &[], line)
}

/// What root of a new user namespace is answered, perhaps without CAP_SETFCAP.
fn of_root(here: &Here, without: bool, ask: fn(&Here) -> Asked<Answer>) -> Asked<Answer> {
    here.since(SETFCAP)?;
    become_root(here)?;
    if without {
        prepared(privilege::renounce(Some(Capability::Setfcap)))?;
    }
    ask(here)
}

/// A line that a process writes to its own map in a namespace below.
fn within(here: &Here, line: &Line) -> Asked<Answer> {
    enter_again()?;
    line.write(here)
}

/// A line that a process writes to its parent's map from a namespace below.
fn from_below(here: &Here, line: &Line) -> Asked<Answer> {
    become_root(here)?;
    let parent = prepared(ids::getpid())?;
    let below = || {
        enter_again()?;
        line.write_of(parent, here)
    };
    by_child(here, below).and_then(reached)
}

/// An answer to a write to the file of a task that proc(5) may hide from those who may not trace it.
fn reached(answer: Answer) -> Asked<Answer> {
    match answer {
        Answer::Refused(Errno::ENOENT | Errno::EACCES) => Err(Verdict::Skipped(Skip::NoWitness)),
        answer => Ok(answer),
    }
}
