//! The causes of refusals, each in a place where just that is in the way: the whole message, and the remedy as it is
//! pasted.

use crate::common::group::Group;
use crate::common::skip::{has, skip};
use crate::common::who::may_be_root;
use crate::common::{USERS, as_user, before, chimera, command, elf, filter, is_root, run};
use nix::libc;
use std::process::Command;

/// Whether all that these places are made with is here.
fn can_make_places() -> bool {
    if !is_root() {
        skip("only root can make these places");
        return false;
    }
    ["unshare", "setpriv", "prlimit", "newuidmap"].into_iter().all(has) && may_be_root(Some(USERS[0]))
}

/// A shell command in a mount namespace of its own: `$0` is the ELF, `$U` becomes an ordinary user, `own FILE TEXT`
/// mounts a file with this text over another one. Other mounts of proc(5), by which the kernel would allow one more, are not
/// there. The user is called `al ice` and has the ids 100000 to 100999.
fn place(text: &str) -> Command {
    let user = USERS[0];
    let before = format!(
        "set -e; U='setpriv --reuid {user} --regid {user} --clear-groups'; mount -t tmpfs none /mnt; \
         while read -r _ on kind _; do [ \"$kind\" != proc ] || [ \"$on\" = /proc ] || umount -l \"$on\"; done </proc/mounts; \
         own() {{ f=/mnt/$(basename $1); printf '%s\\n' \"$2\" > $f; mount --bind $f $1; }}; \
         own /etc/passwd \"al ice:x:{user}:{user}::/:/bin/sh\"; own /etc/subuid {user}:100000:1000; \
         own /etc/subgid {user}:100000:1000; {text}"
    );
    command("unshare", &["-m", "sh", "-c", &before, elf().to_str().expect("UTF-8")])
}

/// Runs each place with its message and its remedy.
fn each(places: &[(&str, &str, &str)]) {
    for (text, message, remedy) in places {
        let ran = run(place(text)).nothing_left();
        let lines: Vec<&str> = ran.err.lines().collect();
        let [.., told, tried] = lines.as_slice() else { panic!("{text}: {ran:#?}") };
        assert_eq!((ran.status, *told, *tried), (Some(125), *message, *remedy), "{text}: {ran:#?}");
    }
}

/// Each failure of newuidmap(1) has a cause of its own.
#[test]
fn newuidmap_s_failures_are_told_apart() {
    if !can_make_places() {
        return;
    }
    let ids = "--map-users 0:100000:5 true";
    let own = "cp $(command -v newuidmap) /mnt/own; mount --bind /mnt/own $(command -v newuidmap)";
    let path = run(command("sh", &["-c", "command -v newuidmap"])).out;
    let path = path.trim();
    let by = "chimera: newuidmap: exit status 1: ";
    each(&[
        (
            "own /etc/subuid; own /etc/subgid; exec $U \"$0\" run --map-auto true",
            "chimera: find a block in /etc/subuid: ENOENT (No such file or directory): \
             'al ice' has no block in /etc/subuid nor in /etc/subgid",
            "  try: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 'al ice'",
        ),
        (
            "own /etc/subgid bob:200000:10; exec $U \"$0\" run -rf --map-auto true",
            "chimera: find a block in /etc/subgid: ENOENT (No such file or directory): \
             'al ice' has no block in /etc/subgid",
            "  try: usermod --add-subgids 200010-265545 'al ice'",
        ),
        (
            &format!(
                "export PATH=/nonexistent; exec $(PATH=/bin:/usr/bin command -v setpriv) ${{U#setpriv}} \"$0\" run {ids}"
            ),
            "chimera: newuidmap: ENOENT (No such file or directory): newuidmap is not on PATH",
            "  try: apt-get install uidmap",
        ),
        (
            &format!("{own}; chmod 700 /mnt/own; exec $U \"$0\" run {ids}"),
            &format!("chimera: newuidmap: EACCES (Permission denied): {path} may not be executed by this user"),
            &format!("  try: chmod a+rx {path}"),
        ),
        (
            &format!("{own}; chmod 755 /mnt/own; exec $U \"$0\" run {ids}"),
            &format!("{by}{path} has neither root's set-user-ID bit nor file capabilities"),
            &format!("  try: chown root {path} && chmod u+s {path}"),
        ),
        (
            &format!("{own}; chmod 4755 /mnt/own; mount -o remount,bind,nosuid {path}; exec $U \"$0\" run {ids}"),
            &format!("{by}{path} is on a mount with nosuid, so it gets no rights"),
            &format!("  try: mount -o remount,suid \"$(findmnt -no TARGET -T {path})\""),
        ),
        (
            &format!("exec $U --no-new-privs \"$0\" run -f {ids}"),
            &format!("{by}no_new_privs is set, so {path} gets no rights"),
            "  try: start it from a process without no_new_privs",
        ),
        (
            "exec $U \"$0\" run --map-users 0:100990:50 true",
            &format!("{by}the ids 101000-101039 are in no block of 'al ice' in /etc/subuid"),
            "  try: usermod --add-subuids 101000-101039 'al ice'",
        ),
        (
            "exec unshare -r \"$0\" run --map-users 0:100000:5 true",
            &format!("{by}the ids 100000-100004 are not all mapped in the caller's user namespace"),
            "  try: take ids of `cat /proc/self/uid_map`",
        ),
        (
            "exec \"$0\" run --map-users 0:0:10 --map-users 10:20:10 --map-groups 0:0:100 \
             -- \"$0\" run --map-users 0:5:10 --map-groups 0:0:1 true",
            &format!("{by}the ids 5-14 are in two lines of the caller's own map, and the kernel wants them in one"),
            "  try: split the range where a line of `cat /proc/self/uid_map` ends",
        ),
        (
            "exec \"$0\" run --map-users 0:0:10 --map-users 5:20:10 --map-groups 0:0:10 true",
            "chimera: write /proc/self/uid_map: EINVAL (Invalid argument): two ranges have an id in common",
            "  try: give ranges without common ids, inside and outside",
        ),
    ]);
    // What it refuses for a reason of its own is left to its own words.
    let program = "printf '#!/bin/sh\\necho no >&2; exit 3\\n' > /mnt/own; chmod 4755 /mnt/own; mount --bind /mnt/own";
    each(&[(
        &format!("{program} {path}; exec $U \"$0\" run {ids}"),
        &format!("chimera: newuidmap: exit status 3: {path} says why, above"),
        "  try: grep 'al ice' /etc/subuid",
    )]);
}

/// The remedies do what they say.
#[test]
fn remedies_work_when_pasted() {
    if !can_make_places() || !has("usermod") {
        return;
    }
    for (harm, options) in [
        ("own /etc/subuid; own /etc/subgid", "--map-auto"),
        ("own /etc/subgid", "-r --map-auto"),
        (":", "--map-users 0:100990:50"),
        ("cp $(command -v newuidmap) /mnt/own; mount --bind /mnt/own $(command -v newuidmap)", "--map-auto"),
    ] {
        // usermod(8) writes its files anew, for which nothing may be mounted on them.
        let ran = run(place(&format!(
            "umount /etc/passwd /etc/subuid /etc/subgid; cp -a /etc /mnt/etc; mount --bind /mnt/etc /etc; \
             echo alice:x:{0}:{0}::/:/bin/sh > /etc/passwd; echo root:x:0:0::/:/bin/sh >> /etc/passwd; \
             echo alice:100000:1000 | tee /etc/subuid > /etc/subgid; echo 'alice:!::::::' > /etc/shadow; \
             own() {{ : > $1; }}; {harm}; \
             run() {{ $U \"$0\" run {options} -- \"$0\" rules fork; }}; \
             ! run 2> /mnt/said; eval \"$(sed -n 's/^  try: //p' /mnt/said)\"; run",
            USERS[0]
        )))
        .nothing_left();
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (Some(0), "clone(SIGCHLD): OK\n  exit signal: SIGCHLD, the default\n"),
            "{harm}: {ran:#?}"
        );
    }
}

/// What a limit of descriptors keeps from being opened is not missing.
#[test]
fn a_limit_of_descriptors_is_named() {
    if !can_make_places() {
        return;
    }
    for (options, step) in [
        ("-r", "write /proc/self/setgroups: EMFILE (Too many open files)"),
        ("-rf", "write /proc/self/setgroups: EMFILE (Too many open files)"),
        ("-r --map-auto", "look whether /proc shows this PID namespace: EMFILE (Too many open files)"),
    ] {
        let text = format!("exec $U prlimit --nofile=3:3 \"$0\" run {options} true");
        each(&[(
            &text,
            &format!("chimera: {step}: too many open files: RLIMIT_NOFILE is reached"),
            "  try: ulimit -n 1024",
        )]);
    }
    each(&[(
        "exec $U prlimit --nofile=4:4 \"$0\" run -r --map-auto true",
        "chimera: newuidmap: exit status 1: too many open files: RLIMIT_NOFILE is reached",
        "  try: ulimit -n 1024",
    )]);
}

/// Ids that differ are no file that may not be read; ids that are not mapped are those of one namespace or the other.
#[test]
fn ids_are_told_apart() {
    if !can_make_places() {
        return;
    }
    let ids = "exec setpriv --ruid 1000 --euid 1001 --regid 1000 --clear-groups \"$0\" run";
    let differ = "chimera: write /proc/self/setgroups: EACCES (Permission denied): the real and the effective ids differ, \
                  so /proc/self is root's";
    let equal = "  try: run it with equal ids, as sudo does";
    let maps = "--map-users 0:0:10 --map-groups 0:0:10";
    each(&[
        (&format!("{ids} -r true"), differ, equal),
        (&format!("{ids} -rf true"), differ, equal),
        (&format!("{ids} --map-users 0:100000:5 true"), &differ.replace("setgroups", "uid_map"), equal),
        (
            // setpriv(1) itself still has the capabilities by which it may read.
            "cp \"$0\" /mnt/chimera; chmod 711 /mnt/chimera; \
             exec $U sh -c 'exec /mnt/chimera run --map-users 0:100000:5 true'",
            "chimera: write /proc/self/uid_map: EACCES (Permission denied): this file may be executed but not read, \
             so /proc/self is root's",
            "  try: chmod +r /mnt/chimera",
        ),
        (
            &format!("exec \"$0\" run {maps} -- \"$0\" run -S 70 true"),
            "chimera: setuid: EINVAL (Invalid argument): the id is not mapped in the caller's user namespace",
            "  try: take an id of `cat /proc/self/uid_map`",
        ),
        (
            &format!("exec \"$0\" run {maps} -f -S 70 true"),
            "chimera: setuid: EINVAL (Invalid argument): the id is not mapped in the new user namespace",
            "  try: map it: --map-users, --map-groups",
        ),
        (
            "exec $U \"$0\" run -S 7 true",
            "chimera: setuid: EPERM (Operation not permitted): only root may, or root of a new user namespace that has the id",
            "  try: run it as root",
        ),
    ]);
}

/// How /proc is mounted decides what may be written there, and whether it can be mounted again.
#[test]
fn mounts_of_proc_are_named() {
    if !can_make_places() {
        return;
    }
    let mount = "chimera: mount proc on /proc: EPERM (Operation not permitted): ";
    each(&[
        (
            "mount -o remount,bind,ro /proc; exec $U \"$0\" run -r true",
            "chimera: write /proc/self/setgroups: EROFS (Read-only file system): /proc is mounted read-only",
            "  try: mount -o remount,rw /proc",
        ),
        (
            "mount -t tmpfs none /proc/sys; exec $U \"$0\" run -rp --mount-proc true",
            &format!("{mount}parts of /proc are covered by other mounts"),
            "  try: docker run --security-opt systempaths=unconfined",
        ),
        (
            "exec $U \"$0\" run -r --mount-proc true",
            &format!("{mount}proc of the caller's PID namespace is not this root's"),
            "  try: add --pid",
        ),
        (
            "umount -l /proc; exec $U \"$0\" run -ru true",
            "chimera: write /proc/self/uid_map: ENOENT (No such file or directory): /proc is not mounted",
            "  try: mount -t proc proc /proc",
        ),
    ]);
}

/// What was not found by looking is not told: here a tracer answers for the kernel, once.
#[test]
fn an_answer_that_no_look_confirms_has_no_cause() {
    if !can_make_places() || !has("strace") {
        return;
    }
    for (fault, options, told) in [
        (
            "openat:error=ENOENT:when=2",
            "-r --map-auto",
            "find a block in /etc/subuid: ENOENT (No such file or directory)",
        ),
        ("unshare:error=EPERM:when=1", "-r", "unshare(CLONE_NEWUSER): EPERM (Operation not permitted)"),
        ("unshare:error=ENOSPC:when=1", "-r", "unshare(CLONE_NEWUSER): ENOSPC (No space left on device)"),
        ("openat:error=EMFILE:when=1", "-r", "write /proc/self/setgroups: EMFILE (Too many open files)"),
        ("openat:error=EACCES:when=1", "-r", "write /proc/self/setgroups: EACCES (Permission denied)"),
        ("mmap:error=ENOMEM:when=1", "-r", "mmap the board: ENOMEM (Cannot allocate memory)"),
    ] {
        let strace = format!("strace -f -qq -o /dev/null -e inject={fault}");
        let ran = run(place(&format!("exec $U {strace} \"$0\" run {options} true"))).nothing_left();
        assert_eq!((ran.status, ran.err), (Some(125), format!("chimera: {told}\n")), "{fault}");
    }
}

/// A typing error is one, whatever else forbids user namespaces here.
#[test]
fn a_typing_error_has_no_cause() {
    if !can_make_places() {
        return;
    }
    let fake = "mount -t tmpfs none /proc/sys/kernel; echo 1 > /proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    let ran = run(place(&format!("{fake}; exec $U \"$0\" run -r -w /nonexistent true"))).nothing_left();
    assert_eq!(ran.err, "chimera: chdir /nonexistent: ENOENT (No such file or directory)\n", "{ran:#?}");
}

/// A filter is the cause of what it refuses, and of nothing else.
#[test]
fn a_filter_is_asked_about_the_very_call() {
    if !is_root() {
        return skip("only root has the right to all of these calls");
    }
    let says = |refused: (libc::c_long, i32), words: &[&str]| {
        let (call, errno) = refused;
        let ran = run(before::exec(chimera(words), move || filter::refuse(&[(call, 0, errno)]))).nothing_left();
        ran.err.lines().next().unwrap_or_default().to_owned()
    };
    for (refused, words, step) in [
        (
            (libc::SYS_setuid, libc::EPERM),
            &["run", "-S", "7", "true"] as &[&str],
            "setuid: EPERM (Operation not permitted)",
        ),
        ((libc::SYS_setgid, libc::EACCES), &["run", "-G", "7", "true"], "setgid: EACCES (Permission denied)"),
        ((libc::SYS_chdir, libc::ENOSYS), &["run", "-w", "/", "true"], "chdir /: ENOSYS (Function not implemented)"),
        ((libc::SYS_chroot, libc::EPERM), &["run", "-R", "/", "true"], "chroot /: EPERM (Operation not permitted)"),
    ] {
        assert_eq!(says(refused, words), format!("chimera: {step}: a seccomp filter forbids it"));
    }
    let other = says((libc::SYS_kcmp, libc::EPERM), &["run", "-w", "/nonexistent", "true"]);
    assert_eq!(other, "chimera: chdir /nonexistent: ENOENT (No such file or directory)");
    if may_be_root(Some(USERS[0])) {
        let harmless = || filter::refuse(&[(libc::SYS_kcmp, 0, libc::EPERM)]);
        let ran = run(as_user(before::exec(chimera(&["run", "-u", "true"]), harmless), USERS[0])).nothing_left();
        assert!(ran.err.contains("EPERM (Operation not permitted): only root may"), "{ran:#?}");
    }
}

/// A limit of tasks is that of any cgroup above, and told by every command, on the page of a refused call too.
#[test]
fn a_full_cgroup_is_named() {
    if !is_root() {
        return skip("only root can limit a cgroup");
    }
    let Some(group) = Group::of_tasks(2) else { return };
    let path = group.path();
    let inside = |words: &[&str]| run(group.inside("in", elf(), words)).nothing_left();
    let cause = format!("too many tasks: pids.max of {path} is reached");
    let remedy = format!("\n  try: echo max > {path}/pids.max\n");
    let page = inside(&["clone", "VM"]);
    let unwrapped = page.out.replace("\n  ", " ");
    let tail = format!(
        " outcome: refused-as-predicted (the kernel refuses the call, as the rules say)\ncause: {cause} {}",
        remedy.trim_start()
    );
    assert!(unwrapped.ends_with(&tail[1..]), "{page:#?}");
    let object = inside(&["clone", "VM", "--json"]);
    assert!(object.out.contains(&format!("\"why\":\"{cause}\"")), "{object:#?}");
    let bench = inside(&["bench", "thread", "--tasks", "5"]);
    let step = "one more task of kind thread: EAGAIN (Resource temporarily unavailable)";
    assert!(bench.err.starts_with(&format!("chimera: {step}: {cause}{remedy}")), "{bench:#?}");
}
