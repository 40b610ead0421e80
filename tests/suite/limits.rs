//! Where something is missing or too small: descriptors, room in a pipe or on a disk, and the limits of setrlimit(2).
//!
//! A run under a limit is held against a run without it. Either it says the same, or it says
//! on fd 2 what was refused; it is never killed, and never silent.

use crate::common::page::{self, proves};
use crate::common::running::Running;
use crate::common::skip::skip_part;
use crate::common::who::{command_lines, is_allowed};
use crate::common::{Run, USERS, as_user, before, chimera, deadline, elf, finish, folder, is_root, run};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::resource::{Resource, setrlimit};
use object::{Object, ObjectSegment};
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::process::{Command, Stdio};

/// The tour and all modes, as far as this place allows them.
fn all() -> Vec<Vec<&'static str>> {
    command_lines(None)
}

/// A text without what differs from run to run: the ids, and the blanks that fill their columns.
fn stable(text: &str) -> Vec<String> {
    crate::common::without_ids(text).split_whitespace().map(str::to_owned).collect()
}

/// Panics unless the only message is this, and the status 1.
#[track_caller]
fn says(run: Run, message: &str) {
    assert_eq!((run.status, run.err.as_str()), (Some(1), message), "{run:#?}");
    run.nothing_left();
}

#[test]
fn closed_descriptors_that_are_not_needed_change_nothing() {
    for words in all() {
        let plain = run(chimera(&words)).clean(0);
        for closed in [&[0][..], &[2], &[0, 2]] {
            let run = run(before::without(chimera(&words), closed)).clean(0);
            assert_eq!(stable(&run.out), stable(&plain.out), "without {closed:?}");
        }
    }
}

#[test]
fn a_closed_fd_1_is_told_on_fd_2() {
    for words in all() {
        for closed in [&[1][..], &[0, 1]] {
            says(
                run(before::without(chimera(&words), closed)),
                "chimera: write to fd 1: EBADF (Bad file descriptor)\n",
            );
        }
    }
}

#[test]
fn without_any_descriptor_the_status_tells() {
    for words in all() {
        for closed in [&[1, 2][..], &[0, 1, 2]] {
            let run = run(before::without(chimera(&words), closed));
            assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(1), "", ""), "{run:#?}");
            run.nothing_left();
        }
    }
}

/// The files that the program opens take the place of closed descriptors: what it prints must not go there.
#[test]
fn nothing_is_written_to_a_file_that_took_the_place_of_fd_2() {
    for closed in [&[2][..], &[0, 2]] {
        // fd 2 is the next to be opened, and the message about fd 1 comes at the end.
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        let mut command = before::without(chimera(&["user"]), closed);
        let child = command.stdout(full).stderr(Stdio::piped()).spawn().expect("it starts");
        let run = finish(child);
        assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{run:#?}");
        run.nothing_left();
    }
}

/// Starts it with `out` as fd 1.
fn writing_to(mut command: Command, out: impl Into<Stdio>) -> Run {
    finish(command.stdout(out).stderr(Stdio::piped()).spawn().expect("it starts"))
}

#[test]
fn a_full_disk_is_told() {
    for words in all() {
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        says(writing_to(chimera(&words), full), "chimera: write to fd 1: ENOSPC (No space left on device)\n");
    }
}

#[test]
fn a_file_that_may_not_grow_is_told() {
    let path = folder().join("grows");
    for words in all() {
        let file = File::create(&path).expect("a file");
        let run = writing_to(before::limited(chimera(&words), Resource::RLIMIT_FSIZE, 0), file);
        assert_eq!((run.status, run.signal), (Some(1), None), "{run:#?}");
        assert!(run.err.starts_with("chimera: write to fd 1: "), "{run:#?}");
        run.nothing_left();
    }
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    for words in all() {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let run = writing_to(chimera(&words), writer);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{run:#?}");
        run.nothing_left();
    }
}

#[test]
fn a_reader_that_goes_away_after_a_byte_is_no_error() {
    for words in all() {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let child = chimera(&words).stdout(writer).stderr(Stdio::piped()).spawn().expect("it starts");
        let running = Running::from(child);
        deadline::readable(&reader);
        reader.read_exact(&mut [0]).expect("a byte");
        drop(reader);
        let run = running.finish();
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{run:#?}");
        run.nothing_left();
    }
}

/// A pipe of one page that is full but for `room` bytes.
fn full_pipe(room: usize) -> (PipeReader, PipeWriter, usize) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let size = fcntl(&writer, FcntlArg::F_SETPIPE_SZ(4096)).expect("a small pipe") as usize;
    writer.write_all(&vec![b'.'; size - room]).expect("as much as there is room for");
    (reader, writer, size - room)
}

/// Waits until a process sleeps in write(2) or poll(2): proc_pid_syscall(5) begins with the number of the call.
fn until_it_waits(process: u32) {
    let waits = |call: &String| matches!(call.split(' ').next(), Some("1" | "7"));
    let call = || std::fs::read_to_string(format!("/proc/{process}/syscall")).ok();
    deadline::until("it waits for its reader", || call().filter(waits));
}

#[test]
fn a_slow_reader_gets_everything() {
    for words in all() {
        let plain = run(chimera(&words)).clean(0);
        for flags in [OFlag::empty(), OFlag::O_NONBLOCK] {
            let (mut reader, writer, filled) = full_pipe(0);
            fcntl(&writer, FcntlArg::F_SETFL(flags)).expect("flags");
            // The command holds the writing end too: it must go, or the end never comes.
            let child = chimera(&words).stdout(writer).stderr(Stdio::piped()).spawn().expect("it starts");
            let running = Running::from(child);
            until_it_waits(running.id());
            let out = deadline::read_to_end(&mut reader);
            let run = running.finish();
            assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{run:#?}");
            assert_eq!(stable(&out[filled..]), stable(&plain.out), "with {flags:?}");
            run.nothing_left();
        }
    }
}

#[test]
fn no_task_beyond_the_limit() {
    if !is_root() {
        // As an ordinary user the limit counts the tasks of this very test run too: zero is exceeded all the same.
        return no_task_for(|command| command);
    }
    USERS.iter().for_each(|user| no_task_for(|command| as_user(command, *user)));
}

fn no_task_for(user: impl Fn(Command) -> Command) {
    for words in all() {
        let run = run(before::limited(user(chimera(&words)), Resource::RLIMIT_NPROC, 0));
        let refused = "): EAGAIN (Resource temporarily unavailable): too many tasks: RLIMIT_NPROC";
        assert!(run.err.starts_with("chimera: clone(") && run.err.contains(refused), "{run:#?}");
        assert!(run.err.contains("\n  try: ulimit -u"), "{run:#?}");
        assert!(!run.out.contains("not-honoured") && run.out.contains(" 0 not as claimed"), "{run:#?}");
        assert_eq!((run.status, run.signal), (Some(3), None), "refused as predicted: {run:#?}");
        run.nothing_left();
    }
}

/// The address space that every mode has to get by with beside that of the ELF's segments, in bytes.
const BESIDE: u64 = 1228 << 10;

/// The address space of the ELF's segments, in bytes.
fn in_memory() -> u64 {
    let bytes = std::fs::read(elf()).expect("the ELF");
    let file = object::File::parse(&*bytes).expect("an ELF");
    file.segments().map(|segment| segment.size().next_multiple_of(4096)).sum()
}

/// From far too little to enough: below some limit the kernel cannot load the program at all; above it, each limit
/// either suffices or is told.
#[test]
fn little_memory_is_told() {
    let most = in_memory() + BESIDE;
    for words in all() {
        let (mut loads, mut suffices) = (false, false);
        for limit in (16 << 10..=most).step_by(16 << 10) {
            let mut command = before::limited(chimera(&words), Resource::RLIMIT_AS, limit);
            let Ok(child) = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
                assert!(!loads, "{words:?} does not start with {limit}");
                continue;
            };
            let run = finish(child).nothing_left();
            match run.status {
                None => assert!(!loads, "{words:?} is killed with {limit}: {run:#?}"),
                Some(0) => (loads, suffices) = (true, true),
                Some(_) => {
                    assert!(!suffices, "{words:?} needs more than {limit}, but less was enough: {run:#?}");
                    let told =
                        run.err.contains(": ENOMEM (Cannot allocate memory): no memory: RLIMIT_AS is reached\n  try: ");
                    assert!(told, "{words:?} with {limit}: {run:#?}");
                    loads = true;
                }
            }
        }
        assert!(suffices, "{words:?} needs more than {most} bytes, {BESIDE} of them beside the ELF itself");
    }
}

/// A command line where the stack may grow up to `soft` and an ordinary user may raise that up to `hard`. The environment
/// lies on the stack too.
fn on_a_stack(words: &[&str], soft: u64, hard: u64) -> Run {
    let mut command = chimera(words);
    command.env_clear().env("PATH", "/usr/bin:/bin");
    // By this the run of all tests knows what it has started.
    if let Some(folder) = std::env::var_os("CHIMERA_FOLDER") {
        command.env("CHIMERA_FOLDER", folder);
    }
    run(before::exec(command, move || setrlimit(Resource::RLIMIT_STACK, soft, hard)))
}

/// Whether the stack sufficed; if not, panics unless that is all that happened.
fn has_sufficed(run: &Run, failed: i32) -> bool {
    let told = "chimera: the stack: ENOMEM (Cannot allocate memory): RLIMIT_STACK leaves ";
    let is_told = run.err.starts_with(told) && run.err.contains(" bytes that are needed\n");
    assert!(run.signal.is_none() && is_told == run.err.contains("the stack"), "{run:#?}");
    assert!(!is_told || (run.status, run.out.as_str()) == (Some(failed), ""), "{run:#?}");
    !is_told
}

/// From the least with which the kernel starts any program: the stack suffices, or a line says that it does not, and no
/// command is killed where the shortest is let in.
#[test]
fn a_stack_that_is_too_small_is_told() {
    let may_run = [&["run", "-r", "--", "true"] as &[&str], &["run", "-rp", "--map-user=daemon", "--", "true"]];
    let others = [
        &["run", "--", "true"] as &[&str],
        &["run", "--", "no-such-program"],
        &["clone", "container", "--json"],
        &["clone", "pthread", "--dot"],
        &["clone", "NEWNS,FS"],
        &["clone", "user", "--", "true"],
        &["rules"],
        &["rules", "THREAD,NEWNET", "--unprivileged"],
        &["doctor", "--json"],
        &["doctor"],
        &["bench", "user", "--heap", "0,1M", "--tasks", "0,3"],
        &["quiz", "-s", "1", "-c"],
        &["run", "--help"],
        &["-v"],
        &["--json"],
        &["--bad"],
    ];
    let modes = all();
    let all = modes.iter().map(Vec::as_slice).chain(others).chain(may_run);
    let (mut least, mut refused) = (None, 0);
    for limit in (16..=96).step_by(4).map(|kib| kib << 10) {
        if !has_sufficed(&on_a_stack(&["--version"], limit, limit), 1) {
            refused += 1;
            continue;
        }
        // By so much the kernel places its own data higher or lower, as it happens.
        if limit > *least.get_or_insert(limit) + 8192 {
            break;
        }
        for words in all.clone() {
            let executes = words.first() == Some(&"run") || words.contains(&"--");
            let run = on_a_stack(words, limit, limit);
            if has_sufficed(&run, if executes { 125 } else { 1 }) && modes.iter().any(|mode| mode == words) {
                proves("a small stack", &run.clean(0).out, words);
            }
        }
    }
    assert!(least.is_some() && refused > 0, "refused {refused} times, least {least:?}");
}

/// A limit that the user may raise is told with what to raise it to, and that suffices.
#[test]
fn a_stack_that_may_grow_is_told_how_far() {
    for (words, failed) in [(&["fork"] as &[&str], 1), (&["run", "true"], 125), (&["clone", "fork", "--", "true"], 125)]
    {
        let refused = on_a_stack(words, 20 << 10, 1 << 20);
        assert!(!has_sufficed(&refused, failed), "{refused:#?}");
        let (_, remedy) = refused.err.split_once("\n  try: ulimit -s ").expect("a remedy");
        let enough = remedy.trim_end().parse::<u64>().expect("KiB") << 10;
        on_a_stack(words, enough, enough).clean(0);
        // It is no remedy where it is not allowed.
        let refused = on_a_stack(words, 20 << 10, 24 << 10);
        assert!(!has_sufficed(&refused, failed) && refused.err.lines().count() == 1, "{refused:#?}");
    }
}

/// Without new descriptors the file's own witness is silent, and nobody can write a map.
#[test]
fn no_descriptor_to_be_had() {
    let limited = |words: &[&str]| run(before::limited(chimera(words), Resource::RLIMIT_NOFILE, 0)).nothing_left();
    for mode in ["fork", "chimera", "thread"] {
        let run = limited(&[mode]).clean(0);
        proves("no descriptor", &run.out, &[mode]);
        let files = page::rows(&run.out).into_iter().filter(|((_, flag), _)| flag == "FILES");
        files.for_each(|(_, words)| assert_eq!(words[2], "unknown", "{run:#?}"));
    }
    if !is_allowed(None) {
        return skip_part("a map that cannot be written: user namespaces are forbidden here");
    }
    let user = limited(&["user"]);
    assert_eq!(user.status, Some(4), "{user:#?}");
    assert!(user.err.starts_with("chimera: write /proc/self/setgroups: "), "{user:#?}");
    let tour = limited(&[]);
    assert!(tour.status == Some(4) && tour.err == user.err, "{tour:#?}");
}
