//! The rules of user namespaces: uid_map, gid_map, setgroups and projid_map, and namespaces in each other up to the
//! limit.
//!
//! user_namespaces(7) states the rules, and kernel/user_namespace.c has them: map_write and new_idmap_permitted for the
//! maps, proc_setgroups_write and userns_may_setgroups for setgroups, create_user_ns for the namespaces themselves.
//! They are the same from Linux 5.10 on, except where a trial names a version. Each case is a trial in a process of its
//! own, which writes only to maps of namespaces that it or its child has just entered and proven new.

mod here;
mod ids;
mod lines;
mod maps;
mod nested;
mod outside;
mod shared;
mod trial;

use super::judge::{Judge, Verdict};
use super::leaf::{Body, Leaf, Name};
use crate::clone::flags::Flags;
use trial::Trial;

/// A leaf of the group.
struct Row {
    name: &'static str,
    /// All flags that the trials need.
    flags: Flags,
    trials: &'static [Trial],
}

const fn row(name: &'static str, trials: &'static [Trial]) -> Row {
    Row { name, flags: Flags::NEWUSER, trials }
}

impl Row {
    /// The trials need another task, which shares this with the process that asks.
    const fn sharing(self, flags: Flags) -> Self {
        Self { flags: self.flags.union(flags), ..self }
    }
}

/// All leaves.
static ROWS: &[Row] = &[
    row("unmapped", ids::UNMAPPED),
    row("mapped", ids::MAPPED),
    row("files", ids::FILES),
    row("undumpable", ids::UNDUMPABLE),
    row("uid_map.own", lines::UID_OWN),
    row("uid_map.once", lines::UID_ONCE),
    row("uid_map.foreign", lines::UID_FOREIGN),
    row("uid_map.malformed", lines::UID_MALFORMED),
    row("uid_map.overlap", lines::UID_OVERLAP),
    row("uid_map.lines", lines::UID_LINES),
    row("uid_map.length", lines::UID_LENGTH),
    row("uid_map.offset", lines::UID_OFFSET),
    row("gid_map.own", lines::GID_OWN),
    row("gid_map.once", lines::GID_ONCE),
    row("gid_map.foreign", lines::GID_FOREIGN),
    row("gid_map.malformed", lines::GID_MALFORMED),
    row("gid_map.lines", lines::GID_LINES),
    row("setgroups.words", lines::SETGROUPS_WORDS),
    row("setgroups.order", lines::SETGROUPS_ORDER),
    row("setgroups.call", ids::SETGROUPS),
    row("projid_map", lines::PROJID),
    row("outside.own", outside::OWN),
    row("outside.without-rights", outside::WITHOUT_RIGHTS),
    row("outside.with-rights", outside::WITH_RIGHTS),
    row("outside.setfcap", outside::SETFCAP_TRIALS),
    row("outside.unrelated", outside::UNRELATED),
    row("nested.middle", nested::MIDDLE),
    row("nested.ids", nested::IDS),
    row("nested.depth", nested::DEPTH),
    row("nested.limit", nested::LIMIT),
    row("setns", shared::SETNS),
    row("shared.fs", shared::FS).sharing(Flags::FS),
    row("shared.thread", shared::THREAD).sharing(Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD)),
];

/// The leaf with this number.
pub fn leaf(number: usize) -> Option<Leaf> {
    let row = ROWS.get(number)?;
    let cases = row.trials.len();
    Some(Leaf { name: Name::word(row.name), flags: row.flags, row: number, cases, body: Body::Worker(ask) })
}

/// Asks all trials of a leaf; skips them if this place has no user namespaces, or no proc(5) to write to.
fn ask(leaf: &Leaf, judge: Judge) {
    let Some(row) = ROWS.get(leaf.row) else { return };
    match here::look(judge) {
        Ok(here) => row.trials.iter().for_each(|trial| judge.apart(|| trial.verdict(&here))),
        Err(skip) => row.trials.iter().for_each(|_| judge.case(|| Verdict::Skipped(skip))),
    }
}
