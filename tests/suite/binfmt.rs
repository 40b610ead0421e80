//! `chimera run` with a binfmt_misc of the new user namespace, and an interpreter that is registered there.

use crate::common::running::Running;
use crate::common::skip::{has, skip, skip_part};
use crate::common::who::{everybody, may_be_root, run_as};
use crate::common::{USERS, as_user, before, chimera, command, elf, filter, folder, is_root, run, tracer};
use nix::libc;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

/// A file that no kernel can execute by itself.
fn foreign() -> &'static str {
    static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
        let file = folder().join("foreign");
        std::fs::write(&file, b"\x7fZZZ is no program\n").expect("a file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        file
    });
    FILE.to_str().expect("UTF-8")
}

/// The line for such files.
const LINE: &str = r":zz:M::\x7fZZZ::/bin/echo:";

/// Whether user namespaces have a binfmt_misc of their own here: since Linux 6.7, if the kernel has it at all.
pub fn is_possible() -> bool {
    let words = ["-rm", "mount", "-t", "binfmt_misc", "none", "/mnt"];
    let is_possible = has("unshare") && run(command("unshare", &words)).status == Some(0);
    if !is_possible {
        skip_part("interpreters of a user namespace: mount(8) can mount no binfmt_misc in one here");
    }
    is_possible
}

/// `chimera run` with these words.
fn running(words: &[&str]) -> Command {
    chimera(&[&["run"], words].concat())
}

/// The binfmt_misc of the machine, or of the namespace around, which is mounted in a mount namespace of its own as long as this
/// lives: what is registered there goes with the last mount.
struct Machine(Running);

impl Machine {
    /// None where only root could register for the machine, and the tests are not root.
    fn mount() -> Option<Self> {
        let text = "mount -t binfmt_misc none /mnt && echo ready && { read line; ls /mnt; }";
        let mut shell = is_root().then(|| Running::start(command("unshare", &["-m", "sh", "-c", text])))?;
        (shell.line() == "ready\n").then_some(Self(shell))
    }

    /// What is registered; the mount goes.
    fn registered(mut self) -> String {
        drop(self.0.input());
        self.0.finish().out
    }
}

#[test]
fn an_interpreter_is_registered_for_the_namespace_alone() {
    if !may_be_root(None) || !is_possible() {
        return;
    }
    let machine = Machine::mount();
    let text = format!("cat $0/zz; {} hello; true", foreign());
    for (options, place) in [
        (&["-r", "--mount-binfmt=/mnt"] as &[&str], "/mnt"),
        (&["-rf", "--mount-binfmt=/mnt"], "/mnt"),
        (&["-rp"], "/proc/sys/fs/binfmt_misc"),
        (&["-rpf"], "/proc/sys/fs/binfmt_misc"),
        (&["-rpf", "--mount-proc", "--mount-binfmt"], "/proc/sys/fs/binfmt_misc"),
        (&["-rp", "--mount-binfmt=/mnt", "--propagation=shared"], "/mnt"),
        (&["-rT", "--mount-binfmt=/mnt", "--kill-child"], "/mnt"),
    ] {
        for who in everybody() {
            let command = running(&[options, &["-l", LINE, "sh", "-c", &text, place]].concat());
            let out = run(run_as(command, who)).clean(0).out;
            let expected =
                format!("enabled\ninterpreter /bin/echo\nflags: \noffset 0\nmagic 7f5a5a5a\n{} hello\n", foreign());
            assert_eq!(out, expected, "{options:?} as {who:?}");
        }
    }
    // Another namespace, and the machine, have none of it.
    let other = run(running(&["-r", "--mount-binfmt=/mnt", "ls", "/mnt"])).clean(0);
    assert_eq!(other.out, "register\nstatus\n");
    let mut living =
        Running::start(running(&["-r", "--mount-binfmt=/mnt", "-l", LINE, "sh", "-c", "echo ready; read line"]));
    assert_eq!(living.line(), "ready\n");
    assert!(Command::new(foreign()).output().is_err(), "it was executed outside");
    drop(living.input());
    living.finish();
    let registered = machine.map(Machine::registered).unwrap_or_default();
    assert!(!registered.contains("zz"), "{registered}");
}

/// With the flag F the interpreter is opened before the root directory changes; otherwise at each execve(2) inside.
#[test]
fn the_flag_f_opens_the_interpreter_outside_of_the_root() {
    if !may_be_root(None) || !is_possible() {
        return;
    }
    let jail = folder().join("binfmt-jail");
    std::fs::create_dir_all(jail.join("mnt")).expect("a folder");
    std::fs::copy(foreign(), jail.join("foreign")).expect("a copy");
    let jail = jail.to_str().expect("UTF-8");
    // This ELF needs no library: in its second life its first word is the path of the file.
    for (flags, status, said) in [
        ("F", 2, "chimera: there is no command '/foreign'"),
        ("", 127, "chimera: execve /foreign: ENOENT (No such file or directory)"),
    ] {
        let line = format!(r":zz:M::\x7fZZZ::{}:{flags}", elf().to_str().expect("UTF-8"));
        let run = run(running(&["-r", "-R", jail, "--mount-binfmt=/mnt", "-l", &line, "/foreign"])).nothing_left();
        assert_eq!(run.status, Some(status), "{flags}: {run:#?}");
        assert!(run.err.starts_with(said), "{flags}: {run:#?}");
    }
}

#[test]
fn what_the_kernel_refuses_is_told() {
    if !may_be_root(None) || !is_possible() {
        return;
    }
    let at = "--mount-binfmt=/mnt";
    for (words, message) in [
        (
            &["-r", at, "-l", "rubbish"] as &[&str],
            "register the interpreter rubbish: EINVAL (Invalid argument): the kernel takes it for no line of binfmt_misc\n  \
             try: write :NAME:TYPE:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS, where TYPE is M for magic bytes or E for an extension\n",
        ),
        (
            &["-r", at, "--load-interp=:zz:E::zz::/no/such:F"],
            "register the interpreter :zz:E::zz::/no/such:F: ENOENT (No such file or directory): with the flag F the \
             interpreter is opened at once, and it is not there\n  try: give the path of a file that is there, seen from outside of the new root\n",
        ),
        (
            &["-U", at, "-l", LINE],
            "register the interpreter :zz:M::\\\\x7fZZZ::/bin/echo:: EACCES (Permission denied): the register is that of root and \
             its group, which are not both mapped there\n  try: map them: --map-root-user\n",
        ),
        (
            &["-r", "-l", LINE],
            "mount proc on /proc: EPERM (Operation not permitted): proc of the caller's PID namespace is not this root's\n  \
             try: add --pid\n",
        ),
        (&["-r", "--mount-binfmt=/no/such"], "mount binfmt_misc on /no/such: ENOENT (No such file or directory)\n"),
    ] {
        let run = run(running(&[words, &["true"]].concat())).nothing_left();
        let expected = format!("chimera: {message}");
        assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(125), "", expected.as_str()), "{words:?}");
    }
    // Who maps no root can mount it all the same.
    if is_root() && may_be_root(Some(USERS[0])) {
        let ordinary = |words: &[&str]| run(as_user(running(words), USERS[0])).nothing_left();
        assert_eq!(ordinary(&["-c", at, "ls", "/mnt"]).clean(0).out, "register\nstatus\n");
        let refused = ordinary(&["-c", at, "-l", LINE, "true"]);
        assert!(refused.err.contains("EACCES (Permission denied): the register is that of root"), "{refused:#?}");
    }
}

/// What the kernel takes is registered, and what it takes for no line is told as such.
#[test]
fn lines_are_judged_as_by_the_kernel() {
    if !may_be_root(None) || !is_possible() {
        return;
    }
    let registered = |line: &str| run(running(&["-r", "--mount-binfmt=/mnt", "-l", line, "ls", "/mnt"])).nothing_left();
    for line in [
        ":zz:E::zz::/bin/cat:",
        "|zz|E||zz||/bin/cat|",
        r":zz:M:4:Z\x00Z:\xff\x00\xff:/bin/cat:OC",
        ":zz:M::Z::cat:P\n",
    ] {
        assert_eq!(registered(line).clean(0).out, "register\nstatus\nzz\n", "{line}");
    }
    let long = format!(":zz:E::zz::/{}:", "x".repeat(1920));
    for line in [
        "",
        ":z:E::z::/",
        "zz:E::zz::/bin/cat:",
        "::E::zz::/bin/cat:",
        ":..:E::zz::/bin/cat:",
        ":z/z:E::zz::/bin/cat:",
        ":zz:X::zz::/bin/cat:",
        ":zz:EM::zz::/bin/cat:",
        ":zz:E::::/bin/cat:",
        ":zz:E::zz:::FO",
        ":zz:E::zz::/bin/cat:X",
        ":zz:E::zz::/bin/cat:O:",
        &long,
    ] {
        let run = registered(line);
        let is_told = run.err.contains(": EINVAL (Invalid argument): the kernel takes it for no line of binfmt_misc\n");
        assert!(run.status == Some(125) && is_told, "{line}: {run:#?}");
    }
}

#[test]
fn filters_that_forbid_it_are_told() {
    if !may_be_root(None) || !is_possible() {
        return;
    }
    for (call, step) in [
        (libc::SYS_fsopen, "make a binfmt_misc for the namespace"),
        (libc::SYS_move_mount, "mount binfmt_misc on /mnt"),
    ] {
        let refuse = move || filter::refuse(&[(call, 0, libc::EPERM)]);
        let run = run(before::exec(running(&["-r", "--mount-binfmt=/mnt", "true"]), refuse)).nothing_left();
        let expected = format!("chimera: {step}: EPERM (Operation not permitted): a seccomp filter forbids it\n");
        assert_eq!(run.status, Some(125), "{run:#?}");
        assert!(run.err.starts_with(&expected), "{run:#?}");
    }
}

/// Where the namespace is not new, nothing is made: it would be that of the machine.
#[test]
fn nothing_is_registered_in_a_namespace_that_is_not_new() {
    if !may_be_root(None) {
        return;
    }
    if !is_root() {
        return skip("only root could register for the machine");
    }
    let machine = Machine::mount();
    for flag in [libc::CLONE_NEWUSER, libc::CLONE_NEWNS] {
        let words = ["-rf", "--mount-binfmt=/mnt", "-l", LINE, "true"];
        let ran = tracer::run_without(running(&words), flag as u64).nothing_left();
        assert_eq!((ran.status, ran.out.as_str()), (Some(125), ""), "{ran:#?}");
        assert!(ran.err.starts_with("chimera: look whether the namespaces are new: EIO"), "{ran:#?}");
    }
    let registered = machine.map(Machine::registered).unwrap_or_default();
    assert!(!registered.contains("zz"), "{registered}");
}

/// A sandbox that answers in the kernel's place names a descriptor of the machine's, or says that a mount is there: neither
/// is believed. All is in a user namespace of the test's own, whose binfmt_misc plays that of the machine.
#[test]
fn a_lie_registers_nothing() {
    if !has("strace") || !may_be_root(None) || !is_possible() {
        return;
    }
    let trace = folder().join("binfmt-trace");
    for (lie, step) in [
        ("fsmount:retval=0", "make a binfmt_misc for the namespace"),
        ("openat:retval=0:when=4+", "register the interpreter"),
        ("move_mount:retval=0", "mount binfmt_misc on /tmp"),
    ] {
        let text = "mount -t binfmt_misc none /mnt && strace -f -o \"$0\" -e inject=$1 \"$2\" run -r --mount-binfmt=/tmp -l \"$3\" true </mnt; \
                    echo status $?; ls /mnt";
        let program = elf().to_str().expect("UTF-8");
        let words = ["-rm", "sh", "-c", text, trace.to_str().expect("UTF-8"), lie, program, LINE];
        let run = run(command("unshare", &words));
        assert_eq!(run.out, "status 125\nregister\nstatus\n", "{lie}: {run:#?}");
        assert!(
            run.err.contains(&format!("chimera: {step}")) && run.err.contains(": EIO (Input/output error)"),
            "{lie}: {run:#?}"
        );
    }
}

/// Without the flag F the kernel does not look for the interpreter, so that it is not there is no cause.
#[test]
fn a_missing_interpreter_is_the_cause_with_the_flag_f_alone() {
    if !has("strace") || !may_be_root(None) || !is_possible() {
        return;
    }
    let trace = folder().join("binfmt-write");
    for (flags, is_told) in [("", false), ("F", true)] {
        let line = format!(":zz:E::zz::/no/such:{flags}");
        let options = ["-o", trace.to_str().expect("UTF-8"), "-e", "inject=write:error=ENOENT:when=4"];
        let program = [elf().to_str().expect("UTF-8"), "run", "-r", "--mount-binfmt=/mnt", "-l", &line, "true"];
        let run = run(command("strace", &[&options[..], &program].concat())).nothing_left();
        assert!(run.err.contains("register the interpreter") && run.err.contains("ENOENT"), "{run:#?}");
        assert_eq!(run.err.contains("opened at once"), is_told, "{run:#?}");
    }
}

#[test]
fn the_place_may_be_a_symbolic_link() {
    if !may_be_root(None) || !is_possible() {
        return;
    }
    let link = folder().join("binfmt-link");
    std::os::unix::fs::symlink("/mnt", &link).expect("a link");
    let at = format!("--mount-binfmt={}", link.display());
    assert_eq!(run(running(&["-r", &at, "ls", "/mnt"])).clean(0).out, "register\nstatus\n");
}
