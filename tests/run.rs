//! `chimera run` beside unshare(1): each option, each signal, each end, each refusal.
//!
//! The decision behind it: where both programs have an option, both are run and must show the same; docs/run.md is the table
//! that this makes (UPDATE_DOCS=1 writes it). Where they differ, what chimera does is held against what is promised.

mod common;

use common::deadline::{self, DEADLINE};
use common::who::{everybody, may_be_root, run_as};
use common::{Run, USERS, before, chimera, command, elf, has, install, is_root, run};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// What both are asked: what it is about, chimera's options, unshare's if they are others, the script, and whether only root
/// may.
type Row = (&'static str, &'static [&'static str], Option<&'static [&'static str]>, &'static str, bool);

const IDS: &str = "id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("`-r`", &["-r"], None, IDS, false),
    ("`--map-root-user`", &["--map-root-user"], None, IDS, false),
    ("`-c`", &["-c"], None, IDS, false),
    ("`--map-current-user`", &["--map-current-user"], None, IDS, false),
    ("`-U`", &["-U"], None, IDS, false),
    ("`--map-user`, `--map-group`", &["--map-user=7", "--map-group", "8"], None, IDS, false),
    ("`--map-user` by name", &["--map-user=daemon"], None, IDS, false),
    ("`--map-users`, `--map-groups`", &["--map-users=0:10:5", "--map-groups=0:20:6"], Some(&["--map-users=10,0,5", "--map-groups=20,0,6"]), IDS, true),
    ("`--map-users` and `-r`", &["-r", "--map-users=0:10:5"], Some(&["-r", "--map-users=10,0,5"]), "cat /proc/self/uid_map", true),
    ("`--map-users` and `-c`", &["-c", "--map-users=0:0:5"], Some(&["-c", "--map-users=0,0,5"]), "cat /proc/self/uid_map", true),
    ("`--setgroups=deny`", &["-U", "--setgroups=deny"], None, "cat /proc/self/setgroups", false),
    ("`--setgroups=allow`", &["-U", "--setgroups", "allow"], None, "cat /proc/self/setgroups", false),
    ("`-u`", &["-ru"], None, "hostname inside; hostname", false),
    ("`-i`", &["-ri"], None, "cat /proc/sysvipc/msg | wc -l", false),
    ("`-n`", &["-rn"], None, "cat /proc/net/dev | wc -l", false),
    ("`-C`", &["-rC"], None, "cut -d: -f3 /proc/self/cgroup | tail -1", false),
    ("`-m`", &["-rm"], None, "mount -t tmpfs none /mnt && ls -A /mnt", false),
    ("`-pf`", &["-rpf"], None, "echo $$", false),
    ("`-pf --mount-proc`", &["-rpf", "--mount-proc"], None, "ls -d /proc/[0-9]*", false),
    ("`--mount-proc=DIR`", &["-rpf", "--mount-proc=/mnt"], None, "ls -d /mnt/[0-9]*", false),
    ("`--propagation`", &["-rm", "--propagation", "slave"], None, "grep -c master: /proc/self/mountinfo | tr 1-9 x", false),
    ("`--propagation=unchanged`", &["-m", "--propagation=unchanged"], None, "grep -c shared: /proc/self/mountinfo | tr 1-9 x", true),
    ("`-R`", &["-r", "-R", "/usr"], None, "pwd; ls -d /bin", false),
    ("`-w`", &["-r", "--wd=/tmp"], None, "pwd", false),
    ("`-R` and `-w`", &["-r", "--root=/", "-w", "/usr"], None, "pwd", false),
    ("`-T --boottime`", &["-rT", "--boottime", "100000000"], Some(&["-rTf", "--boottime", "100000000"]), "cut -c1-3 /proc/uptime", false),
    ("`-T --monotonic`", &["-rT", "--monotonic=77777"], Some(&["-rTf", "--monotonic=77777"]), "head -1 /proc/self/timens_offsets | tr -s ' '", false),
    ("`-f`", &["-f"], None, "exit 7", false),
    ("`--keep-caps`", &["-c", "--keep-caps"], None, "grep Cap /proc/self/status", false),
    ("`-S`, `-G`", &["-S", "7", "-G", "8"], None, "id -u; id -g; id -G", true),
    ("`-S` in a namespace", &["--map-users=0:0:100", "--map-groups=0:0:100", "-S", "7"], Some(&["--map-users=0,0,100", "--map-groups=0,0,100", "-S", "7"]), "id -u", true),
    ("`--kill-child`", &["-r", "--kill-child"], None, "exit 3", false),
    ("letters together, value in the word", &["-rmw/usr"], None, "pwd", false),
    ("the words of CMD are its own", &["-r"], None, "echo -r --help", false),
    ("a status", &["-r"], None, "exit 255", false),
];

/// What a run shows: its output, and how it ended.
fn shown(run: &Run) -> String {
    let out = run.out.trim_end().replace('\n', "; ").split_whitespace().collect::<Vec<_>>().join(" ");
    match (run.status, run.signal) {
        (Some(0), _) => out,
        (Some(status), _) => format!("{out} (status {status})").trim_start().into(),
        (_, signal) => format!("{out} (signal {})", signal.unwrap_or_default()).trim_start().into(),
    }
}

/// Ranges that may be mapped, as subuid(5) and subgid(5) have them.
const BLOCKS: &str = "root:0:1000\n0:100000:65536\nnobody:200000:1000\n1000:300000:1000\n";

/// The same command where those are /etc/subuid and /etc/subgid.
fn with_blocks(command: &Command) -> Command {
    let file = elf().with_file_name("blocks");
    std::fs::write(&file, BLOCKS).expect("a file");
    let text = "mount --bind \"$0\" /etc/subuid && mount --bind \"$0\" /etc/subgid && exec \"$@\"";
    let mut words = vec!["-m", "sh", "-c", text, file.to_str().expect("UTF-8")];
    words.push(command.get_program().to_str().expect("UTF-8"));
    words.extend(command.get_args().map(|word| word.to_str().expect("UTF-8")));
    common::command("unshare", &words)
}

/// A script under one of the two programs.
fn script(program: &str, options: &[&str], script: &str) -> Command {
    let words = [options, &["--", "sh", "-c", script]].concat();
    if program == "chimera" { chimera(&[&["run"], words.as_slice()].concat()) } else { command(program, &words) }
}

#[test]
fn each_option_does_what_unshare_does() {
    if !has("unshare") || !has("newuidmap") || !may_be_root(None) {
        return;
    }
    let mut table = String::new();
    let mut differ = Vec::new();
    for (about, options, others, text, needs_root) in ROWS {
        for who in everybody().into_iter().filter(|who| !needs_root || is_root() && who.is_none()) {
            let [ours, theirs] =
                [("chimera", *options), ("unshare", others.unwrap_or(options))].map(|(program, options)| {
                    let command = script(program, options, text);
                    run(if *needs_root && options.concat().contains("--map") {
                        with_blocks(&command)
                    } else {
                        run_as(command, who)
                    })
                });
            let ours = ours.nothing_left();
            if (ours.status, ours.signal, &ours.out) != (theirs.status, theirs.signal, &theirs.out) {
                differ.push(format!("{about} as {who:?}: {ours:#?} {theirs:#?}"));
            }
            if who.is_none() {
                let other = others.map_or_else(|| "the same".into(), |words| format!("`{}`", words.join(" ")));
                let _ = writeln!(
                    table,
                    "| {about} | `{}` | {other} | `{}` | `{}` |",
                    options.join(" "),
                    text.replace('|', "\\|"),
                    shown(&ours)
                );
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    if is_root() {
        common_docs(&table);
    }
}

/// Who may not write ranges has newuidmap(1) and newgidmap(1) do it.
#[test]
fn ordinary_users_map_their_blocks() {
    if !has("unshare") || !has("newuidmap") || !is_root() || !may_be_root(Some(USERS[0])) {
        return;
    }
    let map = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (user, start) in [(65534, "200000"), (1000, "300000")] {
        let own = user.to_string();
        for (options, expected) in [
            (&["-r", "--map-auto"] as &[&str], format!("0 {own} 1 1 {start} 999")),
            (&["--map-auto"], format!("0 {start} 1000")),
            (
                &["-c", "--map-auto", "-f"],
                if user == 1000 {
                    format!("1000 {own} 1 0 {start} 1000")
                } else {
                    format!("65534 {own} 1 0 {start} 1000")
                },
            ),
        ] {
            let program = elf().to_str().expect("UTF-8");
            let words = [
                &["--reuid", &own, "--regid", &own, "--clear-groups", program, "run"],
                options,
                &["cat", "/proc/self/uid_map"],
            ];
            let run = run(with_blocks(&command("setpriv", &words.concat()))).clean(0);
            assert_eq!(map(&run.out), map(&expected), "{options:?} as {user}");
        }
    }
}

/// Holds docs/run.md against the table, or writes it.
fn common_docs(table: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/run.md");
    let text = std::fs::read_to_string(path).expect("docs/run.md");
    let (head, rest) = text.split_once("<!-- table -->\n").expect("where the table begins");
    let (_, foot) = rest.split_once("<!-- end -->").expect("where the table ends");
    let head_of_table = "| what | chimera run | unshare | `sh -c` | both show, as root |\n|---|---|---|---|---|\n";
    let new = format!("{head}<!-- table -->\n{head_of_table}{table}<!-- end -->{foot}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, new).expect("docs/run.md is written");
    } else {
        // What a machine has (its caps, its clock, its ids) may differ; the rows may not.
        let rows = |text: &str| text.lines().filter(|line| line.starts_with("| `") || line.starts_with("| a")).count();
        assert_eq!(rows(&text), rows(&new), "docs/run.md: UPDATE_DOCS=1 cargo test --test run");
    }
}

/// A program that runs: its parent, and a line that it has said.
struct Started {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    line: String,
}

/// Starts a script and waits for its first line.
fn start(mut command: Command) -> Started {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("fd 1"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    Started { child, out, line }
}

impl Started {
    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).expect("it lives");
    }

    /// The rest of its output, and how it ended.
    fn finish(mut self) -> (String, Option<i32>, Option<i32>) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("text");
        let status = self.child.wait().expect("it ends");
        (rest, status.code(), status.signal())
    }
}

/// The ways in which a parent stays, or does not.
const WAYS: [&[&str]; 6] = [&["-r"], &["-rf"], &["-rp"], &["-rpf"], &["-rp", "--mount-proc"], &["-r", "--kill-child"]];

#[test]
fn signals_reach_the_program_and_its_status_comes_back() {
    if !may_be_root(None) {
        return;
    }
    let passed = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "WINCH", "CONT", "TSTP"];
    for way in WAYS {
        for name in passed {
            let signal: Signal = format!("SIG{name}").parse().expect("a signal");
            let text = format!("trap 'echo caught; exit 7' {name}; echo ready; while :; do sleep 0.01; done");
            let started = start(script("chimera", way, &text));
            assert_eq!(started.line, "ready\n", "{way:?}");
            started.signal(signal);
            assert_eq!(started.finish(), ("caught\n".into(), Some(7), None), "{way:?} {name}");
        }
    }
}

#[test]
fn a_killed_program_kills_chimera_by_the_same_signal() {
    if !may_be_root(None) {
        return;
    }
    for way in WAYS {
        for signal in [Signal::SIGKILL, Signal::SIGTERM, Signal::SIGABRT] {
            // Process 1 cannot kill itself, see pid_namespaces(7).
            let is_process_1 = way.contains(&"-rpf");
            let run = run(script("chimera", way, &format!("kill -{} $$", signal as i32))).nothing_left();
            let expected = if is_process_1 { (Some(0), None) } else { (None, Some(signal as i32)) };
            assert_eq!((run.status, run.signal), expected, "{way:?} {signal}: {run:#?}");
        }
    }
}

/// Shown next to what unshare does: that one blocks the signal and waits.
#[test]
fn unshare_keeps_the_signal_for_itself() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let text = "trap 'exit 7' TERM; echo ready; sleep 1000 & wait";
    let mut started = start(script("unshare", &["-rpf", "--kill-child"], text));
    started.signal(Signal::SIGTERM);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let is_alive = started.child.try_wait().expect("a child").is_none();
    if !is_alive {
        return eprintln!("SKIP: this unshare(1) passes signals on");
    }
    started.signal(Signal::SIGKILL);
    let _ = started.finish();
}

/// The program becomes one that waits for nobody, and another counts the zombies after an orphan has ended.
const ORPHAN: &str = "(sleep 0.2 &); (sleep 0.5; cat /proc/[0-9]*/stat | grep -c ') Z ') & exec sleep 0.8";

#[test]
fn process_1_reaps_orphans() {
    if !may_be_root(None) {
        return;
    }
    let ours = run(script("chimera", &["-rp", "--mount-proc"], ORPHAN)).nothing_left();
    assert_eq!(ours.out, "0\n", "{ours:#?}");
    if has("unshare") {
        let theirs = run(script("unshare", &["-rpf", "--mount-proc"], ORPHAN));
        assert_eq!(theirs.out, "1\n", "{theirs:#?}");
    }
}

#[test]
fn a_process_that_forks_twice_is_nobodys_zombie() {
    if !may_be_root(None) {
        return;
    }
    let text = "(setsid sh -c 'sleep 0.05; echo done' &) ; sleep 0.3; ls -d /proc/[0-9]* | wc -l";
    let run = run(script("chimera", &["-rp", "--mount-proc"], text)).nothing_left();
    // Process 1, the shell, ls and wc; the shell may become one of them.
    assert!(run.out == "done\n4\n" || run.out == "done\n3\n", "{run:#?}");
}

#[test]
fn with_kill_child_nothing_outlives_chimera() {
    if !may_be_root(None) {
        return;
    }
    for way in [&["-rp", "--kill-child"] as &[&str], &["-rpf", "--kill-child"], &["-r", "--kill-child=TERM"]] {
        let sleeps = if way.contains(&"--kill-child=TERM") {
            "echo ready; exec sleep 1000"
        } else {
            "sleep 1000 & echo ready; sleep 1000"
        };
        let started = start(script("chimera", way, sleeps));
        let group = started.child.id();
        started.signal(Signal::SIGKILL);
        assert_eq!(started.finish().2, Some(9), "{way:?}");
        let limit = Instant::now() + DEADLINE;
        // Who has ended and is nobody's child any more is process 1's to reap.
        while common::in_group(group).iter().any(|stat| !stat.contains(") Z ")) {
            assert!(Instant::now() < limit, "{way:?}: {:?}", common::in_group(group));
            std::thread::yield_now();
        }
    }
}

#[test]
fn without_a_parent_the_program_keeps_the_pid() {
    if !may_be_root(None) {
        return;
    }
    for options in [&["-r"] as &[&str], &["-rmuinC"], &["-c"], &[]] {
        let child = script("chimera", options, "echo $$").stdout(Stdio::piped()).spawn().expect("it starts");
        let pid = child.id();
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{pid}\n"), "{options:?}");
    }
}

#[test]
fn few_system_calls_and_one_clone() {
    if !has("strace") || !may_be_root(None) {
        return;
    }
    let trace = |options: &[&str]| {
        let to = elf().with_file_name("run-trace");
        let words = [
            &["-f", "-o", to.to_str().expect("UTF-8"), elf().to_str().expect("UTF-8"), "run"],
            options,
            &["/bin/true"],
        ];
        assert_eq!(run(command("strace", &words.concat())).status, Some(0));
        std::fs::read_to_string(to).expect("a trace")
    };
    // Between the execve(2) of chimera and that of the program.
    let calls = trace(&["-r"]).lines().position(|line| line.contains("execve(\"/bin/true\"")).expect("the program") - 1;
    assert!(calls <= 16, "{calls} system calls");
    let all = trace(&["-rmuinpCf"]);
    let makes: Vec<&str> = all.lines().filter(|line| line.contains("clone") || line.contains("unshare")).collect();
    assert!(makes.iter().any(|line| line.contains("CLONE_VM|CLONE_VFORK|CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET|SIGCHLD")), "{makes:#?}");
    assert!(makes.iter().filter(|line| !line.contains("resumed")).count() == 1, "{makes:#?}");
}

#[test]
fn what_cannot_be_executed_is_told() {
    for way in [&[] as &[&str], &["-f"]] {
        for (program, status, errno) in [
            ("/nonexistent", 127, "ENOENT (No such file or directory)"),
            ("no-such-program", 127, "ENOENT (No such file or directory)"),
            ("/etc/passwd", 126, "EACCES (Permission denied)"),
        ] {
            let mut command = chimera(&[&["run"], way, &[program]].concat());
            command.env("PATH", "/usr/bin:/bin"); // a folder that may not be entered says EACCES
            let run = run(command).nothing_left();
            assert_eq!((run.status, run.err), (Some(status), format!("chimera: execve {program}: {errno}\n")));
        }
    }
}

#[test]
fn without_a_program_it_is_the_shell() {
    for (shell, out) in [("/bin/echo", "\n"), ("", "sh\n")] {
        let mut command = chimera(&["run"]);
        command.env("SHELL", shell).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("fd 0"), b"echo sh\n").ok();
        assert_eq!(String::from_utf8_lossy(&child.wait_with_output().expect("an end").stdout), out);
    }
}

#[test]
fn nonsense_is_refused() {
    for words in [
        &["run", "--map-user=nobody-of-that-name"] as &[&str],
        &["run", "--map-users=1:2"],
        &["run", "--map-users=1:2:0"],
        &["run", "--setgroups=perhaps"],
        &["run", "--propagation=up"],
        &["run", "--kill-child=NOSUCH"],
        &["run", "--boottime=soon"],
        &["run", "-rX", "true"],
        &["run", "--fork=yes"],
        &["run", "-S"],
        &["run", "-r", "--setgroups=allow"],
    ] {
        let run = run(chimera(words)).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{words:?}");
        assert!(run.err.starts_with("chimera: usage: -") && run.err.ends_with("? see chimera --help\n"), "{run:#?}");
    }
}

/// What is inherited is there again for the program, in each way of starting it.
#[test]
fn signals_are_set_up_as_they_were_inherited() {
    let lines = |run: Run| {
        let kept = run.out.lines().filter(|line| line.starts_with("SigBlk") || line.starts_with("SigIgn"));
        kept.map(str::to_owned).collect::<Vec<_>>()
    };
    let place = |command| {
        before::exec(command, || {
            let mut set = nix::sys::signal::SigSet::empty();
            set.add(Signal::SIGUSR2);
            nix::sys::signal::sigprocmask(nix::sys::signal::SigmaskHow::SIG_SETMASK, Some(&set), None)?;
            // SAFETY: SIG_IGN runs no code.
            unsafe { nix::sys::signal::signal(Signal::SIGPIPE, nix::sys::signal::SigHandler::SigIgn) }.map(drop)
        })
    };
    let plain = lines(run(place(command("/bin/grep", &["Sig", "/proc/self/status"]))));
    for way in [&[] as &[&str], &["-f"]] {
        let words = [&["run"], way, &["grep", "Sig", "/proc/self/status"]].concat();
        assert_eq!(lines(run(place(chimera(&words)))), plain, "{way:?}");
    }
}

/// A real init is process 1 with `--fork`: it starts what its table says, reaps, and ends the namespace.
#[test]
fn busybox_is_process_1() {
    if !has("busybox") || !may_be_root(None) {
        return;
    }
    let root = elf().with_file_name("root");
    for folder in ["bin", "etc", "proc", "dev"] {
        std::fs::create_dir_all(root.join(folder)).expect("a folder");
    }
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| std::path::Path::new(path).exists());
    install(std::path::Path::new(busybox.expect("busybox")), &root.join("bin/busybox"), "755");
    let _ = std::os::unix::fs::symlink("busybox", root.join("bin/sh")); // it may be there from the other profile
    let table = "::sysinit:/bin/busybox sh -c 'echo process 1 is $PPID'\n\
                 ::wait:/bin/busybox sh -c '(/bin/busybox sleep 0 &); /bin/busybox sleep 0.2; \
                 /bin/busybox cat /proc/[0-9]*/stat | /bin/busybox grep -c \") Z \"'\n\
                 ::once:/bin/busybox poweroff -f\n";
    std::fs::write(root.join("etc/inittab"), table).expect("a table");
    let root = root.to_str().expect("UTF-8");
    let mut command = chimera(&["run", "-rpf", "--mount-proc", "-R", root, "/bin/busybox", "init"]);
    command.stderr(Stdio::null());
    let run = deadline::run(command).expect("it ends").nothing_left();
    let lines: Vec<&str> = run.out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert!(lines.contains(&"process 1 is 1") && lines.contains(&"0"), "{run:#?}");
    // reboot(2) in a PID namespace: process 1 dies of SIGINT, and so does chimera.
    assert_eq!((run.status, run.signal), (None, Some(2)), "{run:#?}");
}

/// What unshare(1) of this version has not.
#[test]
fn own_options() {
    if !may_be_root(None) {
        return;
    }
    for (words, text, out) in [
        (&["--no-new-privs"] as &[&str], "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n"),
        (&["-r", "--hostname", "chimera-test"], "hostname", "chimera-test\n"),
        (&["-r", "--init"], "echo $$", "2\n"),
        (&["-rf", "--init"], "echo $$ $PPID", "2 1\n"),
        (&["-r", "-p", "--mount-proc"], "cat /proc/1/comm", "chimera\n"),
        (&["-rT", "--monotonic", "-1"], "head -1 /proc/self/timens_offsets | tr -s ' '", "monotonic -1 0\n"),
        (&["-rp", "--boottime=7"], "tail -1 /proc/self/timens_offsets | tr -s ' '", "boottime 7 0\n"),
    ] {
        let run = run(script("chimera", words, text));
        assert_eq!(run.clean(0).out, out, "{words:?}");
    }
    let before = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    assert_ne!(before, "chimera-test\n");
}
