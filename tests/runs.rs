//! Many runs in a row: none fails, none says anything else, and nothing is left or grows.
//!
//! This process makes itself the reaper of all orphans below it. Then "no task is left" is
//! one question to the kernel after each run, and the answer covers every zombie. What a run leaves open would need a
//! holder: a task, of which there is none, or this process, whose descriptors are counted. Namespaces, which cannot be
//! listed once they have no task, are counted by a limit that a leak would run into.

mod common;

use common::deadline;
use common::running::Running;
use common::skip::{has, skip_part};
use common::who::{is_allowed, may_be_root};
use common::{MODES, chimera, command, elf, without_ids};
use nix::errno::Errno;
use nix::libc;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::wait::{WaitPidFlag, waitpid};
use std::io::PipeReader;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// In the ordinary suite, and in the long one.
const FEW: usize = 300;
const MANY: usize = 10_000;

/// Far more than so many runs in a row take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// Held by the test that runs: no other has a child.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    set_child_subreaper(true).expect("a reaper");
    ONE.lock().unwrap_or_else(|failed| failed.into_inner())
}

/// What one run came to: its wait status, how often it touched a new page, and what it said on both descriptors.
struct Seen {
    status: i32,
    pages: i64,
    said: String,
}

/// Runs a mode, and looks whether anybody is left. Pages are counted and not the highest memory, for in that the
/// kernel includes what whoever called exec(2) had used before.
#[allow(clippy::zombie_processes, reason = "it is waited for by wait4, which tells the usage too")]
fn once(mode: &str) -> Seen {
    let mut child = chimera(&[mode]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let pipes = [child.stdout.take().map(OwnedFd::from), child.stderr.take().map(OwnedFd::from)];
    let said = pipes.map(|pipe| deadline::read_to_end(&mut PipeReader::from(pipe.expect("a pipe")))).concat();
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    deadline::until("the program ends", || {
        // SAFETY: the kernel writes one int and one struct; std has not waited for this child and is not asked to.
        let ended = unsafe { libc::wait4(child.id() as i32, &raw mut status, libc::WNOHANG, usage.as_mut_ptr()) };
        (ended == child.id() as i32).then_some(())
    });
    assert_eq!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Err(Errno::ECHILD), "a task is left");
    // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
    let pages = unsafe { usage.assume_init() }.ru_minflt;
    let words: Vec<_> = said.split_whitespace().map(without_ids).collect();
    Seen { status, pages, said: words.join(" ") }
}

/// The open files of this process.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("/proc").count()
}

fn median(of: &[i64]) -> i64 {
    let mut sorted = of.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

/// Runs every mode this often.
fn in_a_row(runs: usize) {
    let _alone = alone();
    let is_allowed = is_allowed(None);
    if !is_allowed {
        skip_part("the mode `user`: user namespaces are forbidden here");
    }
    for mode in MODES.into_iter().filter(|mode| *mode != "user" || is_allowed) {
        let (first, files) = (once(mode), open_files());
        let mut pages = Vec::with_capacity(runs);
        for run in 0..runs {
            let seen = once(mode);
            assert_eq!((seen.status, &seen.said), (0, &first.said), "{mode}, run {run}");
            pages.push(seen.pages);
        }
        let (early, late) = (median(&pages[..100]), median(&pages[runs - 100..]));
        assert!((early - late).abs() <= 2, "{mode}: {early} pages at first and {late} at last");
        assert_eq!(open_files(), files, "{mode}");
    }
}

/// Runs the mode `user` where only a fraction of as many namespaces may exist at a time. Not a small one: the kernel
/// takes them down a little later.
fn namespaces_in_a_row(runs: usize) {
    let _alone = alone();
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let script = "
        echo $2 > /proc/sys/user/max_user_namespaces && echo $2 > /proc/sys/user/max_uts_namespaces || exit 9
        i=0; while [ $i -lt $1 ]; do
            try=0 # the kernel may be behind with taking down, which is no leak
            until \"$0\" user > /dev/null 2>&1; do
                try=$((try + 1)); [ $try -lt 600 ] || exit 8; sleep 0.1
            done
            i=$((i + 1)); done";
    let elf = elf().to_str().expect("a path in UTF-8");
    let (runs, limit) = (runs.to_string(), (runs / 2).to_string());
    let command = command("unshare", &["-r", "sh", "-c", script, elf, &runs, &limit]);
    Running::start(command).finish_within(PATIENCE).expect("it ends").clean(0);
}

#[test]
fn hundreds() {
    in_a_row(FEW);
}

#[test]
fn hundreds_of_namespaces() {
    namespaces_in_a_row(FEW);
}

#[test]
#[ignore = "takes a minute"]
fn thousands() {
    in_a_row(MANY);
}

#[test]
#[ignore = "takes a minute"]
fn thousands_of_namespaces() {
    namespaces_in_a_row(MANY);
}
