//! `chimera rules`: what it says of a set, of another place, and of itself; and that it makes no task.
//!
//! Each rule is provoked by a line of its own, so that a rule which nothing provokes is seen. Where
//! the kernel here has no such rule, another kernel is asked about.

use crate::common::skip::{has, skip, skip_part};
use crate::common::who::{is_allowed, may_be_root};
use crate::common::{USERS, as_user, chimera, command, elf, is_root, run};
use serde_json::Value;
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
    // Below each rule its flags may stand, which are indented.
    let names = rules.lines().skip(1).filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(' ').next());
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
        (&["-U"], "NEWUSER", "EPERM", "E6"),
        (&["-r", "-p", "sh", "-c", "sh -c :; exec \"$@\"", "sh"], "fork", "ENOMEM", "F6"),
        (&["-r", "-p", "-f"], "PARENT", "EINVAL", "D5"),
    ] {
        let run = run(command("unshare", &[options, &[elf, "rules", words, "--json"]].concat())).clean(0);
        let object: Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!((object["predicted"].as_str(), object["rule"].as_str()), (Some(errno), Some(rule)), "{run:#?}");
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
            let line = run.out.lines().find_map(|line| line.trim().strip_prefix(verb));
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
    let rules = run(chimera(&["rules"])).clean(0).out;
    let flags = run(chimera(&["rules", "--flags"])).clean(0).out;
    let rows = |text: &str| text.lines().skip(1).filter(|line| !line.starts_with(' ')).count();
    assert_eq!((rows(&rules), rows(&flags)), (documented("| rule |"), documented("| flag |")));
}

#[test]
fn bad_words_are_named() {
    for (words, word) in [
        ("rules VM|NOPE", "NOPE"),
        ("rules VM FS", "FS"),
        ("rules --kernel six VM", "--kernel"),
        ("rules --stack 65537 VM", "--stack"),
        ("rules --stack", "--stack"),
        ("rules --json=1 VM", "--json=1"),
        ("rules VM -- true", "FLAGS and CMD"),
        ("clone", "FLAGS and CMD"),
        ("clone --size x VM", "--size"),
        ("clone --nope VM", "--nope"),
        ("clone --kernel 6.1 VM", "--kernel"),
        ("rules --dot VM", "--dot"),
        ("rules --json", "FLAGS and CMD"),
        ("rules VM --flags", "FLAGS and CMD"),
        ("rules VM --exit-signal 256", "--exit-signal"),
        ("rules VM|SIGRTMIN+33", "SIGRTMIN+33"),
        ("rules VM||FS", "VM||FS"),
    ] {
        let run = run(chimera(&words.split(' ').collect::<Vec<_>>()));
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{words}: {run:#?}");
        let named = [format!("chimera: usage: {word}?"), format!("chimera: usage: {word}: it takes ")];
        assert!(named.iter().any(|start| run.err.starts_with(start)), "{words}: {run:#?}");
    }
}
