//! `check userns`: all is right with this kernel, in every place, and a kernel that maps ids otherwise is caught.
//!
//! A kernel that is wrong is played by a tracer, which answers single writes to the files of a user namespace in the
//! kernel's place. The leaf that is about this write has to say so, and no leaf that makes no such write may.

use crate::common::place::{CHROOT, CONTAINER, HERE, NOBODY, PROCESS_1};
use crate::common::skip::{has, skip};
use crate::common::{Run, before, chimera, command, elf, filter, run, tracer};
use nix::errno::Errno;
use nix::libc;
use nix::unistd::{getgid, getuid};
use std::fs;

const CHECK: [&str; 2] = ["check", "userns"];

/// The leaves that are not right: their names, and what is said of their cases.
fn wrong(run: &Run) -> Vec<(&str, Vec<&str>)> {
    let mut cases = Vec::new();
    let mut wrong = Vec::new();
    for line in run.out.lines() {
        if let Some(case) = line.strip_prefix("    # case ") {
            cases.push(case);
        } else if let Some(leaf) = line.strip_prefix("    not ok ") {
            let name = leaf.split(' ').nth(1).expect("a name");
            wrong.push((name, std::mem::take(&mut cases)));
        }
    }
    wrong
}

/// The leaves that are right or skipped.
fn fine(run: &Run) -> usize {
    run.out.lines().filter(|line| line.starts_with("    ok ")).count()
}

/// No case deviates; the status says whether any could be judged.
#[track_caller]
fn holds(run: &Run, status: i32) {
    assert_eq!(wrong(run), [], "{run:#?}");
    assert!(fine(run) >= 30, "{run:#?}");
    assert_eq!((run.status, &*run.err), (Some(status), ""), "{run:#?}");
}

/// Whether user namespaces can be had here, by an independent tool; if not, the test that calls this is left out.
fn has_user_namespaces() -> bool {
    let can = has("unshare") && command("unshare", &["-r", "true"]).status().is_ok_and(|status| status.success());
    if !can {
        skip("user namespaces are refused here");
    }
    can
}

/// As root and as another user; as root of a user namespace, and as process 1.
#[test]
fn the_rules_are_kept_here() {
    if !has_user_namespaces() {
        return;
    }
    for place in [HERE, NOBODY, PROCESS_1] {
        if place.is_possible() {
            holds(&place.run(&CHECK).nothing_left(), 0);
        }
    }
    let elf = elf();
    holds(&run(command("unshare", &["-r", elf.to_str().expect("UTF-8"), "check", "userns"])).nothing_left(), 0);
}

/// Where there are no user namespaces, or none whose files can be written, everything is skipped for one reason.
#[test]
fn all_is_skipped_where_it_is_refused() {
    for (place, reason) in [(CONTAINER, "masked by a filter"), (CHROOT, "needs proc of this PID namespace")] {
        if place.is_possible() {
            let run = place.run(&CHECK).nothing_left();
            holds(&run, 4);
            let skipped = |line: &str| line.starts_with("    ok ") && line.ends_with(&format!(" # SKIP {reason}"));
            assert_eq!(run.out.lines().filter(|line| skipped(line)).count(), fine(&run), "{}: {run:#?}", place.name);
        }
    }
}

/// A filter that leaves the namespaces and takes other calls is no wrong kernel.
#[test]
fn a_filter_is_no_wrong_kernel() {
    if !has_user_namespaces() {
        return;
    }
    for call in [libc::SYS_setns, libc::SYS_memfd_create, libc::SYS_lseek, libc::SYS_capset, libc::SYS_setuid] {
        for kills in [false, true] {
            let filtered = before::exec(chimera(&CHECK), move || match kills {
                true => filter::kill(call),
                false => filter::refuse(&[(call, 0, libc::EPERM)]),
            });
            let run = run(filtered).nothing_left();
            holds(&run, 0);
            // A file for a question about its owner is no answer about user namespaces.
            let is_told = ["masked by a filter", "cannot be seen here"].iter().any(|reason| run.out.contains(reason));
            assert!(is_told, "{call}, {kills}: {run:#?}");
        }
    }
}

/// Nothing of this place is changed: neither its limits nor its maps.
#[test]
fn nothing_here_is_changed() {
    let look = || {
        ["sys/user/max_user_namespaces", "self/uid_map", "self/gid_map", "self/setgroups", "self/projid_map"]
            .map(|file| fs::read_to_string(format!("/proc/{file}")).expect(file))
    };
    let before = look();
    run(chimera(&CHECK)).nothing_left();
    assert_eq!(look(), before);
}

/// A wrong answer: the end of the file's name, the words of the text, with `@` for the caller's own id, what the kernel
/// is made to say to such a write (none stands for success), the leaf that sees it, and what it says there.
type Lie = (&'static str, &'static str, Option<Errno>, &'static str, &'static str);

const LIES: &[Lie] = &[
    ("/uid_map", "0 @ 0", None, "uid_map.malformed", "step=count-0 want=EINVAL got=OK"),
    ("/uid_map", "0 @ 1 1", None, "uid_map.malformed", "step=four-fields want=EINVAL got=OK"),
    ("/uid_map", "0 @ 1\n1 @ 1", None, "uid_map.overlap", "step=outer-twice want=EINVAL got=OK"),
    ("/uid_map", "0 @ 1x", Some(Errno::EPERM), "uid_map.malformed", "step=letter-behind want=EINVAL got=EPERM"),
    ("/uid_map", "0\t@\t1", Some(Errno::EINVAL), "uid_map.own", "step=tabs want=OK got=EINVAL"),
    ("/uid_map", "none", None, "uid_map.once", "step=garbage want=EPERM got=OK"),
    ("/gid_map", "0 @ 1\n", Some(Errno::EPERM), "gid_map.own", "step=newline want=OK got=EPERM"),
    ("/gid_map", "wheel @ 1", None, "gid_map.malformed", "step=letters want=EINVAL got=OK"),
    ("/setgroups", "allow", None, "setgroups.order", "step=allow-after-deny want=EPERM got=OK"),
    ("/setgroups", "deny\n", Some(Errno::EPERM), "setgroups.words", "step=deny-newline want=OK got=EPERM"),
    ("/setgroups", "Deny", None, "setgroups.words", "step=capital-letter want=EINVAL got=OK"),
    ("/projid_map", "home 0 1", None, "projid_map", "step=letters want=EINVAL got=OK"),
];

/// Leaves that make the same write for another reason.
fn is_about(leaf: &str, file: &str) -> bool {
    leaf.starts_with(file.trim_start_matches('/')) || leaf.starts_with("outside.")
}

/// Every lie is seen where it is told, and nowhere else.
#[test]
fn a_kernel_that_maps_otherwise_is_caught() {
    if !has_user_namespaces() {
        return;
    }
    for (file, text, errno, leaf, says) in LIES {
        let lie = move |name: &str, written: &[u8]| {
            let own = if *file == "/gid_map" { getgid().as_raw() } else { getuid().as_raw() };
            let text = text.replace('@', &own.to_string());
            let answer = errno.map_or(written.len() as i64, |errno| -i64::from(errno as i32));
            (name.ends_with(file) && written == text.as_bytes()).then_some(answer)
        };
        let run = tracer::run_answering(chimera(&CHECK), lie).nothing_left();
        let wrong = wrong(&run);
        assert_eq!(run.status, Some(1), "{text:?}: {run:#?}");
        assert!(wrong.iter().any(|(name, cases)| name == leaf && cases.contains(says)), "{text:?}: {wrong:#?}");
        let other = wrong.iter().find(|(name, _)| !is_about(name, file));
        assert_eq!(other, None, "{text:?}: {wrong:#?}");
    }
}

/// Whoever does not share what was asked for is caught by the leaf that needs it, and by no other.
#[test]
fn a_kernel_that_ignores_a_flag_is_caught() {
    if !has_user_namespaces() {
        return;
    }
    let rows = [
        (libc::CLONE_FS, "shared.fs"),
        (libc::CLONE_VM, "shared.thread"),
        (libc::CLONE_SIGHAND, "shared.thread"),
        (libc::CLONE_THREAD, "shared.thread"),
    ];
    for (flag, leaf) in rows {
        let run = tracer::run_without(chimera(&CHECK), flag as u64).nothing_left();
        let names: Vec<&str> = wrong(&run).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, [leaf], "{run:#?}");
    }
}

/// A kernel that accepts every map, and one that refuses all: what needs no map is still right.
#[test]
fn a_kernel_with_one_answer_is_caught() {
    if !has_user_namespaces() {
        return;
    }
    let accepts = |name: &str, text: &[u8]| name.ends_with("/uid_map").then_some(text.len() as i64);
    let refuses = |name: &str, _: &[u8]| name.ends_with("/uid_map").then_some(-i64::from(Errno::EPERM as i32));
    let run = tracer::run_answering(chimera(&CHECK), accepts).nothing_left();
    let names: Vec<&str> = wrong(&run).into_iter().map(|(name, _)| name).collect();
    for leaf in ["mapped", "uid_map.once", "uid_map.foreign", "uid_map.lines", "nested.middle", "outside.unrelated"] {
        assert!(names.contains(&leaf), "{leaf}: {run:#?}");
    }
    assert!(!names.contains(&"unmapped") && !names.contains(&"gid_map.malformed"), "{run:#?}");
    let run = tracer::run_answering(chimera(&CHECK), refuses).nothing_left();
    let wrong = wrong(&run);
    let own = wrong.iter().find(|(name, _)| *name == "uid_map.own").expect("the leaf");
    assert!(own.1.contains(&"step=plain want=OK got=EPERM"), "{wrong:#?}");
}
