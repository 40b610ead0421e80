//! `chimera check`: its KTAP, read by a strict parser, by prove(1) and by kunit.py; its objects and its page; what a filter, a
//! kernel that lies, a failure and a signal make of them.
//!
//! What the groups ask is tested elsewhere. Here one group that takes a second stands for all.

use crate::common::running::Running;
use crate::common::screen::{at_terminal, fits, plain, rows};
use crate::common::skip::{has, skip};
use crate::common::{Run, before, chimera, elf, filter, folder, run, tracer, until_gone};
use nix::libc;
use nix::sys::signal::Signal;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// The words of a check of one group.
const PAIRS: &[&str] = &["check", "pairs"];

/// CLONE_SIGHAND, which the kernel refuses without CLONE_VM.
const SIGHAND: u64 = 0x800;

/// The result of a test: its number, name, and the reason if it was skipped.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    is_ok: bool,
    name: String,
    skip: Option<String>,
    /// The diagnostics before it.
    told: Vec<String>,
}

/// A group, and its leaves.
#[derive(Debug)]
struct Group {
    line: Line,
    leaves: Vec<Line>,
}

/// All that a check prints.
#[derive(Debug)]
struct Ktap {
    /// What the head says, by what it is about.
    head: Vec<(String, String)>,
    groups: Vec<Group>,
    /// The lines behind the last group.
    foot: Vec<(String, String)>,
}

impl Ktap {
    /// What the head or the foot says of this.
    #[track_caller]
    fn says(&self, about: &str) -> &str {
        let all = self.head.iter().chain(&self.foot);
        let mut found = all.filter(|(name, _)| name == about).map(|(_, value)| value.as_str());
        found.next().unwrap_or_else(|| panic!("nothing about {about}: {self:#?}"))
    }

    /// The number behind a word of the totals.
    #[track_caller]
    fn total(&self, word: &str) -> usize {
        let mut words = self.says("Totals").split(' ');
        let number = words.find_map(|one| one.strip_prefix(word)?.strip_prefix(':'));
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{word}: {self:#?}"))
    }

    fn leaves(&self) -> impl Iterator<Item = &Line> {
        self.groups.iter().flat_map(|group| &group.leaves)
    }
}

/// A comment with a name and a value.
fn comment(line: &str) -> Option<(String, String)> {
    let (name, value) = line.strip_prefix("# ")?.split_once(": ")?;
    Some((name.to_owned(), value.to_owned()))
}

/// Reads the line of a result, whose number must be this.
#[track_caller]
fn result(line: &str, number: usize, told: Vec<String>) -> Line {
    let (is_ok, rest) = match line.strip_prefix("not ") {
        Some(rest) => (false, rest),
        None => (true, line),
    };
    let rest = rest.strip_prefix(&format!("ok {number} ")).unwrap_or_else(|| panic!("not the result {number}: {line}"));
    let (name, skip) = match rest.split_once(" # ") {
        Some((name, directive)) => {
            (name, Some(directive.strip_prefix("SKIP ").expect("the only directive").to_owned()))
        }
        None => (rest, None),
    };
    assert!(
        !name.is_empty() && name.bytes().all(|byte| b"abcdefghijklmnopqrstuvwxyz0123456789_.-".contains(&byte)),
        "{line}"
    );
    assert!(is_ok || skip.is_none(), "{line}");
    Line { is_ok, name: name.to_owned(), skip, told }
}

/// Reads a whole output, Documentation/dev-tools/ktap.rst: a line that is not expected in its place is an error.
#[track_caller]
fn parse(output: &str) -> Ktap {
    assert!(output.ends_with('\n'), "{output}");
    let mut lines = output.lines().peekable();
    let plan = |line: Option<&str>| -> usize {
        let number = line.and_then(|line| line.strip_prefix("1..")?.parse().ok());
        number.unwrap_or_else(|| panic!("{line:?} is no plan"))
    };
    assert_eq!(lines.next(), Some("KTAP version 1"));
    let mut head = Vec::new();
    while let Some(line) = lines.next_if(|line| line.starts_with('#')) {
        head.push(comment(line).unwrap_or_else(|| panic!("no line of the head: {line}")));
    }
    let count = plan(lines.next());
    let mut groups = Vec::new();
    for number in 1..=count {
        let mut inner = || lines.next_if(|line| line.starts_with("    ")).map(|line| &line[4..]);
        assert_eq!(inner(), Some("KTAP version 1"));
        let name = inner().and_then(|line| line.strip_prefix("# Subtest: ")).expect("the name of a group").to_owned();
        let leaves = plan(inner());
        let leaf = |number| {
            let mut told = Vec::new();
            loop {
                match inner().expect("a line of a leaf") {
                    line if line.starts_with("# ") => told.push(line[2..].to_owned()),
                    line => break result(line, number, told),
                }
            }
        };
        let leaves: Vec<Line> = (1..=leaves).map(leaf).collect();
        let line = result(lines.next().expect("the result of a group"), number, Vec::new());
        assert_eq!(line.name, name);
        assert_eq!(line.is_ok, leaves.iter().all(|leaf| leaf.is_ok), "{line:?}");
        groups.push(Group { line, leaves });
    }
    let foot = lines.map(|line| comment(line).unwrap_or_else(|| panic!("no line of the foot: {line}"))).collect();
    Ktap { head, groups, foot }
}

/// The objects of an output.
fn objects(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// All leaves that `--list` has, with the words of these groups.
fn listed(groups: &[&str]) -> Vec<Value> {
    let words: Vec<&str> = ["check", "--list", "--json"].iter().chain(groups).copied().collect();
    objects(&run(chimera(&words)).clean(0).out)
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_else(|| panic!("{key}: {object}"))
}

fn number(object: &Value, key: &str) -> usize {
    object[key].as_u64().unwrap_or_else(|| panic!("{key}: {object}")) as usize
}

/// Holds what a run says of itself: the leaves are those of the list, and the totals are those of the leaves.
#[track_caller]
fn hold(ktap: &Ktap, listed: &[Value]) {
    let names = ktap.groups.iter().flat_map(|group| group.leaves.iter().map(|leaf| (&*group.line.name, &*leaf.name)));
    let expected = listed.iter().map(|leaf| (text(leaf, "group"), text(leaf, "leaf")));
    assert!(names.eq(expected), "{ktap:#?}");
    let count = |is_it: fn(&Line) -> bool| ktap.leaves().filter(|leaf| is_it(leaf)).count();
    assert_eq!(ktap.total("fail"), count(|leaf| !leaf.is_ok));
    assert_eq!(ktap.total("skip"), count(|leaf| leaf.skip.is_some()));
    assert_eq!(ktap.total("pass"), count(|leaf| leaf.is_ok && leaf.skip.is_none()));
    assert_eq!(["xfail", "xpass", "error"].map(|word| ktap.total(word)), [0; 3]);
    let mut words = ktap.says("cases").split(' ');
    let cases: usize = listed.iter().map(|leaf| number(leaf, "cases")).sum();
    assert_eq!(words.next(), Some(&*cases.to_string()));
    let counts: Vec<(&str, usize)> = words
        .map(|word| {
            word.split_once(':').map(|(name, count)| (name, count.parse().expect("a number"))).expect("a count")
        })
        .collect();
    let [("asked", asked), ("right", right), ("otherwise", wrong), ("not-judged", unjudged)] = counts[..] else {
        panic!("{counts:?}")
    };
    assert_eq!((asked, asked + unjudged), (right + wrong, cases));
}

#[test]
fn the_output_is_ktap() {
    let run = run(chimera(PAIRS)).clean(0);
    let ktap = parse(&run.out);
    hold(&ktap, &listed(&["pairs"]));
    let about: Vec<&str> = ktap.head.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["chimera", "kernel", "uid", "CAP_SYS_ADMIN", "user namespaces", "seccomp filter", "security modules"];
    assert_eq!(about, expected);
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("a release");
    assert_eq!(ktap.says("kernel"), format!("{} x86_64", release.trim()));
    assert_eq!(ktap.says("uid"), nix::unistd::geteuid().to_string());
    assert!(ktap.says("chimera").starts_with(concat!(env!("CARGO_PKG_VERSION"), ", rules up to Linux ")), "{ktap:#?}");
    let peak = ktap.says("memory").strip_suffix(" KiB at most").and_then(|peak| peak.parse::<usize>().ok());
    assert!(peak.is_some_and(|peak| (100..100_000).contains(&peak)), "{ktap:#?}");
    let times: Vec<&str> = ktap.foot.iter().filter(|(name, _)| name == "time").map(|(_, time)| time.as_str()).collect();
    assert!(times.len() == 2 && times[0].starts_with("pairs ") && times[1].starts_with("all "), "{times:?}");
}

/// Two runs differ only in the comments about time and memory.
#[test]
fn two_runs_say_the_same() {
    let [one, other] = [0; 2].map(|_| {
        let out = run(chimera(PAIRS)).clean(0).out;
        let is_same = |line: &&str| !line.starts_with("# time: ") && !line.starts_with("# memory: ");
        out.lines().filter(is_same).map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(one, other);
}

#[test]
fn each_leaf_has_a_name_of_its_own() {
    let leaves = listed(&[]);
    let names: BTreeSet<(&str, &str)> = leaves.iter().map(|leaf| (text(leaf, "group"), text(leaf, "leaf"))).collect();
    assert_eq!(names.len(), leaves.len());
    assert!(leaves.iter().all(|leaf| number(leaf, "cases") > 0), "{leaves:#?}");
    let page = run(chimera(&["check", "--list"])).clean(0).out;
    for (group, leaf) in names {
        assert!(
            page.contains(&format!("{group}: ")) && page.contains(&format!("\n  {leaf} ")),
            "{group} {leaf}: {page}"
        );
    }
    for width in ["60", "80", "120"] {
        let mut list = chimera(&["check", "--list"]);
        list.env("COLUMNS", width);
        fits(&run(list).clean(0).out, width.parse().expect("a number"));
    }
}

#[test]
fn the_objects_say_what_the_lines_say() {
    let all = objects(&run(chimera(&["check", "pairs", "--json"])).clean(0).out);
    let ktap = parse(&run(chimera(PAIRS)).clean(0).out);
    let [head, leaves @ .., totals] = &all[..] else { panic!("{all:#?}") };
    assert_eq!(head["groups"], serde_json::json!(["pairs"]));
    assert!(ktap.says("kernel").starts_with(text(head, "kernel")));
    assert!(leaves.iter().map(|leaf| text(leaf, "leaf")).eq(ktap.leaves().map(|leaf| leaf.name.as_str())));
    for (leaf, line) in leaves.iter().zip(ktap.leaves()) {
        let result = match line {
            Line { is_ok: false, .. } => "fail",
            Line { skip: Some(_), .. } => "skip",
            _ => "pass",
        };
        assert_eq!(text(leaf, "result"), result, "{leaf} {line:?}");
        assert!(line.skip.is_none() || line.skip.as_deref() == leaf["skip"].as_str(), "{leaf} {line:?}");
        let counted: usize = ["right", "wrong", "skipped"].iter().map(|key| number(leaf, key)).sum();
        assert_eq!(counted, number(leaf, "cases"), "{leaf}");
    }
    for key in ["pass", "fail", "skip"] {
        assert_eq!(number(totals, key), ktap.total(key));
    }
    for key in ["cases", "right", "wrong", "skipped"] {
        assert_eq!(number(totals, key), leaves.iter().map(|leaf| number(leaf, key)).sum::<usize>(), "{key}");
    }
    assert_eq!(totals["times"][0]["group"], "pairs");
}

/// The check under a kernel that forgets CLONE_SIGHAND: it accepts what it has to refuse.
fn under_a_liar(words: &[&str]) -> Run {
    tracer::run_without(chimera(words), SIGHAND)
}

#[test]
fn what_deviates_is_told() {
    let run = under_a_liar(PAIRS);
    assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{run:#?}");
    let ktap = parse(&run.out);
    hold(&ktap, &listed(&["pairs"]));
    assert!(!ktap.groups[0].line.is_ok);
    let of = |name: &str| ktap.leaves().find(|leaf| leaf.name == name).expect("the leaf");
    let line = "case flags=CLONE_SIGHAND want=EINVAL got=OK rule=D4";
    assert!(!of("clone.sighand").is_ok && of("clone.sighand").told.iter().any(|told| told == line), "{ktap:#?}");
    let line = "case api=clone3 flags=CLONE_SIGHAND want=EINVAL got=OK rule=D4";
    assert!(of("clone3.sighand").told.iter().any(|told| told == line), "{ktap:#?}");
    // No more than eight cases of a leaf are told, and how many more there are.
    let told = &of("clone.sighand").told;
    let cases = told.iter().filter(|told| told.starts_with("case ")).count();
    let more = told.iter().find_map(|told| told.strip_suffix(" more cases deviate")?.parse::<usize>().ok());
    assert!(cases == 8 && more.is_some_and(|more| more > 0), "{told:#?}");
    // A leaf that is right has no case.
    let right = ktap.leaves().filter(|leaf| leaf.is_ok);
    assert!(right.flat_map(|leaf| &leaf.told).all(|told| !told.starts_with("case ")), "{ktap:#?}");

    let run = under_a_liar(&["check", "pairs", "--json"]);
    let all = objects(&run.out);
    let leaf = all.iter().find(|leaf| leaf["leaf"] == "clone.sighand").expect("the leaf");
    assert_eq!((text(leaf, "result"), number(leaf, "wrong") - 8), ("fail", more.unwrap_or_default()));
    let deviation = serde_json::json!({
        "api": "clone", "flags": "CLONE_SIGHAND", "exit_signal": 17, "what": null, "value": null,
        "want": "EINVAL", "got": "OK", "rule": "D4",
    });
    assert!(leaf["deviations"].as_array().expect("a list").contains(&deviation), "{leaf:#}");
}

#[test]
fn what_deviates_is_told_in_words() {
    let run = under_a_liar(&["check", "pairs", "--summary"]);
    assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{run:#?}");
    let page = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("is accepted; the rules expect EINVAL (D4); and so in "), "{}", run.out);
    assert!(page.contains(" verdict: otherwise in "), "{}", run.out);
    fits(&run.out, 80);
}

#[test]
fn the_summary_fits_the_page() {
    const NUMBERS: [&str; 5] = ["asked", "right", "otherwise", "not judged", "seconds"];
    for width in [60, 80, 120] {
        let page = plain(&at_terminal(chimera(&["check", "pairs", "--summary"]), width));
        let page: Vec<&str> = page.lines().map(|line| line.rsplit('\r').next().unwrap_or_default()).collect();
        let page = page.join("\n");
        fits(&page, width.into());
        let rows = rows(&page, "group  ", &NUMBERS);
        let counts =
            |row: &[&str]| row[1..5].iter().map(|count| count.parse().expect("a number")).collect::<Vec<usize>>();
        assert_eq!((rows[0][0], rows[0][3]), ("pairs", "0"), "{page}");
        let all = rows.iter().find(|row| row[0] == "all").expect("the sum");
        assert_eq!(counts(all), counts(&rows[0]), "{page}");
        assert!(page.lines().any(|line| line.starts_with("verdict: as the rules say in all ")), "{page}");
        assert!(!page.contains("no room for: ") || width < 120, "{page}");
    }
}

/// A filter says nothing about the kernel.
#[test]
fn what_a_filter_answers_is_not_judged() {
    let run = run(before::exec(chimera(PAIRS), filter::container)).clean(0);
    let ktap = parse(&run.out);
    hold(&ktap, &listed(&["pairs"]));
    assert_eq!((ktap.total("fail"), ktap.says("seccomp filter")), (0, "yes"), "{ktap:#?}");
    let users = ktap.says("user namespaces");
    assert!(users.starts_with("refused with EPERM: ") && users.contains("filter"), "{users}");
    let of = |name: &str| ktap.leaves().find(|leaf| leaf.name == name).expect("the leaf");
    assert_eq!(of("clone3.vm").skip.as_deref(), Some("masked by a filter"));
    assert!(of("clone.vm").is_ok && of("clone.vm").skip.is_none());
    // Of a leaf that is judged in part, the rest is told.
    let told = of("clone.vm").told.iter().find_map(|told| told.strip_suffix(" cases not judged: masked by a filter"));
    let (count, of_all) = told.and_then(|told| told.split_once(" of ")).expect("so many of so many");
    let [count, of_all]: [usize; 2] = [count, of_all].map(|number| number.parse().expect("a number"));
    assert!(0 < count && count < of_all, "{ktap:#?}");
}

/// Nor does it say that a task is left as a zombie: kill(2), which would find the zombie, does not reach the kernel.
#[test]
fn what_a_filter_hides_is_not_seen() {
    for errno in [libc::ENOSYS, libc::ESRCH] {
        let deny = move || filter::refuse(&[(libc::SYS_kill, 0, errno)]);
        let ktap = parse(&run(before::exec(chimera(&["check", "wait"]), deny)).clean(0).out);
        assert!(ktap.total("fail") == 0 && ktap.total("skip") > 0, "{errno}: {ktap:#?}");
    }
}

#[test]
fn a_check_of_nothing_is_no_success() {
    let deny = || filter::refuse(&[(libc::SYS_clone, 0xffff_ff00, libc::EPERM), (libc::SYS_clone3, 0, libc::ENOSYS)]);
    let one = run(before::exec(chimera(PAIRS), deny)).clean(4);
    let ktap = parse(&one.out);
    assert_eq!((ktap.total("pass"), ktap.total("fail")), (0, 0));
    assert_eq!(ktap.groups[0].line.skip.as_deref(), Some("masked by a filter"));
    let page = run(before::exec(chimera(&["check", "pairs", "--summary"]), deny)).clean(4).out;
    assert!(page.contains("verdict: unknown: no case could be judged here"), "{page}");
}

/// A failure of the check's own is no verdict on the kernel: prove(1) is told to give up.
#[test]
fn a_worker_that_cannot_be_made_ends_the_check() {
    let deny = || filter::refuse(&[(libc::SYS_clone, 0, libc::EAGAIN)]);
    for (form, bails) in [(&[] as &[&str], true), (&["--json"], false), (&["--summary"], false)] {
        let words: Vec<&str> = PAIRS.iter().chain(form).copied().collect();
        let run = run(before::exec(chimera(&words), deny)).nothing_left();
        assert_eq!(run.status, Some(1), "{run:#?}");
        assert!(run.err.starts_with("chimera: clone a worker: EAGAIN"), "{run:#?}");
        let last = run.out.lines().last().unwrap_or_default();
        assert_eq!(last.starts_with("Bail out! clone a worker: EAGAIN"), bails, "{run:#?}");
        assert!(!run.out.contains("Totals") && !run.out.contains("verdict"), "{run:#?}");
    }
}

/// Lines come while the check runs, and Ctrl-C ends it at once.
#[test]
fn an_interrupted_check_leaves_nothing() {
    let mut check = Running::start(chimera(&["check", "decisive", "pairs"]));
    while !check.line().contains("ok 1 ") {}
    let group = check.id();
    check.signal_group(Signal::SIGINT);
    let run = check.finish();
    assert_eq!(run.signal, Some(Signal::SIGINT as i32), "{run:#?}");
    assert!(!run.out.contains("Totals"), "{run:#?}");
    until_gone(group, |_| false);
}

/// At a terminal a line shows the progress, and goes away.
#[test]
fn progress_is_shown_at_a_terminal() {
    let text = plain(&at_terminal(chimera(PAIRS), 80));
    assert!(text.contains("  pairs: 0 of ") && text.contains(" cases"), "{text:?}");
    let mut seen = String::new();
    for line in text.lines() {
        // What is written over is blank at the end: each part but the last is progress, or the blanks over it.
        let parts: Vec<&str> = line.split('\r').collect();
        let (last, before) = parts.split_last().expect("a part");
        for pair in before.chunks(2) {
            let is_blank = pair.get(1).is_some_and(|blanks| blanks.trim().is_empty() && blanks.len() == pair[0].len());
            assert!(pair[0].starts_with("  pairs: ") && is_blank, "{line:?}");
        }
        seen += last;
        seen += "\n";
    }
    hold(&parse(&seen), &listed(&["pairs"]));
}

/// A serial line knows no width, and what it gets is kept by others: there is no progress in it.
#[test]
fn no_progress_is_shown_on_a_serial_line() {
    let text = plain(&at_terminal(chimera(PAIRS), 0));
    assert!(!text.contains('\r'), "{text:?}");
    hold(&parse(&text), &listed(&["pairs"]));
}

#[test]
fn groups_are_chosen_by_name() {
    let names: Vec<String> = listed(&["all"]).iter().map(|leaf| text(leaf, "group").to_owned()).collect();
    let mut groups: Vec<&str> = names.iter().map(String::as_str).collect();
    groups.dedup();
    let may_be = format!("it may be {} or all; see chimera check --help", groups.join(", "));
    for (word, near) in
        [("paris", " (did you mean pairs?)"), ("decisiv", " (did you mean decisive?)"), ("nosuchgroup", ""), ("", "")]
    {
        let run = run(chimera(&["check", word])).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run:#?}");
        assert_eq!(run.err, format!("chimera check: there is no group '{word}'{near}; {may_be}\n"));
    }
    // A group runs once, in the order of the list.
    assert_eq!(listed(&["pairs", "pairs"]), listed(&["pairs"]));
    assert_eq!(listed(&["decisive", "pairs"]), listed(&["pairs", "decisive"]));
    // What is not usual runs only if it is named.
    let usual = |leaves: &[Value]| leaves.iter().all(|leaf| leaf["usual"] == true);
    assert!(!usual(&listed(&[])) && !usual(&listed(&["decisive-net"])) && usual(&listed(&["decisive"])));
}

/// The output as a file, whose path has no blanks.
fn kept() -> String {
    let path = folder().join("check.ktap");
    std::fs::write(&path, run(chimera(PAIRS)).clean(0).out).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn prove_reads_it() {
    if !has("prove") {
        return;
    }
    let prove = |line: &str| {
        let mut prove = crate::common::command("prove", &["-e", "", line]);
        prove.env("LC_ALL", "C");
        run(prove)
    };
    let right = prove(&format!("{} check pairs", elf().display()));
    assert_eq!(right.status, Some(0), "{right:#?}");
    assert!(right.out.contains("All tests successful.") && right.out.contains("Result: PASS"), "{right:#?}");
    let nothing = prove(&format!("{} check nosuchgroup", elf().display()));
    assert!(nothing.status != Some(0) && nothing.out.contains("Result: "), "{nothing:#?}");
}

/// kunit.py of a kernel's source, tools/testing/kunit, is in no package of its own: KUNIT names it.
#[test]
fn kunit_reads_it() {
    let Some(kunit) = std::env::var_os("KUNIT") else { return skip("KUNIT names no kunit.py of a kernel's source") };
    if !has("python3") {
        return;
    }
    let parse = |file: &str| {
        let mut kunit_py = Command::new("python3");
        kunit_py.arg(&kunit).args(["parse", file]);
        run(kunit_py)
    };
    let file = kept();
    let read = parse(&file);
    let listed = listed(&["pairs"]);
    let count = format!("Ran {} tests: passed: ", listed.len());
    assert!(read.status == Some(0) && read.out.contains(&count), "{read:#?}");
    assert!(read.out.contains(&format!("pairs ({} subtests)", listed.len())), "{read:#?}");
    std::fs::write(&file, under_a_liar(PAIRS).out).expect("a file");
    let read = parse(&file);
    assert!(read.status == Some(1) && read.out.contains("[FAILED] clone.sighand"), "{read:#?}");
}
