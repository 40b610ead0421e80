//! The processor: nothing beyond what every x86-64 has.

use crate::common::skip::has;
use crate::common::{built, command, run};
use std::path::Path;

/// What came after the first x86-64 (x86-64-v2 and up, and what is in no level), by the beginnings of names that no older
/// instruction has.
#[rustfmt::skip]
const LATER: &[&str] = &[
    // x86-64-v2: SSE3, SSSE3, SSE4.1, SSE4.2, POPCNT, CMPXCHG16B, LAHF.
    "addsub", "hadd", "hsub", "lddqu", "movddup", "movshdup", "movsldup", "fisttp", "pabs", "palignr", "phadd", "phsub",
    "pmaddub", "pmulhrs", "pshufb", "psign", "blend", "dpp", "extractps", "insertps", "movntdqa", "mpsadbw", "packusdw",
    "pblend", "pcmpeqq", "pcmpgtq", "pcmpestr", "pcmpistr", "pextrb", "pextrd", "pextrq", "phminpos", "pinsrb", "pinsrd",
    "pinsrq", "pmaxsb", "pmaxsd", "pmaxud", "pmaxuw", "pminsb", "pminsd", "pminud", "pminuw", "pmovsx", "pmovzx", "pmuldq",
    "pmulld", "ptest", "round", "crc32", "popcnt", "cmpxchg16b", "lahf", "sahf",
    // x86-64-v3: BMI, LZCNT, MOVBE, F16C; AVX and what follows it has names of its own, which begin with a v.
    "andn", "bextr", "bls", "bzhi", "mulx", "pdep", "pext", "rorx", "sarx", "shlx", "shrx", "tzcnt", "lzcnt", "movbe", "v",
    // In no level.
    "adcx", "adox", "aes", "pclmul", "sha1", "sha256", "rdrand", "rdseed", "rdtscp", "xsave", "xrstor", "rdfsbase",
    "wrfsbase", "rdgsbase", "wrgsbase", "clflushopt", "clwb", "prefetchw", "monitor", "mwait", "tpause", "umonitor", "serialize",
];

/// The names of the instructions in a listing of objdump, of which prefixes stand in front.
fn later(listing: &str) -> Vec<&str> {
    let code = listing.lines().filter_map(|line| line.split('\t').nth(1));
    let names = code.map(|code| code.split_whitespace().find(|word| !PREFIXES.contains(word)).unwrap_or_default());
    names.filter(|name| LATER.iter().any(|later| name.starts_with(later)) && !OLD.contains(name)).collect()
}

/// What may stand in front of an instruction.
const PREFIXES: [&str; 7] = ["rep", "repz", "repnz", "lock", "data16", "cs", "notrack"];

/// Old instructions whose names begin like later ones; and tzcnt, which is bsf to a processor that does not know it (its
/// prefix says nothing there): the compiler writes it so for the first x86-64 too, for operands other than 0, where the
/// two agree.
const OLD: [&str; 3] = ["verr", "verw", "tzcnt"];

fn listing(path: &Path) -> String {
    let listing = run(command("objdump", &["-d", "--no-show-raw-insn", path.to_str().expect("UTF-8")])).clean(0).out;
    assert!(listing.contains("syscall"), "a listing of code");
    listing
}

#[test]
fn every_instruction_is_of_the_first_x86_64() {
    if has("objdump") {
        assert_eq!(later(&listing(built())), Vec::<&str>::new());
    }
}

#[test]
fn later_instructions_are_seen() {
    let text = "  1:\tvpaddd %ymm0,%ymm1,%ymm2\n  2:\tpopcnt %rax,%rax\n  3:\trep movsb\n  4:\tlock cmpxchg16b (%rdi)\n  5:\tmov %rax,%rbx\n";
    assert_eq!(later(text), ["vpaddd", "popcnt", "cmpxchg16b"]);
}

/// The processor that has the first x86-64's instructions and no others. (Tasks that share memory qemu itself cannot make.)
#[test]
fn it_starts_on_the_first_x86_64() {
    if !has("qemu-x86_64-static") {
        return;
    }
    let elf = built().to_str().expect("UTF-8");
    for words in [&["--version"][..], &["rules"], &["fork"], &["rules", "vm,fs", "--json"]] {
        let run = run(command("qemu-x86_64-static", &[&["-cpu", "qemu64", elf], words].concat()));
        assert!(matches!(run.status, Some(0 | 4)) && run.signal.is_none(), "{words:?}: {run:#?}");
        assert!(!run.out.is_empty(), "{words:?}: {run:#?}");
    }
}
