//! `chimera doctor` in places that forbid user namespaces in different ways: the verdict, the cause, the rows.
//!
//! A place is made on the spot, and what the doctor says there is held against what was done to it.
//! Where nothing forbids anything, unshare(1) must be of the same opinion.

use crate::common::place::{CHROOT, with_tasks};
use crate::common::skip::{has, skip};
use crate::common::who::{everybody_allowed, is_allowed, may_be_root, run_as};
use crate::common::{USERS, as_user, before, chimera, command, elf, filter, install, is_root, run};
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use serde_json::Value;
use std::process::Command;

const DOCTOR: &[&str] = &["doctor"];

/// What the doctor says, as JSON, after a look at the page that is made by the same run of the table.
fn examine(place: impl Fn(&[&str]) -> Command) -> Value {
    let page = run(place(DOCTOR)).nothing_left();
    let object = run(place(&["doctor", "--json"])).nothing_left();
    let value: Value = serde_json::from_str(&object.out).unwrap_or_else(|error| panic!("{error}: {object:#?}"));
    assert_eq!((page.status, page.err.as_str()), (object.status, ""), "{page:#?}");
    let verdict = value["verdict"].as_str().expect("a verdict");
    assert_eq!(page.status, Some(i32::from(verdict != "usable")), "{page:#?}");
    assert!(page.out.contains(&format!("verdict: {verdict}")), "{page:#?}");
    for row in value["rows"].as_array().expect("rows") {
        let text = |key: &str| row[key].as_str().expect("a text");
        let good = row["good"].as_bool().map_or("-", |good| if good { "good" } else { "bad" });
        let is_told = |line: &str| {
            let words = line.strip_prefix("  ").and_then(|line| line.strip_prefix(text("name")));
            words.is_some_and(|words| {
                words.trim_start().starts_with(text("value")) && words.contains(good) && words.ends_with(text("source"))
            })
        };
        assert!(page.out.lines().any(is_told), "{row}: {}", page.out);
    }
    value
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
    (row["result"].as_str().expect("a result"), row["step"].as_str().expect("a step"))
}

const KINDS: [&str; 8] = ["user", "mnt", "uts", "ipc", "net", "pid", "cgroup", "time"];

#[test]
fn where_nothing_forbids_it_everything_is_usable() {
    for who in everybody_allowed() {
        let value = examine(|words| run_as(chimera(words), who));
        assert_eq!((value["verdict"].as_str(), &value["cause"]), (Some("usable"), &Value::Null), "{value:#}");
        KINDS.iter().for_each(|kind| assert_eq!(tried(&value, kind), ("OK", ""), "{value:#}"));
        let limit = std::fs::read_to_string("/proc/sys/user/max_net_namespaces").expect("a limit");
        assert_eq!(row(&value, "max_net"), (limit.trim(), Some(true)));
        assert_eq!(row(&value, "nesting depth"), ("0", Some(true)), "{value:#}");
    }
}

#[test]
fn a_filter() {
    let value = examine(|words| before::exec(chimera(words), filter::container));
    assert_eq!(value["cause"], "a seccomp filter forbids it");
    assert_eq!((row(&value, "seccomp mode").0, row(&value, "filter answers")), ("2", ("yes", Some(false))));
    assert_eq!((tried(&value, "user"), tried(&value, "time")), (("EPERM", "clone"), ("ENOSYS", "clone")));
}

/// A filter that is not in the way is not blamed.
#[test]
fn a_harmless_filter() {
    if may_be_root(None) {
        let value =
            examine(|words| before::exec(chimera(words), || filter::refuse(&[(libc::SYS_kcmp, 0, libc::EPERM)])));
        assert_eq!((value["verdict"].as_str(), row(&value, "filter answers")), (Some("usable"), ("no", Some(true))));
        assert_eq!(row(&value, "seccomp mode").0, "2");
    }
}

#[test]
fn none_allowed() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    for (kind, first) in [("user", "user"), ("net", "net")] {
        let text = format!("echo 0 > /proc/sys/user/max_{kind}_namespaces && exec \"$0\" \"$@\"");
        let program = elf().to_str().expect("UTF-8");
        let value = examine(|words| command("unshare", &[&["-r", "sh", "-c", &text, program], words].concat()));
        assert_eq!(value["cause"], format!("user.max_{kind}_namespaces is 0"), "{value:#}");
        assert_eq!(value["remedy"], format!("sysctl -w user.max_{kind}_namespaces=10000"));
        assert_eq!(row(&value, &format!("max_{kind}")), ("0", Some(false)));
        assert_eq!(tried(&value, first), ("ENOSPC", "clone"));
        assert_eq!(tried(&value, "uts").0 == "OK", kind != "user", "{value:#}");
    }
}

#[test]
fn a_chroot() {
    if CHROOT.is_possible() {
        let value = examine(|words| CHROOT.chimera(words));
        assert_eq!(
            (value["cause"].as_str(), row(&value, "chroot")),
            (Some("the caller is in a chroot"), ("yes", Some(false)))
        );
    }
}

#[test]
fn a_caller_without_a_name() {
    if may_be_root(None) {
        let value = examine(|words| before::exec(chimera(words), || unshare(CloneFlags::CLONE_NEWUSER)));
        assert_eq!(row(&value, "unmapped uid"), ("yes", Some(false)));
        assert_eq!(value["cause"], "the caller's uid is not mapped in its user namespace");
    }
}

#[test]
fn the_depth_is_counted() {
    if !may_be_root(None) {
        return;
    }
    let program = elf().to_str().expect("UTF-8");
    let nested = |levels: usize| {
        let value = examine(|words| {
            let mut all = vec!["run", "-r"];
            (1..levels).for_each(|_| all.extend([program, "run", "-r"]));
            all.push(program);
            chimera(&[all.as_slice(), words].concat())
        });
        (row(&value, "nesting depth").0.to_owned(), value["cause"].as_str().map(str::to_owned))
    };
    assert_eq!([1, 5, 31].map(nested), [("1".into(), None), ("5".into(), None), ("31".into(), None)]);
    let (depth, cause) = nested(33);
    assert_eq!(depth, "-");
    assert!(cause.is_some_and(|cause| cause.starts_with("nested 32 deep")));
}

#[test]
fn no_task_left() {
    if !is_root() {
        return skip("only root can be a user without other tasks");
    }
    let value = examine(|words| with_tasks(chimera(words), 1));
    assert_eq!(value["cause"], "too many tasks: RLIMIT_NPROC is reached", "{value:#}");
    assert_eq!(row(&value, "RLIMIT_NPROC").0, "1");
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
        assert_eq!(row(&value, "readable itself"), ("no", Some(false)));
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
    let program = elf().to_str().expect("UTF-8");
    // The setting of another kernel, and a tracer that refuses as that one does: a filter would be seen.
    let text = format!(
        "mount -t tmpfs none /proc/sys/kernel && echo 1 > /proc/sys/kernel/apparmor_restrict_unprivileged_userns \
         && exec setpriv --reuid {0} --regid {0} --clear-groups \
         strace -f -qq -o /dev/null -e inject=sethostname:error=EPERM \"$0\" \"$@\"",
        USERS[0]
    );
    let value = examine(|words| command("unshare", &[&["-m", "sh", "-c", &text, program], words].concat()));
    assert_eq!(value["cause"], "AppArmor restricts unprivileged user namespaces");
    let remedy = value["remedy"].as_str().expect("a remedy");
    assert!(remedy.contains(&format!("profile chimera {program} flags=(unconfined) {{ userns, }}")), "{remedy}");
    assert_eq!((row(&value, "AppArmor limits").0, tried(&value, "uts")), ("1", ("EPERM", "sethostname")));
}

/// A task that is killed in a step has proven nothing, though no step was refused.
#[test]
fn a_kind_whose_task_is_killed_is_not_usable() {
    if !is_allowed(None) {
        return skip("user namespaces are forbidden here");
    }
    let value = examine(|words| before::exec(chimera(words), || filter::kill(libc::SYS_sethostname)));
    assert_eq!(value["verdict"], "forbidden");
    let told = ["user", "uts"].map(|kind| tried(&value, kind));
    assert_eq!(told, [("OK", ""), ("SIGSYS", "the child was killed")]);
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
