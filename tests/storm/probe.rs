//! CMD: looks whether it is in the place that was promised, says so on fd 1, and ends as it is told.
//!
//! It says `probe: full` or `probe: half: WHAT`. A place is promised by words `KEY=VALUE`; [`expect`] has the keys.

use crate::kernel;
use nix::libc;
use std::fs;
use std::time::{Duration, Instant};

/// All kinds of namespaces.
pub const KINDS: [&str; 8] = ["user", "pid", "mnt", "uts", "ipc", "net", "cgroup", "time"];

/// How long a signal may take that has to come back.
const PATIENCE: Duration = Duration::from_secs(3);

/// Longer than who is left behind may live.
const SLEEP: Duration = Duration::from_millis(200);

/// The namespaces of this process: `user:4026531837,pid:..`, for the word `caller=`.
pub fn namespaces() -> String {
    KINDS.map(|kind| format!("{kind}:{}", inode(kind))).join(",")
}

/// The inode of a namespace of this process, as digits; empty if it cannot be read.
fn inode(kind: &str) -> String {
    let text = fs::read_link(format!("/proc/self/ns/{kind}")).unwrap_or_default();
    text.to_string_lossy().chars().filter(char::is_ascii_digit).collect()
}

/// Runs the probe with its words.
pub fn main(words: &[String]) -> ! {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let caller = value("caller").unwrap_or_default();
    let then = value("then").unwrap_or("0");
    if then == "PASS" {
        kernel::block(libc::SIGTERM);
    }
    let wrong: Vec<String> = words
        .iter()
        .filter_map(|word| word.split_once('='))
        .flat_map(|(key, value)| expect(key, value, caller))
        .collect();
    if wrong.is_empty() {
        println!("probe: full");
    } else {
        println!("probe: half: {}", wrong.join("; "));
    }
    end(then)
}

/// What is not as promised by one word.
fn expect(key: &str, value: &str, caller: &str) -> Vec<String> {
    let seen = match key {
        "uid" => nix::unistd::geteuid().to_string(),
        "gid" => nix::unistd::getegid().to_string(),
        "pid" => std::process::id().to_string(),
        "host" => nix::sys::utsname::uname().map(|own| own.nodename().to_string_lossy().into()).unwrap_or_default(),
        "cwd" => std::env::current_dir().unwrap_or_default().display().to_string(),
        "root" => fs::read_to_string("/root-is").unwrap_or_default(),
        "boottime" => boot_offset(),
        "mapped" => mapped().to_string(),
        // Its own ids are seen in a /proc of its own PID namespace alone.
        "proc"
            if fs::read_link("/proc/self").is_ok_and(|own| own.to_string_lossy() == std::process::id().to_string()) =>
        {
            value.into()
        }
        "proc" => "another's".into(),
        "pdeath" => kernel::death_signal().to_string(),
        "init" => init(),
        "new" => return unexpected_namespaces(value, caller),
        _ => return Vec::new(),
    };
    if seen == value { Vec::new() } else { vec![format!("{key} is {seen}, not {value}")] }
}

/// Of each kind: whether it is new if and only if it is listed.
fn unexpected_namespaces(new: &str, caller: &str) -> Vec<String> {
    let new: Vec<&str> = new.split(',').collect();
    let wrong = caller.split(',').filter_map(|word| word.split_once(':')).filter_map(|(kind, old)| {
        let (is_new, should_be) = (inode(kind) != old, new.contains(&kind));
        let text = if is_new { "is new" } else { "is the caller's" };
        (is_new != should_be).then(|| format!("the {kind} namespace {text}"))
    });
    wrong.collect()
}

/// Whether CMD can change the process 1 that chimera has left there, or take descriptors from it.
fn init() -> String {
    if fs::File::options().write(true).open("/proc/1/mem").is_ok() {
        return "writable".into();
    }
    let files = fs::read_dir("/proc/1/fd").into_iter().flatten().flatten();
    let more: Vec<_> = files
        .map(|file| file.file_name())
        .filter(|name| !["0", "1", "2"].contains(&&*name.to_string_lossy()))
        .collect();
    if more.is_empty() { "sealed".into() } else { format!("holding {} descriptors more", more.len()) }
}

/// The offset of the boot clock in seconds.
fn boot_offset() -> String {
    let text = fs::read_to_string("/proc/self/timens_offsets").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("boottime")).unwrap_or_default();
    line.split_whitespace().nth(1).unwrap_or_default().into()
}

/// How many users are mapped.
fn mapped() -> u64 {
    let text = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    text.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok()).sum()
}

/// Ends with a status, by a signal, or stops first.
fn end(then: &str) -> ! {
    let own = std::process::id() as i32;
    let signal = match then {
        "TERM" => libc::SIGTERM,
        "KILL" => libc::SIGKILL,
        "SEGV" => libc::SIGSEGV,
        "ABRT" => libc::SIGABRT,
        "STOP" => libc::SIGSTOP,
        "PASS" => kernel::leave(pass()),
        "SLEEP" => {
            std::thread::sleep(SLEEP);
            kernel::leave(0)
        }
        status => kernel::leave(status.parse().unwrap_or(99)),
    };
    kernel::act_by_default(signal); // Rust's std has a handler of its own for SIGSEGV
    kernel::send(own, signal);
    kernel::leave(0)
}

/// The status of a CMD whose signal has not come back.
pub const NOT_PASSED: i32 = 77;

/// Sends TERM to its parent, which has to pass it on to this process, and waits for it as long as that parent lives.
fn pass() -> i32 {
    let parent = nix::unistd::getppid();
    let begin = Instant::now();
    if parent.as_raw() > 1 {
        kernel::send(parent.as_raw(), libc::SIGTERM);
    }
    // An orphan has process 1 for a parent, which knows nothing of this.
    while parent.as_raw() > 1 && begin.elapsed() < PATIENCE && nix::unistd::getppid() == parent {
        if kernel::await_signal(libc::SIGTERM, Duration::from_millis(5)) {
            return 0;
        }
    }
    NOT_PASSED
}
