//! What a start costs, in counts that no clock and no other work on the machine can change: system calls, page faults.

use super::elf::ships;
use crate::common::skip::{is_installed, skip};
use crate::common::{command, elf, folder, install, run};
use nix::libc;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many page faults `chimera --version` may have beyond the smallest program's: for the page of its variables, for
/// another block or two of the file, and for its stack.
const FAULTS: i64 = 5;

/// The smallest program: the headers of an ELF with one segment, then exit(0).
fn smallest() -> PathBuf {
    const CODE: [u8; 9] = [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]; // mov eax, 60; xor edi, edi; syscall
    let (start, length) = (0x40_0000_u64, 120 + CODE.len() as u64);
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend([2u16, 62].iter().flat_map(|half| half.to_le_bytes())); // ET_EXEC, EM_X86_64
    file.extend(1u32.to_le_bytes());
    file.extend([start + 120, 64, 0].iter().flat_map(|word| word.to_le_bytes())); // entry, segments, no sections
    file.extend(0u32.to_le_bytes());
    file.extend([64u16, 56, 1, 0, 0, 0].iter().flat_map(|half| half.to_le_bytes()));
    file.extend([1u32, 5].iter().flat_map(|word| word.to_le_bytes())); // PT_LOAD, readable and executable
    file.extend([0, start, start, length, length, 0x1000].iter().flat_map(|word| word.to_le_bytes()));
    file.extend(CODE);
    let [written, path] = ["smallest.bytes", "smallest"].map(|name| folder().join(name));
    std::fs::write(&written, file).expect("a file");
    install(&written, &path, "755");
    path
}

/// The fewest page faults in some runs of a program: a busy machine takes pages of a file away, which is a fault more.
#[allow(clippy::zombie_processes, reason = "it is waited for by wait4, which tells the usage too")]
fn faults(program: &Path, words: &[&str]) -> i64 {
    let once = |_| {
        let child = Command::new(program).args(words).stdout(Stdio::null()).spawn().expect("it starts");
        let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
        // SAFETY: the kernel writes one int and one struct; std has not waited for this child and is not asked to.
        let ended = unsafe { libc::wait4(child.id() as i32, &raw mut status, 0, usage.as_mut_ptr()) };
        assert_eq!((ended, status), (child.id() as i32, 0), "{program:?}");
        // SAFETY: zeroes are a valid struct, and so is what the kernel has written.
        unsafe { usage.assume_init() }.ru_minflt
    };
    (0..20).map(once).min().expect("some runs")
}

/// A start touches few pages: what every start runs and reads lies together in the file (linker.ld), and an answer that
/// takes no task does not enter the frame of a command that makes some.
#[test]
fn a_start_touches_few_pages() {
    if !ships() {
        return skip("the frames of a build without optimising are larger");
    }
    let [smallest, own] = [faults(&smallest(), &[]), faults(elf(), &["--version"])];
    assert!(own <= smallest + FAULTS, "{own} page faults, and {smallest} of the smallest program");
}

/// A start makes no system call that it does not need: the limit of the stack, without which a start that has no room
/// would end without a word, and what it is asked for.
#[test]
fn a_start_makes_few_system_calls() {
    if !is_installed("strace") {
        return skip("strace is not installed");
    }
    let log = folder().join("start.strace");
    let [path, own] = [&log, elf()].map(|path| path.to_str().expect("UTF-8"));
    run(command("strace", &["-qq", "-e", "signal=none", "-o", path, own, "--version"])).clean(0);
    let text = std::fs::read_to_string(&log).expect("strace's file");
    let calls: Vec<_> = text.lines().filter_map(|line| line.split('(').next()).collect();
    assert_eq!(calls, ["execve", "prlimit64", "write", "exit_group"], "{text}");
}
