//! `chimera clone FLAGS -- CMD`: the program runs in the new task, and its end is that of chimera.
//!
//! The same few programs are run in every kind of task, and each must end, be killed, fail to
//! start and get its words and its environment as if there were no chimera around it.

use crate::common::inherited;
use crate::common::running::Running;
use crate::common::skip::{has, skip, skip_part};
use crate::common::who::may_be_root;
use crate::common::{USERS, as_user, chimera, command, elf, is_root, run, script_of_the_shell, until_gone};
use nix::sys::signal::Signal;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;

/// Kinds of tasks that every user can make.
const KINDS: [&str; 14] = [
    "fork",
    "vfork",
    "chimera",
    "thread",
    "pthread",
    "PARENT",
    "VM|PARENT",
    "VM|SIGHAND",
    "FILES|FS",
    "0",
    "VM|KILL",
    "VM|SIGRT_2",
    "PTRACE|UNTRACED",
    "VM|VFORK|PIDFD|CHILD_SETTID|CHILD_CLEARTID",
];

/// Kinds with new namespaces, where these are allowed.
const NAMESPACES: [&str; 4] = ["user", "container", "NEWUSER|VM", "NEWUSER|NEWPID|PARENT"];

/// All kinds that can be made here.
fn kinds() -> impl Iterator<Item = &'static str> {
    let allowed = run(chimera(&["clone", "container", "--", "/bin/true"])).status == Some(0);
    if !allowed {
        skip_part("kinds with new namespaces: none can be made here");
    }
    KINDS.into_iter().chain(NAMESPACES.into_iter().filter(move |_| allowed))
}

/// The command line of a shell script in a task of this kind.
fn shell<'a>(kind: &'a str, script: &'a str) -> [&'a str; 6] {
    ["clone", kind, "--", "sh", "-c", script]
}

#[test]
fn the_status_is_that_of_the_program() {
    for kind in kinds() {
        for (script, status) in [("exit 0", 0), ("exit 7", 7), ("exit 255", 255)] {
            run(chimera(&shell(kind, script))).clean(status);
        }
    }
}

#[test]
fn a_signal_that_kills_the_program_kills_chimera() {
    for kind in kinds() {
        // Process 1 of a namespace cannot kill itself.
        if kind == "container" || kind.contains("NEWPID") {
            continue;
        }
        for name in [Signal::SIGTERM, Signal::SIGKILL, Signal::SIGUSR1] {
            let run = run(chimera(&shell(kind, &format!("kill -{} $$", name as i32)))).nothing_left();
            assert_eq!((run.status, run.signal), (None, Some(name as i32)), "{kind}: {run:#?}");
        }
    }
}

#[test]
fn what_cannot_be_executed_is_told() {
    for kind in kinds() {
        for (program, status, errno) in [
            ("/nonexistent", 127, "ENOENT (No such file or directory)"),
            ("no-such-program", 127, "ENOENT (No such file or directory)"),
            ("/etc/passwd", 126, "EACCES (Permission denied)"),
            ("/", 126, "EACCES (Permission denied)"),
        ] {
            let mut command = chimera(&["clone", kind, "--", program]);
            command.env("PATH", "/usr/bin:/bin"); // a folder that may not be entered says EACCES
            let run = run(command).nothing_left();
            assert_eq!((run.status, run.out.as_str()), (Some(status), ""), "{kind}: {run:#?}");
            assert_eq!(run.err.lines().next(), Some(format!("chimera: execve {program}: {errno}").as_str()), "{kind}");
        }
    }
}

/// A cgroup that cannot be opened is a failed step of our own, and not the kernel's answer to the call.
#[test]
fn a_missing_cgroup_is_told() {
    let long = format!("/{}", "x".repeat(4095));
    for (group, errno) in [
        ("/nonexistent", "ENOENT (No such file or directory)"),
        ("/etc/passwd/x", "ENOTDIR (Not a directory)"),
        (long.as_str(), "ENAMETOOLONG (File name too long)"),
    ] {
        for (program, status) in [(&[] as &[&str], 1), (&["--", "true"], 125)] {
            let words = [&["clone", "INTO_CGROUP", "--clone3", "--cgroup", group], program].concat();
            let run = run(chimera(&words)).nothing_left();
            let message = format!("chimera: open the cgroup {group}: {errno}\n");
            assert_eq!((run.status, run.out, run.err), (Some(status), String::new(), message), "{words:?}");
        }
    }
}

/// A script that does not say by which program is one for the shell, as with execvp(3).
#[test]
fn a_script_without_an_interpreter_is_the_shells() {
    let (folder, script) = script_of_the_shell("clone-scripts");
    for kind in kinds() {
        for name in [script.as_str(), "a-script"] {
            let mut command = chimera(&["clone", kind, "--", name, "--json", "a b"]);
            command.env("PATH", format!("{folder}:/usr/bin:/bin"));
            assert_eq!(run(command).clean(7).out, format!("{script}:2:--json:a b\n"), "{kind}");
        }
    }
}

#[test]
fn a_refused_call_is_our_own_failure() {
    let run = run(chimera(&["clone", "NEWNS|FS", "--", "/bin/true"])).nothing_left();
    assert_eq!(run.status, Some(125), "{run:#?}");
    assert!(
        run.err.starts_with("chimera: clone(child_stack=NULL, flags=CLONE_FS|CLONE_NEWNS|SIGCHLD): EINVAL"),
        "{run:#?}"
    );
}

#[test]
fn words_and_environment_arrive_as_they_are() {
    for kind in kinds() {
        let mut command =
            chimera(&["clone", kind, "--", "sh", "-c", "echo \"$VALUE:$#:$1:$2\"", "sh", "--json", "a b"]);
        command.env("VALUE", "kept");
        let run = run(command).clean(0);
        assert_eq!(run.out, "kept:2:--json:a b\n", "{kind}");
    }
}

/// Ignored, blocked, limited or named: the program gets all of it as if there were no chimera between.
#[test]
fn what_was_inherited_is_handed_on() {
    let plain = inherited::by(command(inherited::PROGRAM[0], &inherited::PROGRAM[1..]));
    // A task that shares its handlers with the parent that waits for it leaves SIGCHLD at its default: under SIG_IGN the
    // program's end would not wait for that parent.
    for kind in kinds().filter(|kind| *kind != "VM|SIGHAND") {
        let words = [&["clone", kind, "--"], &inherited::PROGRAM[..]].concat();
        assert_eq!(inherited::by(chimera(&words)), plain, "{kind}");
    }
}

#[test]
fn the_caller_becomes_root_in_a_new_user_namespace() {
    if run(chimera(&shell("user", "exit 0"))).status != Some(0) {
        return skip("no user namespaces here");
    }
    let users = USERS.into_iter().filter(|_| is_root()).map(Some);
    for user in users.chain([None]) {
        let command = chimera(&shell("user", "id -u; id -g"));
        let run = run(match user {
            Some(user) => as_user(command, user),
            None => command,
        });
        assert_eq!(run.clean(0).out, "0\n0\n");
    }
}

/// Whoever kills chimera ends its program too.
#[test]
fn nothing_outlives_chimera() {
    for kind in kinds() {
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            // Process 1 of a namespace gets no signal whose default is to end it.
            let is_safe = kind == "container" || kind.contains("NEWPID");
            if is_safe && signal == Signal::SIGTERM {
                continue;
            }
            let mut running = Running::start(chimera(&shell(kind, "echo started; sleep 1000")));
            assert_eq!(running.line(), "started\n", "{kind}");
            running.signal(signal);
            assert_eq!(running.wait().signal(), Some(signal as i32), "{kind}");
            // `sleep` is the shell's child and no concern of ours.
            until_gone(running.id(), |stat| stat.contains("(sleep)"));
        }
    }
}

/// A signal to chimera is for the program, which decides what it means.
#[test]
fn signals_are_passed_on() {
    for kind in kinds() {
        let script = "trap 'exit 9' USR1; trap '' INT; echo started; while :; do sleep 0.05; done";
        let mut running = Running::start(chimera(&shell(kind, script)));
        assert_eq!(running.line(), "started\n", "{kind}");
        running.signal(Signal::SIGINT);
        running.signal(Signal::SIGUSR1);
        assert_eq!(running.wait().code(), Some(9), "{kind}");
        until_gone(running.id(), |stat| stat.contains("(sleep)"));
    }
}

/// The end of the program is known even if whoever called chimera ignores the ends of children.
#[test]
fn the_status_is_known_under_an_ignored_sigchld() {
    for kind in kinds() {
        let script = "trap '' CHLD; exec \"$@\"";
        let own = [elf().to_str().expect("UTF-8")].into_iter().chain(shell(kind, "exit 7"));
        let words: Vec<&str> = ["-c", script, "sh"].into_iter().chain(own).collect();
        run(command("sh", &words)).clean(7);
    }
}

/// The directory that the program was started in can be unmounted: no process of chimera stays there, but one that shares
/// the directory with the program.
#[test]
fn only_the_program_stays_in_its_directory() {
    let script = "for try in $(seq 100); do
            examiner=$(cut -d ' ' -f 4 /proc/$PPID/stat)
            [ \"$(readlink /proc/$PPID/cwd /proc/$examiner/cwd | tr -d '\\n')\" = // ] && pwd && exit 0
            sleep 0.05
        done; exit 1";
    for kind in ["fork", "chimera", "FILES"] {
        let mut command = chimera(&shell(kind, script));
        command.current_dir("/usr");
        assert_eq!(run(command).clean(0).out, "/usr\n", "{kind}");
    }
}

/// A program that cannot become root is not started without being it.
#[test]
fn ids_that_cannot_be_mapped_are_told() {
    if !is_root() {
        return skip("only root can mount over /proc");
    }
    let script = "mount -t tmpfs none /proc && exec \"$0\" clone user -- id -u";
    let run = run(command("unshare", &["-m", "sh", "-c", script, elf().to_str().expect("UTF-8")]));
    assert_eq!((run.status, run.out.as_str()), (Some(125), ""), "{run:#?}");
    assert!(run.err.starts_with("chimera: write /proc/self/uid_map: ENOENT"), "{run:#?}");
}

/// Without CLONE_NEWUSER the namespace is the caller's own, whose maps are none of ours.
#[test]
fn the_callers_own_namespace_is_left_alone() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let script = "\"$0\" clone fork -- true; cat /proc/self/uid_map";
    let run = run(command("unshare", &["-U", "--keep-caps", "sh", "-c", script, elf().to_str().expect("UTF-8")]));
    assert_eq!(run.clean(0).out, "");
}

/// What would be cut off is not looked for, and an empty name is none.
#[test]
fn names_that_cannot_be() {
    let folder = format!("/bin{}", "/.".repeat(2043));
    let long = format!("{folder}/./true");
    // A path that no file can have is another refusal than a file that is not there.
    for (path, name, status) in [(folder.as_str(), "trueXYZ", 126), ("/bin", "", 127), ("/bin", long.as_str(), 126)] {
        let mut command = chimera(&["clone", "fork", "--", name]);
        command.env("PATH", path);
        assert_eq!(run(command).status, Some(status), "{name}");
    }
}

/// Whatever a word consists of, no message lets a control character or a byte that is not UTF-8 through.
#[test]
fn bytes_from_outside_do_not_reach_the_terminal() {
    let odd = b"/\xc2\x9b31m\x9b2J\x1b[2J\x7f\r\xff\xe2\x82X";
    let before: [&[&str]; 17] = [
        &[],
        &["fork"],
        &["run", "--"],
        &["run", "-f", "--"],
        &["run", "-w"],
        &["run", "-R"],
        &["run", "--map-user"],
        &["run", "--map-users"],
        &["run", "--propagation"],
        &["run", "-rm", "--mount-proc", "-w"],
        &["clone"],
        &["clone", "fork", "--"],
        &["clone", "INTO_CGROUP", "--clone3", "--cgroup"],
        &["clone", "fork", "--exit-signal"],
        &["rules"],
        &["doctor"],
        &["bench", "--heap"],
    ];
    for words in before {
        for prefix in [b"" as &[u8], b"--wd=", b"-w"] {
            let mut command = chimera(words);
            command.arg(std::ffi::OsStr::from_bytes(&[prefix, odd].concat())).arg("true");
            let output = Running::start(command).output();
            assert!(
                output.status.code().is_some_and(|status| status != 0) || words.is_empty(),
                "{words:?}: {output:?}"
            );
            assert!(!output.stderr.is_empty(), "{words:?}: {output:?}");
            let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
            assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{words:?}: {text:?}");
        }
    }
}
