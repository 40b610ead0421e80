//! Every system call of the program fails in turn, by strace's fault injection.
//!
//! Nothing about a mode's calls is written down here. A traced run says which calls there are
//! and how often each task makes them; what may follow a failure is one table of rules, and every case is held
//! against all of them. All violations are collected, so that one run shows them all.

use crate::common::page::{self, FLAGS, Rows};
use crate::common::part;
use crate::common::skip::{has, skip_part};
use crate::common::who::{command_lines, is_allowed, may_be_root};
use crate::common::{Run, command, deadline, elf, folder};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;

const ERRORS: [&str; 5] = ["EAGAIN", "ENOMEM", "EPERM", "EINTR", "ENOSYS"];

/// What a call may be answered so that the program tries again.
const AGAIN: &[&str] = &["EAGAIN", "EINTR"];

/// The calls after whose failure the status may still be 0: which, with which errors (all or [`AGAIN`]), and why.
const FALLBACKS: &[(&[&str], &[&str], &str)] = &[
    (&["kcmp", "stat", "tgkill", "waitid", "read"], &ERRORS, "behaviour speaks where the kernel's word is missing"),
    (&["close", "umask", "rt_sigaction", "openat"], &ERRORS, "the kernel speaks where behaviour is missing"),
    (&["setresuid", "getppid"], &ERRORS, "the kernel speaks where behaviour is missing"),
    (&["getpid", "gettid", "getuid", "getgid"], &ERRORS, "a fact of which nothing is claimed is missing"),
    (&["prctl"], &ERRORS, "a child whose parent is killed ends by itself, a little later"),
    (&["prlimit64"], &ERRORS, "how large the stack may be is not known, and mostly it is large enough"),
    (&["ioctl"], &ERRORS, "a page without a terminal is 80 columns wide"),
    (&["futex"], &ERRORS, "who sleeps looks again, and a wake only saves time"),
    (&["write", "wait4"], AGAIN, "tried again"),
    (&["exit_group", "exit"], &ERRORS, "each is the other's fallback"),
    (&["setuid", "unshare", "sethostname", "uname"], &ERRORS, "a privilege that cannot be shown is unknown"),
];

/// Failures that are told under another name than the kernel's: the call, and what is told.
const TRANSLATED: &[(&str, &str, &str)] = &[
    ("futex", "ETIMEDOUT", "as often interrupted as there is patience"),
    ("exit", "ETIMEDOUT", "a thread that may not end is waited for in vain"),
    ("uname", "EIO", "the host name cannot be read back"),
];

/// One run with one fault: `when` is which occurrence in each task fails; none is all of them.
struct Case {
    words: &'static [&'static str],
    call: String,
    error: &'static str,
    when: Option<usize>,
}

impl Case {
    /// The fault as strace reads it, with `error`.
    fn fault(&self, error: &str) -> String {
        let when = self.when.map_or(String::new(), |when| format!(":when={when}"));
        format!("inject={}:error={error}{when}", self.call)
    }
}

/// What strace wrote.
#[derive(Default)]
struct Trace {
    /// Each call, and how often the task that makes it most often does so.
    calls: BTreeMap<String, usize>,
    /// How many faults there were.
    faults: usize,
    /// How each task ended, in the order of the ends: its id and strace's words.
    ends: Vec<(String, String)>,
    /// The first task, which is the program as started.
    first: String,
    /// Whether somebody called kill(2).
    kills: bool,
}

impl Trace {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("a trace");
        let (mut trace, mut counts) = (Self::default(), BTreeMap::<_, usize>::new());
        for (task, event) in text.lines().filter_map(|line| line.split_once(' ')) {
            let event = event.trim_start();
            trace.faults += usize::from(event.ends_with("(INJECTED)"));
            trace.kills |= event.starts_with("kill(");
            if trace.first.is_empty() {
                trace.first = task.into();
            }
            if let Some(end) = event.strip_prefix("+++ ") {
                trace.ends.push((task.into(), end.into()));
            } else if let Some((call, _)) = event.split_once('(').filter(|(call, _)| !call.contains([' ', '<'])) {
                let count = counts.entry((task.to_owned(), call.to_owned())).or_default();
                *count += 1;
                let most = trace.calls.entry(call.into()).or_default();
                *most = (*most).max(*count);
            }
        }
        // Faults in it would keep the program from starting at all.
        trace.calls.remove("execve");
        trace
    }
}

/// What a case came to.
struct Outcome<'plain> {
    run: Run,
    trace: Trace,
    plain: &'plain Rows,
}

/// A rule: its name, and whether it is kept.
type Rule = (&'static str, fn(&Case, &Outcome) -> bool);

const RULES: &[Rule] = &[
    ("the fault happens", happens),
    ("no death by a signal", |case, outcome| {
        // A child that cannot be waited for ends with its parent, if it has not ended before.
        let may_not_wait = case.call == "wait4";
        let killed = |(_, end): &(String, String)| end.contains("killed by") && !outcome.trace.kills && !may_not_wait;
        outcome.run.signal.is_none() && !outcome.trace.ends.iter().any(killed)
    }),
    ("the first task ends last", |case, outcome| {
        // Whoever may not wait cannot know when the child, which was told to end, has done so; its zombie is init's.
        let may_not_wait = case.call == "wait4";
        let last = |(task, _): &(String, String)| *task == outcome.trace.first || may_not_wait;
        let gone = |stat: &String| may_not_wait && stat.contains(") Z ");
        outcome.run.left.iter().all(gone) && outcome.trace.ends.last().is_some_and(last)
    }),
    ("a failure is told, or there is a fallback", told),
    ("no errno is shown as an id", |_, outcome| !outcome.run.out.contains("184467440737095")),
    ("nothing is claimed to be wrong", |_, outcome| !claims_wrong(&outcome.run)),
    ("every row is true", |_, outcome| page::rows(&outcome.run.out).iter().all(|row| is_true(row, outcome.plain))),
    ("the table shows the rows", |case, outcome| !case.words.is_empty() || table_is_true(&outcome.run)),
    ("the tally counts the rows", tally_is_true),
];

/// Whether the fault has happened, or no task has made the call so often: how often a task sleeps and asks is a matter of
/// timing, so that an occurrence that was seen without a fault need not come again.
fn happens(case: &Case, outcome: &Outcome) -> bool {
    let made = outcome.trace.calls.get(&case.call).copied().unwrap_or(0);
    outcome.trace.faults > 0 || made < case.when.unwrap_or(1)
}

/// Whether the last line counts something as not as claimed, which the kernel under a fault never is.
fn claims_wrong(run: &Run) -> bool {
    page::tally(&run.out).is_some_and(|[_, wrong, _]| wrong > 0)
}

/// Whether status and messages fit: see [`FALLBACKS`] and [`TRANSLATED`].
fn told(case: &Case, outcome: &Outcome) -> bool {
    let Run { status, err, .. } = &outcome.run;
    let message = err.lines().find(|line| line.starts_with("chimera: "));
    let names_it = message.is_some_and(|line| {
        let told = |name: &str| line.contains(&format!(": {name} ("));
        told(case.error) || TRANSLATED.iter().any(|(call, name, _)| *call == case.call && told(name))
    });
    let falls_back =
        FALLBACKS.iter().any(|(calls, errors, _)| calls.contains(&&*case.call) && errors.contains(&case.error));
    // The write that fails may be that of the message.
    let unwritable = case.call == "write" && err.is_empty();
    match status {
        // The tour goes on where the place forbids one of its tasks.
        Some(0) => {
            falls_back && err.is_empty() || case.words.is_empty() && names_it && outcome.run.out.contains("SKIP")
        }
        Some(1) => names_it || unwritable || claims_wrong(&outcome.run),
        // Nothing can be seen of a flag that was asked for.
        Some(4) if page::rows(&outcome.run.out).values().any(|words| words[0] == "shared" && words[3] == "unknown") => {
            falls_back && err.is_empty()
        }
        // The child cannot become root.
        Some(4) => matches!(case.words, [] | ["user"]) && (names_it || unwritable),
        // A call that is refused each time is refused as predicted.
        Some(3) => ["clone", "fork"].contains(&&*case.call) && case.when.is_none() && names_it,
        _ => false,
    }
}

/// Whether nobody says anything else than without a fault, or says that it is unknown, and the verdict follows.
fn is_true((of, words): (&(String, String), &[String; 4]), plain: &Rows) -> bool {
    let without_fault = &plain[of];
    let silent = |place: usize| words[place] == "unknown";
    let as_without = |place: usize| words[place] == without_fault[place];
    let verdict = if silent(1) && silent(2) { "unknown" } else { "honoured" };
    as_without(0) && (silent(1) || as_without(1)) && (silent(2) || as_without(2)) && words[3] == verdict
}

/// Whether each cell of the tour's table is what its task's page says; a task without a page was refused by the place,
/// or failed, or was not made any more.
fn table_is_true(run: &Run) -> bool {
    let rows = page::rows(&run.out);
    let Some(table) = page::table(&run.out) else { return run.status != Some(0) };
    table.len() == 6
        && table.iter().all(|(name, cells)| {
            let without_page = match cells[0].as_str() {
                word @ ("FAILED" | "unknown") if matches!(run.status, Some(1 | 3)) => word,
                _ => "SKIP",
            };
            let expected = FLAGS.iter().map(|flag| match rows.get(&(name.clone(), (*flag).into())) {
                Some([asked, .., verdict]) if verdict == "honoured" => asked,
                Some([.., verdict]) => verdict,
                None => without_page,
            });
            expected.eq(cells)
        })
}

/// Whether the last line counts what was shown: the rows, the steps of becoming root, and fork(2) beside clone(2).
fn tally_is_true(_: &Case, outcome: &Outcome) -> bool {
    let Run { out, status, .. } = &outcome.run;
    let Some([proven, wrong, open]) = page::tally(out) else {
        return *status == Some(1) || *status == Some(4) && !out.contains(" facts proven, ");
    };
    let rows = page::rows(out);
    let count = |verdict: &str| rows.values().filter(|words| words[3] == verdict).count();
    let pages = page::read(out).pages;
    let is_root = |(step, result): &&(String, u32)| *result == 0 || !step.starts_with("get");
    let steps: usize = pages.iter().map(|page| page.steps.iter().filter(is_root).count()).sum();
    let all: usize = pages.iter().map(|page| page.steps.len() + page.refused.len()).sum();
    let both_forks = ["fork", "fork(2)"].map(|name| (name.to_owned(), "VM".to_owned()));
    let comparisons = usize::from(both_forks.iter().all(|row| rows.contains_key(row)));
    let extra = (proven + wrong + open).checked_sub(rows.len() + all);
    extra.is_some_and(|extra| extra <= comparisons || wrong > 0)
        && proven >= count("honoured") + steps
        && open >= count("unknown") + all - steps
}

/// Runs under strace with `options`; none if it does not end.
fn trace(options: &[&str], words: &[&str], to: &Path) -> Option<(Run, Trace)> {
    let to_text = to.to_str().expect("a path in UTF-8");
    let all = [&["-f", "-q", "-o", to_text], options, &[elf().to_str().expect("a path in UTF-8")], words].concat();
    let run = deadline::run(command("strace", &all))?;
    Some((run, Trace::read(to)))
}

/// All cases of one command line: each call, all its occurrences and each of the first, second and last.
fn cases(words: &'static [&'static str], calls: &BTreeMap<String, usize>) -> Vec<Case> {
    let mut cases = Vec::new();
    for (call, count) in calls {
        let mut when = vec![None, Some(1)];
        when.extend([2, *count].iter().filter(|when| (2..=*count).contains(when)).map(|when| Some(*when)));
        when.dedup();
        for error in ERRORS {
            cases.extend(when.iter().map(|when| Case { words, call: call.clone(), error, when: *when }));
        }
    }
    cases
}

/// What was broken, in words that are the same for every error, and by which errors.
type Violations = BTreeMap<String, Vec<&'static str>>;

/// How often an occurrence that does not come is tried for once more.
const TRIES: usize = 3;

/// Holds one case against rules.
fn judge(rules: &[Rule], case: &Case, plain: &Rows, to: &Path, found: &Mutex<Violations>) {
    let report = |rule: &str, outcome: String| {
        let line = format!("{rule}: chimera {}: -e {}: {outcome}", case.words.join(" "), case.fault("*"));
        found.lock().unwrap().entry(line).or_default().push(case.error);
    };
    let fault = case.fault(case.error);
    let mut runs = (0..TRIES).map(|_| trace(&["-e", &fault], case.words, to));
    let is_last = |run: &Option<(Run, Trace)>| run.as_ref().is_none_or(|(_, trace)| trace.faults > 0);
    let Some((run, trace)) = runs.find(is_last).unwrap_or_else(|| trace(&["-e", &fault], case.words, to)) else {
        return report("it ends within the deadline", "killed".into());
    };
    let outcome = Outcome { run, trace, plain };
    for (rule, _) in rules.iter().filter(|(_, keeps)| !keeps(case, &outcome)) {
        let Run { status, signal, err, .. } = &outcome.run;
        let message = err.lines().next().unwrap_or_default().replace(case.error, "*");
        report(
            rule,
            format!("status {status:?}, signal {signal:?}, {}", message.split('(').next().unwrap_or_default()),
        );
    }
}

/// Runs all cases of this run's part on a few threads.
fn violations(rules: &[Rule], cases: &[(Case, Arc<Rows>)], folder: &Path) -> Violations {
    let (next, found) = (AtomicUsize::new(0), Mutex::default());
    let work = |worker: usize| {
        loop {
            let place = next.fetch_add(1, Relaxed);
            let Some((case, plain)) = cases.get(place) else { return };
            if part::has(place) {
                judge(rules, case, plain, &folder.join(worker.to_string()), &found);
            }
        }
    };
    let work = &work;
    thread::scope(|scope| (0..4).for_each(|worker| _ = scope.spawn(move || work(worker))));
    found.into_inner().unwrap()
}

#[test]
fn every_failure_is_told_or_harmless() {
    if !has("strace") {
        return;
    }
    let folder = folder().join("faults");
    std::fs::create_dir_all(&folder).expect("a folder for the traces");
    let mut all = Vec::new();
    for words in command_lines(None) {
        let words: &'static [&'static str] = words.leak();
        let (run, plain) = trace(&[], words, &folder.join("plain")).expect("a run without a fault ends");
        let rows = Arc::new(page::rows(&run.out));
        assert!(!rows.is_empty(), "{run:#?}");
        all.extend(cases(words, &plain.calls).into_iter().map(|case| (case, rows.clone())));
    }
    let found = violations(RULES, &all, &folder);
    let lines = found.iter().map(|(line, errors)| format!("{line} [{}]", errors.join(" ")));
    assert!(found.is_empty(), "{} cases:\n{}", all.len(), lines.collect::<Vec<_>>().join("\n"));
}

/// The rules for a program that is run.
const RUN_RULES: &[Rule] = &[
    ("the fault happens", happens),
    ("no death by a signal", |_, outcome| outcome.run.signal.is_none()),
    ("nothing is left", |_, outcome| outcome.run.left.iter().all(|stat| stat.contains(") Z "))),
    ("the program has run, or why not is told", |case, outcome| match outcome.run.status {
        Some(0) => outcome.run.out.starts_with("chimera "),
        // The write that fails may be that of the message.
        Some(_) => case.call == "write" || outcome.run.err.starts_with("chimera: "),
        None => false,
    }),
];

#[test]
fn a_program_is_run_or_it_is_told_why_not() {
    if !has("strace") || !may_be_root(None) {
        return;
    }
    let folder = folder().join("faults-run");
    std::fs::create_dir_all(&folder).expect("a folder for the traces");
    let program = elf().to_str().expect("a path in UTF-8");
    let mut all = Vec::new();
    for options in [
        &["run", "-r"] as &[&str],
        &["run", "-rf"],
        &["run", "-rp", "--mount-proc", "--kill-child"],
        &["run", "-rT", "--boottime=1", "--hostname=x", "-w", "/"],
        &["clone", "user", "--"],
    ] {
        let words: &'static [&'static str] = [options, &[program, "--version"]].concat().leak();
        let (_, plain) = trace(&[], words, &folder.join("plain")).expect("a run without a fault ends");
        // Where all its occurrences fail the program's own do too; what that one does is not asked here.
        all.extend(cases(words, &plain.calls).into_iter().map(|case| (case, Arc::default())));
    }
    let found = violations(RUN_RULES, &all, &folder);
    let lines = found.iter().map(|(line, errors)| format!("{line} [{}]", errors.join(" ")));
    assert!(found.is_empty(), "{} cases:\n{}", all.len(), lines.collect::<Vec<_>>().join("\n"));
}

/// Deaths at a moment of choice: the mode, the call before which the signal comes, and what is seen of it.
const DEATHS: &[(&str, &str, &str)] = &[
    // The examiner, while it holds its child: the child must not wait for ever.
    ("fork", "kcmp:signal=SIGKILL", "SIGKILL"),
    ("chimera", "kcmp:signal=SIGKILL", "SIGKILL"),
    ("user", "kcmp:signal=SIGKILL", "SIGKILL"),
    ("thread", "kcmp:signal=SIGKILL", "SIGKILL"),
    // The child, at a call that it alone makes.
    ("user", "unshare:signal=SIGKILL", "the child was killed: SIGKILL"),
    ("user", "unshare:signal=SIGTERM", "the child was killed: SIGTERM"),
    ("user", "sethostname:signal=SIGSEGV", "the child was killed: SIGSEGV"),
    // The third occurrence in each task: the parent has none.
    ("user", "close:signal=SIGABRT:when=3", "the child was killed: SIGABRT"),
];

#[test]
fn a_killed_task_leaves_nobody_waiting() {
    if !has("strace") {
        return;
    }
    // At the same time: an orphan waits for two seconds before it gives up.
    let is_allowed = is_allowed(None);
    if !is_allowed {
        skip_part("the mode `user`: user namespaces are forbidden here");
    }
    thread::scope(|scope| {
        let possible = DEATHS.iter().enumerate().filter(|(_, (mode, ..))| *mode != "user" || is_allowed);
        possible.for_each(|(place, death)| _ = scope.spawn(move || die(place, death)));
    });
}

/// Calls that are said to have succeeded and have done nothing, or more than was asked for: the words, the lie, and the
/// status.
const LIES: &[(&[&str], &str, i32)] = &[
    (&["fork"], "read:retval=70000", 0),
    (&["clone", "vfork"], "read:retval=70000", 4),
    (&["clone", "vfork"], "clock_gettime:retval=0", 0),
    (&["bench", "fork"], "clock_gettime:retval=0", 1),
    // The examiner is told of one end after the other, and of none that there was.
    (&["clone", "vm"], "wait4:retval=255:when=3+", 1),
];

#[test]
fn a_lie_is_no_fact_and_no_defect() {
    if !has("strace") {
        return;
    }
    thread::scope(|scope| {
        LIES.iter().enumerate().for_each(|(place, lie)| _ = scope.spawn(move || be_told(place, lie)))
    });
}

fn be_told(place: usize, (words, lie, status): &(&[&str], &str, i32)) {
    let to = folder().join(format!("lie-{place}"));
    let (run, _) = trace(&["-e", &format!("inject={lie}")], words, &to).expect("it ends");
    // A task of whose end nothing true was told is left as a zombie, which is init's.
    let is_left = |stat: &String| !stat.contains(") Z ");
    assert!(run.status == Some(*status) && !run.left.iter().any(is_left), "{lie}: {run:#?}");
    assert!(!run.err.contains("internal error"), "{lie}: {run:#?}");
}

/// A child that comes too late is a failure, and what it still does then is not taken for the next one's doing.
#[test]
fn a_late_child_spoils_nothing() {
    if !has("strace") {
        return;
    }
    let modes: Vec<&str> = command_lines(None).iter().filter_map(|words| words.first().copied()).collect();
    thread::scope(|scope| modes.into_iter().for_each(|mode| _ = scope.spawn(move || be_late(mode))));
}

fn be_late(mode: &'static str) {
    // In microseconds: longer than anybody waits. It is the first call of every task; that of the examiner harms nobody.
    let late = "inject=getppid:delay_enter=3000000:when=1";
    let to = folder().join(format!("late-{mode}"));
    let (run, _) = trace(&["-e", late], &[mode], &to).expect("it ends");
    // strace has its own to say about a task that dies while it is held back.
    let is_told = |line: &str| line.starts_with("chimera: ") && line.ends_with(": ETIMEDOUT (Connection timed out)");
    let told = run.err.lines().filter(|line| !line.starts_with("strace: ")).all(is_told);
    assert!(run.status == Some(1) && told && run.left.is_empty(), "{run:#?}");
    assert!(page::children(&run.out).iter().all(|(answer, said)| answer == said), "another's facts: {run:#?}");
    assert!(!claims_wrong(&run), "{run:#?}");
}

fn die(place: usize, (mode, death, seen): &(&str, &str, &str)) {
    let to = folder().join(format!("death-{place}"));
    let (run, trace) = trace(&["-e", &format!("inject={death}")], &[mode], &to).expect("it ends");
    // strace sees both tasks end, for it waits for all that it traces; the zombie of an orphan is init's.
    let gone = |stat: &String| run.signal.is_some() && stat.contains(") Z ");
    assert!(trace.ends.len() == 2 && run.left.iter().all(gone), "{death}: {run:#?}");
    match run.signal {
        Some(signal) => assert_eq!((signal, *seen), (9, "SIGKILL"), "{death}: {run:#?}"),
        None => {
            let last = run.err.lines().last().unwrap_or_default();
            assert_eq!((run.status, last), (Some(1), format!("chimera: {seen}").as_str()), "{death}: {run:#?}");
        }
    }
}
