//! Strange places: what a process inherits from whoever starts it, namespaces around it, and places that forbid more.
//!
//! Each place is made on the spot by system calls between fork and exec, and the places of a
//! kind are a table. Where nothing is forbidden, a run must prove what it proves elsewhere; where something is, it
//! must say what and why.

use crate::common::filter::refuse;
use crate::common::page::{self, proves};
use crate::common::place::CHROOT;
use crate::common::running::Running;
use crate::common::skip::{has, skip};
use crate::common::who::{command_lines, may_be_root};
use crate::common::{MODES, USERS, as_user, before, chimera, command, elf, folder, install, is_root, plain, run};
use nix::libc;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{chdir, setsid};
use std::process::Command;

/// The tour and all modes, as far as this place allows them.
fn all() -> Vec<Vec<&'static str>> {
    command_lines(None)
}

fn ignore(which: Signal) -> nix::Result<()> {
    // SAFETY: SIG_IGN runs no code.
    unsafe { signal(which, SigHandler::SigIgn) }.map(drop)
}

fn mask(bits: u32) -> nix::Result<()> {
    umask(Mode::from_bits_truncate(bits));
    Ok(())
}

/// Something inherited that changes nothing: what it is, and how it comes about.
type Inherited = (&'static str, fn() -> nix::Result<()>);

const INHERITED: &[Inherited] = &[
    ("SIGCHLD ignored", || ignore(Signal::SIGCHLD)),
    ("SIGURG ignored", || ignore(Signal::SIGURG)),
    ("all signals blocked", || sigprocmask(SigmaskHow::SIG_BLOCK, Some(&SigSet::all()), None)),
    ("a umask that forbids all", || mask(0o777)),
    ("the umask that a witness sets", || mask(0o070)),
    ("the umask that the other witness sets", || mask(0o007)),
    ("a subreaper", || prctl::set_child_subreaper(true)),
    ("no new privileges", prctl::set_no_new_privs),
    ("a filter that refuses kcmp", || refuse(&[(libc::SYS_kcmp, 0, libc::EPERM)])),
];

#[test]
fn what_is_inherited_changes_nothing() {
    let mut broken = Vec::new();
    for (place, inherit) in INHERITED {
        for words in all() {
            let run = run(before::exec(chimera(&words), inherit));
            if (run.status, run.err.as_str(), run.left.len()) != (Some(0), "", 0) {
                broken.push(format!("{place}: {words:?}: {:?}, {}{:?}", run.status, run.err, run.left));
                continue;
            }
            proves(place, &run.out, &words);
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_session_leader_without_a_terminal() {
    for words in all() {
        // Not by `chimera`: who leads a group may not lead a session.
        let mut alone = plain(elf());
        alone.args(&words);
        let run = run(before::exec(alone, || setsid().map(drop))).clean(0);
        proves("session leader", &run.out, &words);
    }
}

#[test]
fn the_working_directory_is_gone() {
    let folder = folder().join("gone");
    for words in all() {
        std::fs::create_dir_all(&folder).expect("a folder");
        let gone = folder.clone();
        let run = run(before::exec(chimera(&words), move || {
            chdir(&gone)?;
            std::fs::remove_dir(&gone).map_err(|_| nix::errno::Errno::EIO)
        }));
        proves("no working directory", &run.clean(0).out, &words);
    }
}

/// A program that its user may run and not read: the kernel then gives /proc/self to root.
#[test]
fn an_elf_that_may_not_be_read() {
    if !is_root() {
        return skip("only root can give the ELF to somebody else");
    }
    let secret = elf().with_file_name("secret");
    install(elf(), &secret, "711");
    for user in USERS {
        for mode in ["fork", "chimera", "thread"] {
            proves("unreadable", &run(as_user(command(&secret, &[mode]), user)).clean(0).out, &[mode]);
        }
        let run = run(as_user(command(&secret, &["user"]), user)).nothing_left();
        let refused =
            "chimera: write /proc/self/setgroups: EACCES (Permission denied): this file may be executed but not read";
        assert!(run.status == Some(4) && run.err.starts_with(refused), "{run:#?}");
    }
}

/// The first process of a PID namespace has no parent there.
#[test]
fn the_first_process_of_a_pid_namespace() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    for options in [&["-r", "-p", "-f"][..], &["-r", "-p", "-f", "-m", "--mount-proc"]] {
        for words in all() {
            let all = [options, &[elf().to_str().expect("UTF-8")], &words].concat();
            proves("process 1", &run(command("unshare", &all)).clean(0).out, &words);
        }
    }
}

/// Stopped and continued as often as it takes.
#[test]
fn stopped_and_continued_all_the_time() {
    for words in all() {
        let mut running = Running::start(chimera(&words));
        for _ in 0..2000 {
            if running.has_ended() {
                break;
            }
            running.signal_group(Signal::SIGSTOP);
            running.signal_group(Signal::SIGCONT);
        }
        proves("stopped", &running.finish().clean(0).out, &words);
    }
}

/// The call that makes a user namespace, as messages name it.
const CALL: &str = "clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD)";

/// Holds all modes and the tour against a place where the call fails with `message`, for a cause that is told
/// with this `word`, and where all else works.
#[track_caller]
fn forbids(place: impl Fn(&[&str]) -> Command, message: &str, word: &str) {
    for words in MODES.iter().map(|mode| vec![*mode]).chain([vec![]]) {
        let run = run(place(&words)).nothing_left();
        if ["fork", "chimera", "thread"].contains(words.first().unwrap_or(&"")) {
            assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{run:#?}");
            proves(message, &run.out, &words);
            continue;
        }
        let mut lines = run.err.lines();
        let cause = lines.next().and_then(|line| line.strip_prefix(format!("chimera: {message}: ").as_str()));
        assert!(cause.is_some_and(|cause| cause.contains(word)), "{run:#?}");
        assert!(lines.next().is_some_and(|line| line.starts_with("  try: ")), "{run:#?}");
        let rows = page::rows(&run.out);
        assert!(lines.next().is_none() && rows.values().all(|words| words[3] == "honoured"), "{run:#?}");
        let (status, count) = if words.is_empty() { (0, 35) } else { (3, 0) };
        assert_eq!((run.status, rows.len()), (Some(status), count), "{run:#?}");
        if let Some(table) = page::table(&run.out) {
            assert!(table["user"].iter().all(|cell| cell == "SKIP"), "{run:#?}");
        }
    }
}

#[test]
fn no_user_namespace_left() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" \"$@\"";
    let place = |words: &[&str]| {
        command("unshare", &[&["-r", "sh", "-c", script, elf().to_str().expect("UTF-8")], words].concat())
    };
    forbids(place, &format!("{CALL}: ENOSPC (No space left on device)"), "max_user_namespaces");
}

#[test]
fn a_filter_that_refuses_user_namespaces() {
    let place = |words: &[&str]| {
        before::exec(chimera(words), || refuse(&[(libc::SYS_clone, libc::CLONE_NEWUSER as u32, libc::EPERM)]))
    };
    let message = format!("{CALL}: EPERM (Operation not permitted)");
    forbids(place, &message, "seccomp");
    if is_root() {
        USERS.iter().for_each(|user| forbids(|words| as_user(place(words), *user), &message, "seccomp"));
    }
}

#[test]
fn a_chroot() {
    if CHROOT.is_possible() {
        forbids(|words| CHROOT.chimera(words), &format!("{CALL}: EPERM (Operation not permitted)"), "chroot");
    }
}

#[test]
fn a_caller_without_a_name() {
    if !may_be_root(None) {
        return;
    }
    let place = |words: &[&str]| before::exec(chimera(words), || unshare(CloneFlags::CLONE_NEWUSER));
    forbids(place, &format!("{CALL}: EPERM (Operation not permitted)"), "uid is not mapped");
}

#[test]
fn no_proc() {
    if !is_root() {
        return skip("only root can mount over /proc");
    }
    let place = |words: &[&str]| {
        before::exec(chimera(words), || {
            const NONE: Option<&str> = None;
            unshare(CloneFlags::CLONE_NEWNS)?;
            mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
            mount(Some("none"), "/proc", Some("tmpfs"), MsFlags::empty(), NONE)
        })
    };
    for words in [&[][..], &["user"]] {
        let run = run(place(words)).nothing_left();
        let refused = "chimera: write /proc/self/uid_map: ENOENT (No such file or directory): /proc is not mounted\n";
        assert!(run.status == Some(4) && run.err.starts_with(refused), "{run:#?}");
        let report = page::read(&run.out);
        let user = report.pages.last().expect("the page of a task that was made");
        assert_eq!(user.refused[1], ("write /proc/self/uid_map \"0 0 1\"".into(), "ENOENT".into()), "{run:#?}");
        assert!(page::rows(&run.out).values().all(|words| words[3] == "honoured"), "{run:#?}");
        assert!(page::table(&run.out).is_none_or(|table| table["user"].last().unwrap() == "new"), "{run:#?}");
    }
}

/// A container that forbids one privilege of root does not forbid to be root: that one is unknown.
#[test]
fn a_privilege_that_cannot_be_shown_is_unknown() {
    if !may_be_root(None) {
        return;
    }
    let run = run(before::exec(chimera(&["user"]), || refuse(&[(libc::SYS_sethostname, 0, libc::EPERM)]))).clean(0);
    let page = &page::read(&run.out).pages[0];
    assert_eq!(page.refused, [("sethostname(\"chimera\")".into(), "EPERM".into())], "{run:#?}");
    assert_eq!(page::tally(&run.out), Some([14, 0, 1]), "{run:#?}");
}
