//! `chimera check --sweep`: what it counts, as root and as others; shares, several workers, interruptions, and the way without
//! tasks. The sets of a small share stand for all.

use crate::common::group::Group;
use crate::common::running::Running;
use crate::common::screen::{at_terminal, plain};
use crate::common::skip::skip;
use crate::common::sweep::{SETS, is_accepted, set, set_without_net};
use crate::common::who::may_be_root;
use crate::common::{Run, USERS, as_user, chimera, command, elf, has, is_root, run, tracer, until_gone};
use nix::libc;
use nix::sys::signal::Signal;
use std::ops::Range;

/// What the line of a part, or the last line, says.
#[derive(Debug, PartialEq, Eq, Default, Clone, Copy)]
struct Counts {
    asked: u64,
    accepted: u64,
    refused: u64,
    disagree: u64,
    unknown: u64,
}

/// The number behind a word.
#[track_caller]
fn behind(line: &str, word: &str) -> u64 {
    let mut words = line.split_whitespace().skip_while(|one| *one != word).skip(1);
    words.next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {word}: {line}"))
}

#[track_caller]
fn counts(line: &str) -> Counts {
    let [asked, accepted, refused, disagree, unknown] =
        ["asked", "accepted", "refused", "disagree", "unknown"].map(|word| behind(line, word));
    assert_eq!(asked, accepted + refused + disagree + unknown, "{line}");
    Counts { asked, accepted, refused, disagree, unknown }
}

/// The parts of a sweep: the positions, and the counts; and the counts of the last line.
#[track_caller]
fn read(run: &Run) -> (Vec<(Range<u64>, Counts)>, Counts) {
    let mut parts = Vec::new();
    for line in run.out.lines().filter(|line| line.starts_with("    # sets ")) {
        let (first, last) = line.split_whitespace().nth(2).and_then(|text| text.split_once('-')).expect("positions");
        let [first, last]: [u64; 2] = [first, last].map(|text| text.parse().expect("a position"));
        let counts = counts(line);
        assert_eq!(counts.asked, last + 1 - first, "{line}");
        let rules = line.split_whitespace().skip_while(|word| *word != "rules").nth(1).unwrap_or_default();
        let by_rule = rules.split(',').filter_map(|rule| rule.split_once('=')?.1.parse::<u64>().ok());
        assert_eq!(by_rule.sum::<u64>(), counts.refused, "{line}");
        assert!(run.out.contains(&format!("sets-{first:08}-{last:08}\n")), "{}", run.out);
        parts.push((first..last + 1, counts));
    }
    let line = run.out.lines().last().unwrap_or_default();
    assert!(line.starts_with("# sets asked ") && behind(line, "of") == SETS, "{line}");
    (parts, counts(line))
}

/// What the man page says of these positions.
fn expected(positions: Range<u64>, set: fn(u64) -> u64, is_root: bool) -> Counts {
    let asked = positions.end - positions.start;
    let accepted = positions.filter(|position| is_accepted(set(*position), is_root)).count() as u64;
    Counts { asked, accepted, refused: asked - accepted, ..Counts::default() }
}

/// The words of a sweep, the positions that it asks, and the set at a position.
type Way = (&'static [&'static str], Range<u64>, fn(u64) -> u64);

#[test]
fn a_share_is_counted_as_the_man_page_has_it() {
    let place = |number: u64, sets: u64| number * sets / 8192..(number + 1) * sets / 8192;
    let ways: [Way; 3] = [
        (&["--shard", "5/8192"], place(5, SETS), set),
        (&["--no-netns", "--shard", "8191/8192"], place(8191, SETS / 2), set_without_net),
        (&["--shard", "5/8192", "--jobs", "2", "--from", "11000"], 11000..place(5, SETS).end, set),
    ];
    for (words, positions, set) in ways {
        let run = run(chimera(&[&["check", "--sweep"], words].concat())).clean(0);
        let (parts, all) = read(&run);
        assert_eq!(all, expected(positions.clone(), set, is_root()), "{run:#?}");
        assert_eq!(parts, [(positions, all)]);
    }
}

#[test]
fn users_count_what_users_may() {
    if !is_root() || !may_be_root(Some(USERS[0])) {
        return skip("only root can become another, who can make user namespaces");
    }
    for user in USERS {
        let run = run(as_user(chimera(&["check", "--sweep", "--shard", "77/16384"]), user)).clean(0);
        assert_eq!(read(&run).1, expected(77 * 1024..78 * 1024, set, false), "{run:#?}");
    }
}

/// A network counts until the kernel has taken it down. Where there may be few, the sweep waits and judges all sets; where
/// there may be none, it judges the others.
#[test]
fn a_limit_on_networks_is_no_answer() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let all = expected(28 * 1024..32 * 1024, set, true);
    for most in [60, 0] {
        let sweep = "check --sweep --shard 7/4096 --jobs 2";
        let text = format!("echo {most} > /proc/sys/user/max_net_namespaces && exec \"$0\" {sweep}");
        let run = run(command("unshare", &["-r", "sh", "-c", &text, elf().to_str().expect("UTF-8")])).clean(0);
        let counts = read(&run).1;
        assert_eq!((counts.asked, counts.refused, counts.disagree), (all.asked, all.refused, 0), "{run:#?}");
        let is_whole = counts.unknown == 0 && counts.accepted == all.accepted;
        assert_eq!(is_whole, most > 0, "{run:#?}");
    }
}

/// A part ends at each multiple of 262,144.
#[test]
fn parts_end_at_round_positions() {
    let words = ["check", "--sweep", "--no-netns", "--shard", "0/31", "--from", "262000"];
    let (parts, all) = read(&run(chimera(&words)).clean(0));
    let ranges: Vec<_> = parts.iter().map(|(positions, _)| positions.clone()).collect();
    assert_eq!(ranges, [262_000..262_144, 262_144..SETS / 2 / 31]);
    assert_eq!(all, expected(262_000..SETS / 2 / 31, set_without_net, is_root()));
}

/// A kernel that ignores a flag disagrees: CLONE_VM without which CLONE_SIGHAND is refused.
#[test]
fn a_kernel_that_lies_disagrees() {
    let words = ["check", "--sweep", "--no-netns", "--shard", "9/65536"];
    let run = tracer::run_without(chimera(&words), libc::CLONE_SIGHAND as u64);
    let (parts, all) = read(&run);
    let part = expected(9 * 128..10 * 128, set_without_net, is_root());
    assert!(run.status == Some(1) && all.disagree > 0 && all.asked == part.asked, "{run:#?}");
    assert!(run.out.contains("\n    not ok 1 sets-") && run.out.contains("\nnot ok 1 sweep\n"), "{run:#?}");
    assert!(parts.len() == 1 && run.out.contains("    # case flags="), "{run:#?}");
}

/// Interrupted, the sweep says where to go on, and has asked exactly what is before.
#[test]
fn an_interrupted_sweep_tells_where_to_go_on() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut sweep = Running::start(chimera(&["check", "--sweep", "--jobs", "2", "--from", "1000000"]));
        while !sweep.line().starts_with("    1..") {}
        std::thread::sleep(std::time::Duration::from_millis(100));
        let group = sweep.id();
        sweep.signal(signal);
        let mut run = sweep.finish();
        assert_eq!(run.signal, Some(signal as i32), "{run:#?}");
        run.out.insert_str(0, "    1..\n");
        let (parts, all) = read(&run);
        let (positions, counts) = parts.last().expect("a part");
        let next = positions.end;
        assert!(run.out.contains(&format!("\n# interrupted: go on with --from {next}\n")), "{run:#?}");
        assert_eq!((all.asked, positions.start), (next - 1_000_000, 1_000_000), "{run:#?}");
        assert_eq!(*counts, expected(positions.clone(), set, is_root()));
        until_gone(group, |_| false);
    }
}

/// Killed, it leaves nothing, and what it has printed counts.
#[test]
fn a_killed_sweep_leaves_nothing() {
    let mut sweep = Running::start(chimera(&["check", "--sweep", "--jobs", "3"]));
    while !sweep.line().starts_with("    1..") {}
    let group = sweep.id();
    sweep.signal(Signal::SIGKILL);
    until_gone(group, |_| false);
}

/// In a cgroup that has room for the program alone, no task is made, and the counts are the same.
#[test]
fn a_limit_stands_for_accepted_sets() {
    if !is_root() {
        return skip("only root can limit a cgroup");
    }
    let Some(group) = Group::of_tasks(1) else { return };
    let words = ["check", "--sweep", "--verdicts", "--shard", "1000/4096"];
    let run = run(group.inside("in", elf(), &words)).clean(0);
    assert_eq!(read(&run).1, expected(1000 * 4096..1001 * 4096, set, true), "{run:#?}");
}

/// Where no limit, or another one, stands in the way, the program says so and asks nothing.
#[test]
fn verdicts_need_the_limit() {
    let run = run(chimera(&["check", "--sweep", "--verdicts"])).nothing_left();
    let said = "chimera: check: --verdicts needs a limit that has room for no task: clone(2) made a task\n  try: ";
    assert!(run.status == Some(4) && run.out.is_empty() && run.err.starts_with(said), "{run:#?}");
}

#[test]
fn progress_is_shown_at_a_terminal() {
    let text = plain(&at_terminal(chimera(&["check", "--sweep", "--shard", "3/2048"]), 80));
    assert!(text.contains("  sweep: ") && text.contains(" of 8192 sets"), "{text:?}");
}
