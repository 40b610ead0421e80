//! The owner of a user namespace that `chimera run` makes.

use crate::common::skip::skip;
use crate::common::who::may_be_root;
use crate::common::{USERS, as_user, chimera, in_group, is_root, run};
use nix::libc;
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

/// The user that owns the user namespace of a process: NS_GET_OWNER_UID, ioctl_nsfs(2).
fn owner_of(process: u32) -> u32 {
    const NS_GET_OWNER_UID: libc::c_ulong = 0xb704;
    let file = std::fs::File::open(format!("/proc/{process}/ns/user")).expect("a namespace");
    let mut user = u32::MAX;
    // SAFETY: the kernel writes one uid.
    assert_eq!(unsafe { libc::ioctl(file.as_raw_fd(), NS_GET_OWNER_UID, &raw mut user) }, 0);
    user
}

/// Whether somebody else can own a namespace here.
fn may_own() -> bool {
    if !is_root() {
        skip("only root can become somebody else");
    }
    is_root() && may_be_root(Some(1000))
}

/// `chimera run` with `--owner 1000:7`.
fn owned(words: &[&str]) -> Command {
    chimera(&[&["run", "--owner", "1000:7"], words].concat())
}

#[test]
fn the_owner_owns_the_namespace() {
    if !may_own() {
        return;
    }
    for way in [&[] as &[&str], &["-f"], &["-p"], &["-r"], &["-rp"], &["--map-users=0:0:5", "-p"]] {
        let words = [way, &["--", "sh", "-c", "grep -h ^Groups /proc/self/status; echo $PPID; read line"]].concat();
        let mut child = owned(&words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().expect("fd 1")));
        assert_eq!(lines.next().expect("a line").expect("UTF-8").trim_end(), "Groups:", "{way:?}");
        lines.next();
        // The program, or its process 1, is the child that is in another namespace; without a parent it is chimera.
        let own = std::fs::read_link("/proc/self/ns/user").expect("a link");
        let is_inside =
            |process: &u32| std::fs::read_link(format!("/proc/{process}/ns/user")).is_ok_and(|theirs| theirs != own);
        let inside = in_group(child.id())
            .iter()
            .filter_map(|line| line.split_whitespace().find_map(|word| word.parse().ok()))
            .find(is_inside);
        assert_eq!(inside.map(owner_of), Some(1000), "{way:?}");
        drop(child.stdin.take());
        child.wait().expect("an end");
    }
}

/// The names are those of /etc/passwd and of /etc/group.
#[test]
fn the_owner_may_be_named() {
    if !may_own() {
        return;
    }
    // The first whose id is neither 0, which the caller has anyway, nor the id of whom the namespace does not know.
    let first = |file| {
        let text = std::fs::read_to_string(file).expect("names");
        let entries = text.lines().filter_map(|line| Some((line.split(':').next()?, line.split(':').nth(2)?)));
        let is_other = |(name, id): &(&str, &str)| !name.is_empty() && !["0", "65534"].contains(id);
        entries.clone().find(is_other).map(|(name, id)| (name.to_owned(), id.to_owned())).expect("an entry")
    };
    let [(user, uid), (group, gid)] = ["/etc/passwd", "/etc/group"].map(first);
    let maps = [format!("--map-users=0:{uid}:1"), format!("--map-groups=0:{gid}:1")];
    for owner in [format!("{user}:{group}"), format!("{uid}:{group}"), format!("{user}:{gid}")] {
        let run = run(chimera(&["run", "--owner", &owner, &maps[0], &maps[1], "--", "sh", "-c", "id -u; id -g"]));
        assert_eq!(run.clean(0).out, "0\n0\n", "{owner}");
    }
}

/// The ids are mapped by the caller, from outside: those of the owner are not among them unless they are asked for.
#[test]
fn the_caller_maps_what_the_owner_could_not() {
    if !may_own() {
        return;
    }
    for (options, expected) in [
        (&["-r"] as &[&str], "65534 65534 / 0 0 1 / 0 0 1 / allow"),
        (&["-rp"], "65534 65534 / 0 0 1 / 0 0 1 / allow"),
        (&["--map-users=0:1000:1", "--map-groups=0:7:1"], "0 0 / 0 1000 1 / 0 7 1 / allow"),
        (&["--map-users=0:1000:1", "--map-groups=0:7:1", "--setgroups=deny", "-f"], "0 0 / 0 1000 1 / 0 7 1 / deny"),
    ] {
        let text = "echo $(id -u) $(id -g) / $(cat /proc/self/uid_map) / $(cat /proc/self/gid_map) / $(cat /proc/self/setgroups)";
        let run = run(owned(&[options, &["sh", "-c", text]].concat())).clean(0);
        assert_eq!(run.out.trim_end(), expected, "{options:?}");
    }
    let clock = ["-T", "--boottime", "7", "--", "sh", "-c", "tail -1 /proc/self/timens_offsets | tr -s ' '"];
    assert_eq!(run(owned(&clock)).clean(0).out, "boottime 7 0\n");
}

#[test]
fn who_may_not_become_the_owner_is_told() {
    if !is_root() || !may_be_root(Some(USERS[0])) {
        return skip("other users: the tests do not run as root");
    }
    for way in ["-f", "-r"] {
        let run = run(as_user(owned(&[way, "true"]), USERS[0])).nothing_left();
        let message = "chimera: become the group of the owner 1000:7: EPERM (Operation not permitted): only root may, or root of a \
                       new user namespace that has the id\n  try: run it as root\n";
        assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(125), "", message), "{way}");
    }
}
