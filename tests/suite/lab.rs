//! The laboratory: every set of flags is predicted, made and proven; in every place, with every argument.
//!
//! Nothing is written down of what the kernel answers. A run holds its own prediction against
//! the kernel, and the test demands that the two agree for every set, as every user and in every place, that a set
//! which is made is proven in full, and that nothing is left. What cannot be known is "unknown" and counts as neither.

use crate::common::group::Group;
use crate::common::place::{CHROOT, CONTAINER, NO_TASK_LEFT, lonely, with_tasks};
use crate::common::skip::{has, skip};
use crate::common::who::may_be_root;
use crate::common::{Run, as_user, chimera, command, deadline, elf, is_root, run};
use serde_json::Value;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The 24 flags of clone(2).
const LEGACY: [&str; 24] = [
    "VM",
    "FS",
    "FILES",
    "SIGHAND",
    "PIDFD",
    "PTRACE",
    "VFORK",
    "PARENT",
    "CLONE_THREAD",
    "NEWNS",
    "SYSVSEM",
    "SETTLS",
    "PARENT_SETTID",
    "CHILD_CLEARTID",
    "DETACHED",
    "UNTRACED",
    "CHILD_SETTID",
    "NEWCGROUP",
    "NEWUTS",
    "NEWIPC",
    "NEWUSER",
    "NEWPID",
    "NEWNET",
    "IO",
];

/// Those that clone3(2) alone has.
const LATE: [&str; 7] = ["NEWTIME", "CLEAR_SIGHAND", "INTO_CGROUP", "AUTOREAP", "NNP", "PIDFD_AUTOKILL", "EMPTY_MNTNS"];

/// All sets of so many flags, each with the words behind it.
fn sets(size: usize, clone3: bool) -> Vec<Vec<String>> {
    let names: Vec<&str> = LEGACY.into_iter().chain(LATE.into_iter().filter(|_| clone3)).collect();
    let mut sets = vec![Vec::new()];
    for _ in 0..size {
        let longer = |set: &Vec<usize>| {
            let set = set.clone();
            (set.last().map_or(0, |last| last + 1)..names.len()).map(move |next| [set.as_slice(), &[next]].concat())
        };
        sets = sets.iter().flat_map(longer).collect();
    }
    let word = |set: Vec<usize>| set.into_iter().map(|place| names[place]).collect::<Vec<_>>().join("|");
    let words = |set| [word(set)].into_iter().chain(clone3.then(|| "--clone3".to_owned())).collect();
    sets.into_iter().map(words).collect()
}

/// All sets of up to three flags, by both calls. Whoever tests more than one ELF (CHIMERA_SHARE) has every so many of the sets
/// of three tried on this one, and all on another.
fn all_sets() -> Vec<Vec<String>> {
    let share = std::env::var("CHIMERA_SHARE").map_or(1, |share| share.parse().expect("a number"));
    let calls = [false, true].into_iter();
    calls
        .flat_map(|clone3| {
            [sets(1, clone3), sets(2, clone3), sets(3, clone3).into_iter().step_by(share).collect()].concat()
        })
        .collect()
}

/// The object that a run has printed; none if it is no JSON.
fn object(run: &Run) -> Option<Value> {
    serde_json::from_str(&run.out).ok()
}

/// What is wrong with a run of the laboratory, if something is.
fn fault(run: &Run) -> Option<String> {
    let Some(object) = object(run) else { return Some(format!("no JSON: {run:?}")) };
    let outcome = object["outcome"].as_str().unwrap_or_default();
    let wanted = match outcome {
        "honoured" => 0,
        "refused-as-predicted" => 3,
        "unknown" => 4,
        _ => {
            return Some(format!(
                "{outcome}: predicted {}, {} by rule {}",
                object["predicted"], object["result"], object["rule"]
            ));
        }
    };
    let rows = object["resources"].as_array().expect("resources");
    let verdicts: Vec<_> =
        rows.iter().filter(|row| row["verdict"] != "honoured").map(|row| row["flag"].clone()).collect();
    let is_made = object["result"] == "OK";
    if run.status != Some(wanted) || !run.left.is_empty() || !run.err.is_empty() || is_made != (wanted != 3) {
        return Some(format!("{outcome}, but status {:?}, left {:?}, {}", run.status, run.left, run.err));
    }
    (outcome == "honoured" && !verdicts.is_empty()).then(|| format!("not all is proven: {verdicts:?}"))
}

/// Runs the laboratory for each line of words, in a place that `place` makes; panics with all that is wrong.
#[track_caller]
fn hold(lines: &[Vec<String>], place: impl Fn(&[&str]) -> Command + Sync) {
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(line) = lines.get(next.fetch_add(1, Relaxed)) {
            let words: Vec<&str> =
                ["clone"].into_iter().chain(line.iter().map(String::as_str)).chain(["--json"]).collect();
            let run = run(place(&words));
            fault(&run).into_iter().for_each(|fault| faults.lock().unwrap().push(format!("{line:?}: {fault}")));
        }
    };
    std::thread::scope(|scope| (0..3).for_each(|_| _ = scope.spawn(work)));
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), lines.len(), faults[..faults.len().min(20)].join("\n"));
}

/// Every so many of the sets of three.
fn some(step: usize) -> Vec<Vec<String>> {
    [false, true].into_iter().flat_map(|clone3| sets(3, clone3).into_iter().step_by(step)).collect()
}

/// A place whose runs cannot prove all, only never say what is false: unknown rows are no fault.
#[track_caller]
fn hold_loosely(lines: &[Vec<String>], place: impl Fn(&[&str]) -> Command + Sync) {
    let faults = Mutex::new(Vec::new());
    for line in lines {
        let words: Vec<&str> = ["clone"].into_iter().chain(line.iter().map(String::as_str)).chain(["--json"]).collect();
        let run = run(place(&words));
        let fault = fault(&run).filter(|fault| !fault.starts_with("not all is proven"));
        fault.into_iter().for_each(|fault| faults.lock().unwrap().push(format!("{line:?}: {fault}")));
    }
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), lines.len(), faults[..faults.len().min(20)].join("\n"));
}

#[test]
fn all_sets_of_up_to_three_flags() {
    hold(&all_sets(), chimera);
}

#[test]
fn all_sets_of_up_to_three_flags_as_an_ordinary_user() {
    if !is_root() {
        return skip("only root can become others; it is an ordinary user's own that is done");
    }
    hold(&all_sets(), |words| as_user(chimera(words), 65534));
}

#[test]
fn in_a_chroot() {
    if CHROOT.is_possible() {
        hold_loosely(&some(29), |words| CHROOT.chimera(words));
    }
}

#[test]
fn as_process_1() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let program = elf().to_str().expect("UTF-8");
    hold_loosely(&some(23), |words| {
        command("unshare", &[&["-r", "-p", "-f", "-m", "--mount-proc", program][..], words].concat())
    });
}

#[test]
fn under_a_filter_like_a_containers() {
    hold_loosely(&some(17), |words| CONTAINER.chimera(words));
}

#[test]
fn with_no_task_left() {
    if !NO_TASK_LEFT.is_possible() {
        return;
    }
    // Examiner and subject may be; the child is one too many.
    let place = |words: &[&str]| with_tasks(chimera(words), 2);
    // The kernel may still count a task of the run before: then not even the subject can be made.
    let patient = |words: &[&str]| {
        let early = |run: &Run| run.err.starts_with("chimera: clone the subject: EAGAIN");
        deadline::until("a subject can be made", || Some(run(place(words)).nothing_left()).filter(|run| !early(run)))
    };
    for line in some(97) {
        let all: Vec<&str> = ["clone"].into_iter().chain(line.iter().map(String::as_str)).chain(["--json"]).collect();
        let run = patient(&all);
        assert_eq!(run.status, Some(3), "{line:?}: {run:#?}");
    }
    let run = patient(&["clone", "VM", "--json"]);
    assert_eq!(object(&run).expect("JSON")["result"], "EAGAIN", "{run:#?}");
}

/// Words, and what comes of them: the outcome, the result, the status.
const ARGUMENTS: &[(&str, &str, &str, i32)] = &[
    ("vm --stack none", "honoured", "OK", 0),
    ("pthread --stack none", "honoured", "OK", 0),
    ("vm,vfork --stack none", "honoured", "OK", 0),
    ("vm --stack 64", "crashed", "OK", 1),
    ("thread --stack 64", "crashed", "OK", 1),
    ("vm,parent --stack 64", "crashed", "OK", 1),
    ("vm --stack 0 --clone3", "refused-as-predicted", "EINVAL", 3),
    ("settls --tls 0xffff800000000000", "refused-as-predicted", "EPERM", 3),
    ("settls --tls 4096", "honoured", "OK", 0),
    ("fs --clone3 --size 63", "refused-as-predicted", "EINVAL", 3),
    ("fs --clone3 --size 64", "honoured", "OK", 0),
    ("fs --clone3 --size 4096", "honoured", "OK", 0),
    ("fs --clone3 --size=4097", "refused-as-predicted", "E2BIG", 3),
    ("fs --clone3 --set-tid 0", "refused-as-predicted", "EINVAL", 3),
    (
        "fs --clone3 --set-tid 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
        "refused-as-predicted",
        "EINVAL",
        3,
    ),
    ("fs --clone3 --exit-signal 256", "refused-as-predicted", "EINVAL", 3),
    ("0x111 --clone3", "refused-as-predicted", "EINVAL", 3),
    ("0x8000000000000000 --clone3", "refused-as-predicted", "EINVAL", 3),
    ("INTO_CGROUP --clone3", "refused-as-predicted", "EBADF", 3),
    ("CLEAR_SIGHAND", "not-honoured", "OK", 1),
    ("vm,KILL", "honoured", "OK", 0),
    ("vm,STOP", "honoured", "OK", 0),
    ("vm,SIGRT_32", "honoured", "OK", 0),
    ("SEGV", "honoured", "OK", 0),
    ("0", "honoured", "OK", 0),
    ("thread,SIGCHLD", "honoured", "OK", 0),
];

#[test]
fn every_argument_can_be_set() {
    for (words, outcome, result, status) in ARGUMENTS {
        let words: Vec<&str> = ["clone"].into_iter().chain(words.split(' ')).chain(["--json"]).collect();
        let run = run(chimera(&words)).nothing_left();
        let object = object(&run).unwrap_or_else(|| panic!("{run:#?}"));
        let seen = (object["outcome"].as_str(), run.status);
        assert_eq!(seen, (Some(*outcome), Some(*status)), "{words:?}: {run:#?}");
        // A thread that dies takes its maker along, before or after that has told what the call returned.
        let is_lost = *outcome == "crashed" && words.contains(&"thread") && object["result"].is_null();
        assert!(is_lost || object["result"] == *result, "{words:?}: {run:#?}");
    }
}

#[test]
fn a_chosen_id() {
    if !is_root() {
        return skip("only root may choose ids");
    }
    let taken = run(chimera(&["clone", "fs", "--clone3", "--set-tid", "1", "--json"]));
    assert_eq!(object(&taken).expect("JSON")["result"], "EEXIST", "{taken:#?}");
    let chosen = run(chimera(&["clone", "newpid", "--clone3", "--set-tid", "1", "--json"])).clean(0);
    assert_eq!(object(&chosen).expect("JSON")["child"]["tid"], 1, "{chosen:#?}");
}

/// Who makes both namespaces owns the new PID namespace, and may choose the id there; not one further out.
#[test]
fn an_id_chosen_by_who_has_no_rights() {
    if !is_root() || !may_be_root(Some(1000)) {
        return skip("only root becomes a user without rights");
    }
    for (words, result, outcome) in [
        (["newuser,newpid", "1"], "OK", "honoured"),
        (["newuser,newpid", "1,77"], "EPERM", "refused-as-predicted"),
        (["newuser,newpid", "2"], "EINVAL", "refused-as-predicted"),
        (["newuser", "77"], "EPERM", "refused-as-predicted"),
    ] {
        let words = ["clone", words[0], "--clone3", "--json", "--set-tid", words[1]];
        let made = run(as_user(chimera(&words), 1000));
        let object = object(&made).expect("JSON");
        assert_eq!((object["result"].as_str(), object["outcome"].as_str()), (Some(result), Some(outcome)), "{words:?}");
    }
}

#[test]
fn a_chosen_cgroup() {
    let Some(group) = Group::new() else { return };
    let run = run(chimera(&["clone", "INTO_CGROUP", "--clone3", "--cgroup", group.path(), "--json"]));
    assert_eq!(object(&run.clean(0)).expect("JSON")["outcome"], "honoured");
}

/// A subject that is held back for longer than the examiner waits is killed, and that is said.
#[test]
fn a_task_that_is_too_late_hangs() {
    if !has("strace") {
        return;
    }
    let late = "inject=ioprio_set:delay_enter=12000000:when=1";
    let words = ["-f", "-q", "-o", "/dev/null", "-e", late, elf().to_str().expect("UTF-8"), "clone", "vm", "--json"];
    let run = run(command("strace", &words)).nothing_left();
    let outcome = object(&run).map(|object| object["outcome"].clone());
    assert_eq!((outcome, run.status), (Some("hung".into()), Some(1)), "{run:#?}");
}

#[test]
fn no_semaphore_is_left() {
    if !is_root() {
        return skip("only root can become a user whom no other test makes semaphores for");
    }
    let user = lonely();
    for words in ["fork", "thread", "vm,KILL", "vm --stack 64", "SYSVSEM", "NEWUSER|NEWIPC"] {
        let words: Vec<&str> = ["clone"].into_iter().chain(words.split(' ')).collect();
        let _ = run(as_user(chimera(&words), user)).nothing_left();
    }
    // The fifth column is the owner.
    let list = std::fs::read_to_string("/proc/sysvipc/sem").unwrap_or_default();
    let left = list.lines().filter(|line| line.split_whitespace().nth(4) == Some(user.to_string().as_str())).count();
    assert_eq!(left, 0, "{list}");
}
