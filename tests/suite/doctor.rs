//! `chimera doctor` in places that forbid user namespaces in different ways: the verdict, the cause, the rows.
//!
//! A place is made on the spot, and what the doctor says there is held against what was done to it, and against what
//! `chimera run` can do there.

use crate::common::place::{CHROOT, PLACES, with_tasks};
use crate::common::skip::{has, skip};
use crate::common::who::{everybody_allowed, is_allowed, may_be_root, run_as};
use crate::common::{Run, USERS, as_user, before, chimera, command, elf, filter, install, is_root, run, screen};
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use serde_json::Value;
use std::process::Command;

const DOCTOR: &[&str] = &["doctor"];

/// What the doctor says, as JSON, after a look at the page that is made by the same run of the table.
fn examine(place: impl Fn(&[&str]) -> Command) -> Value {
    let mut wide = place(DOCTOR);
    wide.env("COLUMNS", "1000");
    let page = run(wide).nothing_left();
    let object = run(place(&["doctor", "--json"])).nothing_left();
    let value: Value = serde_json::from_str(&object.out).unwrap_or_else(|error| panic!("{error}: {object:#?}"));
    assert_eq!((page.status, page.err.as_str()), (object.status, ""), "{page:#?}");
    let verdict = value["verdict"].as_str().expect("a verdict");
    assert_eq!(page.status, Some(i32::from(verdict != "usable")), "{page:#?}");
    let told = match (verdict, value["cause"].as_str(), value["remedy"].as_str()) {
        ("usable", None, None) => "verdict: usable: `chimera run -r` works here\n".into(),
        ("forbidden", Some(cause), Some(remedy)) => format!("verdict: forbidden: {cause}\n  try: {remedy}\n"),
        ("forbidden", None, None) => "; no cause was found\n".into(),
        _ => panic!("{value:#}"),
    };
    assert!(page.out.ends_with(&told), "{told}: {page:#?}");
    let rows = screen::rows(&page.out, "setting  ", &[]);
    let told = value["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), told.len(), "{page:#?}");
    rows.iter().zip(told).for_each(|(row, told)| is_row(row, told));
    value["tries"].as_array().expect("tries").iter().for_each(|tried| has_try(&page, tried));
    value
}

/// Panics unless a row of the page says what an object says.
fn is_row(row: &[&str], told: &Value) {
    let text = |key: &str| told[key].as_str().expect("a text");
    let state = told["good"].as_bool().map_or("-", |good| if good { "good" } else { "bad" });
    assert_eq!(row, [text("name"), state, text("options"), text("source"), text("value")]);
}

/// Panics unless the page has this try, with the step that failed on the next line.
fn has_try(page: &Run, tried: &Value) {
    let text = |key: &str| tried[key].as_str().expect("a text");
    let words = [text("kind"), text("result"), "chimera run", text("options")].join(" ");
    let is_told = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ") == words;
    let mut lines = page.out.lines().skip_while(|line| !is_told(line));
    assert!(lines.next().is_some(), "{tried}: {}", page.out);
    let next = lines.next().unwrap_or_default();
    match tried["step"].as_str() {
        _ if text("result") == "untried" => {}
        Some("the child was killed") => assert!(next.starts_with("    killed by SIG"), "{tried}: {}", page.out),
        Some(step) => {
            let rest = next.strip_prefix("    ").and_then(|next| next.strip_prefix(step)).unwrap_or_default();
            assert!(rest.starts_with([' ', ':']), "{tried}: {}", page.out);
        }
        None => assert!(!next.starts_with("    "), "{tried}: {}", page.out),
    }
}

/// What a row says, and whether that is good.
fn row<'a>(value: &'a Value, name: &str) -> (&'a str, Option<bool>) {
    let rows = value["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} in {value}"));
    (row["value"].as_str().expect("a value"), row["good"].as_bool())
}

/// The result of a kind, and the step that failed.
fn tried<'a>(value: &'a Value, kind: &str) -> (&'a str, &'a str) {
    let tries = value["tries"].as_array().expect("tries");
    let row = tries.iter().find(|row| row["kind"] == kind).expect("the kind");
    (row["result"].as_str().expect("a result"), row["step"].as_str().unwrap_or_default())
}

const KINDS: [&str; 9] = ["user", "mnt", "uts", "ipc", "net", "pid", "proc", "cgroup", "time"];

#[test]
fn where_nothing_forbids_it_everything_is_usable() {
    for who in everybody_allowed() {
        let value = examine(|words| run_as(chimera(words), who));
        assert_eq!((value["verdict"].as_str(), &value["cause"]), (Some("usable"), &Value::Null), "{value:#}");
        KINDS.iter().for_each(|kind| assert_eq!(tried(&value, kind), ("OK", ""), "{value:#}"));
        let limit = std::fs::read_to_string("/proc/sys/user/max_net_namespaces").expect("a limit");
        assert_eq!(row(&value, "user.max_net_namespaces"), (limit.trim(), Some(true)));
        let left: usize = row(&value, "levels of nesting left").0.parse().expect("a number");
        assert!((1..=33).contains(&left), "{value:#}");
    }
}

#[test]
fn a_filter() {
    let value = examine(|words| before::exec(chimera(words), filter::container));
    assert_eq!(value["cause"], "a seccomp filter forbids it");
    assert_eq!(
        (row(&value, "seccomp mode").0, row(&value, "seccomp filter in the way")),
        ("filter", ("yes", Some(false)))
    );
    assert_eq!((tried(&value, "user"), tried(&value, "time")), (("EPERM", "unshare"), ("ENOSYS", "clone")));
}

/// A filter that is not in the way is not blamed.
#[test]
fn a_harmless_filter() {
    if may_be_root(None) {
        let value =
            examine(|words| before::exec(chimera(words), || filter::refuse(&[(libc::SYS_kcmp, 0, libc::EPERM)])));
        assert_eq!(
            (value["verdict"].as_str(), row(&value, "seccomp filter in the way")),
            (Some("usable"), ("no", Some(true)))
        );
        assert_eq!(row(&value, "seccomp mode").0, "filter");
    }
}

/// A limit of one kind forbids that kind alone.
#[test]
fn none_allowed() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    for kind in KINDS.iter().filter(|kind| **kind != "proc") {
        let value = examine(|words| none_of(kind, words));
        let cause = format!("user.max_{kind}_namespaces is 0");
        let remedy = format!("sysctl -w user.max_{kind}_namespaces=10000");
        let tries = value["tries"].as_array().expect("tries");
        let tried = tries.iter().find(|row| row["kind"] == *kind).expect("the kind");
        let told = [tried, &value].map(|place| (place["cause"].as_str(), place["remedy"].as_str()));
        let (own, none) = ((Some(cause.as_str()), Some(remedy.as_str())), (None, None));
        assert_eq!(told, [own, if *kind == "user" { own } else { none }], "{value:#}");
        assert_eq!(
            (tried["result"].as_str(), row(&value, &format!("user.max_{kind}_namespaces"))),
            (Some("ENOSPC"), ("0", Some(false)))
        );
        for other in KINDS.iter().filter(|other| **other != *kind && (*kind, **other) != ("pid", "proc")) {
            let is_meant = *kind == "user" || (*kind, *other) == ("mnt", "proc");
            assert_eq!(crate::doctor::tried(&value, other).0 == "OK", !is_meant, "{kind}: {other}: {value:#}");
        }
    }
}

/// The ELF where no namespace of a kind is allowed.
fn none_of(kind: &str, words: &[&str]) -> Command {
    let text = format!("echo 0 > /proc/sys/user/max_{kind}_namespaces && exec \"$0\" \"$@\"");
    let program = elf().to_str().expect("UTF-8");
    command("unshare", &[&["-r", "sh", "-c", &text, program], words].concat())
}

#[test]
fn a_chroot() {
    if CHROOT.is_possible() {
        let value = examine(|words| CHROOT.chimera(words));
        assert_eq!(
            (value["cause"].as_str(), row(&value, "in a chroot")),
            (Some("the caller is in a chroot"), ("yes", Some(false)))
        );
    }
}

#[test]
fn a_caller_without_a_name() {
    if may_be_root(None) {
        let value = examine(|words| before::exec(chimera(words), || unshare(CloneFlags::CLONE_NEWUSER)));
        assert_eq!(row(&value, "uid or gid not mapped"), ("yes", Some(false)));
        assert_eq!(value["cause"], "the caller's uid is not mapped in its user namespace");
    }
}

/// The ELF below so many levels of user namespaces.
fn nested(levels: usize, words: &[&str]) -> Command {
    let program = elf().to_str().expect("UTF-8");
    let mut all = vec!["run", "-r"];
    (1..levels).for_each(|_| all.extend([program, "run", "-r"]));
    all.push(program);
    chimera(&[all.as_slice(), words].concat())
}

#[test]
fn the_levels_that_are_left_are_counted() {
    if !may_be_root(None) {
        return;
    }
    let seen = |levels: usize| {
        let value = examine(|words| nested(levels, words));
        let left: usize = row(&value, "levels of nesting left").0.parse().expect("a number");
        (left, value["cause"].as_str().map(str::to_owned))
    };
    let all = seen(1).0;
    assert_eq!([5, all].map(seen), [(all - 4, None), (1, None)]);
    let (left, cause) = seen(all + 1);
    assert_eq!(left, 0);
    assert!(cause.is_some_and(|cause| cause.starts_with("nested 32 deep")));
}

/// The limit on tasks does not keep `run -r` from working, which needs no further task: the doctor becomes root itself.
#[test]
fn no_task_left() {
    if !is_root() {
        return skip("only root can be a user without other tasks");
    }
    if !may_be_root(Some(USERS[0])) {
        return;
    }
    let value = examine(|words| with_tasks(chimera(words), 1));
    assert_eq!((row(&value, "RLIMIT_NPROC").0, row(&value, "levels of nesting left").0), ("1", "-"), "{value:#}");
    assert_eq!((value["verdict"].as_str(), tried(&value, "user")), (Some("usable"), ("OK", "")), "{value:#}");
    for other in &value["tries"].as_array().expect("tries")[..8] {
        let told = ["result", "step", "cause"].map(|key| other[key].as_str().expect("a text"));
        assert_eq!(told, ["untried", "fork a process for a trial", "too many tasks: RLIMIT_NPROC is reached"]);
    }
}

#[test]
fn an_elf_that_may_not_be_read() {
    if !is_root() {
        return skip("only root can give the ELF to somebody else");
    }
    if may_be_root(Some(USERS[0])) {
        let secret = elf().with_file_name("secret-doctor");
        install(elf(), &secret, "711");
        let value = examine(|words| as_user(command(&secret, words), USERS[0]));
        assert_eq!(row(&value, "may read its own file"), ("no", Some(false)));
        assert_eq!(value["remedy"], format!("chmod +r {}", secret.display()));
    }
}

/// Where AppArmor takes the rights away after the namespace was made, the remedy is a profile for this very file.
#[test]
fn apparmor_is_told_by_its_setting() {
    if !is_root() {
        return skip("only root can mount over /proc/sys");
    }
    if !has("unshare") || !has("setpriv") || !has("strace") || !may_be_root(Some(USERS[0])) {
        return;
    }
    // The setting of another kernel, and a tracer that refuses as that one does: a filter would be seen.
    let text = format!(
        "mount -t tmpfs none /proc/sys/kernel && echo 1 > /proc/sys/kernel/apparmor_restrict_unprivileged_userns \
         && exec setpriv --reuid {0} --regid {0} --clear-groups \
         strace -f -qq -o /dev/null -e inject=sethostname:error=EPERM \"$0\" \"$@\"",
        USERS[0]
    );
    let seen = |program: &str| {
        let value = examine(|words| command("unshare", &[&["-m", "sh", "-c", &text, program], words].concat()));
        assert_eq!(
            (row(&value, "AppArmor userns restriction").0, tried(&value, "uts")),
            ("1", ("EPERM", "sethostname"))
        );
        let tries = value["tries"].as_array().expect("tries");
        let uts = tries.iter().find(|tried| tried["kind"] == "uts").expect("the kind");
        assert_eq!(uts["cause"], "AppArmor restricts unprivileged user namespaces");
        // Pasted into a shell, but with nobody else's rights.
        let remedy = format!("sudo() {{ cat; }}; {}", uts["remedy"].as_str().expect("a remedy"));
        run(command("sh", &["-c", &remedy])).clean(0).out
    };
    let program = elf().to_str().expect("UTF-8");
    let profile = |path: &str| format!("abi <abi/4.0>, profile chimera \"{path}\" flags=(unconfined) {{ userns, }}\n");
    assert_eq!(seen(program), profile(program));
    // What has a meaning for the shell, or in a pattern.
    let odd = elf().with_file_name("it's \"a\" [b]{c}*,\\\n\u{e9}");
    install(elf(), &odd, "755");
    let folder = elf().parent().and_then(|folder| folder.to_str()).expect("UTF-8");
    let path = format!(r#"{folder}/it's \"a\" \[b\]\{{c\}}\*\,\\\012\303\251"#);
    assert_eq!(seen(odd.to_str().expect("UTF-8")), profile(&path));
}

/// A task that is killed in a step has proven nothing; which step it was, and that a filter does it, is told.
#[test]
fn a_kind_whose_task_is_killed_is_not_usable() {
    if !is_allowed(None) {
        return skip("user namespaces are forbidden here");
    }
    for kills in [filter::kill, filter::trap] {
        let value = examine(|words| before::exec(chimera(words), move || kills(libc::SYS_sethostname)));
        assert_eq!(value["verdict"], "usable");
        let told = ["user", "uts"].map(|kind| tried(&value, kind));
        assert_eq!(told, [("OK", ""), ("SIGSYS", "sethostname")]);
        let value = examine(|words| before::exec(chimera(words), move || kills(libc::SYS_unshare)));
        assert_eq!(value["cause"], "a seccomp filter kills `unshare`");
        assert_eq!(
            (tried(&value, "user"), row(&value, "seccomp filter in the way").0),
            (("SIGSYS", "unshare"), "unshare kills")
        );
    }
}

/// A call that makes nothing and says that it did is seen through.
#[test]
fn a_namespace_that_is_none_is_not_usable() {
    if !has("strace") || !is_allowed(None) {
        return;
    }
    let program = elf().to_str().expect("UTF-8");
    let words = ["-f", "-qq", "-o", "/dev/null", "-e", "inject=unshare:retval=0", program];
    let value = examine(|last| command("strace", &[&words, last].concat()));
    assert_eq!(
        (value["verdict"].as_str(), value["cause"].as_str()),
        (Some("forbidden"), Some("a flag of the call was ignored"))
    );
    let told = ["user", "mnt", "pid"].map(|kind| tried(&value, kind));
    let not_new = ("EIO", "look whether the namespaces are new");
    assert_eq!(told, [not_new, not_new, ("OK", "")], "{value:#}");
}

/// What looks is killed, and the verdict comes all the same.
#[test]
fn a_row_that_is_killed_is_told() {
    if !is_allowed(None) {
        return skip("user namespaces are forbidden here");
    }
    for (call, name) in [(libc::SYS_statx, "in a chroot"), (libc::SYS_prctl, "may read its own file")] {
        let value = examine(|words| before::exec(chimera(words), move || filter::kill(call)));
        assert_eq!((value["verdict"].as_str(), row(&value, name)), (Some("usable"), ("killed by SIGSYS", None)));
    }
}

/// A place: its name, and the ELF there with these words.
type Place = (String, Box<dyn Fn(&[&str]) -> Command>);

fn place(name: impl Into<String>, make: impl Fn(&[&str]) -> Command + 'static) -> Place {
    (name.into(), Box::new(make))
}

/// What the doctor says of a place is what `run` does there with the same options, and the status is about `run -r`.
#[track_caller]
fn agree(places: Vec<Place>) {
    let mut wrong = Vec::new();
    for (name, make) in &places {
        let value = examine(make);
        for tried in value["tries"].as_array().expect("tries") {
            let result = tried["result"].as_str().expect("a result");
            if ["absent", "untried"].contains(&result) {
                continue;
            }
            let options: Vec<&str> = tried["options"].as_str().expect("options").split(' ').collect();
            let program = make(&[]).get_program().to_str().expect("UTF-8").to_owned();
            let program = if program == "/chimera" { program } else { elf().to_str().expect("UTF-8").to_owned() };
            let ran = run(make(&[&["run"], &options[..], &["--", &program, "--version"]].concat()));
            if (ran.status == Some(0)) != (result == "OK") {
                wrong.push(format!("{name}: {tried}: {ran:#?}"));
            }
            let is_usable = value["verdict"] == "usable";
            if tried["kind"] == "user" && (ran.status == Some(0)) != is_usable {
                wrong.push(format!("{name}: {value:#}: {ran:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn doctor_and_run_agree_in_common_places() {
    let possible = PLACES.iter().filter(|place| place.is_possible());
    let mut places: Vec<Place> = possible.map(|at| place(at.name, |words| at.chimera(words))).collect();
    if is_root() {
        places.push(place("as an ordinary user", |words| as_user(chimera(words), USERS[1])));
    }
    places.push(place("unmapped", |words| before::exec(chimera(words), || unshare(CloneFlags::CLONE_NEWUSER))));
    for levels in [1, 31, 32, 33] {
        places.push(place(format!("{levels} levels down"), move |words| nested(levels, words)));
    }
    agree(places);
}

#[test]
fn doctor_and_run_agree_without_a_kind() {
    if has("unshare") && may_be_root(None) {
        let kinds = KINDS.iter().filter(|kind| **kind != "proc");
        agree(kinds.map(|kind| place(format!("no {kind}"), |words| none_of(kind, words))).collect());
    }
}

#[test]
fn doctor_and_run_agree_under_filters_that_refuse() {
    let flag = |flag: CloneFlags| flag.bits() as u32;
    let refusals = [
        ("mounts", [(libc::SYS_unshare, flag(CloneFlags::CLONE_NEWNS), libc::EPERM)]),
        ("host names", [(libc::SYS_unshare, flag(CloneFlags::CLONE_NEWUTS), libc::EPERM)]),
        ("users", [(libc::SYS_unshare, flag(CloneFlags::CLONE_NEWUSER), libc::EPERM)]),
        ("ids", [(libc::SYS_clone, flag(CloneFlags::CLONE_NEWPID), libc::EPERM)]),
        ("clone3", [(libc::SYS_clone3, 0, libc::ENOSYS)]),
        ("mount", [(libc::SYS_mount, 0, libc::EPERM)]),
        ("fork", [(libc::SYS_fork, 0, libc::EPERM)]),
    ];
    let refuse = |refusal| move |words: &[&str]| before::exec(chimera(words), move || filter::refuse(&refusal));
    let mut places: Vec<Place> = refusals.into_iter().map(|(name, refusal)| place(name, refuse(refusal))).collect();
    // No process can be made at all.
    let alone = [(libc::SYS_fork, 0, libc::EPERM), (libc::SYS_clone, 0, libc::EPERM)];
    places.push(place("no process", move |words| before::exec(chimera(words), move || filter::refuse(&alone))));
    agree(places);
}

#[test]
fn doctor_and_run_agree_under_filters_that_kill() {
    let calls = [
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_unshare,
        libc::SYS_setgroups,
        libc::SYS_statx,
        libc::SYS_stat,
        libc::SYS_prctl,
        libc::SYS_mount,
        libc::SYS_sethostname,
        libc::SYS_setresuid,
        libc::SYS_openat,
    ];
    let kill = |call| move |words: &[&str]| before::exec(chimera(words), move || filter::kill(call));
    agree(calls.map(|call| place(format!("kills call {call}"), kill(call))).into());
}

#[test]
fn doctor_and_run_agree_about_proc_and_roots() {
    if !is_root() {
        return skip("only root can mount");
    }
    if !has("unshare") {
        return;
    }
    let program = elf().to_str().expect("UTF-8");
    let under = |before: &'static str, option: &'static str, tail: &'static str| {
        let text = format!("{before} && exec {tail} \"$0\" \"$@\"");
        move |words: &[&str]| command("unshare", &[&[option, "sh", "-c", &text, program], words].concat())
    };
    let folder = elf().parent().and_then(|folder| folder.to_str()).expect("UTF-8");
    let root = move |mount: &str| {
        let text = format!(
            "exec 9<\"$0\" && mount {mount} {folder} && cd {folder} && mkdir -p proc && \
             {{ [ -e chimera ] || install -m 755 /proc/self/fd/9 chimera; }} && exec 9<&- && \
             mount -t proc none {folder}/proc && exec chroot {folder} /chimera \"$@\""
        );
        move |words: &[&str]| command("unshare", &[&["-m", "sh", "-c", &text, program], words].concat())
    };
    agree(vec![
        place("a read-only /proc", under("mount -o remount,bind,ro /proc", "-m", "")),
        place("no /proc", under("mount -t tmpfs none /proc", "-m", "")),
        place("another's /proc", under("true", "-pf", "")),
        place("a covered /proc", under("mount -t tmpfs none /proc/sys", "-m", "")),
        place("a bind mount as root", root(&format!("--bind {folder}"))),
        place("a tmpfs as root", root("-t tmpfs none")),
    ]);
}

/// It changes nothing: no file, no name of the host, no mount.
#[test]
fn it_changes_nothing() {
    let state = || {
        ["/proc/self/mountinfo", "/proc/sys/kernel/hostname", "/proc/sys/user/max_user_namespaces"]
            .map(|path| std::fs::read_to_string(path).ok())
    };
    let before = state();
    run(chimera(DOCTOR)).nothing_left();
    assert_eq!(state(), before);
}

/// What is opened to be written are the files of the new namespaces, which belong to nobody else.
#[test]
fn it_writes_to_no_file_but_its_own() {
    if !has("strace") {
        return;
    }
    let to = elf().with_file_name("doctor-trace");
    let [to_text, program] = [&to, elf()].map(|path| path.to_str().expect("UTF-8"));
    let words = ["-f", "-e", "trace=openat,open,creat", "-o", to_text, program, "doctor"];
    run(command("strace", &words)).nothing_left();
    let trace = std::fs::read_to_string(&to).expect("a trace");
    let writes = |line: &&str| ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| line.contains(flag));
    trace.lines().filter(writes).for_each(|line| assert!(line.contains("\"/proc/self/"), "{line}"));
}

#[test]
fn nonsense_is_refused() {
    for words in [&["doctor", "now"] as &[&str], &["doctor", "--yaml"], &["doctor", "-x"]] {
        let run = run(chimera(words)).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run:#?}");
    }
}
