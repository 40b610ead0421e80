//! `chimera rules`: what it says of a set, of another place, and of itself; and that it makes no task.
//!
//! Each rule is provoked by a line of its own, so that a rule which nothing provokes is seen. Where
//! the kernel here has no such rule, another kernel is asked about.

use crate::common::group::Group;
use crate::common::skip::{has, skip, skip_part};
use crate::common::who::{is_allowed, may_be_root};
use crate::common::{Run, USERS, as_user, before, chimera, command, elf, filter, is_root, run, screen};
use nix::libc;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is predicted for a line of words.
fn predicted(words: &str) -> (String, Value) {
    let words: Vec<&str> = ["rules", "--json"].into_iter().chain(words.split(' ')).collect();
    let run = run(chimera(&words)).clean(0);
    let object: Value = serde_json::from_str(&run.out).expect("JSON");
    (object["predicted"].as_str().expect("an answer").into(), object["rule"].clone())
}

/// Words, the answer, the rule.
#[rustfmt::skip]
const VERDICTS: &[(&str, &str, &str)] = &[
    ("fs --clone3 --kernel 5.2", "ENOSYS", "A0"),
    ("fs --clone3 --set-tid 2 --kernel 5.4", "E2BIG", "A4"),
    ("fs --clone3 --set-tid 1 --size 72 --kernel 5.5", "EINVAL", "A6"),
    ("INTO_CGROUP --clone3 --kernel 5.6", "E2BIG", "A4"),
    ("INTO_CGROUP --clone3 --size 80 --kernel 5.6", "EINVAL", "B1"),
    ("INTO_CGROUP --clone3 --size 80 --kernel 5.7", "EINVAL", "A8"),
    ("CLEAR_SIGHAND --clone3 --kernel 5.4", "EINVAL", "B1"),
    ("fs --clone3 --size 4097", "E2BIG", "A1"),
    ("fs --clone3 --size 63", "EINVAL", "A2"),
    ("fs --clone3 --set-tid 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "EINVAL", "A5"),
    ("fs --clone3 --set-tid 1 --size 72", "EINVAL", "A6"),
    ("fs --clone3 --exit-signal 65", "EINVAL", "A7"),
    ("INTO_CGROUP --clone3 --size 80", "EINVAL", "A8"),
    ("0x8000000000000000 --clone3", "EINVAL", "B1"),
    ("NNP --clone3 --kernel 7.0", "EINVAL", "B1"),
    ("NEWTIME --clone3 --kernel 5.5", "EINVAL", "B1"),
    ("DETACHED --clone3", "EINVAL", "B2"),
    ("VM|SIGHAND|CLEAR_SIGHAND --clone3", "EINVAL", "B3"),
    ("PARENT --clone3", "EINVAL", "B4"),
    ("VM --clone3 --stack 0", "EINVAL", "B5"),
    ("PIDFD|PARENT_SETTID", "EINVAL", "C1"),
    ("VM|65 --kernel 7.1", "EINVAL", "C2"),
    ("NEWNS|FS", "EINVAL", "D1"),
    ("EMPTY_MNTNS|FS --clone3 --kernel 7.1", "EINVAL", "D1"),
    ("NEWUSER|FS", "EINVAL", "D2"),
    ("VM|CLONE_THREAD", "EINVAL", "D3"),
    ("SIGHAND", "EINVAL", "D4"),
    ("thread|NEWUSER", "EINVAL", "D6"),
    ("thread|NEWPID", "EINVAL", "D6"),
    ("PIDFD|DETACHED", "EINVAL", "D7"),
    ("thread|PIDFD --kernel 6.8", "EINVAL", "D7"),
    ("thread|AUTOREAP --clone3 --kernel 7.1", "EINVAL", "D8"),
    ("PARENT|AUTOREAP|0 --clone3 --kernel 7.1", "EINVAL", "D8"),
    ("AUTOREAP --clone3 --kernel 7.1", "EINVAL", "D8"),
    ("thread|NNP --clone3 --kernel 7.1", "EINVAL", "D10"),
    ("PIDFD_AUTOKILL --clone3 --kernel 7.1", "EINVAL", "D11"),
    ("PIDFD_AUTOKILL|PIDFD --clone3 --kernel 7.1", "EINVAL", "D11"),
    ("PIDFD_AUTOKILL|PIDFD|AUTOREAP|0 --clone3 --kernel 7.1 --unprivileged", "EPERM", "D12"),
    ("NEWNS --unprivileged", "EPERM", "F1"),
    ("NEWIPC|SYSVSEM --kernel 6.1", "EINVAL", "F2"),
    ("SETTLS --tls 0xffffffffffffffff", "EPERM", "F4"),
    ("fs --clone3 --set-tid 0", "EINVAL", "F5"),
    ("fs --clone3 --set-tid 2 --unprivileged", "EPERM", "F5"),
    ("fs --clone3 --set-tid 4194304 --kernel 6.1", "EINVAL", "F5"),
    ("NEWUSER|NEWPID --clone3 --set-tid 2 --kernel 6.1 --unprivileged", "EINVAL", "F5"),
    ("NEWUSER|NEWPID --clone3 --set-tid 1,7 --kernel 6.1 --unprivileged", "EPERM", "F5"),
    ("NEWPID --clone3 --set-tid 1 --kernel 6.1 --unprivileged", "EPERM", "F1"),
    ("INTO_CGROUP --clone3", "EBADF", "F8"),
];

#[test]
fn each_rule_about_flags_and_arguments_is_provoked() {
    for (words, errno, rule) in VERDICTS {
        assert_eq!(predicted(words), ((*errno).into(), (*rule).into()), "{words}");
    }
}

/// The rules about places are provoked elsewhere: by the laboratory in a chroot, under a filter, as process 1, without
/// tasks left (tests/suite/lab.rs), and as below.
const OF_PLACES: [&str; 10] = ["A0", "D5", "E4", "E5", "E6", "E7", "E8", "F3", "F6", "F8"];

#[test]
fn no_rule_is_without_a_line() {
    let rules = run(chimera(&["rules"])).clean(0).out;
    // Further rows of a rule have no number.
    let names = screen::rows(&rules, "rule  ", &[]).into_iter().map(|row| row[0]).filter(|name| !name.is_empty());
    let told: BTreeSet<&str> = VERDICTS.iter().map(|(.., rule)| *rule).chain(OF_PLACES).collect();
    assert_eq!(names.collect::<BTreeSet<_>>(), told);
}

/// In a nested user namespace: no more of them, no names for ids.
#[test]
fn limits_and_ids_without_names() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let elf = elf().to_str().expect("UTF-8");
    let none = "echo 0 > /proc/sys/user/max_user_namespaces; echo 0 > /proc/sys/user/max_uts_namespaces; exec \"$@\"";
    for (options, words, errno, rule) in [
        (&["-r", "sh", "-c", none, "sh"][..], "NEWUSER", "ENOSPC", "E4"),
        (&["-r", "sh", "-c", none, "sh"], "NEWUTS", "ENOSPC", "F3"),
        (
            &["-r", "sh", "-c", "echo 0 > /proc/sys/user/max_pid_namespaces; exec \"$@\"", "sh"],
            "NEWUSER|NEWPID",
            "ENOSPC",
            "F3",
        ),
        (&["-U"], "NEWUSER", "EPERM", "E6"),
        (&["-r", "-p", "sh", "-c", "sh -c :; exec \"$@\"", "sh"], "fork", "ENOMEM", "F6"),
        (&["-r", "-p", "-f"], "PARENT", "EINVAL", "D5"),
    ] {
        let run = run(command("unshare", &[options, &[elf, "rules", words, "--json"]].concat())).clean(0);
        let object: Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!((object["predicted"].as_str(), object["rule"].as_str()), (Some(errno), Some(rule)), "{run:#?}");
    }
}

/// Namespaces in namespaces, down to the last that the kernel makes: 33 user namespaces, 32 PID namespaces.
#[test]
fn namespaces_are_nested_so_deep() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let elf = elf().to_str().expect("UTF-8");
    for (unshare, words, depth, rule) in [("unshare -r", "NEWUSER", 33, "E4"), ("unshare -rpf", "NEWPID", 32, "F3")] {
        // A new user namespace is needed only once for what lies in it.
        let then = unshare.replace("-rpf", "-pf");
        let script = format!(
            "if [ $1 = 0 ]; then {elf} rules --json {words}; {then} true; echo $?; \
             else n=$(($1 - 1)); if [ $1 = $2 ]; then exec {unshare} sh -c \"$0\" \"$0\" $n $2; \
             else exec {then} sh -c \"$0\" \"$0\" $n $2; fi; fi"
        );
        for (depth, answer) in [(depth - 1, "OK"), (depth, "ENOSPC")] {
            let number = depth.to_string();
            let run = run(command("sh", &["-c", &script, &script, &number, &number]));
            let (line, status) = run.out.split_once('\n').unwrap_or_else(|| panic!("{run:#?}"));
            let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{run:#?}"));
            assert_eq!(object["predicted"], answer, "{words} {depth}: {run:#?}");
            assert_eq!(status.trim() == "0", answer == "OK", "{words} {depth}: {run:#?}");
            assert_eq!(object["rule"].as_str(), (answer != "OK").then_some(rule), "{words} {depth}");
        }
    }
}

/// What is to be added or dropped makes the set acceptable: to the rules, and to the kernel.
#[test]
fn the_remedy_helps() {
    let may_be_root = is_allowed(None);
    if !may_be_root {
        skip_part("sets with new namespaces: user namespaces are forbidden here");
    }
    for words in
        ["THREAD", "SIGHAND", "NEWNS|FS", "NEWUSER|FS", "VM|SIGHAND|THREAD|NEWPID", "PIDFD|DETACHED", "NEWIPC|SYSVSEM"]
    {
        if words.contains("NEW") && !may_be_root {
            continue;
        }
        let run = run(chimera(&["rules", words])).clean(0);
        let flags = |verb: &str| {
            let line = advice(&run.out).into_iter().find_map(|line| line.strip_prefix(verb));
            line.map_or(Vec::new(), |line| line.trim().split('|').map(|flag| flag.replace("CLONE_", "")).collect())
        };
        let (added, dropped): (Vec<String>, Vec<String>) = (flags("add "), flags("drop "));
        assert!(!added.is_empty() || !dropped.is_empty(), "{words}: {run:#?}");
        let kept = words.split('|').filter(|flag| !dropped.contains(&(*flag).to_owned())).map(str::to_owned);
        let better: Vec<String> = kept.chain(added).chain(["SIGCHLD".into()]).collect();
        let made = crate::common::run(chimera(&["clone", &better.join("|")]));
        assert_eq!(made.status, Some(0), "{words} -> {better:?}: {made:#?}");
    }
}

/// The reason that a page gives, and the changes that help, each on its own.
fn advice(page: &str) -> Vec<&str> {
    let lines = page.lines().map(str::trim);
    lines
        .flat_map(|line| match (line.strip_prefix("why: "), line.strip_prefix("try: ")) {
            (Some(why), _) => vec![why],
            (_, Some(changes)) => changes.split(", ").collect(),
            _ => vec![line],
        })
        .collect()
}

/// Words, and what helps: a line each.
const REMEDIES: &[(&str, &[&str])] = &[
    ("THREAD", &["add CLONE_VM|CLONE_SIGHAND"]),
    ("PARENT --clone3", &["use --exit-signal 0"]),
    ("AUTOREAP --clone3 --kernel 7.1", &["use --exit-signal 0"]),
    ("VM,SIGHAND,THREAD --clone3 --exit-signal SIGCHLD", &["use --exit-signal 0"]),
    ("fs --clone3 --exit-signal 65", &["use --exit-signal SIGCHLD"]),
    ("NNP,PIDFD_AUTOKILL --clone3 --kernel 6.18", &["drop CLONE_NNP|CLONE_PIDFD_AUTOKILL"]),
    ("PIDFD_AUTOKILL --clone3 --kernel 7.1", &["add CLONE_PIDFD|CLONE_AUTOREAP", "use --exit-signal 0"]),
    ("PIDFD_AUTOKILL,PIDFD,AUTOREAP,0 --clone3 --kernel 7.1 --unprivileged", &["add CLONE_NNP"]),
    ("0x8040007f --clone3", &["drop CLONE_DETACHED|0x7f"]),
    ("0xe000000000000000 --clone3", &["drop 0xe000000000000000"]),
    ("THREAD,NEWNET --unprivileged", &["add CLONE_VM|CLONE_SIGHAND", "drop CLONE_NEWNET"]),
    ("VM,SIGHAND,THREAD,NEWUSER,NEWPID", &["drop CLONE_THREAD"]),
    ("NEWTIME --kernel 7.1", &["use --clone3"]),
    ("CLEAR_SIGHAND", &["clone(2) has no room for CLONE_CLEAR_SIGHAND, which only clone3(2) takes", "use --clone3"]),
    ("NNP --kernel 7.0", &["clone(2) has no room for CLONE_NNP, which only clone3(2) takes"]),
    ("DETACHED", &["CLONE_DETACHED does nothing in clone(2)"]),
    ("VM --clone3 --kernel 5.2", &["clone3 came with Linux 5.3", "no change of flags helps"]),
    ("VM --clone3 --stack 0", &["a stack needs an address and a size", "no change of flags helps"]),
];

#[test]
fn the_remedy_is_the_smallest_change() {
    for (words, told) in REMEDIES {
        let words: Vec<&str> = ["rules"].into_iter().chain(words.split(' ')).collect();
        let out = run(chimera(&words)).clean(0).out;
        assert!(advice(&out).ends_with(told), "{words:?}: {out}");
        // Machines are told the same in one text.
        let all = [words.as_slice(), &["--json"]].concat();
        let object: Value = serde_json::from_str(&run(chimera(&all)).clean(0).out).expect("JSON");
        let is_remedy = |line: &&&str| ["add ", "drop ", "use "].iter().any(|verb| line.starts_with(verb));
        let remedies: Vec<&str> = told.iter().filter(is_remedy).copied().collect();
        let remedy = (!remedies.is_empty()).then(|| remedies.join(", "));
        assert_eq!(object["remedy"].as_str(), remedy.as_deref(), "{words:?}");
    }
}

/// What clone(2) has no room for is told beside what is seen: the verdict stays.
#[test]
fn the_laboratory_tells_what_rules_tells() {
    for (words, why, remedy) in [
        (
            "CLEAR_SIGHAND",
            Some("clone(2) has no room for CLONE_CLEAR_SIGHAND, which only clone3(2) takes"),
            Some("use --clone3"),
        ),
        ("NEWTIME", Some("clone(2) has no room for CLONE_NEWTIME, which only clone3(2) takes"), Some("use --clone3")),
        ("SIGHAND", Some("handlers are addresses in the shared memory"), Some("add CLONE_VM")),
        ("VM", None, None),
    ] {
        let made = run(chimera(&["clone", words, "--json"]));
        let object: Value = serde_json::from_str(&made.out).expect("JSON");
        assert_eq!((object["why"].as_str(), object["remedy"].as_str()), (why, remedy), "{words}");
        let page = run(chimera(&["clone", words])).out;
        for line in [why, remedy].into_iter().flatten() {
            assert!(advice(&page).contains(&line), "{words}: {page}");
        }
    }
    let object: Value = serde_json::from_str(&run(chimera(&["clone", "CLEAR_SIGHAND", "--json"])).out).expect("JSON");
    assert_eq!(object["outcome"], "not-honoured");
    if has("unshare") && may_be_root(None) {
        // The subject is process 1 of the new namespace, and the examiner, which looks for what helps, is not.
        let words = ["-rp", elf().to_str().expect("UTF-8"), "clone", "--json", "PARENT"];
        let object: Value = serde_json::from_str(&run(command("unshare", &words)).out).expect("JSON");
        assert_eq!((object["rule"].as_str(), object["remedy"].as_str()), (Some("D5"), None));
    }
}

/// A filter that kills for asking is found by a child: the verdict says so, and nothing dies of it.
#[test]
fn a_filter_that_kills_is_a_verdict() {
    const NEWUSER: u32 = libc::CLONE_NEWUSER as u32;
    let [process, thread, trap] =
        [libc::SECCOMP_RET_KILL_PROCESS, libc::SECCOMP_RET_KILL_THREAD, libc::SECCOMP_RET_TRAP];
    for (call, bits, action, words, predicted, remedy) in [
        (libc::SYS_clone3, 0, process, "VM --clone3", "SIGSYS", None),
        (libc::SYS_clone3, 0, trap, "VM --clone3", "SIGSYS", None),
        (libc::SYS_clone3, 0, thread, "NEWTIME --clone3", "SIGSYS", None),
        (libc::SYS_clone3, 0, process, "VM", "OK", None),
        (libc::SYS_clone3, 0, process, "CLEAR_SIGHAND", "OK", None),
        (libc::SYS_clone, NEWUSER, process, "NEWUSER", "SIGSYS", Some("drop CLONE_NEWUSER")),
        (libc::SYS_clone, NEWUSER, trap, "VM|NEWUSER", "SIGSYS", Some("drop CLONE_NEWUSER")),
        (libc::SYS_clone, NEWUSER, process, "VM", "OK", None),
        (libc::SYS_clone, libc::CLONE_THREAD as u32, process, "THREAD", "SIGSYS", Some("drop CLONE_THREAD")),
    ] {
        let words: Vec<&str> = ["rules", "--json"].into_iter().chain(words.split(' ')).collect();
        let run = run(before::exec(chimera(&words), move || filter::end_with(call, bits, action))).clean(0);
        let object: Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!((object["predicted"].as_str(), object["remedy"].as_str()), (Some(predicted), remedy), "{words:?}");
        assert_eq!(object["rule"].as_str(), (predicted == "SIGSYS").then_some("A0"), "{words:?}");
    }
    let killed = before::exec(chimera(&["rules", "VM", "--clone3"]), || filter::kill(libc::SYS_clone3));
    let out = run(killed).clean(0).out;
    assert!(out.starts_with("clone3(CLONE_VM, exit_signal=SIGCHLD): SIGSYS (killed by a seccomp filter)\n  exit signal: SIGCHLD, the default\n  rule: A0, checked in seccomp\n"), "{out}");
}

/// Runs words below a cgroup that has room for so many tasks; the shell that executes them is the only one. None if
/// there can be no such cgroup.
fn with_room(most: usize, words: &str) -> Option<(Value, Run)> {
    let group = Group::of_tasks(most)?;
    let words: Vec<&str> = words.split(' ').collect();
    let run = run(group.inside("in", elf(), &words));
    Some((serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{run:#?}")), run))
}

#[test]
fn a_full_cgroup_is_predicted() {
    let Some((full, _)) = with_room(1, "rules --json VM") else { return };
    assert_eq!((full["predicted"].as_str(), full["rule"].as_str()), (Some("EAGAIN"), Some("F8")));
    let Some((free, _)) = with_room(2, "rules --json VM") else { return };
    assert_eq!(free["predicted"], "OK");
    // The subject is one of the two tasks, and its child would be the third.
    let Some((object, made)) = with_room(2, "clone --json VM") else { return };
    assert_eq!((object["outcome"].as_str(), made.status), (Some("refused-as-predicted"), Some(3)), "{made:#?}");
}

/// All that the kernel asks of a cgroup: what is predicted is what it answers.
#[test]
fn what_a_cgroup_refuses() {
    let Some(group) = Group::new() else { return };
    if !is_root() {
        return skip("only root hands cgroups to others");
    }
    let plain = group.below("plain");
    let beside = group.below("threads/beside");
    let threaded = group.below("threads/threaded");
    group.write("threads/threaded/cgroup.type", "threaded");
    let owned = group.below("owned/by");
    let own = group.below("owned/own");
    let elf = elf().to_str().expect("UTF-8");
    let own_files = format!("chown 1000 {owned}/cgroup.procs");
    let hand_over =
        format!("{own_files}; chown 1000 {}/owned/cgroup.procs; echo $$ > {own}/cgroup.procs", group.path());
    let user = "setpriv --reuid 1000 --regid 1000 --clear-groups";
    for (before, user, words, answer) in [
        ("true", "", format!("INTO_CGROUP --cgroup {plain}"), "OK"),
        ("true", user, format!("INTO_CGROUP --cgroup {plain}"), "EACCES"),
        ("true", "", "INTO_CGROUP --cgroup /tmp".into(), "EBADF"),
        ("true", "", format!("INTO_CGROUP --cgroup {plain}/cgroup.procs"), "EBADF"),
        // The nearest cgroup above both must be the user's too.
        (&own_files, user, format!("INTO_CGROUP --cgroup {owned}"), "EACCES"),
        (&hand_over, user, format!("INTO_CGROUP --cgroup {owned}"), "OK"),
        ("true", "", format!("INTO_CGROUP --cgroup {threaded}"), "OK"),
        ("true", "", format!("INTO_CGROUP --cgroup {beside}"), "EOPNOTSUPP"),
        ("true", "", format!("thread,INTO_CGROUP --cgroup {threaded}"), "EOPNOTSUPP"),
        ("true", "", format!("thread,INTO_CGROUP --cgroup {plain}"), "EOPNOTSUPP"),
        (
            &format!("echo $$ > {threaded}/cgroup.procs"),
            "",
            format!("thread,INTO_CGROUP --cgroup {}/threads", group.path()),
            "OK",
        ),
        (
            &format!("mkdir {0}/gone; exec 9< {0}/gone; rmdir {0}/gone", group.path()),
            "",
            "INTO_CGROUP --cgroup /proc/self/fd/9".into(),
            "ENOENT",
        ),
    ] {
        let script = format!("{before}; exec {user} {elf} clone --clone3 --json {words}");
        let run = run(command("sh", &["-c", &script]));
        let object: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{script}: {run:#?}"));
        let seen = (object["predicted"].as_str(), object["result"].as_str());
        assert_eq!(seen, (Some(answer), Some(answer)), "{script}: {run:#?}");
        if answer != "OK" {
            assert_eq!(object["rule"], "F8", "{script}");
        }
    }
    if let Some(controller) = group.domain_controller() {
        group.write("cgroup.subtree_control", &format!("+{controller}"));
        let made = run(chimera(&["clone", "INTO_CGROUP", "--clone3", "--json", "--cgroup", group.path()]));
        let object: Value = serde_json::from_str(&made.out).expect("JSON");
        assert_eq!((object["predicted"].as_str(), object["result"].as_str()), (Some("EBUSY"), Some("EBUSY")));
    } else {
        skip_part("a cgroup that hands on a controller: there is none");
    }
    let words = ["rules", "--json", "INTO_CGROUP", "--clone3", "--unprivileged", "--cgroup", &plain];
    let object: Value = serde_json::from_str(&run(chimera(&words)).clean(0).out).expect("JSON");
    assert_eq!(object["predicted"], "EACCES");
}

#[test]
fn an_ordinary_user_is_told_what_root_is_told_with_unprivileged() {
    if !is_root() {
        return skip("only root can become others");
    }
    for words in ["NEWNS", "NEWUSER|NEWNS", "NEWNET|VM", "fork", "NEWPID|THREAD|SIGHAND|VM"] {
        let asked = run(chimera(&["rules", words, "--unprivileged"])).clean(0);
        for user in USERS {
            assert_eq!(run(as_user(chimera(&["rules", words]), user)).clean(0).out, asked.out, "{words}");
        }
    }
}

#[test]
fn no_task_is_made() {
    if !has("strace") {
        return;
    }
    let elf = elf().to_str().expect("UTF-8");
    for words in ["fork", "container", "thread,PIDFD", "vm,65", "pthread", "NEWUSER|NEWNS|NEWPID"] {
        let trace = elf.to_owned() + ".trace";
        let all = ["-f", "-o", &trace, "-e", "trace=clone,clone3,fork,vfork", elf, "rules", words];
        run(command("strace", &all)).clean(0);
        let trace = std::fs::read_to_string(&trace).expect("a trace");
        let made = trace.lines().filter(|line| !line.contains(" = -1 ") && !line.contains("+++")).count();
        assert_eq!(made, 0, "{words}: {trace}");
    }
}

/// The rows of a table in docs/rules.md, which another test holds against the tables of the program.
fn documented(begin: &str) -> usize {
    let page = include_str!("../../docs/rules.md");
    let table = page.lines().skip_while(|line| !line.starts_with(begin));
    table.skip(2).take_while(|line| line.starts_with('|')).count()
}

#[test]
fn the_tables_are_complete() {
    let rows = |words: &[&str], first: &str| {
        let mut command = chimera(words);
        command.env("COLUMNS", "300");
        screen::rows(&run(command).clean(0).out, first, &[]).len()
    };
    let printed = (rows(&["rules"], "rule  "), rows(&["rules", "--flags"], "flag  "));
    assert_eq!(printed, (documented("| rule |"), documented("| flag |")));
}

/// `--json` prints each row of a table as an object.
#[test]
fn the_tables_have_a_form_for_machines() {
    let objects = |words: &[&str]| -> Vec<Value> {
        let out = run(chimera(words)).clean(0).out;
        out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
    };
    let (rules, flags) = (objects(&["rules", "--json"]), objects(&["rules", "--flags", "--json"]));
    let page = run(chimera(&["rules"])).clean(0).out;
    let mut last = "";
    // Further rows of a rule have no number on the page.
    let ids = screen::rows(&page, "rule  ", &[]).into_iter().filter(|row| !row[1].is_empty()).map(|row| {
        last = if row[0].is_empty() { last } else { row[0] };
        last
    });
    assert!(ids.eq(rules.iter().filter_map(|rule| rule["rule"].as_str())), "{page}");
    let page = run(chimera(&["rules", "--flags"])).clean(0).out;
    let names = screen::rows(&page, "flag  ", &[]).into_iter().map(|row| row[0]).filter(|name| !name.is_empty());
    assert!(names.eq(flags.iter().filter_map(|flag| flag["flag"].as_str())), "{page}");
    let thread = rules.iter().find(|rule| rule["rule"] == "D3").expect("rule D3");
    let told = ["flag", "with", "without", "errno"].map(|key| &thread[key]);
    assert_eq!(told, [&json!("CLONE_THREAD"), &json!([]), &json!(["CLONE_SIGHAND"]), &json!("EINVAL")]);
}
