//! Lines that a process writes to the maps, and to setgroups, of the user namespace that it is in.

use super::here::{Here, MOST_LINES};
use super::maps::File;
use super::trial::{
    Asked, DENY, EINVAL, EPERM, Line, OK, Text, Trial, after, answer, become_root, both, enter, enter_again, gid, line,
    must, prepared, projid, setgroups, uid,
};
use crate::check::case::Answer;
use crate::check::judge::Verdict;
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::sys::file;

/// map_write: blanks of isspace(3) divide, and may stand before and behind; a last line needs no newline.
pub static UID_OWN: &[Trial] = &[
    line(Step::Plain, uid("0 @ 1"), OK),
    line(Step::Newline, uid("0 @ 1\n"), OK),
    line(Step::Tabs, uid("0\t@\t1"), OK),
    line(Step::Blanks, uid("  0   @ \t 1"), OK),
    line(Step::BlanksBehind, uid("0 @ 1 \t \n"), OK),
    line(Step::ZeroByte, uid("0 @ 1\0"), OK),
    line(Step::InnerId, uid("7 @ 1"), OK),
    line(Step::LastId, uid("4294967294 @ 1"), OK),
];

/// A map is written once, which is looked at before the text.
pub static UID_ONCE: &[Trial] = &[
    after(&[uid("0 @ 1")], Step::Same, uid("0 @ 1"), EPERM),
    after(&[uid("0 @ 1")], Step::Another, uid("7 @ 1"), EPERM),
    after(&[uid("0 @ 1")], Step::Garbage, uid("none"), EPERM),
    after(&[uid("0 @ 1")], Step::Empty, uid(""), EPERM),
    answer(Step::AfterRefusal, OK, |here| after_refusal(here, &uid("0 + 1"), &uid("0 @ 1"))),
    answer(Step::SameFile, EINVAL, |here| twice(here, &uid("0 @ 1"))),
];

/// The kernel maps a single id, the effective one of the namespace's maker, without rights outside. The process inside
/// has none there: new_idmap_permitted.
pub static UID_FOREIGN: &[Trial] = &[
    line(Step::OtherId, uid("0 + 1"), EPERM),
    line(Step::Two, uid("0 + 2"), EPERM),
    line(Step::TwoLines, uid("0 @ 1\n1 + 1"), EPERM),
    line(Step::AllIds, uid("0 0 4294967295"), EPERM),
];

/// map_write: three decimal numbers a line, none of them 2^32 - 1 or negative, and no range beyond the last id.
pub static UID_MALFORMED: &[Trial] = &[
    line(Step::Empty, uid(""), EINVAL),
    line(Step::OnlyNewline, uid("\n"), EINVAL),
    line(Step::OnlyBlank, uid(" "), EINVAL),
    line(Step::CountZero, uid("0 @ 0"), EINVAL),
    line(Step::NoCount, uid("0 @"), EINVAL),
    line(Step::OneField, uid("0"), EINVAL),
    line(Step::FourFields, uid("0 @ 1 1"), EINVAL),
    line(Step::Letters, uid("root @ 1"), EINVAL),
    line(Step::Hexadecimal, uid("0x0 @ 1"), EINVAL),
    line(Step::Commas, uid("0,@,1"), EINVAL),
    line(Step::LetterBehind, uid("0 @ 1x"), EINVAL),
    line(Step::InnerNegative, uid("-1 @ 1"), EINVAL),
    line(Step::OuterNegative, uid("0 -1 1"), EINVAL),
    line(Step::CountNegative, uid("0 @ -1"), EINVAL),
    line(Step::InnerNone, uid("4294967295 @ 1"), EINVAL),
    line(Step::OuterNone, uid("0 4294967295 1"), EINVAL),
    line(Step::InnerWraps, uid("4294967294 @ 2"), EINVAL),
    line(Step::OuterWraps, uid("0 4294967294 2"), EINVAL),
    line(Step::EmptyFirst, uid("\n0 @ 1"), EINVAL),
    line(Step::EmptySecond, uid("0 @ 1\n\n"), EINVAL),
    line(Step::ShortSecond, uid("0 @ 1\n1 +"), EINVAL),
];

/// mappings_overlap: no two lines have an id in common, inside or outside.
pub static UID_OVERLAP: &[Trial] = &[
    line(Step::Same, uid("0 @ 1\n0 @ 1"), EINVAL),
    line(Step::InnerTwice, uid("0 @ 1\n0 + 1"), EINVAL),
    line(Step::OuterTwice, uid("0 @ 1\n1 @ 1"), EINVAL),
    line(Step::RangesMeet, uid("0 + 2\n2 * 1"), EINVAL),
];

/// UID_GID_MAP_MAX_EXTENTS, since Linux 4.15.
pub static UID_LINES: &[Trial] = &[
    line(Step::Lines340, Line(File::Uid, Text::Lines(MOST_LINES)), EPERM),
    line(Step::Lines341, Line(File::Uid, Text::Lines(MOST_LINES + 1)), EINVAL),
];

/// A write is shorter than a page.
pub static UID_LENGTH: &[Trial] = &[
    line(Step::Bytes4095, Line(File::Uid, Text::Bytes(4095)), OK),
    line(Step::Bytes4096, Line(File::Uid, Text::Bytes(4096)), EINVAL),
    line(Step::Bytes4097, Line(File::Uid, Text::Bytes(4097)), EINVAL),
];

/// A write starts at the beginning of the file.
pub static UID_OFFSET: &[Trial] = &[
    answer(Step::Offset1, EINVAL, |here| at_offset(here, &[1], &uid("0 @ 1"))),
    answer(Step::OffsetBack, OK, |here| at_offset(here, &[1, 0], &uid("0 @ 1"))),
];

/// Without rights outside, setgroups(2) is denied before the group id is mapped; the two maps know nothing of each
/// other.
pub static GID_OWN: &[Trial] = &[
    after(&[DENY], Step::Plain, gid("0 @ 1"), OK),
    after(&[DENY], Step::Newline, gid("0 @ 1\n"), OK),
    after(&[DENY], Step::InnerId, gid("7 @ 1"), OK),
    after(&[DENY], Step::LastId, gid("4294967294 @ 1"), OK),
    after(&[uid("0 @ 1"), DENY], Step::AfterUidMap, gid("0 @ 1"), OK),
    both(Step::NotDenied, |here| without_denial(here, &[])),
    both(Step::UidMapFirst, |here| without_denial(here, &[uid("0 @ 1")])),
];

/// As for users.
pub static GID_ONCE: &[Trial] = &[
    after(&[DENY, gid("0 @ 1")], Step::Same, gid("0 @ 1"), EPERM),
    after(&[DENY, gid("0 @ 1")], Step::Another, gid("7 @ 1"), EPERM),
    after(&[DENY, gid("0 @ 1")], Step::Garbage, gid("none"), EPERM),
];

/// As for users, whether setgroups(2) is denied or not.
pub static GID_FOREIGN: &[Trial] = &[
    after(&[DENY], Step::OtherId, gid("0 + 1"), EPERM),
    after(&[DENY], Step::Two, gid("0 + 2"), EPERM),
    after(&[DENY], Step::TwoLines, gid("0 @ 1\n1 + 1"), EPERM),
    line(Step::NotDenied, gid("0 + 1"), EPERM),
];

/// As for users: the text is looked at before the right to write it, so before setgroups too.
pub static GID_MALFORMED: &[Trial] = &[
    line(Step::Empty, gid(""), EINVAL),
    line(Step::CountZero, gid("0 @ 0"), EINVAL),
    line(Step::NoCount, gid("0 @"), EINVAL),
    line(Step::FourFields, gid("0 @ 1 1"), EINVAL),
    line(Step::Letters, gid("wheel @ 1"), EINVAL),
    line(Step::InnerNegative, gid("-1 @ 1"), EINVAL),
    line(Step::OuterNone, gid("0 4294967295 1"), EINVAL),
    line(Step::InnerTwice, gid("0 @ 1\n0 + 1"), EINVAL),
    line(Step::OuterTwice, gid("0 @ 1\n1 @ 1"), EINVAL),
    after(&[DENY], Step::Denied, gid("0 @ 0"), EINVAL),
];

/// As for users.
pub static GID_LINES: &[Trial] = &[
    line(Step::Lines340, Line(File::Gid, Text::Lines(MOST_LINES)), EPERM),
    line(Step::Lines341, Line(File::Gid, Text::Lines(MOST_LINES + 1)), EINVAL),
    after(&[DENY], Step::Bytes4095, Line(File::Gid, Text::Bytes(4095)), OK),
    after(&[DENY], Step::Bytes4096, Line(File::Gid, Text::Bytes(4096)), EINVAL),
];

/// proc_setgroups_write: one of two words, blanks behind it, less than eight bytes.
pub static SETGROUPS_WORDS: &[Trial] = &[
    line(Step::Deny, setgroups("deny"), OK),
    line(Step::DenyNewline, setgroups("deny\n"), OK),
    line(Step::DenyBlanks, setgroups("deny \t\n"), OK),
    line(Step::DenyLong, setgroups("deny    "), EINVAL),
    both(Step::Allow, |here| while_allowed(here, &setgroups("allow"))),
    both(Step::AllowNewline, |here| while_allowed(here, &setgroups("allow\n"))),
    line(Step::Empty, setgroups(""), EINVAL),
    line(Step::OnlyNewline, setgroups("\n"), EINVAL),
    line(Step::Garbage, setgroups("none"), EINVAL),
    line(Step::CapitalLetter, setgroups("Deny"), EINVAL),
    line(Step::LetterBehind, setgroups("denyx"), EINVAL),
    line(Step::Blanks, setgroups(" deny"), EINVAL),
];

/// What was denied is not allowed again, neither in the namespace nor below it, and what may be in use since there is a
/// map of groups is not denied any more.
pub static SETGROUPS_ORDER: &[Trial] = &[
    after(&[DENY], Step::DenyTwice, DENY, OK),
    after(&[DENY], Step::AllowAfterDeny, setgroups("allow"), EPERM),
    after(&[uid("0 @ 1")], Step::AfterUidMap, DENY, OK),
    after(&[DENY, gid("0 @ 1")], Step::DenyAfterMap, DENY, EPERM),
    after(&[DENY, gid("0 @ 1")], Step::AllowAfterMap, setgroups("allow"), EPERM),
    answer(Step::AllowBelow, EPERM, |here| {
        become_root(here)?;
        enter_again()?;
        setgroups("allow").write(here)
    }),
];

/// Project ids need no right; but as the other ids they have to be mapped outside.
pub static PROJID: &[Trial] = &[
    answer(Step::Plain, OK, |here| of_projects(here, &projid("0 @ 1"))),
    answer(Step::TwoLines, OK, |here| of_projects(here, &projid("0 @ 1\n7 * 1"))),
    answer(Step::Same, EPERM, |here| {
        of_projects(here, &projid("0 @ 1"))?;
        projid("0 @ 1").write(here)
    }),
    line(Step::CountZero, projid("0 @ 0"), EINVAL),
    line(Step::Letters, projid("home 0 1"), EINVAL),
    line(Step::OuterTwice, projid("0 @ 1\n1 @ 1"), EINVAL),
    answer(Step::Unmapped, EPERM, |here| {
        become_root(here)?;
        enter_again()?;
        projid("0 0 1").write(here)
    }),
];

/// A line is written after another one was refused, which leaves the map empty.
fn after_refusal(here: &Here, refused: &Line, line: &Line) -> Asked<Answer> {
    enter()?;
    refused.write(here)?;
    line.write(here)
}

/// A line is written twice through one open file: after the first write its position is not 0.
fn twice(here: &Here, line: &Line) -> Asked<Answer> {
    enter()?;
    let file = must(Step::Open, file::open(line.0.own(), file::O_WRONLY))?;
    must(Step::WriteUidMap, line.write_to(&file, here))?;
    Ok(Answer::of(line.write_to(&file, here)))
}

/// A line is written after moves to these positions.
fn at_offset(here: &Here, positions: &[usize], line: &Line) -> Asked<Answer> {
    enter()?;
    let file = must(Step::Open, file::open(line.0.own(), file::O_WRONLY))?;
    positions.iter().try_for_each(|position| prepared(file::seek(file.raw(), *position)))?;
    Ok(Answer::of(line.write_to(&file, here)))
}

/// The group id is mapped without a denial, after other lines. Where setgroups(2) is denied outside, it is denied
/// inside.
fn without_denial(here: &Here, before: &[Line]) -> Asked<[Answer; 2]> {
    enter()?;
    before.iter().try_for_each(|line| line.must(here))?;
    Ok([if here.allows_groups { EPERM } else { OK }, gid("0 @ 1").write(here)?])
}

/// A word that is accepted as long as nothing was denied, here or outside.
fn while_allowed(here: &Here, word: &Line) -> Asked<[Answer; 2]> {
    enter()?;
    Ok([if here.allows_groups { OK } else { EPERM }, word.write(here)?])
}

/// Project ids are mapped that are mapped outside too.
fn of_projects(here: &Here, line: &Line) -> Asked<Answer> {
    if here.others[File::Projid as usize].count < 2 {
        return Err(Verdict::Skipped(Skip::Rights));
    }
    enter()?;
    line.write(here)
}
