//! What chimera must never do to others: act on tasks that are not its own, change the caller's place, claim what it has not
//! seen, and leave a program behind that it should have served.
//!
//! Each test is process 1 of a world of its own ([`world`]), with bystanders that the test has made;
//! what was done to them is read from the kernel, never from what chimera says of itself.

mod common;
#[path = "common/world.rs"]
mod world;

use common::deadline::{self, DEADLINE};
use common::running::Running;
use common::skip::{skip, skip_part};
use common::{Run, as_user, before, chimera, command, elf, has};
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::resource::Resource;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, setsid};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use world::{
    chimera_words, everybody, is_for_root, is_roots, others, run_words, settled, to_command, tool, watch_mounts, within,
};

/// Each line that says what was done to a bystander.
fn harm(run: &Run) -> Vec<&str> {
    run.err.lines().filter(|line| line.contains("HARM: ")).collect()
}

/// Panics with all that went wrong, if anything did.
#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A PID namespace with a /proc of its own, in which strangers stand beside the program.
fn among_strangers<'a>(program: &[&'a str]) -> Vec<&'a str> {
    let tool = tool(&[&["among", "50", "20", "200", "--"], program].concat());
    [&["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"], &tool[..]].concat()
}

/// The system calls that answer an id or take one, with an errno each that may come instead.
const ID_CALLS: [(i64, i32); 9] = [
    (libc::SYS_getpid, libc::EPERM),
    (libc::SYS_getpid, libc::ENOSYS),
    (libc::SYS_gettid, libc::EPERM),
    (libc::SYS_getppid, libc::EPERM),
    (libc::SYS_getpgrp, libc::EPERM),
    (libc::SYS_clone, libc::EAGAIN),
    (libc::SYS_wait4, libc::EPERM),
    (libc::SYS_waitid, libc::EPERM),
    (libc::SYS_prctl, libc::EPERM),
];

/// Where a call that answers an id is refused, a signal that is passed on goes to the program or to nobody.
#[test]
fn a_refused_id_is_never_signalled() {
    within("a_refused_id_is_never_signalled", || {
        let mut wrong = Vec::new();
        for (call, errno) in ID_CALLS {
            let [call, errno] = [call.to_string(), errno.to_string()];
            for way in [&["run", "-f"] as &[&str], &["run", "-p"], &["run", "-f", "--kill-child"]] {
                // Where process 1 stands between, it is the parent's to pass on. The shell's own $PPID may be refused.
                let sends = "read id name state parent rest </proc/self/stat; kill -TERM $parent; exec sleep 1000";
                let text = if way.contains(&"-p") { "exit 3" } else { sends };
                let program = chimera_words(&[way, &["sh", "-c", text]].concat());
                let refused = tool(&[&["refused", &call, &errno, "--"], &program[..]].concat());
                let run = run_words(&among_strangers(&refused));
                let is_told = run.err.contains("chimera: ");
                let ended = [Some(if way.contains(&"-p") { 3 } else { 143 })].contains(&run.status);
                if !harm(&run).is_empty() || !(is_told || ended) {
                    wrong.push(format!("{way:?}, call {call} refused with {errno}: {run:#?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// The laboratory, the modes and the tour signal nobody where a call that answers an id is refused.
#[test]
fn a_refused_id_harms_nobody_in_the_laboratory() {
    within("a_refused_id_harms_nobody_in_the_laboratory", || {
        let mut wrong = Vec::new();
        for (call, errno) in ID_CALLS {
            let [call, errno] = [call.to_string(), errno.to_string()];
            for words in [&["clone", "fork"] as &[&str], &["clone", "pthread"], &["fork"], &["doctor"]] {
                let refused = tool(&[&["refused", &call, &errno, "--"], &chimera_words(words)[..]].concat());
                let run = run_words(&among_strangers(&refused));
                if !harm(&run).is_empty() || run.out.contains("not-honoured") {
                    wrong.push(format!("{words:?}, call {call} refused with {errno}: {run:#?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// A PID namespace without a /proc of its own. The strangers inside have the ids that the program's tasks have outside, and
/// those outside have the ids that its tasks have inside: whichever of the two is mistaken for the other is seen.
fn where_proc_is_of_others<'a>(program: &[&'a str]) -> Vec<&'a str> {
    let inside = tool(&[&["among", "400", "150", "1001", "--"], program].concat());
    let unshare = [&["unshare", "--pid", "--fork", "--kill-child"], &inside[..]].concat();
    tool(&[&["among", "990", "60", "300", "--"], &unshare[..]].concat())
}

/// Where /proc shows the PID namespace of others, the laboratory neither signals strangers nor takes their facts for its own.
#[test]
fn a_proc_of_others_is_not_believed() {
    within("a_proc_of_others_is_not_believed", || {
        let mut wrong = Vec::new();
        for words in [
            &["clone", "fork"] as &[&str],
            &["clone", "NEWNS"],
            &["clone", "PARENT"],
            &["clone", "vfork"],
            &["clone", "thread", "--json"],
            &["clone", "container"],
            &["fork"],
            &["thread"],
            &[],
        ] {
            let run = run_words(&where_proc_is_of_others(&chimera_words(words)));
            // The table's last line counts what is not as claimed.
            let claims =
                run.out.contains("not-honoured") || run.out.contains("\"crashed\"") || run.out.contains("hung");
            if !harm(&run).is_empty() || claims || run.status == Some(1) {
                wrong.push(format!("{words:?}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// Where /proc shows the PID namespace of others, `run` with ranges is refused and opens no map of a stranger.
#[test]
fn no_map_of_a_stranger_is_opened() {
    within("no_map_of_a_stranger_is_opened", || {
        if !has("strace") {
            return;
        }
        let trace = elf().with_file_name("trace");
        let mut wrong = Vec::new();
        for way in [&["run"] as &[&str], &["run", "-f"], &["run", "-p"]] {
            let chimera =
                chimera_words(&[way, &["--map-users=0:0:1", "--map-groups=0:0:1", "--", "id", "-u"]].concat());
            let strace = ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,creat", "-o"];
            let words = [&strace[..], &[trace.to_str().expect("UTF-8")], &chimera].concat();
            let run = run_words(&where_proc_is_of_others(&words));
            let text = fs::read_to_string(&trace).expect("a trace");
            let is_strange = |line: &&str| {
                let map = ["uid_map", "gid_map", "setgroups"].iter().any(|name| line.contains(name));
                map && (line.contains("O_WRONLY") || line.contains("O_RDWR")) && !line.contains("/proc/self/")
            };
            let strange: Vec<&str> = text.lines().filter(is_strange).collect();
            let refused = run.status == Some(125) && run.err.contains("chimera: ");
            if !harm(&run).is_empty() || !strange.is_empty() || !refused {
                wrong.push(format!("{way:?}: opened {strange:#?}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// Ranges are written for the process inside and not for the caller, where process 1 of a PID namespace is chimera's own.
#[test]
fn ranges_are_mapped_with_a_pid_namespace() {
    within("ranges_are_mapped_with_a_pid_namespace", || {
        if !is_for_root() {
            return;
        }
        let mut wrong = Vec::new();
        for way in [&["-p"] as &[&str], &["-p", "--mount-proc"], &["-pf"], &["-f"], &["--init"], &["-pT"]] {
            let ranges = ["--map-users=0:0:1000", "--map-groups=0:0:1000", "--", "cat", "/proc/self/uid_map"];
            let run = run_words(&chimera_words(&[&["run"], way, &ranges].concat()));
            let map: Vec<&str> = run.out.split_whitespace().collect();
            if run.status != Some(0) || map != ["0", "0", "1000"] || !run.err.is_empty() {
                wrong.push(format!("{way:?}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// An ordinary user with a block of ids gets it, where process 1 of a PID namespace is chimera's own.
#[test]
fn blocks_are_mapped_with_a_pid_namespace() {
    within("blocks_are_mapped_with_a_pid_namespace", || {
        if !is_for_root() || !has("newuidmap") || !has("setpriv") {
            return;
        }
        let blocks = elf().with_file_name("blocks");
        fs::write(&blocks, "1000:300000:1000\n").expect("a file");
        for file in ["/etc/subuid", "/etc/subgid"] {
            let words = ["mount", "--bind", blocks.to_str().expect("UTF-8"), file];
            assert_eq!(run_words(&words).status, Some(0), "{words:?}");
        }
        let mut wrong = Vec::new();
        for way in [&["-p"] as &[&str], &["-rp"], &["-rp", "--mount-proc"], &["-pf"]] {
            let user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"];
            let words = chimera_words(&[&["run"], way, &["--map-auto", "--", "cat", "/proc/self/uid_map"]].concat());
            let run = run_words(&[&user[..], &words].concat());
            if run.status != Some(0) || !run.out.contains("300000") {
                wrong.push(format!("{way:?}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// The commands that make tasks.
const MAKERS: [&[&str]; 11] = [
    &["clone", "fork"],
    &["clone", "PARENT"],
    &["clone", "thread"],
    &["clone", "fork", "--", "true"],
    &["run", "-f", "true"],
    &["run", "-p", "true"],
    &["run", "-f", "--map-users", "0:0:1", "--map-groups", "0:0:1", "--", "true"],
    &["fork"],
    &[],
    &["doctor"],
    &["bench", "fork"],
];

/// How long words take to their end, and what came of it.
fn timed(words: &[&str]) -> (Run, Duration) {
    let start = Instant::now();
    let run = run_words(words);
    (run, start.elapsed())
}

/// The only process of this name, if there is one.
fn named(name: &str) -> Option<world::Other> {
    everybody().into_iter().find(|other| other.name == name)
}

/// What came of words that were given a child called `inherited`, the signals that came to it (none: it is gone), and the time.
fn given_a_child(words: &[&str]) -> (Run, Option<u64>, Duration) {
    let start = Instant::now();
    let mut running = Running::start(to_command(&tool(&[&["heir", "live", "--"], words].concat())));
    running.wait();
    let time = start.elapsed();
    let inherited = named("inherited").filter(|other| other.state != 'Z');
    let signals = inherited.as_ref().map(|other| world::pending(other.pid));
    if let Some(other) = inherited {
        let _ = kill(Pid::from_raw(other.pid), Signal::SIGKILL);
        let _ = waitpid(Pid::from_raw(other.pid), None);
    }
    (running.finish(), signals, time)
}

/// Children that chimera had before it was executed are the caller's: neither signalled, reaped nor waited for.
#[test]
fn inherited_children_are_left_alone() {
    within("inherited_children_are_left_alone", || {
        let mut wrong = Vec::new();
        for words in MAKERS {
            let words = chimera_words(words);
            // A busy machine is late too, but not again and again.
            for tries_left in (0..3).rev() {
                let (alone, usual) = timed(&words);
                let (run, signals, time) = given_a_child(&words);
                let is_late = time > 4 * usual + AT_ONCE;
                if is_late && tries_left > 0 {
                    continue;
                }
                if signals != Some(0) || is_late || (run.status, run.signal) != (alone.status, alone.signal) {
                    wrong.push(format!(
                        "{words:?}: signals that came to the inherited child (none: it is gone): {signals:?}, \
                         time {time:?} where {usual:?} is usual: {run:#?}"
                    ));
                }
                break;
            }
        }
        none(&wrong);
    });
}

/// A zombie that chimera had before it was executed is the caller's to reap, where chimera is not process 1.
#[test]
fn inherited_zombies_are_left_alone() {
    within("inherited_zombies_are_left_alone", || {
        let mut wrong = Vec::new();
        for words in MAKERS {
            let run = run_words(&tool(&[&["heir", "zombie", "--"], &chimera_words(words)[..]].concat()));
            let status = named("inherited").map(|other| waitpid(Pid::from_raw(other.pid), None));
            if !matches!(status, Some(Ok(WaitStatus::Exited(_, world::OF_ZOMBIE)))) {
                wrong.push(format!("{words:?}: the inherited zombie (none: reaped): {status:?}: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// The calls by which a place is looked at and changed.
const LOOKS: &str = "?stat,?lstat,?fstat,?statx,?newfstatat,?statfs,?fstatfs,?open,?openat,?open_tree,?mount,?umount2,\
                     ?fsopen,?move_mount";

/// How often words make each of those calls: the most that one task does.
fn looks(words: &[&str]) -> BTreeMap<String, usize> {
    let trace = elf().with_file_name("looks");
    let strace = ["strace", "-f", "-qq", "-o", trace.to_str().expect("UTF-8"), "-e", &format!("trace={LOOKS}")];
    run_words(&[&strace[..], words].concat());
    let text = fs::read_to_string(&trace).expect("a trace");
    let begun = text.lines().filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('));
    let tasks = text.lines().filter_map(|line| line.split(' ').next());
    let names: BTreeSet<&str> =
        begun.map(|(name, _)| name).filter(|name| LOOKS.contains(&format!("?{name}"))).collect();
    let tasks: BTreeSet<&str> = tasks.collect();
    let of = |task: &str, name: &str| {
        let is_it = |line: &&str| {
            let event = line.strip_prefix(task).and_then(|rest| rest.strip_prefix(' '));
            event.is_some_and(|event| event.trim_start().starts_with(&format!("{name}(")))
        };
        text.lines().filter(is_it).count()
    };
    let most = |name: &str| tasks.iter().map(|task| of(task, name)).max().unwrap_or(0);
    names.iter().map(|name| ((*name).to_owned(), most(name))).collect()
}

/// An error of any look at a mount leaves the caller's mounts as they are, and is no verdict.
#[test]
fn no_error_changes_the_callers_mounts() {
    within("no_error_changes_the_callers_mounts", || {
        if !has("strace") {
            return;
        }
        let (mut wrong, mut faults) = (Vec::new(), 0);
        for flags in ["newns", "container"] {
            let program = chimera_words(&["clone", flags]);
            for (call, times) in looks(&program) {
                for when in 1..=times {
                    let fault = format!("inject={call}:error=ENOMEM:when={when}");
                    let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", &fault];
                    let seen = watch_mounts("private", &[&strace[..], &program].concat());
                    if seen.before != seen.after || seen.run.out.contains("not-honoured") {
                        wrong.push(told(&format!("clone {flags}, {fault}"), &seen));
                    }
                    faults += 1;
                }
            }
        }
        none(&wrong);
        assert!(faults > 20, "only {faults} looks were seen");
    });
}

/// What has become of mounts, in short: the lines that are gone and those that are new.
fn told(about: &str, seen: &world::Mounts) -> String {
    let [before, after]: [BTreeSet<&str>; 2] = [&seen.before, &seen.after].map(|table| table.lines().collect());
    let gone: Vec<_> = before.difference(&after).collect();
    let new: Vec<_> = after.difference(&before).collect();
    let Run { status, signal, err, out, .. } = &seen.run;
    let claims: Vec<&str> = out.lines().filter(|line| line.contains("not-honoured")).collect();
    format!("{about}: gone {gone:#?}, new {new:#?}, status {status:?}, signal {signal:?}, {claims:?}, {err}")
}

/// Without a new mount namespace `--propagation` is refused, and the caller's mounts propagate as before.
#[test]
fn the_callers_propagation_is_not_changed() {
    within("the_callers_propagation_is_not_changed", || {
        let mut wrong = Vec::new();
        for caller in ["private", "shared"] {
            for kind in ["slave", "private", "shared"] {
                for way in [&[] as &[&str], &["-f"], &["-u"], &["-p"], &["-f", "-i"]] {
                    let words = [&["run"], way, &["--propagation", kind, "true"]].concat();
                    let seen = watch_mounts(caller, &chimera_words(&words));
                    let refused =
                        [Some(2), Some(125)].contains(&seen.run.status) && seen.run.err.contains("--propagation");
                    if seen.before != seen.after || !refused {
                        wrong.push(told(&format!("{words:?} from a place that is {caller}"), &seen));
                    }
                }
            }
        }
        none(&wrong);
    });
}

/// A proc file system that is mounted for a new PID namespace never goes on to the caller's mounts: where these are shared and are
/// to stay so, a place that is no mount of its own is refused.
#[test]
fn a_new_proc_is_not_mounted_in_the_callers_place() {
    within("a_new_proc_is_not_mounted_in_the_callers_place", || {
        let mut wrong = Vec::new();
        for caller in ["private", "shared"] {
            for kind in ["slave", "private", "shared", "unchanged"] {
                let words = ["run", "-p", "--mount-proc=/mnt", "--propagation", kind, "true"];
                let seen = watch_mounts(caller, &chimera_words(&words));
                let goes_on = ["shared", "unchanged"].contains(&kind);
                let status = if goes_on { 125 } else { 0 };
                if seen.before != seen.after || seen.run.status != Some(status) {
                    wrong.push(told(&format!("{words:?} from a place that is {caller}"), &seen));
                }
            }
        }
        none(&wrong);
    });
}

/// A witness takes no namespace that the call under study needs: the last one that there may be is for the call.
#[test]
fn a_witness_does_not_use_up_the_limit() {
    within("a_witness_does_not_use_up_the_limit", || {
        let script = "echo 1 >/proc/sys/user/max_ipc_namespaces && exec \"$@\"";
        let chimera = chimera_words(&["clone", "newipc", "--json"]);
        let run = run_words(&[&["unshare", "-Ur", "sh", "-c", script, "sh"], &chimera[..]].concat());
        assert!(run.status == Some(0) && run.out.contains("\"outcome\":\"honoured\""), "{run:#?}");
    });
}

/// A caller that ignores SIGCHLD does not keep the helper from being waited for.
#[test]
fn blocks_and_ranges_are_mapped_where_the_childs_end_is_ignored() {
    within("blocks_and_ranges_are_mapped_where_the_childs_end_is_ignored", || {
        for way in [&[] as &[&str], &["-f"], &["-p"]] {
            let ranges = ["--map-users=0:0:1", "--map-groups=0:0:1", "id", "-u"];
            let chimera = chimera_words(&[&["run"], way, &ranges].concat());
            let run = run_words(&[&["bash", "-c", "trap '' CHLD; exec \"$@\"", "bash"], &chimera[..]].concat());
            assert!(run.status == Some(0) && run.out == "0\n", "{way:?}: {run:#?}");
        }
    });
}

/// So many moments are tried of each command: few, for each run of these tests tries them again.
const DEATHS: usize = 40;

/// A sequence of moments that is the same in each run; Knuth's numbers.
struct Moments(u64);

impl Moments {
    /// A moment before `end`.
    fn next(&mut self, end: Duration) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        end * (self.0 >> 44) as u32 / (1 << 20)
    }
}

/// Starts chimera, and kills it by `death` at a moment of its usual time.
fn kill_at(words: &[&str], moment: Duration, death: fn(Pid)) {
    let mut child = to_command(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let end = Instant::now() + moment;
    // Not asleep: it would be longer than the whole run.
    while Instant::now() < end {
        std::hint::spin_loop();
    }
    death(Pid::from_raw(child.id() as i32));
    child.wait().expect("it ends");
}

/// Leaves nobody in this world.
fn kill_others() {
    let end = Instant::now() + DEADLINE;
    loop {
        let others = others();
        if others.is_empty() {
            return;
        }
        assert!(Instant::now() < end, "they do not end: {others:?}");
        others.iter().for_each(|other| _ = kill(Pid::from_raw(other.pid), Signal::SIGKILL));
    }
}

/// How many semaphore sets this IPC namespace has: proc_sysvipc(5) with a headline.
fn semaphores() -> usize {
    fs::read_to_string("/proc/sysvipc/sem").expect("/proc/sysvipc/sem").lines().count() - 1
}

/// However chimera is killed, no System V semaphore set stays in the caller's IPC namespace.
#[test]
fn no_semaphores_stay() {
    within("no_semaphores_stay", || {
        let mut wrong = Vec::new();
        let mut moments = Moments(1);
        for flags in ["pthread", "container", "SYSVSEM", "NEWIPC", "fork"] {
            let words = chimera_words(&["clone", flags]);
            let mut before = semaphores();
            let (run, usual) = timed(&words);
            assert_eq!(semaphores(), before, "clone {flags} without a death: {run:#?}");
            let mut kept = Vec::new();
            for _ in 0..DEATHS {
                let moment = moments.next(usual);
                kill_at(&words, moment, |group| _ = killpg(group, Signal::SIGKILL));
                // Or the rest would tidy up.
                kill_others();
                if semaphores() > before {
                    kept.push(moment);
                }
                before = semaphores();
            }
            if !kept.is_empty() {
                wrong.push(format!(
                    "clone {flags}: {} of {DEATHS} deaths left a set, the first at {:?} of {usual:?}",
                    kept.len(),
                    kept[0]
                ));
            }
        }
        none(&wrong);
    });
}

/// What a trace says of IPC namespaces: who is in a new one.
#[derive(Default)]
struct NewIpc {
    inside: BTreeSet<String>,
    /// Calls that have not come back, by task.
    open: BTreeMap<String, String>,
}

impl NewIpc {
    /// Takes a line of strace; answers it if it makes semaphores in the caller's namespace.
    fn take(&mut self, line: &str) -> Option<String> {
        let (task, event) = line.split_once(' ')?;
        let event = event.trim_start();
        if event.starts_with("semget(") && !self.inside.contains(task) {
            return Some(line.into());
        }
        if let Some(start) = event.strip_suffix("<unfinished ...>") {
            self.open.insert(task.into(), start.into());
            return None;
        }
        let whole = match event.split_once(" resumed>") {
            Some((_, rest)) => self.open.remove(task)? + rest,
            None => event.into(),
        };
        let answer = whole.rsplit("= ").next()?.split(' ').next()?.to_owned();
        let is_new = whole.contains("CLONE_NEWIPC") && !answer.starts_with('-');
        if whole.starts_with("unshare(") && is_new {
            self.inside.insert(task.into());
        } else if whole.starts_with("clone") && (is_new || self.inside.contains(task)) {
            self.inside.insert(answer);
        }
        None
    }
}

/// No semaphore set is made in the caller's IPC namespace at all.
#[test]
fn semaphores_are_made_in_new_namespaces_alone() {
    within("semaphores_are_made_in_new_namespaces_alone", || {
        if !has("strace") {
            return;
        }
        let trace = elf().with_file_name("trace");
        let mut wrong = Vec::new();
        for words in [
            &["clone", "fork"] as &[&str],
            &["clone", "pthread"],
            &["clone", "SYSVSEM"],
            &["clone", "NEWIPC"],
            &["clone", "VM"],
            &["run", "-f", "true"],
            &["doctor"],
            &[],
        ] {
            let strace = ["strace", "-f", "-qq", "-e", "trace=semget,unshare,clone,clone3,fork,vfork", "-o"];
            let run = run_words(&[&strace[..], &[trace.to_str().expect("UTF-8")], &chimera_words(words)].concat());
            let text = fs::read_to_string(&trace).expect("a trace");
            let mut namespaces = NewIpc::default();
            let made: Vec<String> = text.lines().filter_map(|line| namespaces.take(line)).collect();
            if !made.is_empty() {
                wrong.push(format!("{words:?} (status {:?}): {made:#?}", run.status));
            }
        }
        none(&wrong);
    });
}

/// Below the two seconds that a task waits for others, and far above what the kernel takes on a busy machine.
const AT_ONCE: Duration = Duration::from_millis(1000);

/// If chimera is killed, all its tasks and helpers end at once.
#[test]
fn nobody_outlives_chimera() {
    within("nobody_outlives_chimera", || {
        let mut wrong = Vec::new();
        let mut moments = Moments(2);
        for words in [
            &[] as &[&str],
            &["fork"],
            &["clone", "fork"],
            &["clone", "pthread"],
            &["clone", "container"],
            &["run", "-f", "--map-users", "0:0:1", "--map-groups", "0:0:1", "--", "true"],
            &["doctor"],
        ] {
            let all = chimera_words(words);
            let (_, usual) = timed(&all);
            let mut left = Vec::new();
            for _ in 0..DEATHS {
                let moment = moments.next(usual);
                kill_at(&all, moment, |chimera| _ = kill(chimera, Signal::SIGKILL));
                let others = settled(AT_ONCE);
                if !others.is_empty() {
                    left.push(format!("at {moment:?} of {usual:?}: {others:?}"));
                    kill_others();
                }
            }
            if !left.is_empty() {
                wrong.push(format!(
                    "{words:?}: {} of {DEATHS} deaths left somebody, the first: {}",
                    left.len(),
                    left[..left.len().min(5)].join("; ")
                ));
            }
        }
        none(&wrong);
    });
}

/// What a process has open, by number.
fn descriptors(pid: i32) -> BTreeMap<i32, String> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).expect("descriptors").flatten();
    let link = |entry: &fs::DirEntry| fs::read_link(entry.path()).map(|path| path.display().to_string());
    entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, link(&entry).unwrap_or_default())))
        .collect()
}

/// The child of a process.
fn child_of(pid: i32) -> Option<i32> {
    others().into_iter().find(|other| other.parent == pid).map(|other| other.pid)
}

/// Starts a command whose program says `ready`, and waits for that.
fn start(mut command: Command) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("fd 1"));
    let mut line = String::new();
    out.read_line(&mut line).expect("text");
    if line != "ready\n" {
        child.kill().expect("it is not reaped yet");
        let mut err = String::new();
        let _ = child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut err));
        panic!("not ready: {line:?} {err} {:?}", child.wait());
    }
    (child, out)
}

/// Process 1 and the program have the descriptors that the caller gave, and no others: no terminal, no pidfd of the parent.
#[test]
fn process_1_keeps_no_descriptors() {
    within("process_1_keeps_no_descriptors", || {
        let mut wrong = Vec::new();
        for way in
            [&["-p"] as &[&str], &["-rp"], &["-p", "--mount-proc"], &["-rp", "--mount-proc", "--kill-child"], &["-pT"]]
        {
            let pair = nix::pty::openpty(None, None).expect("a terminal");
            let name = nix::unistd::ttyname(&pair.slave).expect("a name");
            let mut plain = Command::new(elf());
            let program = tool(&["first-signal"]);
            plain.arg("run").args(way).arg("--").args(&program).stdin(Stdio::null()).current_dir("/");
            let (child, _out) = start(before::exec(plain, move || {
                setsid()?;
                // The terminal of the new session, which is not kept open.
                let terminal = nix::fcntl::open(&name, nix::fcntl::OFlag::O_RDWR, nix::sys::stat::Mode::empty())?;
                drop(terminal);
                // What the tests themselves have inherited is not given on.
                world::close_on_exec(3)?;
                // SAFETY: fd 0 is open, and nobody uses 7 any more between fork and exec.
                nix::errno::Errno::result(unsafe { libc::dup2(0, 7) }).map(drop)
            }));
            let parent = child.id() as i32;
            let first = child_of(parent).expect("process 1");
            let program = child_of(first).expect("the program");
            for (who, pid) in [("process 1", first), ("the program", program)] {
                let open = descriptors(pid);
                if open.keys().any(|number| ![0, 1, 2, 7].contains(number)) {
                    wrong.push(format!("{way:?}: {who} has {open:?}"));
                }
            }
            if !descriptors(program).contains_key(&7) {
                wrong.push(format!("{way:?}: the program lacks descriptor 7"));
            }
            kill(Pid::from_raw(first), Signal::SIGKILL).expect("it lives");
            deadline::collect(child, DEADLINE).expect("it ends");
        }
        none(&wrong);
    });
}

/// A process with a tracer runs up to its next stop; the answer is what was seen there.
fn next_stop(pid: Pid) -> WaitStatus {
    ptrace::syscall(pid, None).expect("it is stopped");
    deadline::until("a traced process stops", || news_of(pid))
}

/// The news of a process, if there are any.
fn news_of(pid: Pid) -> Option<WaitStatus> {
    let news = waitpid(pid, Some(WaitPidFlag::WNOHANG | WaitPidFlag::__WALL)).expect("it can be waited for");
    (news != WaitStatus::StillAlive).then_some(news)
}

/// Starts chimera under a tracer, and stops its first child in front of the `nth` request for a signal at the parent's end; the
/// answer is chimera itself and that child. None where no process may be traced.
fn stopped_before_request(words: &[&str], nth: usize) -> Option<(Child, Pid)> {
    let mut plain = Command::new(elf());
    plain.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let chimera = before::exec(plain, ptrace::traceme).spawn().ok()?;
    let parent = Pid::from_raw(chimera.id() as i32);
    deadline::until("chimera stops at its exec", || news_of(parent));
    let births = Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK;
    ptrace::setoptions(parent, births | Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL).expect("traced");
    while !matches!(next_stop(parent), WaitStatus::PtraceEvent(..)) {}
    let child = Pid::from_raw(ptrace::getevent(parent).expect("an id") as i32);
    deadline::until("the child stops at its birth", || news_of(child));
    let mut requests = 0;
    while requests < 2 * nth - 1 {
        assert!(matches!(next_stop(child), WaitStatus::PtraceSyscall(_)), "{words:?}: the child goes on");
        let registers = ptrace::getregs(child).expect("it is stopped");
        let call = [registers.orig_rax, registers.rdi];
        // It stops before and after.
        requests += usize::from(call == [libc::SYS_prctl as u64, libc::PR_SET_PDEATHSIG as u64]);
    }
    Some((chimera, child))
}

/// A parent that has ended before its child asks for the signal of that sends none: the child sees it and starts no program. Nor
/// does one whose parent ends between its first request and the second.
#[test]
fn a_parent_that_has_ended_is_seen() {
    within("a_parent_that_has_ended_is_seen", || {
        let mut wrong = Vec::new();
        for way in [
            &["-p", "--kill-child"] as &[&str],
            &["-rp", "--kill-child"],
            &["-f", "--kill-child=TERM"],
            &["-rpf", "--kill-child"],
        ] {
            for nth in [1, 2] {
                let words = [&["run"], way, &["--", "echo", "started"]].concat();
                let Some((mut chimera, child)) = stopped_before_request(&words, nth) else {
                    return skip("no process may be traced here");
                };
                chimera.kill().expect("it lives");
                chimera.wait().expect("it ends");
                let _ = ptrace::detach(child, None); // KILL has ended its stop, if it has come
                let end = deadline::until("the child ends", || news_of(child));
                let mut out = String::new();
                chimera.stdout.take().expect("a pipe").read_to_string(&mut out).expect("UTF-8");
                let is_quiet = out.is_empty() && settled(DEADLINE).is_empty();
                let is_seen = nth == 2 || matches!(end, WaitStatus::Exited(_, 125));
                if !is_quiet || !is_seen {
                    wrong.push(format!("{way:?}, killed before request {nth}: {end:?}, {out:?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// Whoever is root inside a new user namespace cannot write to process 1, and the status that comes out is the program's.
#[test]
fn root_inside_cannot_write_to_process_1() {
    within("root_inside_cannot_write_to_process_1", || {
        let mut wrong = Vec::new();
        for way in
            [&["-rp", "--mount-proc"] as &[&str], &["-rp", "--mount-proc", "--kill-child"], &["-rpT", "--mount-proc"]]
        {
            for byte in ["0", "1", "255"] {
                let words = chimera_words(&[&["run"], way, &["--"], &tool(&["forge", byte])[..]].concat());
                let command = to_command(&words);
                let command = if is_roots() { as_user(command, 1000) } else { command };
                let run = deadline::run(command);
                let right = |run: &Run| {
                    run.out == "mem: EACCES: Permission denied\nseize: EPERM: Operation not permitted\n"
                        && run.status == Some(42)
                };
                if !run.as_ref().is_some_and(right) {
                    wrong.push(format!("{way:?}, filled with {byte} (none: did not end): {run:#?}"));
                }
            }
        }
        none(&wrong);
    });
}

/// A limit on memory, in KiB; see setrlimit(2).
fn with_memory(words: &[&str], kib: u64) -> Command {
    before::limited(to_command(words), Resource::RLIMIT_AS, kib << 10)
}

/// The least memory in which the ELF starts at all, in KiB.
fn least_memory() -> u64 {
    let starts = |kib: &u64| {
        deadline::run(with_memory(&chimera_words(&["--version"]), *kib)).is_some_and(|run| run.status == Some(0))
    };
    (128..16384).step_by(32).find(starts).expect("it starts in 16 MiB")
}

/// A stack that cannot be had is told as that step's failure, and not as the answer of a clone that was never called.
#[test]
fn memory_that_is_not_there_is_no_verdict() {
    let mut wrong = Vec::new();
    let mut refusals = 0;
    let least = least_memory();
    // A program that needs no more than chimera, or the failure might be the program's own.
    let program = elf().to_str().expect("UTF-8");
    for words in [
        &["clone", "VM"] as &[&str],
        &["clone", "VM", "--json"],
        &["clone", "thread"],
        &["clone", "VM", "--", program, "--version"],
    ] {
        for kib in (least..least + 1024).step_by(32) {
            let run = deadline::run(with_memory(&chimera_words(words), kib)).expect("it ends");
            if run.status == Some(0) {
                continue;
            }
            let text = format!("{}{}", run.out, run.err);
            let own_status = if words.contains(&"--") { 125 } else { 1 };
            let is_told = run.err.starts_with("chimera: ") && text.contains("ENOMEM");
            let claims =
                ["as-predicted", "refused-otherwise", "rule F", "\"rule\":\"", "not-honoured", "crashed", "process 1"];
            let is_false = claims.iter().any(|claim| text.contains(claim));
            if run.status != Some(own_status) || !is_told || is_false {
                wrong.push(format!("{words:?} in {kib} KiB (it starts in {least}): {run:#?}"));
            }
            refusals += 1;
        }
    }
    none(&wrong);
    assert!(refusals > 0, "nothing was ever refused");
}

/// The size of the stack's mapping is named where just that mapping cannot be had.
#[test]
fn the_step_that_lacks_memory_is_named() {
    let mut wrong = Vec::new();
    for (call, name) in [(libc::SYS_mmap, "mmap"), (libc::SYS_mprotect, "guard a stack")] {
        for errno in [libc::ENOMEM, libc::EAGAIN] {
            for words in [&["clone", "VM"] as &[&str], &["clone", "VM", "--json"], &["clone", "thread"], &["thread"]] {
                let [call, errno] = [call.to_string(), errno.to_string()];
                // By a filter in the program itself, for the C library needs both calls before it.
                let (call, errno): (i64, i32) = (call.parse().expect("a number"), errno.parse().expect("an errno"));
                let run =
                    deadline::run(before::exec(chimera(words), move || world::refuse(call, errno))).expect("it ends");
                let text = format!("{}{}", run.out, run.err);
                let errno = nix::errno::Errno::from_raw(errno);
                let names_it =
                    run.err.starts_with("chimera: ") && text.contains(name) && text.contains(&format!("{errno:?}"));
                let claims =
                    ["as-predicted", "refused-otherwise", "\"rule\":\"", "not-honoured", "crashed", "too many tasks"];
                if run.status != Some(1) || !names_it || claims.iter().any(|claim| text.contains(claim)) {
                    wrong.push(format!("{words:?} where {name} is refused with {errno:?}: {run:#?}"));
                }
            }
        }
    }
    none(&wrong);
}

/// `rules` and `doctor` give no false verdict where there is no memory: the right one, or the step that failed.
#[test]
fn rules_without_memory_are_right_or_silent() {
    let mut wrong = Vec::new();
    let least = least_memory();
    for words in [&["rules", "NEWNS"] as &[&str], &["rules", "VM"], &["rules", "NEWUSER,NEWPID"], &["rules", "THREAD"]]
    {
        let usual = deadline::run(chimera(words)).expect("it ends");
        for kib in (least..least + 1024).step_by(32) {
            let run = deadline::run(with_memory(&chimera_words(words), kib)).expect("it ends");
            let is_right = (run.status, &run.out) == (usual.status, &usual.out);
            // What needs no memory may have been said before.
            let is_begun = usual.out.starts_with(&run.out);
            let is_silent = run.status == Some(1) && run.err.starts_with("chimera: ") && is_begun;
            if !is_right && !is_silent {
                wrong.push(format!("{words:?} in {kib} KiB (it starts in {least}): {run:#?} instead of {usual:#?}"));
            }
        }
    }
    none(&wrong);
}

/// However many zombies process 1 is given at once, it reaps them all, and the program's status comes back.
#[test]
fn process_1_reaps_any_number_of_orphans() {
    within("process_1_reaps_any_number_of_orphans", || {
        let mut wrong = Vec::new();
        for count in ["10", "4097"] {
            let words =
                chimera_words(&[&["run", "-rp", "--mount-proc", "--"], &tool(&["orphans", count, "42"])[..]].concat());
            let run = run_words(&words);
            if run.status == Some(world::NO_TOOL) {
                skip_part(format!("{count} processes cannot be had here"));
            } else if run.status != Some(42) || !run.err.is_empty() {
                wrong.push(format!("{count} orphans: {run:#?}"));
            }
        }
        none(&wrong);
    });
}

/// The signals that a process can take and that are not for chimera itself.
fn signals() -> impl Iterator<Item = i32> {
    (1..=64).filter(|signal| ![libc::SIGKILL, libc::SIGSTOP, libc::SIGCHLD].contains(signal))
}

/// A process and all below it.
fn family(of: i32) -> Vec<i32> {
    let all = everybody();
    let mut family = vec![of];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(all.iter().filter(|other| other.parent == parent).map(|other| other.pid));
        next += 1;
    }
    family
}

/// Which of a family have not ended after a while; those are killed.
fn outlived(family: &[i32]) -> Vec<world::Other> {
    let end = Instant::now() + AT_ONCE;
    loop {
        let left: Vec<_> = others().into_iter().filter(|other| family.contains(&other.pid)).collect();
        if left.is_empty() {
            return left;
        }
        if Instant::now() > end {
            left.iter().for_each(|other| _ = kill(Pid::from_raw(other.pid), Signal::SIGKILL));
            return left;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What came of a signal that was sent to chimera.
#[derive(Debug)]
struct Served {
    /// What the program said after it was ready.
    said: String,
    /// How chimera ended; none if it did not.
    end: Option<ExitStatus>,
    /// Who was left then.
    left: Vec<world::Other>,
}

/// Starts words whose program says `ready`, sends a signal to the process that `target` chooses, and sees what comes of it.
fn serve(words: &[&str], signal: i32, target: fn(i32) -> Option<i32>) -> Served {
    // Nobody is to write a core file, and nothing is ignored, whatever these tests were started by.
    let command = before::limited(to_command(words), Resource::RLIMIT_CORE, 0);
    let mut command = before::exec(command, world::ignore_nothing);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("fd 1"));
    let mut said = String::new();
    out.read_line(&mut said).expect("text");
    assert_eq!(said, "ready\n", "{words:?}");
    let family = family(child.id() as i32);
    let target = target(child.id() as i32).expect("chimera");
    // SAFETY: a plain system call; nix knows no signals above 31.
    assert_eq!(unsafe { libc::kill(target, signal) }, 0, "{words:?}");
    let end = ended(&mut child, Duration::from_secs(10));
    let left = outlived(&family);
    // Whoever had not ended was killed.
    child.wait().expect("a child");
    said.clear();
    out.read_to_string(&mut said).expect("text");
    Served { said, end, left }
}

/// How a child ends within `limit`.
fn ended(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let limit = Instant::now() + limit;
    loop {
        let end = child.try_wait().expect("a child");
        if end.is_some() || Instant::now() > limit {
            return end;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Serves many signals at once, for most of the time is spent in waiting; answers what is wrong with each.
fn serve_all(signals: &[i32], one: impl Fn(i32) -> Option<String> + Sync) -> Vec<String> {
    let one = &one;
    std::thread::scope(|scope| {
        let threads: Vec<_> = signals.iter().map(|signal| scope.spawn(move || one(*signal))).collect();
        threads.into_iter().filter_map(|thread| thread.join().expect("a thread")).collect()
    })
}

/// As a supervisor chimera passes on every signal that can be, and when the program has ended neither of the two is left.
#[test]
fn every_signal_is_passed_on() {
    within("every_signal_is_passed_on", || {
        let mut wrong = Vec::new();
        let signals: Vec<i32> = signals().collect();
        for way in [&["--pid"] as &[&str], &["-f"], &["-pf"], &["--init"], &["-rp", "--mount-proc"]] {
            let words = chimera_words(&[&["run"], way, &["--"], &tool(&["first-signal"])[..]].concat());
            wrong.extend(serve_all(&signals, |signal| {
                let served = serve(&words, signal, Some);
                let is_right = served.said == format!("{signal}\n") && served.left.is_empty();
                let is_right = is_right && served.end.and_then(|end| end.code()) == Some(0);
                (!is_right).then(|| format!("run {way:?}, signal {signal}: {served:?}"))
            }));
        }
        none(&wrong);
    });
}

/// As process 1 of a container chimera passes on every signal that its host sends.
#[test]
fn every_signal_is_passed_on_by_process_1() {
    within("every_signal_is_passed_on_by_process_1", || {
        let signals: Vec<i32> = signals().collect();
        let unshare = ["unshare", "--pid", "--fork", "--kill-child"];
        let words = chimera_words(&[&["run", "-f", "--"], &tool(&["first-signal"])[..]].concat());
        let words = [&unshare[..], &words].concat();
        none(&serve_all(&signals, |signal| {
            let served = serve(&words, signal, child_of);
            let is_right = served.said == format!("{signal}\n") && served.left.is_empty();
            let is_right = is_right && served.end.and_then(|end| end.code()) == Some(0);
            (!is_right).then(|| format!("signal {signal}: {served:?}"))
        }));
    });
}

/// What a signal does not end.
const NOT_DEADLY: [i32; 6] = [libc::SIGCONT, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGURG, libc::SIGWINCH];

/// A program that dies of a signal that chimera has passed on takes chimera with it by the same signal.
#[test]
fn chimera_dies_of_the_signal_that_it_has_passed_on() {
    within("chimera_dies_of_the_signal_that_it_has_passed_on", || {
        let deadly: Vec<i32> = signals().filter(|signal| !NOT_DEADLY.contains(signal)).collect();
        let mut wrong = Vec::new();
        for way in ["--pid", "-f"] {
            let words = chimera_words(&["run", way, "--", "sh", "-c", "echo ready; exec sleep 1000"]);
            wrong.extend(serve_all(&deadly, |signal| {
                let served = serve(&words, signal, Some);
                let is_right = served.end.and_then(|end| end.signal()) == Some(signal) && served.left.is_empty();
                (!is_right).then(|| format!("run {way}, signal {signal}: {served:?}"))
            }));
        }
        none(&wrong);
    });
}

/// The tools themselves: a bystander that is harmed is told, and one that is not is not.
#[test]
fn harm_is_seen() {
    within("harm_is_seen", || {
        let run = run_words(&among_strangers(&["sh", "-c", "kill -KILL 55; kill -USR1 56; kill -STOP 57; exit 5"]));
        let all = harm(&run).join("\n");
        assert!(run.status == Some(5) && harm(&run).len() == 3, "{run:#?}");
        assert!(
            ["Signaled(Pid(55), SIGKILL", "signal 10 was sent to stranger 56", "Stopped(Pid(57)"]
                .iter()
                .all(|text| all.contains(text)),
            "{run:#?}"
        );
        let run = run_words(&where_proc_is_of_others(&["true"]));
        assert!(run.status == Some(0) && run.err.is_empty(), "{run:#?}");
        // Whoever reads the ids in /proc there sees those of others.
        let run = run_words(&where_proc_is_of_others(&["sh", "-c", "read id rest </proc/self/stat; kill -USR2 $id"]));
        assert_eq!(harm(&run).len(), 1, "{run:#?}");
        let gone = run_words(&where_proc_is_of_others(&["sh", "-c", "cat /proc/$$/comm"]));
        assert!(gone.out.contains("stranger"), "{gone:#?}");
        let seen = watch_mounts("shared", &["umount", "-l", "/proc"]);
        assert!(seen.before != seen.after, "{}", seen.after);
        let status = command("sh", &["-c", "kill -KILL $$"]).status().expect("a shell");
        assert_eq!(status.signal(), Some(9));
    });
}
