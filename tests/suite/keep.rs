//! Namespaces that `chimera run` keeps at files: what is kept, what is not, and that nothing stays of what failed.
//!
//! Each script runs in a mount namespace of its own, with a file system of its own: what it mounts goes with it.

use crate::common::skip::{has, skip};
use crate::common::who::may_be_root;
use crate::common::{Run, before, command, elf, filter, is_root, run};
use nix::libc;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;
use std::process::Command;

/// A script of the shell that finds chimera in `$C`, itself in an empty folder, and the files `mnt`, `uts` .. there.
fn script(text: &str) -> Command {
    let head = "cd /mnt && mount -t tmpfs none . && cd . && cd /mnt && \
                for kind in mnt uts ipc net pid user cgroup time; do : >$kind; done; \
                kept() { cut -d' ' -f4,5 /proc/self/mountinfo | sed -n 's,^\\([a-z]*\\):.* /mnt/,\\1 ,p'; }; ";
    let script = format!("{head}{text}");
    // Linux 6.18 numbers mount namespaces by processor, and keeps none that has a smaller number.
    let words = ["-c", &processors()[0], "unshare", "-m", "--propagation", "private", "sh", "-c", &script];
    let mut command = command("taskset", &words);
    command.env("C", elf());
    command
}

/// The processors on which this process may run.
fn processors() -> Vec<String> {
    let allowed = sched_getaffinity(Pid::this()).expect("the processors");
    let is_allowed = |number: &usize| allowed.is_set(*number) == Ok(true);
    (0..CpuSet::count()).filter(is_allowed).map(|number| number.to_string()).collect()
}

/// Whether such scripts can run here.
fn may_mount() -> bool {
    if !is_root() {
        skip("mounts of its own: the tests do not run as root");
        return false;
    }
    has("unshare") && has("nsenter") && has("taskset") && may_be_root(None)
}

/// Runs a script that is to succeed, and returns its output.
fn told(text: &str) -> String {
    run(script(text)).clean(0).out
}

/// Runs a script whose last command is chimera's, and which then says on fd 1 what is kept.
fn refused(options: &str) -> Run {
    run(script(&format!("$C run {options}; status=$?; kept; exit $status"))).nothing_left()
}

#[test]
fn a_kept_namespace_is_entered_after_the_program_has_ended() {
    if !may_mount() {
        return;
    }
    for way in ["", "-f", "-p", "-r", "-rpf"] {
        let text = format!("$C run {way} --uts=uts hostname kept-here && kept && nsenter --uts=uts hostname");
        assert_eq!(told(&text), "uts uts\nkept-here\n", "{way}");
    }
    let mounts = "$C run --mount=mnt sh -c 'mount -t tmpfs inside /mnt' && kept && \
                  nsenter --mount=mnt grep -c inside /proc/self/mountinfo";
    assert_eq!(told(mounts), "mnt mnt\n1\n");
    let clock = "$C run --time=time --boottime 100000000 true && kept && nsenter --time=time cut -c1-3 /proc/uptime";
    assert_eq!(told(clock), "time time\n100\n");
    let clock = "$C run -p --time=time --boottime 100000000 true && nsenter --time=time cut -c1-3 /proc/uptime";
    assert_eq!(told(clock), "100\n");
    let users = "$C run --user=user --map-users=0:0:5 --map-groups=0:0:7 true && kept && \
                 nsenter --user=user cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '";
    assert_eq!(told(users), "user user\n 0 0 5\n 0 0 7\n");
    // Others can be compared by their inodes.
    let inode = "inside=$($C run --ipc=ipc --net=net --cgroup=cgroup stat -Lc %i /proc/self/ns/ipc /proc/self/ns/net \
                 /proc/self/ns/cgroup) && [ \"$inside\" = \"$(stat -c %i ipc net cgroup)\" ] && kept";
    assert_eq!(told(inode), "ipc ipc\nnet net\ncgroup cgroup\n");
}

/// A PID namespace can be entered only as long as it has its process 1.
#[test]
fn a_kept_pid_namespace_is_entered_while_it_has_its_process_1() {
    if !may_mount() {
        return;
    }
    for way in ["-f", ""] {
        let text = format!(
            "mkfifo end ready; $C run {way} --pid=pid --mount-proc sh -c 'echo $$ >ready; read line <end' & \
             read first <ready; nsenter --pid=pid sh -c 'echo $$'; echo >end; wait $!; kept"
        );
        let expected = if way == "-f" { "2\npid pid\n" } else { "3\npid pid\n" };
        assert_eq!(told(&text), expected, "{way}");
    }
}

#[test]
fn all_kinds_at_once() {
    if !may_mount() {
        return;
    }
    let text = "$C run -r --mount=mnt --uts=uts --ipc=ipc --net=net --pid=pid --user=user --cgroup=cgroup --time=time \
                sh -c 'exit 5'; echo $?; kept | sort | tr '\\n' ';'";
    let expected = "5\ncgroup cgroup;ipc ipc;mnt mnt;net net;pid pid;time time;user user;uts uts;";
    assert_eq!(told(text), expected);
}

#[test]
fn what_fails_leaves_no_mount() {
    if !may_mount() {
        return;
    }
    let missing = "ENOENT (No such file or directory)";
    for (options, status, message) in [
        ("--uts=uts --ipc=ipc -- /nonexistent", 127, format!("chimera: execve /nonexistent: {missing}\n")),
        ("-p --uts=uts -- /nonexistent", 127, format!("chimera: execve /nonexistent: {missing}\n")),
        ("-p --uts=uts -- /etc/passwd", 126, "chimera: execve /etc/passwd: EACCES (Permission denied)\n".into()),
        ("-r --uts=uts -S 5 true", 125, "chimera: setuid: EINVAL (Invalid argument): the id is not mapped in the new user namespace\n  try: map it: --map-users, --map-groups\n".into()),
        ("-rp --uts=uts -S 5 true", 125, "chimera: setuid: EINVAL (Invalid argument): the id is not mapped in the new user namespace\n  try: map it: --map-users, --map-groups\n".into()),
        ("--uts=uts --ipc=none true", 125, format!("chimera: keep the namespace at none: {missing}: there is no such file\n  try: create it: touch\n")),
        ("-u --ipc=ipc --uts=. true", 125, "chimera: keep the namespace at .: ENOTDIR (Not a directory): it is a folder, and a namespace is kept at a file\n  try: create a file: touch\n".into()),
        ("--ipc=ipc -w /nonexistent true", 125, format!("chimera: chdir /nonexistent: {missing}\n")),
    ] {
        let run = refused(options);
        assert_eq!((run.status, run.out.as_str(), run.err), (Some(status), "", message), "{options}");
    }
}

/// What cannot be taken away is told, and what helps, whatever else is told; umount(8) is then right.
#[test]
fn a_mount_that_stays_is_told() {
    if !may_mount() {
        return;
    }
    let stays = |file: &str| {
        let word = if file.contains(' ') { format!("'{file}'") } else { file.to_owned() };
        format!(
            "chimera: give up the namespace at {file}: EBUSY (Device or resource busy): its mount may still be there\n  \
             try: umount {word}\n"
        )
    };
    let missing = "chimera: execve /nonexistent: ENOENT (No such file or directory)\n";
    let refused = "chimera: keep the namespace at none: ENOENT (No such file or directory): there is no such file\n  \
                   try: create it: touch\n";
    for (options, kept, status, message) in [
        ("--uts=uts -- /nonexistent", "uts uts\n", 127, format!("{missing}{}", stays("uts"))),
        ("-p --uts='a b' -- /nonexistent", "uts a\\040b\n", 127, format!("{missing}{}", stays("a b"))),
        (
            "--ipc=ipc --uts=uts --time=none true",
            "uts uts\nipc ipc\n",
            125,
            [refused, &stays("uts"), &stays("ipc")].concat(),
        ),
        // The program's process is killed before it executes the program.
        ("--uts=uts -G 0 true", "uts uts\n", 125, stays("uts")),
    ] {
        let text = format!("cp uts 'a b'; $C run {options}; status=$?; kept; exit $status");
        let refuse = || {
            filter::refuse(&[(libc::SYS_umount2, 0, libc::EBUSY)])?;
            filter::kill(libc::SYS_setgroups)
        };
        let run = run(before::exec(script(&text), refuse)).nothing_left();
        assert_eq!((run.status, run.out.as_str(), run.err), (Some(status), kept, message), "{options}");
    }
}

/// Who is not root of the mount namespace is told so.
#[test]
fn without_the_right_to_mount_nothing_is_kept() {
    if !may_mount() {
        return;
    }
    let message = "chimera: keep the namespace at uts: EPERM (Operation not permitted): only root of the caller's mount \
                   namespace may mount\n  try: run it as root, or in `chimera run -rm`\n";
    let user = "setpriv --reuid 1000 --regid 1000 --clear-groups $C";
    for way in ["-r", "-rp"] {
        let run =
            run(script(&format!("{user} run {way} --uts=uts true; status=$?; kept; exit $status"))).nothing_left();
        assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(125), "", message), "{way}");
    }
    // The remedy is one.
    let remedy = format!("{user} run -rm sh -c '$C run --uts=uts hostname x && nsenter --uts=uts hostname'");
    assert_eq!(told(&remedy), "x\n");
}

/// A mount namespace cannot be kept where another one would get the mount too.
#[test]
fn a_shared_mount_is_explained() {
    if !may_mount() {
        return;
    }
    let other = "mount --make-shared /mnt; mkfifo end ready; unshare -m --propagation unchanged sh -c 'echo >ready; read l <end' & \
                 read line <ready; $C run --mount=mnt true; status=$?; kept; echo >end; wait; exit $status";
    let run = run(script(other)).nothing_left();
    let message = "chimera: keep the namespace at mnt: EINVAL (Invalid argument): the file is on a shared mount, and other mount \
                   namespaces would get the new mount too\n  try: make its folder a private mount: mount --bind, mount --make-private\n";
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(125), "", message));
    // Where there is no other, it works, and other kinds can be kept on shared mounts.
    let alone = "mount --make-shared /mnt; $C run --mount=mnt true && kept";
    assert_eq!(told(alone), "mnt mnt\n");
}

/// Of two processors, the numbers of the one may be smaller than those of the other.
#[test]
fn a_mount_namespace_that_counts_as_older_is_explained() {
    if !may_mount() {
        return;
    }
    let processors = processors();
    let [one, other] = [&processors[0], &processors[processors.len() - 1]];
    let message = "chimera: keep the namespace at mnt: EINVAL (Invalid argument): this kernel numbers mount namespaces by processor, \
                   and takes the new one for the older\n  try: run it again, on another processor: taskset\n";
    for (outer, inner) in [(one, other), (other, one)] {
        let text = format!(
            "taskset -pc {outer} $$ >own && exec unshare -m --propagation private sh -c 'taskset -c {inner} $C run --mount=mnt true'"
        );
        let run = run(script(&text)).nothing_left();
        let is_kept = (run.status, run.err.as_str()) == (Some(0), "");
        assert!(is_kept || (run.status, run.err.as_str()) == (Some(125), message), "{run:#?}");
    }
}
