//! Numbers and buffers: every number is read whole, held against the range of what it means and printed as it was given, and
//! a text that is longer than a buffer is read whole or refused.
//!
//! What a user may write or a file may hold stands in tables, and whether a number was cut is asked of
//! the kernel, which knows what it was given.

mod common;
#[path = "common/world.rs"]
mod world;

use common::skip::skip;
use common::{Run, before, chimera, deadline, elf, has, run};
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, setgroups};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use std::fs;
use std::process::Command;
use world::{chimera_words, is_for_root, is_roots, run_words, within};

/// Panics with all that went wrong, if anything did.
#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The highest id, linux/highuid.h: the next one means none.
const LAST_ID: &str = "4294967294";

/// Ids that are none, as an option's value.
const NO_IDS: [&str; 8] = [
    "4294967296",
    "4294967295",
    "-1",
    "8589934592",
    "18446744073709551615",
    "18446744073709551616",
    "0x100000000",
    "99999999999999999999999999",
];

/// Ranges that hold an id that is none, or none at all.
const NO_RANGES: [&str; 12] = [
    "0:4294967296:1",
    "4294967296:0:1",
    "0:4294967295:1",
    "4294967295:0:1",
    "0:0:18446744073709551615",
    "0:0:18446744073709551616",
    "0:0:4294967296",
    "4294967290:0:10",
    "0:4294967290:10",
    "18446744073709551615:0:2",
    "0:18446744073709551615:2",
    "-1:0:1",
];

/// Whether a run was refused as a usage error that says the range: `bound` is the last number that can be given; none is any
/// other number than those that were.
fn says_range(run: &Run, given: &str, bound: Option<&str>) -> bool {
    let message = run.err.lines().next().unwrap_or_default();
    let is_usage = [Some(2), Some(125)].contains(&run.status) && run.out.is_empty() && message.starts_with("chimera");
    let numbers = |text: &str| {
        let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_owned);
        parts.filter(|part| part.starts_with(|letter: char| letter.is_ascii_digit())).collect::<Vec<_>>()
    };
    let (told, given) = (numbers(message), numbers(given));
    is_usage
        && match bound {
            Some(ALL_BITS) if message.contains("up to 64 bits") => true,
            Some(bound) => told.iter().any(|number| number == bound),
            None => told.iter().any(|number| !given.contains(number)),
        }
}

/// An id that is none is refused and never cut to one that is.
#[test]
fn ids_are_not_cut() {
    within("ids_are_not_cut", || {
        let mut wrong = Vec::new();
        for option in ["--setuid", "--setgid", "--map-user", "--map-group"] {
            for id in NO_IDS {
                let run = run_words(&chimera_words(&["run", &format!("{option}={id}"), "--", "id", "-u"]));
                if !says_range(&run, id, Some(LAST_ID)) {
                    wrong.push(format!("run {option}={id}: {run:#?}"));
                }
            }
        }
        for option in ["-S", "-G"] {
            let run = run_words(&chimera_words(&["run", option, "4294967296", "--", "id", "-u"]));
            if !says_range(&run, "4294967296", Some(LAST_ID)) {
                wrong.push(format!("run {option} 4294967296: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// A range with an id that is none, or with so many that there are none left, is refused.
#[test]
fn ranges_are_not_cut() {
    within("ranges_are_not_cut", || {
        let mut wrong = Vec::new();
        for [option, other] in [["--map-users", "--map-groups"], ["--map-groups", "--map-users"]] {
            for range in NO_RANGES {
                for way in ["-U", "-f", "-r"] {
                    let (one, two) = (format!("{option}={range}"), format!("{other}=0:0:1"));
                    let run = run_words(&chimera_words(&["run", way, &one, &two, "--", "cat", "/proc/self/uid_map"]));
                    if !says_range(&run, range, None) {
                        wrong.push(format!("run {way} {one}: {run:#?}"));
                    }
                }
            }
        }
        none(&wrong);
    });
}

/// The last id of all is one: the program gets it, or the kernel's refusal is told.
#[test]
fn the_last_id_is_one() {
    within("the_last_id_is_one", || {
        let mut wrong = Vec::new();
        for (words, asks) in [
            (["-S", LAST_ID], "-u"),
            (["-G", LAST_ID], "-g"),
            (["--map-user", LAST_ID], "-u"),
            (["--map-group", LAST_ID], "-g"),
        ] {
            let run = run_words(&chimera_words(&["run", words[0], words[1], "--", "id", asks]));
            let is_got = run.status == Some(0) && run.out == format!("{LAST_ID}\n");
            let is_refused = run.status == Some(125) && run.err.contains("EINVAL") && run.out.is_empty();
            let is_forbidden = run.err.contains("EPERM") && !is_roots();
            if !(is_got || is_refused || is_forbidden) {
                wrong.push(format!("run {words:?}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// A command line with a number that is out of its range, that number, and the last that is not, where it is certain.
type Row = (&'static [&'static str], &'static str, Option<&'static str>);

const TOO_MUCH: &str = "18446744073709551616";

/// The last number before it.
const ALL_BITS: &str = "18446744073709551615";

#[rustfmt::skip]
const OUT_OF_RANGE: &[Row] = &[
    (&["clone", "fork", "--exit-signal", "256"], "256", Some("255")),
    (&["clone", "fork", "--exit-signal", TOO_MUCH], TOO_MUCH, None),
    (&["clone", "fork", "--clone3", "--exit-signal", TOO_MUCH], TOO_MUCH, Some(ALL_BITS)),
    (&["clone", "fork", "--exit-signal", "4294967313"], "4294967313", None),
    (&["clone", "fork", "--clone3", "--set-tid", "4294967296"], "4294967296", None),
    (&["clone", "fork", "--clone3", "--set-tid", TOO_MUCH], TOO_MUCH, None),
    (&["clone", "fork", "--clone3", "--set-tid", "1,4294967297"], "1,4294967297", None),
    (&["clone", "chimera", "--stack", TOO_MUCH], TOO_MUCH, None),
    (&["clone", "chimera", "--stack", "1099511627776"], "1099511627776", None),
    (&["clone", "SETTLS", "--tls", TOO_MUCH], TOO_MUCH, Some(ALL_BITS)),
    (&["clone", "SETTLS", "--tls", "0x10000000000000000"], "0x10000000000000000", None),
    (&["clone", "fork", "--clone3", "--size", TOO_MUCH], TOO_MUCH, None),
    (&["rules", "fork", "--kernel", "256.0"], "256.0", Some("255")),
    (&["rules", "fork", "--kernel", "5.256"], "5.256", Some("255")),
    (&["rules", "fork", "--kernel", "4294967301.4294967306"], "4294967301.4294967306", Some("255")),
    (&["rules", "fork", "--exit-signal", "256"], "256", Some("255")),
    (&["rules", "fork", "--clone3", "--set-tid", "4294967296"], "4294967296", None),
    (&["rules", "fork", "--clone3", "--size", TOO_MUCH], TOO_MUCH, None),
    (&["rules", "chimera", "--stack", TOO_MUCH], TOO_MUCH, None),
    (&["bench", "fork", "--heap", TOO_MUCH], TOO_MUCH, None),
    (&["bench", "fork", "--heap", "18446744073709551615G"], "18446744073709551615G", None),
    (&["bench", "fork", "--heap", "17179869184G"], "17179869184G", None),
    (&["bench", "fork", "--tasks", TOO_MUCH], TOO_MUCH, None),
    (&["bench", "fork", "--tasks", "18446744073709551615"], "18446744073709551615", None),
    (&["run", "--kill-child=65", "true"], "65", Some("64")),
    (&["run", "--kill-child=4294967305", "true"], "4294967305", Some("64")),
    (&["run", "-T", "--monotonic=18446744073709551616", "true"], TOO_MUCH, None),
];

/// A number that is out of its range is a usage error, and the message says the range.
#[test]
fn what_is_out_of_range_is_told_with_the_range() {
    let mut wrong = Vec::new();
    for (words, given, bound) in OUT_OF_RANGE {
        let run = deadline::run(chimera(words));
        if !run.as_ref().is_some_and(|run| says_range(run, given, *bound)) {
            wrong.push(format!("{words:?} (none: did not end): {run:#?}"));
        }
    }
    none(&wrong);
}

/// The one object of `--json`.
fn json(run: &Run) -> Option<Value> {
    serde_json::from_str(&run.out).ok()
}

/// The text of a number in JSON, which may be a number or the text of one, in base 10 or 16.
fn number(value: &Value) -> Option<u64> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.strip_prefix("0x").map_or_else(|| text.parse().ok(), |digits| u64::from_str_radix(digits, 16).ok())
}

/// Numbers of 64 bits come out of `--json` as they went in.
#[test]
fn numbers_of_64_bits_are_printed_whole() {
    let mut wrong = Vec::new();
    for (key, number_of) in [("bits", 0), ("exit_signal", 1)] {
        for value in [u64::MAX, 1 << 63, (1 << 63) + 1, 0xffff_ffff_ffff_ff00, 10_000_000_000_000_000_000] {
            let text = value.to_string();
            let words: &[&str] = match number_of {
                0 => &["clone", "--clone3", &text, "--json"],
                _ => &["clone", "fork", "--clone3", "--exit-signal", &text, "--json"],
            };
            let run = deadline::run(chimera(words)).expect("it ends");
            let seen = json(&run).and_then(|object| number(&object[key]));
            if seen != Some(value) || run.out.contains("0xnull") {
                wrong.push(format!("{words:?}: {key} is {seen:?}: {run:#?}"));
            }
        }
    }
    // And on the page.
    let page = deadline::run(chimera(&["clone", "fork", "--clone3", "--exit-signal", "18446744073709551615"]));
    let page = page.expect("it ends");
    if page.out.contains("null") || !page.out.contains("18446744073709551615") {
        wrong.push(format!("the page: {page:#?}"));
    }
    none(&wrong);
}

/// So many descriptors that the next has five digits.
const DESCRIPTORS: i32 = 12_000;

/// Takes all descriptors up to [`DESCRIPTORS`], which are inherited: those too that would be closed by execve(2).
fn open_many() -> nix::Result<()> {
    // SAFETY: fd 0 is open, and the others are nobody's any more between fork and exec.
    let dup = |number: i32| nix::errno::Errno::result(unsafe { libc::dup2(0, number) });
    (3..DESCRIPTORS).try_for_each(|number| dup(number).map(drop))
}

/// The row of a resource: its four words.
fn row(run: &Run, flag: &str) -> Option<[String; 4]> {
    let object = json(run)?;
    let row = object["resources"].as_array()?.iter().find(|row| row["flag"] == flag)?.clone();
    Some(["asked", "kernel", "behaviour", "verdict"].map(|key| row[key].as_str().unwrap_or_default().to_owned()))
}

/// A descriptor of five digits is seen by the same witnesses as one of one digit.
#[test]
fn a_high_descriptor_is_seen() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    if hard < 20_000 && !common::is_root() {
        skip(format!("{hard} descriptors are allowed, and 20000 are needed"));
        return;
    }
    let raise = move || setrlimit(Resource::RLIMIT_NOFILE, 20_000, hard.max(20_000));
    let mut wrong = Vec::new();
    for words in [&["clone", "PIDFD", "--json"] as &[&str], &["clone", "PIDFD", "--clone3", "--json"]] {
        let low = deadline::run(before::exec(chimera(words), raise)).expect("it ends");
        let many = before::exec(before::exec(chimera(words), raise), open_many);
        let high = deadline::run(many).expect("it ends");
        let rows = [&low, &high].map(|run| row(run, "CLONE_PIDFD"));
        if rows[0].is_none() || rows[0] != rows[1] || high.status != low.status {
            wrong.push(format!("{words:?}: {rows:?}, status {:?}: {high:#?}", low.status));
        }
    }
    none(&wrong);
}

/// Puts a file in the place of another, in this world.
fn replace(path: &str, text: &str) {
    let file = elf().with_file_name(path.replace('/', "_"));
    fs::write(&file, text).expect("a file");
    let words = ["mount", "--bind", file.to_str().expect("UTF-8"), path];
    assert_eq!(run_words(&words).status, Some(0), "{words:?}");
}

/// Takes it away.
fn restore(path: &str) {
    assert_eq!(run_words(&["umount", path]).status, Some(0), "{path}");
}

/// Whole lines of `length` bytes of passwd(5) or group(5), for names that are never asked for.
fn filler(length: usize) -> String {
    let mut text = String::new();
    let mut count = 0;
    while text.len() + 80 < length {
        text += &format!("filler{count}:x:{}:0::/:/bin/false\n", 20_000 + count);
        count += 1;
    }
    let rest = length - text.len();
    text + "#" + &"-".repeat(rest.saturating_sub(2)) + "\n"
}

/// Where buffers may end.
const ENDS: [usize; 7] = [512, 1024, 4096, 8192, 16384, 32768, 65536];

/// A name whose line lies across the end of a buffer has its whole id, or is refused.
#[test]
fn ids_of_names_are_not_cut() {
    within("ids_of_names_are_not_cut", || {
        let mut wrong = Vec::new();
        for (file, option, asks, rest) in
            [("/etc/passwd", "--map-user", "-u", ":0::/:/bin/sh\n"), ("/etc/group", "--map-group", "-g", ":\n")]
        {
            for end in ENDS {
                // So many bytes of `somebody:x:1234567` stand before the end.
                for before in [1, 8, 9, 10, 11, 12, 14, 17, 18] {
                    replace(file, &(filler(end - before) + "somebody:x:1234567" + rest));
                    let run = run_words(&chimera_words(&["run", option, "somebody", "--", "id", asks]));
                    restore(file);
                    let is_whole = run.status == Some(0) && run.out == "1234567\n";
                    let is_refused = [Some(2), Some(125)].contains(&run.status) && run.out.is_empty();
                    if !is_whole && !is_refused {
                        wrong.push(format!("{file}: {before} bytes before {end}: {run:#?}"));
                    }
                }
            }
        }
        none(&wrong);
    });
}

/// A name behind many others, and one in a line that is longer than any buffer, is found.
#[test]
fn names_behind_long_texts_are_found() {
    within("names_behind_long_texts_are_found", || {
        let mut wrong = Vec::new();
        let long = "x".repeat(20_000);
        for (about, text) in [
            ("behind 40 KiB", filler(40 << 10) + "somebody:x:1234567:0::/:/bin/sh\n"),
            ("behind 400 KiB", filler(400 << 10) + "somebody:x:1234567:0::/:/bin/sh\n"),
            ("in a line of 20 KB", format!("somebody:x:1234567:0:{long}:/:/bin/sh\n")),
            ("behind a line of 20 KB", format!("other:x:7:0:{long}:/:/bin/sh\nsomebody:x:1234567:0::/:/bin/sh\n")),
            ("without an end of line", filler(40 << 10) + "somebody:x:1234567:0::/:/bin/sh"),
        ] {
            for (file, option, asks) in [("/etc/passwd", "--map-user", "-u"), ("/etc/group", "--map-group", "-g")] {
                replace(file, &text);
                let run = run_words(&chimera_words(&["run", option, "somebody", "--", "id", asks]));
                restore(file);
                if run.status != Some(0) || run.out != "1234567\n" {
                    wrong.push(format!("{file}, {about}: {run:#?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// A name's id that is no id is refused.
#[test]
fn ids_of_names_are_in_range() {
    within("ids_of_names_are_in_range", || {
        let mut wrong = Vec::new();
        for id in ["4294967296", "4294967295", "18446744073709551616", "", "-1", "7x"] {
            for (file, option, asks) in [("/etc/passwd", "--map-user", "-u"), ("/etc/group", "--map-group", "-g")] {
                replace(file, &format!("somebody:x:{id}:0::/:/bin/sh\n"));
                let run = run_words(&chimera_words(&["run", option, "somebody", "--", "id", asks]));
                restore(file);
                if ![Some(2), Some(125)].contains(&run.status) || !run.out.is_empty() || run.err.is_empty() {
                    wrong.push(format!("{file} with {id:?}: {run:#?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// The words for a run as user 1000.
fn as_ordinary<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"], words].concat()
}

/// A user's block is found behind many others, and is never half of what is written there.
#[test]
fn blocks_behind_long_texts_are_found() {
    within("blocks_behind_long_texts_are_found", || {
        if !is_for_root() || !has("newuidmap") || !has("setpriv") {
            return;
        }
        let mut wrong = Vec::new();
        let blocks = |length: usize| {
            let mut text: String = (0..length / 20).map(|count| format!("u{count}:{}:1\n", 500_000 + count)).collect();
            text.truncate(text[..length.min(text.len())].rfind('\n').map_or(0, |end| end + 1));
            text
        };
        let exactly = |length: usize| {
            let text = blocks(length - 40);
            let rest = length - text.len();
            text + "u:" + &"0".repeat(rest - 6) + "1:1\n"
        };
        let mut texts = vec![("behind 40 KiB".to_owned(), blocks(40 << 10) + "1000:300000:1000\n")];
        texts.push(("behind 400 KiB".into(), blocks(400 << 10) + "1000:300000:1000\n"));
        for end in [4096, 16384, 32768] {
            for before in [7, 12, 14] {
                let text = exactly(end - before) + "1000:300000:1000\n";
                texts.push((format!("{before} bytes before {end}"), text));
            }
        }
        for (about, text) in texts {
            ["/etc/subuid", "/etc/subgid"].iter().for_each(|file| replace(file, &text));
            let words = chimera_words(&["run", "--map-auto", "--", "cat", "/proc/self/uid_map"]);
            let run = run_words(&as_ordinary(&words));
            ["/etc/subuid", "/etc/subgid"].iter().for_each(|file| restore(file));
            let map: Vec<&str> = run.out.split_whitespace().collect();
            if run.status != Some(0) || map != ["0", "300000", "1000"] {
                wrong.push(format!("{about}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// A block with numbers that are no ids, or that ends behind the last one, is refused and never cut.
#[test]
fn blocks_are_in_range() {
    within("blocks_are_in_range", || {
        if !is_for_root() || !has("newuidmap") || !has("setpriv") {
            return;
        }
        let mut wrong = Vec::new();
        for block in
            ["4294967296:1000", "300000:4294967296", "300000:18446744073709551615", "4294967290:10", "300000:0", "x:1"]
        {
            let text = format!("1000:{block}\n");
            ["/etc/subuid", "/etc/subgid"].iter().for_each(|file| replace(file, &text));
            let run =
                run_words(&as_ordinary(&chimera_words(&["run", "--map-auto", "--", "cat", "/proc/self/uid_map"])));
            ["/etc/subuid", "/etc/subgid"].iter().for_each(|file| restore(file));
            if run.status != Some(125) || !run.out.is_empty() || !run.err.contains("chimera") {
                wrong.push(format!("{block}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// Ids as a file may hold them, and what they are.
#[rustfmt::skip]
const IDS: [(&str, Option<u64>); 12] = [
    ("0", Some(0)), ("7", Some(7)), ("1234567", Some(1_234_567)), ("0001000", Some(1000)), ("4294967294", Some(4_294_967_294)),
    ("4294967295", None), ("4294967303", None), ("18446744073709551623", None), ("-1", None), ("", None), ("7x", None),
    (" 7", None),
];

/// What an id in a file is.
fn id_of(text: &str) -> Option<u64> {
    IDS.iter().find(|(known, _)| *known == text)?.1
}

/// A line of which no more is known than this, because it is longer.
const KNOWN: usize = 1024;

/// The columns of a line that are certain to be whole.
fn columns(line: &str) -> Vec<&str> {
    let mut columns: Vec<&str> = line[..line.len().min(KNOWN)].split(':').collect();
    if line.len() >= KNOWN {
        columns.pop();
    }
    columns
}

/// A line of passwd(5), whole or not; many are about the name that is asked for.
fn passwd_line() -> impl Strategy<Value = String> {
    let name = prop_oneof![3 => Just("somebody"), 1 => prop::sample::select(&["", "some", "somebodyelse", "root", "#somebody"])];
    let long = prop_oneof![5 => Just(0), 1 => 980..1030usize, 1 => 2000..3000usize];
    let end = prop_oneof![4 => Just(":0:"), 1 => Just(""), 1 => Just(":")];
    (name, prop::sample::select(&IDS), long.clone(), long, end, 0..8u8).prop_map(
        |(name, (id, _), early, late, end, way)| match way {
            0 => name.to_owned(),
            1 => format!("{name}:x"),
            _ => format!("{name}:{}:{id}{end}{}", "p".repeat(early), "g".repeat(late)),
        },
    )
}

/// A line of subuid(5), whole or not.
fn block_line() -> impl Strategy<Value = String> {
    let owner = prop::sample::select(&["somebody", "0", "0", "00", "1", "root", "", "somebodyelse"]);
    let count = prop::sample::select(&["1", "65536", "4294967295", "4294967296", "18446744073709551615", "", "x", "0"]);
    let column = (prop::sample::select(&IDS), count).prop_map(|((start, _), count)| (start, count));
    (owner, column, 0..8u8).prop_map(|(owner, (start, count), way)| match way {
        0 => format!("{owner}:{start}"),
        1 => owner.to_owned(),
        _ => format!("{owner}:{start}:{count}"),
    })
}

/// Cases of a test in a world: each costs some runs.
fn cases() -> TestRunner {
    TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })
}

/// Lines as a file, the last of which may have no end.
fn file_of(lines: &[String], has_end: bool) -> String {
    lines.join("\n") + if has_end { "\n" } else { "" }
}

/// Whatever stands in /etc/passwd and /etc/group, a name is the whole id of its first line, or is refused.
#[test]
fn names_have_the_id_of_their_first_line() {
    within("names_have_the_id_of_their_first_line", || {
        let texts = (prop::collection::vec(passwd_line(), 0..6), any::<bool>());
        let result = cases().run(&texts, |(lines, has_end)| {
            let of_somebody =
                lines.iter().map(|line| columns(line)).find(|columns| columns.first() == Some(&"somebody"));
            let right = of_somebody.and_then(|columns| id_of(columns.get(2)?));
            for (file, option, asks) in [("/etc/passwd", "--map-user", "-u"), ("/etc/group", "--map-group", "-g")] {
                replace(file, &file_of(&lines, has_end));
                let run = run_words(&chimera_words(&["run", option, "somebody", "--", "id", asks]));
                restore(file);
                let is_right = match right {
                    Some(id) => run.status == Some(0) && run.out == format!("{id}\n"),
                    None => {
                        [Some(2), Some(125)].contains(&run.status) && run.out.is_empty() && run.err.contains("--map-")
                    }
                };
                prop_assert!(is_right, "{} {:?}: {:#?}", file, right, run);
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    });
}

/// The block that a user with the id 0 has by these files.
fn block_of_root(names: &[String], blocks: &[String]) -> Option<[u64; 2]> {
    let own = names.iter().map(|line| columns(line)).find(|columns| columns.get(2).and_then(|id| id_of(id)) == Some(0));
    let name = own.map(|columns| columns[0].to_owned()).filter(|name| !name.is_empty());
    let is_own = |columns: &Vec<&str>| ["0", "00"].contains(&columns[0]) || name.as_deref() == Some(columns[0]);
    // newuidmap(1) passes over a line that is no block.
    blocks.iter().map(|line| columns(line)).filter(is_own).find_map(|block| {
        let (start, count) = (id_of(block.get(1)?)?, block.get(2)?.parse::<u64>().ok()?);
        (count > 0 && start.checked_add(count)? <= 4_294_967_295).then_some([start, count])
    })
}

/// Whatever stands in /etc/passwd, /etc/subuid and /etc/subgid, a user's block is the whole one of the first line that has
/// one, or none.
#[test]
fn blocks_are_those_of_their_first_line() {
    within("blocks_are_those_of_their_first_line", || {
        if !is_for_root() {
            return;
        }
        let texts =
            (prop::collection::vec(passwd_line(), 0..4), prop::collection::vec(block_line(), 0..6), any::<bool>());
        let result = cases().run(&texts, |(names, blocks, has_end)| {
            let right = block_of_root(&names, &blocks);
            replace("/etc/passwd", &file_of(&names, has_end));
            ["/etc/subuid", "/etc/subgid"].iter().for_each(|file| replace(file, &file_of(&blocks, has_end)));
            let run = run_words(&chimera_words(&[
                "run",
                "--map-auto",
                "--",
                "cat",
                "/proc/self/uid_map",
                "/proc/self/gid_map",
            ]));
            ["/etc/passwd", "/etc/subuid", "/etc/subgid"].iter().for_each(|file| restore(file));
            let seen: Vec<u64> = run.out.split_whitespace().filter_map(|number| number.parse().ok()).collect();
            let is_right = match right {
                Some([start, count]) => run.status == Some(0) && seen == [0, start, count].repeat(2),
                None => run.status == Some(125) && run.out.is_empty() && run.err.contains("chimera"),
            };
            prop_assert!(is_right, "{:?}: {:#?}", right, run);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    });
}

/// A run with so many supplementary groups that /proc/self/status has more than 400,000 bytes.
fn with_groups(words: &[&str]) -> Command {
    let groups: Vec<Gid> = (0..60_000).map(|number| Gid::from_raw(1_000_000 + number)).collect();
    before::exec(chimera(words), move || setgroups(&groups))
}

/// What stands behind a long line of /proc/self/status is read too.
#[test]
fn many_groups_change_nothing() {
    if !common::is_root() {
        skip("only root can have 60000 groups");
        return;
    }
    let mut wrong = Vec::new();
    for (words, flags) in [
        (&["clone", "--clone3", "CLEAR_SIGHAND", "--json"] as &[&str], &["CLONE_CLEAR_SIGHAND"] as &[&str]),
        (&["clone", "fork", "--json"], &["CLONE_SIGHAND", "CLONE_NEWPID", "CLONE_NEWUSER", "exit_signal"]),
        (&["clone", "container", "--json"], &["CLONE_NEWPID", "CLONE_NEWUSER", "CLONE_NEWNS"]),
    ] {
        let [few, many] = [chimera(words), with_groups(words)].map(|command| deadline::run(command).expect("it ends"));
        let rows = |run: &Run| flags.iter().map(|flag| row(run, flag)).collect::<Vec<_>>();
        if rows(&few) != rows(&many) || few.status != many.status {
            wrong.push(format!("{words:?}: {:?} instead of {:?}: {many:#?}", rows(&many), rows(&few)));
        }
    }
    for words in [&["doctor"] as &[&str], &["run", "-r", "id", "-u"], &["rules", "NEWUSER"], &["user"]] {
        let [few, many] = [chimera(words), with_groups(words)].map(|command| deadline::run(command).expect("it ends"));
        let text = |run: &Run| (run.status, common::without_ids(&run.out), run.err.clone());
        if text(&few) != text(&many) {
            wrong.push(format!("{words:?}: {many:#?} instead of {few:#?}"));
        }
    }
    none(&wrong);
}

/// A path that is too long is ENAMETOOLONG, and nothing is looked for at its beginning.
#[test]
fn long_paths_are_too_long() {
    within("long_paths_are_too_long", || {
        let mut wrong = Vec::new();
        for length in [4096, 4097, 5000, 70_000] {
            // The first 4,095 bytes are a path that is there.
            let path = "/".repeat(length - 3) + "tmp";
            for words in [
                &["run", "-R", &path, "true"] as &[&str],
                &["run", "-w", &path, "true"],
                &["run", "-f", "-w", &path, "true"],
                &["run", "-p", &format!("--mount-proc={path}"), "true"],
                &["run", &path],
                &["run", "-f", &path],
                &["clone", "fork", "--", &path],
            ] {
                let run = run_words(&chimera_words(words));
                let about: String = words.join(" ").chars().take(40).collect();
                let Run { status, signal, .. } = run;
                if run.status == Some(0) || !run.err.contains("ENAMETOOLONG") || run.err.contains("ENOENT") {
                    let err: String = run.err.replace("////////", "");
                    wrong.push(format!("{about}.. of {length}: status {status:?}, signal {signal:?}: {err}"));
                }
            }
        }
        none(&wrong);
    });
}

/// A host name that is too long is refused and never cut, and the longest one is set whole.
#[test]
fn long_host_names_are_refused() {
    within("long_host_names_are_refused", || {
        let mut wrong = Vec::new();
        for length in [64, 65, 4095, 4096, 4097, 70_000] {
            let name = "h".repeat(length);
            for way in ["-u", "-f"] {
                let run = run_words(&chimera_words(&["run", way, "--hostname", &name, "--", "uname", "-n"]));
                let is_set = length == 64 && run.status == Some(0) && run.out == format!("{name}\n");
                let is_refused = [Some(2), Some(125)].contains(&run.status)
                    && ["ENAMETOOLONG", "EINVAL", "64"].iter().any(|word| run.err.contains(word))
                    && !run.err.contains("ENOENT");
                if !is_set && (length == 64 || !is_refused) {
                    wrong.push(format!("{way} {length}: {run:.300?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// A path of PATH that is too long with the program's name behind it is passed over, and what is found is not its beginning.
#[test]
fn long_folders_of_path_are_passed_over() {
    let mut wrong = Vec::new();
    for length in [4090, 4095, 4096, 5000] {
        let folder = "/".repeat(length - 4) + "/bin";
        let mut command = chimera(&["run", "true"]);
        command.env("PATH", format!("{folder}:/usr/bin:/bin"));
        let found = run(command);
        let mut command = chimera(&["run", "true"]);
        command.env("PATH", &folder);
        let lost = run(command);
        // With `/true` and the zero behind it 4,096 bytes fit.
        let is_right = match length {
            ..=4090 => lost.status == Some(0),
            _ => [Some(126), Some(127)].contains(&lost.status),
        };
        if found.status != Some(0) || !is_right {
            wrong.push(format!("{length}: {:?} {:?}", found.status, lost.status));
        }
    }
    none(&wrong);
}
