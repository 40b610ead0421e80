//! `chimera run` where it is refused: in each place made on the spot the first line names the step, the errno and the cause.
//!
//! Entering in place and by a clone are refused at different steps for the same reasons, so both are
//! tried in each place.

use crate::common::place::{CHROOT, lonely, with_tasks};
use crate::common::skip::{has, skip};
use crate::common::who::may_be_root;
use crate::common::{USERS, as_user, before, chimera, command, elf, filter, install, is_root, run};
use nix::sched::{CloneFlags, unshare};
use std::process::Command;

/// A refusal: the place, the options, the step, the errno, and the cause.
fn refused(place: &str, command: Command, step: &str, cause: &str) {
    let run = run(command).nothing_left();
    let first = run.err.lines().next().unwrap_or_default();
    assert!(run.status == Some(125) && run.out.is_empty(), "{place}: {run:#?}");
    assert!(first.starts_with(&format!("chimera: {step}")) && first.contains(cause), "{place}: {run:#?}");
    assert_eq!(run.err.lines().filter(|line| line.starts_with("  try: ")).count(), 1, "{place}: {run:#?}");
}

/// Entering in place, and by a clone.
const BOTH: [(&[&str], &str); 2] =
    [(&["run", "-r", "true"], "unshare(CLONE_NEWUSER)"), (&["run", "-rf", "true"], "clone(child_stack=0x")];

#[test]
fn a_filter_is_named() {
    let eperm = "EPERM (Operation not permitted): a seccomp filter";
    for (words, step) in BOTH {
        refused("filter", before::exec(chimera(words), filter::container), step, eperm);
        if is_root() {
            USERS.iter().for_each(|user| {
                refused("filter", as_user(before::exec(chimera(words), filter::container), *user), step, eperm);
            });
        }
    }
    let time = before::exec(chimera(&["run", "-rT", "true"]), filter::container);
    refused(
        "filter",
        time,
        "clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_NEWUSER|CLONE_NEWTIME",
        "ENOSYS (Function not implemented): a seccomp filter",
    );
}

#[test]
fn limits_are_named_by_their_kind() {
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    for (kind, option, flag) in
        [("user", "-U", "CLONE_NEWUSER"), ("net", "-rn", "CLONE_NEWNET"), ("pid", "-rp", "CLONE_NEWPID")]
    {
        let text = format!("echo 0 > /proc/sys/user/max_{kind}_namespaces && exec \"$0\" run {option} true");
        let command = command("unshare", &["-r", "sh", "-c", &text, elf().to_str().expect("UTF-8")]);
        let run = run(command).nothing_left();
        let first = run.err.lines().next().unwrap_or_default();
        assert!(
            first.contains(flag)
                && first.ends_with(&format!("ENOSPC (No space left on device): user.max_{kind}_namespaces is 0")),
            "{run:#?}"
        );
    }
}

#[test]
fn nesting_has_an_end() {
    if !may_be_root(None) {
        return;
    }
    let program = elf().to_str().expect("UTF-8");
    let mut words = vec!["run", "-r"];
    (0..40).for_each(|_| words.extend([program, "run", "-r"]));
    words.push("true");
    refused("nesting", chimera(&words), "unshare(CLONE_NEWUSER)", "ENOSPC (No space left on device): nested 32 deep");
}

#[test]
fn a_chroot_is_named() {
    if CHROOT.is_possible() {
        for (words, step) in BOTH {
            refused(
                "chroot",
                CHROOT.chimera(words),
                step,
                "EPERM (Operation not permitted): the caller is in a chroot",
            );
        }
    }
}

/// A shell command in a mount namespace of its own; `$0` is the ELF.
fn in_mounts(text: &str) -> Command {
    command("unshare", &["-m", "sh", "-c", text, elf().to_str().expect("UTF-8")])
}

/// The root of a chroot may be the root of a mount, which is not that of the namespace.
#[test]
fn a_chroot_on_a_mount_is_named() {
    if !is_root() {
        return skip("only root can make a chroot");
    }
    if !has("unshare") || !has("setpriv") || !may_be_root(Some(USERS[0])) {
        return;
    }
    let user = format!("setpriv --reuid {0} --regid {0} --clear-groups", USERS[0]);
    for (words, step) in BOTH {
        let words = words.join(" ");
        for place in [
            format!("mount --bind / /mnt && exec chroot /mnt \"$0\" {words}"),
            format!("mount -t tmpfs none /mnt && cp \"$0\" /mnt/chimera && exec chroot /mnt /chimera {words}"),
            // Who may not enter the namespace again sees how an ancestor sees its root.
            format!(
                "mount --bind / /mnt && mount -t proc proc /mnt/proc && chroot /mnt {user} \"$0\" {words}; exit $?"
            ),
        ] {
            refused(&place, in_mounts(&place), step, "EPERM (Operation not permitted): the caller is in a chroot");
        }
        // Where nothing can be seen, nothing is told.
        let place = format!("mount --bind / /mnt && exec chroot /mnt {user} \"$0\" {words}");
        let unseen = run(in_mounts(&place)).nothing_left();
        assert_eq!(unseen.status, Some(125), "{unseen:#?}");
        assert!(unseen.err.ends_with(": EPERM (Operation not permitted)\n"), "{unseen:#?}");
    }
}

/// The root of a container, and of a system that an initramfs has started, is that of its mount namespace.
#[test]
fn a_root_of_a_namespace_is_no_chroot() {
    if !is_root() {
        return skip("only root can change the root of a namespace");
    }
    if !has("unshare") || !may_be_root(None) {
        return;
    }
    let new = "mount --make-rprivate / && mount -t tmpfs none /mnt && cp \"$0\" /mnt/chimera && mkdir /mnt/old /mnt/proc \
               && cd /mnt && mount -t proc proc proc";
    for way in ["pivot_root . old && exec /chimera", "mount --move . / && exec chroot . /chimera"] {
        if !way.starts_with("pivot_root") || has("pivot_root") {
            let ran = run(in_mounts(&format!("{new} && {way} run -r /chimera rules fork --json"))).nothing_left();
            assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{way}: {ran:#?}");
        }
    }
}

#[test]
fn a_caller_without_a_name_is_named() {
    if may_be_root(None) {
        for (words, step) in BOTH {
            let command = before::exec(chimera(words), || unshare(CloneFlags::CLONE_NEWUSER));
            refused("unmapped", command, step, "EPERM (Operation not permitted): the caller's uid is not mapped");
        }
    }
}

#[test]
fn no_task_left_is_named() {
    if !is_root() {
        return skip("only root can be a user without other tasks");
    }
    let cause = "EAGAIN (Resource temporarily unavailable): too many tasks: RLIMIT_NPROC is reached";
    refused("RLIMIT_NPROC", with_tasks(chimera(&["run", "-rf", "true"]), 1), "clone(", cause);
}

#[test]
fn an_elf_that_may_not_be_read_is_named() {
    if !is_root() {
        return skip("only root can give the ELF to somebody else");
    }
    let secret = elf().with_file_name("secret-run");
    install(elf(), &secret, "711");
    for words in [&["run", "-r", "true"] as &[&str], &["run", "-rf", "true"]] {
        let command = as_user(command(&secret, words), USERS[0]);
        refused(
            "dumpable",
            command,
            "write /proc/self/setgroups",
            "EACCES (Permission denied): this file may be executed but not read",
        );
    }
}

#[test]
fn proc_of_others_is_named() {
    if !is_root() {
        return skip("only root can become others");
    }
    if may_be_root(Some(USERS[0])) {
        let command = as_user(chimera(&["run", "-r", "--mount-proc", "true"]), USERS[0]);
        refused("proc", command, "mount proc on /proc", "EPERM (Operation not permitted): ");
    }
}

#[test]
fn what_needs_rights_is_named() {
    if !is_root() {
        return skip("only root can become others");
    }
    if !may_be_root(Some(USERS[0])) {
        return;
    }
    for (words, step, cause) in [
        (&["run", "-R", "/usr", "true"] as &[&str], "chroot /usr", "EPERM (Operation not permitted): only root may"),
        (&["run", "-u", "true"], "unshare(CLONE_NEWUTS)", "EPERM (Operation not permitted): only root may"),
        (&["run", "-S", "7", "true"], "setuid", "EPERM (Operation not permitted): only root may"),
        (&["run", "-r", "-S", "7", "true"], "setuid", "EINVAL (Invalid argument): the id is not mapped"),
        (&["run", "-r", "-G", "0", "true"], "setgroups", "EPERM (Operation not permitted): setgroups is denied"),
        (&["run", "-rf", "-G", "0", "true"], "setgroups", "EPERM (Operation not permitted): setgroups is denied"),
    ] {
        refused("rights", as_user(chimera(words), USERS[0]), step, cause);
    }
}

/// Who has no block is told so.
#[test]
fn a_missing_block_is_named() {
    if !is_root() {
        return skip("only root can become somebody without a block");
    }
    if has("newuidmap") && may_be_root(None) {
        let command = as_user(chimera(&["run", "--map-auto", "true"]), lonely());
        let cause = "has no block in /etc/subuid nor in /etc/subgid";
        refused("no block", command, "find a block in /etc/subuid: ENOENT (No such file or directory): ", cause);
    }
}

#[test]
fn steps_are_named_with_their_word() {
    for (words, message) in [
        (&["run", "-R", "/nonexistent", "true"] as &[&str], "chroot /nonexistent: ENOENT"),
        (&["run", "-w", "/nonexistent", "true"], "chdir /nonexistent: ENOENT"),
        (&["run", "-f", "-w", "/nonexistent", "true"], "chdir /nonexistent: ENOENT"),
    ] {
        let run = run(chimera(words)).nothing_left();
        let is_root_step = message.starts_with("chroot") && !is_root();
        assert!(
            run.status == Some(125) && (is_root_step || run.err.starts_with(&format!("chimera: {message}"))),
            "{run:#?}"
        );
    }
}
