//! `chimera run` beside unshare(1): each option, each signal, each end, each refusal.
//!
//! Where both programs have an option, both are run and must show the same; docs/run.md is the table
//! that this makes (UPDATE_DOCS=1 writes it). Where they differ, what chimera does is held against what is promised.

use super::binfmt;
use crate::common::inherited;
use crate::common::running::Running;
use crate::common::skip::{has, skip, skip_part};
use crate::common::who::{Who, everybody, may_be_root, run_as};
use crate::common::{
    Run, USERS, before, chimera, command, deadline, elf, folder, in_group, install, is_root, run, script_of_the_shell,
    until_gone,
};
use nix::libc;
use nix::sys::resource::Resource;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fmt::Write as _;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex};

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
    ("`--map-users` with commas", &["--map-users=10,0,5", "--map-groups=20,0,6"], None, IDS, true),
    ("`--map-users` and `-r`", &["-r", "--map-users=0:10:5"], Some(&["-r", "--map-users=10,0,5"]), "cat /proc/self/uid_map", true),
    ("`--map-users` and `-c`", &["-c", "--map-users=0:0:5"], Some(&["-c", "--map-users=0,0,5"]), "cat /proc/self/uid_map", true),
    ("`--map-auto`", &["--map-auto"], None, "cat /proc/self/uid_map /proc/self/gid_map", true),
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

/// The same for options that unshare(1) got later, and since which release of util-linux 2 it has them. An older one is
/// not asked.
#[rustfmt::skip]
const NEWER: &[(u32, Row)] = &[
    (40, ("`--mount-binfmt`", &["-rpf", "--mount-binfmt"], None, "ls /proc/sys/fs/binfmt_misc", false)),
    (40, ("`--mount-binfmt=DIR`", &["-r", "--mount-binfmt=/mnt"], None, "ls /mnt; ls -d /proc/self", false)),
    (40, ("`--load-interp`", &["-rpf", "--load-interp=:zz:E::zz::/bin/cat:"], None, "cat /proc/sys/fs/binfmt_misc/zz", false)),
    (40, ("`-l`, with a place", &["-r", "--mount-binfmt=/mnt", "-l", ":zz:M::ZZZ::/bin/cat:"], None, "cat /mnt/zz", false)),
    (40, ("`--map-users=all`", &["--map-users=all", "--map-groups=all"], None, IDS, true)),
    (40, ("`--map-users=all` and `-r`", &["-r", "--map-users=all"], None, "cat /proc/self/uid_map", true)),
    (41, ("`--map-users=subids`", &["--map-users=subids", "--map-groups=subids"], None, IDS, true)),
    (41, ("`--map-subids`", &["--map-subids"], None, IDS, true)),
    (42, ("`--owner`", &["--owner", "1000:7", "--map-users=0:1000:1", "--map-groups=0:7:1"], None, IDS, true)),
    (42, ("`--owner` and `-r`", &["-r", "--owner=1000:7"], None, "id -u; cat /proc/self/uid_map /proc/self/gid_map", true)),
    (42, ("`--forward-signals`", &["--forward-signals"], None, "trap 'echo caught; exit 7' TERM; while :; do kill -TERM $PPID; sleep 0.01; done", false)),
    (43, ("`--clear-env`", &["--clear-env"], None, "echo ${ONE-none} ${TWO-none}", false)),
    (43, ("`--whitelist-env`", &["--whitelist-env=TWO,THREE"], None, "echo ${ONE-none} ${TWO-none} ${THREE-none}", false)),
];

/// What differs: the row, since which release unshare(1) has the options, what chimera shows, and why.
type Difference = (Row, u32, &'static str, &'static str);

/// Time for a signal that is passed on, and then a word of the program that got none.
const ELSE_LIVES: &str = "for try in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done; echo lives";

#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    (("where it stays while it waits", &["-f"], None, "readlink /proc/$PPID/cwd", false), 0, "/", "the program may want to unmount or remove the caller's directory, here /usr"),
    (("SIGTERM to it", &["-f"], None, "trap 'echo caught; exit 7' TERM; kill -TERM $PPID; ELSE", false), 0, "caught (status 7)", "a signal for chimera is meant for the program; unshare blocks SIGTERM and SIGINT"),
    (("SIGUSR1 to it", &["-f"], None, "trap 'echo caught; exit 7' USR1; kill -USR1 $PPID; ELSE", false), 0, "caught (status 7)", "as above, and so with every signal but SIGCHLD, SIGKILL and SIGSTOP; unshare leaves the program alone"),
    (("`-p` alone", &["-rp"], None, "test $$ = 2 && echo inside; /bin/true; /bin/true; echo all", false), 0, "inside; all", "process 1 is chimera; unshare's is the program's first child, after whose end no other can be made"),
    (("`-p`: the memory of process 1", &["-rp", "--mount-proc"], Some(&["-rpf", "--mount-proc"]), "head -c 1 /proc/1/maps >/dev/null 2>&1 && echo open || echo closed", false), 0, "closed", "chimera outside shares no memory with root inside; with unshare process 1 is the program itself"),
    (("`--propagation` without `-m`", &["--propagation=slave"], None, "echo ran", false), 0, "(status 125)", "the mounts would be those of the caller; unshare ignores it"),
    (("a failure of its own", &["-r", "--setgroups=allow"], None, "echo ran", false), 0, "(status 125)", "a status that few programs have"),
    (("`-S`, `-G` by name", &["-S", "daemon", "-G", "daemon"], None, "id -u; id -g", true), 0, "1; 1", "as with `--map-user`"),
    (("`--map-users` up to the caller's own id", &["--map-user=5", "--map-users=0:10:5"], None, "cat /proc/self/uid_map", true), 42, "5 0 1; 0 10 5", "unshare loses the last id"),
    (("`-l` before `--mount-binfmt=DIR`", &["-r", "-l", ":zz:E::zz::/bin/cat:", "--mount-binfmt=/mnt"], None, "ls /mnt", false), 40, "register; status; zz", "the order does not matter; unshare mounts a /proc too, which needs `-p`"),
    (("`--owner`, and a file of /proc is to be written", &["--owner", "1000:7", "--setgroups=deny"], None, "cat /proc/self/setgroups", true), 42, "deny", "the helper outside writes it; for the owner the file is root's"),
];

/// The unshare(1) that is asked: another than the installed one, if UNSHARE names it.
fn unshare() -> String {
    std::env::var("UNSHARE").unwrap_or_else(|_| "unshare".into())
}

/// Its release of util-linux: `2.38.1`, and the number after the first dot.
fn release() -> (String, u32) {
    let told = run(command(unshare(), &["--version"])).clean(0).out;
    let release = told.split_whitespace().last().expect("a release").to_owned();
    let minor = release.split('.').nth(1).and_then(|number| number.parse().ok());
    (release, minor.expect("a number"))
}

/// What a run shows: its output, and how it ended.
fn shown(run: &Run) -> String {
    let out = run.out.trim_end().replace('\n', "; ").split_whitespace().collect::<Vec<_>>().join(" ");
    match (run.status, run.signal) {
        (Some(0), _) if out.is_empty() => "(nothing)".into(),
        (Some(0), _) => out,
        (Some(status), _) => format!("{out} (status {status})").trim_start().into(),
        (_, signal) => format!("{out} (signal {})", signal.unwrap_or_default()).trim_start().into(),
    }
}

/// Ranges that may be mapped, as subuid(5) and subgid(5) have them.
const BLOCKS: &str = "root:0:1000\n0:100000:65536\nnobody:200000:1000\n1000:300000:1000\n";

/// The same command where those are /etc/subuid and /etc/subgid.
fn with_blocks(command: &Command) -> Command {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        let file = folder().join("blocks");
        std::fs::write(&file, BLOCKS).expect("a file");
        file
    });
    let text = "mount --bind \"$0\" /etc/subuid && mount --bind \"$0\" /etc/subgid && exec \"$@\"";
    let mut words = vec!["-m", "sh", "-c", text, FILE.to_str().expect("UTF-8")];
    words.push(command.get_program().to_str().expect("UTF-8"));
    words.extend(command.get_args().map(|word| word.to_str().expect("UTF-8")));
    crate::common::command("unshare", &words)
}

/// A script under one of the two programs.
fn script(program: &str, options: &[&str], script: &str) -> Command {
    let words = [options, &["--", "sh", "-c", script]].concat();
    match program {
        "chimera" => chimera(&[&["run"], words.as_slice()].concat()),
        "unshare" => command(unshare(), &words),
        program => command(program, &words),
    }
}

/// Runs a row's script under one of the two programs as somebody.
fn asked(program: &str, (_, options, others, text, needs_root): &Row, who: Who) -> Run {
    let options = if program == "unshare" { others.unwrap_or(options) } else { options };
    let mut command = script(program, options, &text.replace("ELSE", ELSE_LIVES));
    command.env("ONE", "1").env("TWO", "2").env_remove("THREE").current_dir("/usr");
    let maps = *needs_root && options.concat().contains("--map");
    run(if maps { with_blocks(&command) } else { run_as(command, who) })
}

/// Whether unshare(1) and newuidmap(1) are there, and a user namespace is possible.
fn can_compare() -> bool {
    let can_compare = has("unshare") && has("newuidmap") && may_be_root(None);
    if can_compare && !is_root() {
        skip_part("options that only root may use, and docs/run.md: the tests do not run as root");
    }
    can_compare
}

/// Whether a row is of options that need what this kernel lacks.
fn is_missing((_, options, ..): &Row, has_binfmt: bool) -> bool {
    !has_binfmt
        && options.iter().any(|option| option.contains("-binfmt") || option.contains("-interp") || *option == "-l")
}

/// Who is asked about a row.
fn askers((.., needs_root): &Row) -> impl Iterator<Item = Who> {
    let needs_root = *needs_root;
    everybody().into_iter().filter(move |who| !needs_root || is_root() && who.is_none())
}

#[test]
fn each_option_does_what_unshare_does() {
    if !can_compare() {
        return;
    }
    let (release, minor) = release();
    let has_binfmt = binfmt::is_possible();
    let mut table =
        format!("| what | chimera run | unshare {release} | `sh -c` | both show, as root |\n|---|---|---|---|---|\n");
    let mut differ = Vec::new();
    let rows = ROWS.iter().map(|row| (0, row)).chain(NEWER.iter().map(|(since, row)| (*since, row)));
    for (since, row) in rows.filter(|(_, row)| !is_missing(row, has_binfmt)) {
        let (about, options, others, text, _) = row;
        let is_there = minor >= since;
        for who in askers(row) {
            let ours = asked("chimera", row, who).nothing_left();
            let theirs = is_there.then(|| asked("unshare", row, who));
            let is_same =
                |theirs: &Run| (ours.status, ours.signal, &ours.out) == (theirs.status, theirs.signal, &theirs.out);
            if !theirs.as_ref().is_none_or(is_same) {
                differ.push(format!("{about} as {who:?}: {ours:#?} {theirs:#?}"));
            }
            if who.is_none() {
                let other = match others {
                    _ if !is_there => format!("since 2.{since}: by its source"),
                    None => "the same".into(),
                    Some(words) => format!("`{}`", words.join(" ")),
                };
                let [text, shown] = [text.replace('|', "\\|"), shown(&ours)];
                let _ = writeln!(table, "| {about} | `{}` | {other} | `{text}` | `{shown}` |", options.join(" "));
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    if is_root() && has_binfmt {
        common_docs("table", &table);
    }
}

#[test]
fn what_differs_from_unshare_differs() {
    if !can_compare() {
        return;
    }
    let (release, minor) = release();
    let has_binfmt = binfmt::is_possible();
    let mut table =
        format!("| what | options | `sh -c` | chimera run | unshare {release} | why |\n|---|---|---|---|---|---|\n");
    for (row, since, expected, why) in DIFFERENCES.iter().filter(|(row, ..)| !is_missing(row, has_binfmt)) {
        let (about, options, others, text, _) = row;
        for who in askers(row) {
            let ours = shown(&asked("chimera", row, who).nothing_left());
            assert_eq!(ours, *expected, "{about} as {who:?}");
            let is_there = minor >= *since;
            let theirs = if is_there { shown(&asked("unshare", row, who)) } else { format!("since 2.{since}") };
            assert_ne!(ours, theirs, "{about} as {who:?}");
            if who.is_none() {
                let options = match others {
                    Some(others) => format!("`{}`, unshare `{}`", options.join(" "), others.join(" ")),
                    None => format!("`{}`", options.join(" ")),
                };
                let text = text.replace("ELSE", ELSE_LIVES).replace('|', "\\|");
                let _ = writeln!(table, "| {about} | {options} | `{text}` | `{ours}` | `{theirs}` | {why} |");
            }
        }
    }
    if is_root() && has_binfmt {
        common_docs("differences", &table);
    }
}

/// Every option that unshare(1) tells of is asked of both, or is another affair.
#[test]
fn each_option_of_unshare_has_a_row() {
    if !has("unshare") {
        return;
    }
    let rows = ROWS.iter().chain(NEWER.iter().map(|(_, row)| row));
    let asked: Vec<&str> = rows.flat_map(|(_, options, ..)| *options).copied().collect();
    let is_asked = |option: &str| match option.strip_prefix("--") {
        Some(_) => asked.iter().any(|word| word.split('=').next() == Some(option)),
        None => {
            asked.iter().any(|word| !word.starts_with("--") && word.starts_with('-') && word.contains(&option[1..]))
        }
    };
    let told = run(command(unshare(), &["--help"])).clean(0).out;
    let lines = told.lines().filter_map(|line| line.strip_prefix(' ').filter(|line| line.trim().starts_with('-')));
    let mut count = 0;
    for line in lines {
        let names = line.split(|end: char| end.is_whitespace() || "[,=<".contains(end));
        let names: Vec<&str> = names.filter(|name| name.starts_with('-')).collect();
        let is_elsewhere = ["--help", "--version"].iter().any(|name| names.contains(name));
        assert!(is_elsewhere || names.iter().any(|name| is_asked(name)), "{line}");
        count += 1;
    }
    assert!(count > 20, "{told}");
}

/// Who may not write ranges has newuidmap(1) and newgidmap(1) do it.
#[test]
fn ordinary_users_map_their_blocks() {
    if !is_root() {
        return skip("only root can give blocks to others");
    }
    if !has("unshare") || !has("newuidmap") || !may_be_root(Some(USERS[0])) {
        return;
    }
    let map = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for (user, start) in [(65534, "200000"), (1000, "300000")] {
        let own = user.to_string();
        for (options, expected) in [
            (&["-r", "--map-auto"] as &[&str], format!("0 {own} 1 1 {start} 1000")),
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

/// Holds docs/run.md against one of its tables, or writes that.
fn common_docs(name: &str, table: &str) {
    // Both tests write the same file.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/run.md");
    let text = std::fs::read_to_string(path).expect("docs/run.md");
    let (head, rest) = text.split_once(&format!("<!-- {name} -->\n")).expect("where the table begins");
    let (old, foot) = rest.split_once("<!-- end -->").expect("where the table ends");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let new = format!("{head}<!-- {name} -->\n{table}<!-- end -->{foot}");
        std::fs::write(path, new).expect("docs/run.md is written");
    } else {
        // What a machine has (its caps, its clock, its ids) may differ, and so may unshare(1); the rows may not.
        let rows =
            |table: &str| table.lines().map(|line| line.split('|').nth(1).map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(rows(old), rows(table), "docs/run.md: UPDATE_DOCS=1 cargo test --test suite run::");
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
            let mut running = Running::start(script("chimera", way, &text));
            assert_eq!(running.line(), "ready\n", "{way:?}");
            running.signal(signal);
            let run = running.finish();
            assert_eq!((run.out.as_str(), run.status), ("caught\n", Some(7)), "{way:?} {name}: {run:#?}");
        }
    }
}

/// Every signal that can be caught and is not of the parent's own business, those for real time too: containers are stopped
/// by SIGRTMIN+3 and by SIGPWR.
#[test]
fn every_signal_reaches_the_program() {
    if !may_be_root(None) {
        return;
    }
    // The C library keeps 32 and 33 for its threads: no program can catch them, and these tests may have them blocked.
    let none = [libc::SIGKILL, libc::SIGSTOP, libc::SIGCHLD, 32, 33];
    // What does not end a program by default is tried with a program that catches it.
    let harmless = [libc::SIGURG, libc::SIGCONT, libc::SIGWINCH, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
    for way in &WAYS {
        let is_process_1 = way.contains(&"-rpf");
        // The two ways with a parent that stays, and of the others a few.
        let is_whole = way == &["-rf"] || way == &["-rp"];
        let few = [libc::SIGUSR1, libc::SIGPWR, 37, 64];
        for signal in (1..=64).filter(|signal| !none.contains(signal) && (is_whole || few.contains(signal))) {
            let is_caught = is_process_1 || harmless.contains(&signal);
            let catches = format!("trap 'exit 7' {signal}; echo ready; while :; do sleep 0.01; done");
            let program = if is_caught { vec!["--", "sh", "-c", &catches] } else { vec!["--", "sleep", "1000"] };
            let command = chimera(&[&["run"], *way, &program].concat());
            let mut running = Running::start(before::limited(command, Resource::RLIMIT_CORE, 0));
            if is_caught {
                assert_eq!(running.line(), "ready\n", "{way:?}");
            } else {
                program_at(running.id(), "sleep");
            }
            // SAFETY: a signal to a child that is not reaped yet; this type has no signals for real time.
            assert_eq!(unsafe { libc::kill(running.id() as i32, signal) }, 0, "{way:?} {signal}");
            let run = running.finish_within(deadline::DEADLINE);
            let run = run.unwrap_or_else(|| panic!("{way:?}: lives in spite of {signal}"));
            let expected = if is_caught { (Some(7), None) } else { (None, Some(signal)) };
            assert_eq!((run.status, run.signal), expected, "{way:?} {signal}: {run:#?}");
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

/// The ids of a process's children.
fn children(parent: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    let stats = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let is_child = |stat: &String| {
        let (_, rest) = stat.rsplit_once(") ").expect("proc_pid_stat(5)");
        rest.split(' ').nth(1) == Some(&parent.to_string())
    };
    stats.filter(is_child).filter_map(|stat| stat.split(' ').next()?.parse().ok()).collect()
}

/// The program, as soon as it is one of this name: what chimera has become, its child, or that of its process 1.
fn program_at(chimera: u32, name: &str) -> u32 {
    let has_name = |process: &u32| {
        std::fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|comm| comm.trim_end() == name)
    };
    let below = || children(chimera).into_iter().flat_map(|child| [vec![child], children(child)].concat());
    deadline::until("the program is executed", || std::iter::once(chimera).chain(below()).find(has_name))
}

/// Whether a signal waits at a process that blocks it, proc_pid_status(5).
fn is_pending(process: u32, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("ShdPnd:")).map_or("0", str::trim);
    u64::from_str_radix(set, 16).expect("a set") >> (signal as i32 - 1) & 1 != 0
}

/// Shown next to what unshare does: that one blocks the signal and waits.
#[test]
fn unshare_keeps_the_signal_for_itself() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let text = "trap 'exit 7' TERM; echo ready; sleep 1000 & wait";
    let mut running = Running::start(script("unshare", &["-rpf", "--kill-child"], text));
    assert_eq!(running.line(), "ready\n");
    running.signal(Signal::SIGTERM);
    let process = running.id();
    let is_kept = deadline::until("the signal is kept or passed on", || match running.has_ended() {
        true => Some(false),
        false => is_pending(process, Signal::SIGTERM).then_some(true),
    });
    if !is_kept {
        return skip("this unshare(1) passes signals on");
    }
    running.signal(Signal::SIGKILL);
    running.finish();
}

/// The program becomes one that waits for nobody, until its input ends; meanwhile another looks how an orphan fares that has
/// ended, `until` this is so, and then counts the zombies.
fn orphan(until: &str) -> String {
    let count = "cat /proc/[0-9]*/stat | grep -c ') Z '";
    // A shell would reap it: so it ends when the script has become the other program.
    let waits = "until grep -q ^cat /proc/$1/comm; do sleep 0.01; done";
    let parent = format!("sh -c '({waits}) >/dev/null & echo $!' sh $$");
    format!("orphan=$({parent}); (until {until}; do sleep 0.01; done; {count}) & exec cat")
}

/// Starts such a script, takes the number in, and lets it end.
fn zombies(mut command: Command) -> Run {
    let mut running = Running::from({
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it starts")
    });
    let input = running.input();
    let line = running.line();
    drop(input);
    let mut run = running.finish();
    run.out.insert_str(0, &line);
    run
}

#[test]
fn process_1_reaps_orphans() {
    if !may_be_root(None) {
        return;
    }
    let is_gone = orphan("[ ! -e /proc/$orphan ]");
    let ours = zombies(script("chimera", &["-rp", "--mount-proc"], &is_gone)).nothing_left();
    assert_eq!(ours.out, "0\n", "{ours:#?}");
    if !has("unshare") {
        return skip_part("what unshare(1) does: it is not installed");
    }
    let is_zombie = orphan("grep -q ') Z ' /proc/$orphan/stat");
    let theirs = zombies(script("unshare", &["-rpf", "--mount-proc"], &is_zombie));
    assert_eq!(theirs.out, "1\n", "{theirs:#?}");
}

#[test]
fn a_process_that_forks_twice_is_nobodys_zombie() {
    if !may_be_root(None) {
        return;
    }
    let text = "daemon=$(setsid sh -c 'sleep 0 >/dev/null & echo $!'); \
                until [ ! -e /proc/$daemon ]; do sleep 0.01; done; echo done; ls -d /proc/[0-9]* | wc -l";
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
        let mut running = Running::start(script("chimera", way, sleeps));
        assert_eq!(running.line(), "ready\n", "{way:?}");
        running.signal(Signal::SIGKILL);
        assert_eq!(running.wait().signal(), Some(9), "{way:?}");
        until_gone(running.id(), |_| false);
    }
}

#[test]
fn without_a_parent_the_program_keeps_the_pid() {
    if !may_be_root(None) {
        return;
    }
    for options in [&["-r"] as &[&str], &["-rmuinC"], &["-c"], &[]] {
        let running = Running::start(script("chimera", options, "echo $$"));
        let pid = running.id();
        assert_eq!(running.finish().out, format!("{pid}\n"), "{options:?}");
    }
}

#[test]
fn few_system_calls_and_one_clone() {
    if !has("strace") || !may_be_root(None) {
        return;
    }
    let trace = |options: &[&str]| {
        let to = folder().join("run-trace");
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
    let is_call = |line: &&str| {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        ["clone(", "clone3(", "unshare("].iter().any(|name| call.starts_with(name))
    };
    let makes: Vec<&str> = all.lines().filter(is_call).collect();
    assert!(makes.iter().any(|line| line.contains("CLONE_VM|CLONE_VFORK|CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWUSER|CLONE_NEWPID|CLONE_NEWNET|SIGCHLD")), "{makes:#?}");
    assert_eq!(makes.len(), 1, "{makes:#?}");
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

/// A script that does not say by which program is one for the shell, as with execvp(3) and so with unshare(1).
#[test]
fn a_script_without_an_interpreter_is_the_shells() {
    let (folder, script) = script_of_the_shell("run-scripts");
    for way in [&[] as &[&str], &["-f"], &["-rp"]] {
        if !way.is_empty() && !may_be_root(None) {
            return;
        }
        for name in [script.as_str(), "a-script"] {
            let mut command = chimera(&[&["run"], way, &[name, "-r", "a b"]].concat());
            command.env("PATH", format!("{folder}:/usr/bin:/bin"));
            assert_eq!(run(command).clean(7).out, format!("{script}:2:-r:a b\n"), "{way:?}");
        }
    }
    // Where there is no shell the script's own refusal is told.
    if !is_root() {
        return skip_part("a place without /bin/sh: only root can make it");
    }
    let text = "mount --bind /dev/null /bin/sh && exec \"$0\" run \"$1\"";
    let run = run(command("unshare", &["-m", "sh", "-c", text, elf().to_str().expect("UTF-8"), &script]));
    let message = format!("chimera: execve {script}: ENOEXEC (Exec format error)\n");
    assert_eq!((run.status, run.out, run.err), (Some(126), String::new(), message));
}

/// An ELF for another machine is no script: the shell is not asked to read it as one.
#[test]
fn an_elf_for_another_machine_is_not_the_shells() {
    const MACHINE: usize = 18; // e_machine, elf(5)
    let (folder, _) = script_of_the_shell("run-elf");
    let other = format!("{folder}/other");
    let mut bytes = std::fs::read(elf()).expect("the ELF");
    bytes[MACHINE] = 183; // EM_AARCH64
    let text = Path::new(&folder).join("bytes");
    std::fs::write(&text, bytes).expect("a copy");
    install(&text, Path::new(&other), "755");
    for words in [&["run", &other] as &[&str], &["run", "-f", &other], &["clone", "fork", "--", &other]] {
        let run = run(chimera(words)).nothing_left();
        let message = format!("chimera: execve {other}: ENOEXEC (Exec format error)\n");
        assert_eq!((run.status, run.out, run.err), (Some(126), String::new(), message), "{words:?}");
    }
}

/// A path that no file can have is another refusal than a file that is not there.
#[test]
fn a_path_that_is_too_long_is_told() {
    let long = format!("/{}", "x".repeat(4095));
    for (words, step, status) in [
        (&[long.as_str()] as &[&str], "execve", 126),
        (&["-w", &long, "true"], "chdir", 125),
        (&["-R", &long, "true"], "chroot", 125),
    ] {
        let words = [&["run"], words].concat();
        let run = run(chimera(&words)).nothing_left();
        let message = format!("chimera: {step} {long}: ENAMETOOLONG (File name too long)\n");
        assert_eq!((run.status, run.err), (Some(status), message), "{step}");
    }
}

#[test]
fn without_a_program_it_is_the_shell() {
    for (shell, out) in [("/bin/echo", "\n"), ("", "sh\n")] {
        let mut command = chimera(&["run"]);
        command.env("SHELL", shell).stdin(Stdio::piped());
        let mut running = Running::start(command);
        std::io::Write::write_all(&mut running.input().expect("fd 0"), b"echo sh\n").ok();
        assert_eq!(running.finish().out, out);
    }
}

/// A shell that cannot be executed is named as any other program.
#[test]
fn a_shell_that_is_missing_is_named() {
    for words in [&["run"] as &[&str], &["run", "-f"]] {
        let mut command = chimera(words);
        command.env("SHELL", "/nonexistent");
        let run = run(command).nothing_left();
        let message = "chimera: execve /nonexistent: ENOENT (No such file or directory)\n";
        assert_eq!((run.status, run.err.as_str()), (Some(127), message), "{words:?}");
    }
}

/// Ignored, blocked, limited or named: the program gets all of it as if there were no chimera between.
#[test]
fn what_was_inherited_is_handed_on() {
    let plain = inherited::by(command(inherited::PROGRAM[0], &inherited::PROGRAM[1..]));
    for way in [&[] as &[&str], &["-f"], &["--kill-child"], &["-r"], &["-rf"], &["-rpm"], &["-rpf"]] {
        if way.iter().any(|options| options.starts_with("-r")) && !may_be_root(None) {
            return;
        }
        let ours = inherited::by(chimera(&[&["run"], way, &inherited::PROGRAM[..]].concat()));
        assert_eq!(ours, plain, "{way:?}");
    }
}

/// Has ranges of its ids mapped while the process inside is held on its way to the program; returns when it waits there.
fn held_before_its_maps(way: &[&str], text: &str) -> Running {
    // The process inside proves by setresuid(2) that its namespace is new, and then calls the helper.
    let late =
        ["-f", "-qq", "-o", "/dev/null", "-e", "trace=setresuid", "-e", "inject=setresuid:delay_enter=1000000:when=1"];
    let maps = ["--map-users=0:0:5", "--map-groups=0:0:5", "--", "sh", "-c", text];
    let words = [&late[..], &[elf().to_str().expect("UTF-8"), "run"], way, &maps].concat();
    let running = Running::start(command("strace", &words));
    // strace, chimera, its helper, and the process inside.
    deadline::until("the process inside is made", || (in_group(running.id()).len() == 4).then_some(()));
    running
}

/// A signal to the process group meets the helper too, and the maps are written all the same.
#[test]
fn a_signal_to_the_group_does_not_reach_the_helper() {
    if !is_root() {
        return skip("ranges of ids without newuidmap(1): only root can map them");
    }
    if !has("strace") || !may_be_root(None) {
        return;
    }
    for way in [&["-f"] as &[&str], &["-p"], &["-pf"]] {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
            // The program ends by the signal, which was pending; as process 1 it survives.
            let running = held_before_its_maps(way, "cat /proc/self/uid_map; exec sleep 1000");
            running.signal_group(signal);
            if way == ["-pf"] {
                let mut running = running;
                assert_eq!(running.line().split_whitespace().collect::<Vec<_>>(), ["0", "0", "5"], "{signal}");
                running.signal_group(Signal::SIGKILL);
                continue;
            }
            let run = running.finish().nothing_left();
            assert_eq!((run.signal, run.err.as_str()), (Some(signal as i32), ""), "{way:?} {signal}: {run:#?}");
        }
        // Stopped and continued, which process 1's parent sees meanwhile.
        let running = held_before_its_maps(way, "cat /proc/self/uid_map; exit 7");
        running.signal_group(Signal::SIGSTOP);
        running.signal_group(Signal::SIGCONT);
        let run = running.finish().clean(7);
        assert_eq!(run.out.split_whitespace().collect::<Vec<_>>(), ["0", "0", "5"], "{way:?}");
    }
}

/// A caller that ignores SIGCHLD reaps nobody, but what newuidmap(1) has done must be known.
#[test]
fn newuidmap_is_awaited_where_its_end_is_ignored() {
    if !is_root() {
        return skip("only root can give blocks to others");
    }
    if !has("newuidmap") || !may_be_root(Some(USERS[0])) {
        return;
    }
    for way in ["-r", "-rf", "-rp"] {
        let user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", elf().to_str().expect("UTF-8")];
        let program = ["run", way, "--map-auto", "grep", "-c", "", "/proc/self/uid_map"];
        let words = [&["--ignore-signal=CHLD"], &user[..], &program].concat();
        assert_eq!(run(with_blocks(&command("env", &words))).clean(0).out, "2\n", "{way}");
    }
}

/// The parent and process 1 do not stay where the program may want to unmount, and process 1 is no member of its group.
#[test]
fn whoever_waits_for_the_program_is_out_of_its_way() {
    if !may_be_root(None) {
        return;
    }
    let directory = folder().join("busy");
    std::fs::create_dir_all(&directory).expect("a folder");
    for way in [&["-f"] as &[&str], &["--kill-child"], &["-rp"], &["-rf", "--init"]] {
        let mut command = chimera(&[&["run"], way, &["--", "sleep", "1000"]].concat());
        command.current_dir(&directory);
        let mut running = Running::start(command);
        let program = program_at(running.id(), "sleep");
        let directory_of = |process: u32| std::fs::read_link(format!("/proc/{process}/cwd"));
        let child = children(running.id())[0];
        // The files of process 1 are root's, because it is not dumpable.
        let waiting = if child == program || !is_root() { vec![running.id()] } else { vec![running.id(), child] };
        deadline::until(&format!("{way:?}: they are out of the way"), || {
            waiting.iter().all(|process| directory_of(*process).is_ok_and(|path| path == Path::new("/"))).then_some(())
        });
        assert_eq!(directory_of(program).expect("a link"), directory, "{way:?}");
        let group = |process: u32| nix::unistd::getpgid(Some(Pid::from_raw(process as i32))).map(Pid::as_raw);
        assert_eq!(group(program), Ok(running.id() as i32), "{way:?}");
        if child != program {
            assert_eq!(group(child), Ok(child as i32), "{way:?}");
        }
        kill(Pid::from_raw(program as i32), Signal::SIGKILL).expect("the program lives");
        assert_eq!(running.wait().signal(), Some(libc::SIGKILL), "{way:?}");
    }
}

/// A real init is process 1 with `--fork`: it starts what its table says, reaps, and ends the namespace.
#[test]
fn busybox_is_process_1() {
    if !has("busybox") || !may_be_root(None) {
        return;
    }
    let root = folder().join("root");
    for folder in ["bin", "etc", "proc", "dev"] {
        std::fs::create_dir_all(root.join(folder)).expect("a folder");
    }
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| Path::new(path).exists());
    install(Path::new(busybox.expect("busybox")), &root.join("bin/busybox"), "755");
    std::os::unix::fs::symlink("busybox", root.join("bin/sh")).expect("a link");
    let table = "::sysinit:/bin/busybox sh -c 'echo process 1 is $PPID'\n\
                 ::wait:/bin/busybox sh -c 'orphan=$(/bin/busybox sh -c \"/bin/busybox sleep 0 >/dev/null & echo \\$!\"); \
                 while [ -e /proc/$orphan ]; do /bin/busybox usleep 10000; done; echo 0'\n\
                 ::once:/bin/busybox poweroff -f\n";
    std::fs::write(root.join("etc/inittab"), table).expect("a table");
    let root = root.to_str().expect("UTF-8");
    let mut command = chimera(&["run", "-rpf", "--mount-proc", "-R", root, "/bin/busybox", "init"]);
    command.stderr(Stdio::null());
    let run = run(command).nothing_left();
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
        (&["-r", "-S", "root"] as &[&str], "id -u", "0\n"),
        (&["--no-new-privs"], "grep NoNewPrivs /proc/self/status", "NoNewPrivs:\t1\n"),
        (&["-r", "--hostname", "chimera-test"], "hostname", "chimera-test\n"),
        (&["-r", "--init"], "echo $$", "2\n"),
        (&["-rf", "--init"], "echo $$ $PPID", "2 1\n"),
        (&["-r", "-p", "--mount-proc"], "cat /proc/1/comm", "chimera\n"),
        (&["-rT", "--monotonic", "-1"], "head -1 /proc/self/timens_offsets | tr -s ' '", "monotonic -1 0\n"),
        (&["-rpT", "--boottime=7"], "tail -1 /proc/self/timens_offsets | tr -s ' '", "boottime 7 0\n"),
    ] {
        let run = run(script("chimera", words, text));
        assert_eq!(run.clean(0).out, out, "{words:?}");
    }
    let before = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    assert_ne!(before, "chimera-test\n");
}
