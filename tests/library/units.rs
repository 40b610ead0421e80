//! The parts that are pure: words, digits, verdicts, flags; no task is made here.
//!
//! Each is held against somebody else's answer (std, the C library, the kernel's headers) or
//! against a table written by hand; where there are too many inputs for a table, random ones stand for all.

use chimera::board::Board;
use chimera::board::record::Experiment;
use chimera::cli::misuse::Misuse;
use chimera::cli::tour::{Request, parse};
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::{FLAGS, Flags, PTHREAD};
use chimera::rules::spelling::{self, Wrong};
use chimera::sys::Pid;
use chimera::text::nearest::nearest;
use chimera::text::number::digits;
use chimera::witness::behaviour;
use chimera::witness::pair::Pair;
use chimera::witness::resource::RESOURCES;
use chimera::witness::verdict::{Asked, Row, Says, Tally, Verdict};
use linux_raw_sys::general as kernel;
use proptest::prelude::*;

const OPTIONS: [&str; 12] = [
    "--help",
    "-h",
    "--version",
    "-V",
    "--verbose",
    "-v",
    "--json",
    "--verb",
    "--js",
    "-vV",
    "--color=never",
    "--col=auto",
];

/// Most of what is tried makes sense, or the sense of the rest would never be seen.
fn word() -> impl Strategy<Value = Vec<u8>> {
    let known = |words: &'static [&str]| prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec());
    prop_oneof![6 => known(&OPTIONS), 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

fn parsed(words: &[Vec<u8>]) -> Result<Request, Misuse<'_>> {
    parse(None, words.iter().map(Vec::as_slice))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn words_are_understood_or_the_first_bad_one_is_named(words in prop::collection::vec(word(), 0..6)) {
        let has = |names: &[&str]| words.iter().any(|word| names.iter().any(|name| name.as_bytes() == word));
        let is_known = |word: &Vec<u8>| OPTIONS.iter().any(|known| known.as_bytes() == word);
        match (parsed(&words), words.iter().find(|word| !is_known(word))) {
            (Err(_), nonsense) => prop_assert!(nonsense.is_some()),
            (Ok(request), None) => {
                prop_assert_eq!(request.output.is_some(), has(&["--json", "--js"]));
                prop_assert_eq!(request.verbose, has(&["-v", "--verbose", "--verb", "-vV"]));
            }
            // Behind `--`, or as other letters and abbreviations, an odd word may make sense too.
            (Ok(_), Some(odd)) => prop_assert!(odd.starts_with(b"-"), "{:?}", odd.escape_ascii().to_string()),
        }
    }

    #[test]
    fn numbers_are_written_as_std_writes_them(number in prop_oneof![any::<usize>(), 0..300usize]) {
        prop_assert_eq!(written(number, 10), number.to_string());
        prop_assert_eq!(written(number, 16), format!("{number:x}"));
    }
}

fn written(number: usize, base: usize) -> String {
    let mut room = [0; 20];
    String::from_utf8_lossy(digits(number, base, &mut room)).into_owned()
}

#[test]
fn the_ends_of_the_numbers_are_written_too() {
    for number in [0, 9, 10, 15, 16, usize::MAX] {
        assert_eq!([written(number, 10), written(number, 16)], [number.to_string(), format!("{number:x}")]);
    }
}

/// What the witnesses say, and the verdict if sharing was asked for and if it was not.
type Judged = (Says, Says, Verdict, Verdict);

const TRUTH: [Judged; 9] = [
    (Says::One, Says::One, Verdict::Honoured, Verdict::NotHonoured),
    (Says::One, Says::Unknown, Verdict::Honoured, Verdict::NotHonoured),
    (Says::Unknown, Says::One, Verdict::Honoured, Verdict::NotHonoured),
    (Says::Two, Says::Two, Verdict::NotHonoured, Verdict::Honoured),
    (Says::Two, Says::Unknown, Verdict::NotHonoured, Verdict::Honoured),
    (Says::Unknown, Says::Two, Verdict::NotHonoured, Verdict::Honoured),
    (Says::One, Says::Two, Verdict::Unknown, Verdict::Unknown),
    (Says::Two, Says::One, Verdict::Unknown, Verdict::Unknown),
    (Says::Unknown, Says::Unknown, Verdict::Unknown, Verdict::Unknown),
];

#[test]
fn the_verdict_is_that_of_the_truth_table() {
    for (kernel, behaviour, if_shared, if_not) in TRUTH {
        for (asked, verdict) in
            [(Asked::Shared, if_shared), (Asked::None, if_shared), (Asked::Copied, if_not), (Asked::New, if_not)]
        {
            assert_eq!(Row::judge(asked, kernel, behaviour), Row { asked, kernel, behaviour, verdict });
        }
    }
}

#[test]
fn each_word_of_a_row_is_told_otherwise() {
    assert_eq!([Some(true), Some(false), None].map(Says::from), [Says::One, Says::Two, Says::Unknown]);
    let says = [Says::One, Says::Two, Says::Unknown];
    assert_eq!(says.map(Says::of_kernel), ["same", "different", "unknown"]);
    assert_eq!(says.map(Says::of_behaviour), ["shared", "separate", "unknown"]);
    assert_eq!(says.map(Says::of_effect), ["not-seen", "seen", "unknown"]);
    let asked = [Asked::Shared, Asked::Copied, Asked::New, Asked::None];
    assert_eq!(asked.map(Asked::name), ["shared", "copied", "new", "none"]);
    let verdicts = [Verdict::Honoured, Verdict::NotHonoured, Verdict::Unknown];
    assert_eq!(verdicts.map(Verdict::name), ["honoured", "not-honoured", "unknown"]);
}

#[test]
fn a_tally_counts_each_verdict() {
    let mut tally = Tally::default();
    let verdicts = [Verdict::Honoured, Verdict::Honoured, Verdict::NotHonoured, Verdict::Unknown];
    verdicts.into_iter().for_each(|verdict| tally.count(verdict));
    assert_eq!(tally, Tally { proven: 2, wrong: 1, open: 1 });
}

/// The flags by the kernel's header, in strace's order.
const KERNELS: [(&str, u64); 31] = [
    ("VM", kernel::CLONE_VM as u64),
    ("FS", kernel::CLONE_FS as u64),
    ("FILES", kernel::CLONE_FILES as u64),
    ("SIGHAND", kernel::CLONE_SIGHAND as u64),
    ("PIDFD", kernel::CLONE_PIDFD as u64),
    ("PTRACE", kernel::CLONE_PTRACE as u64),
    ("VFORK", kernel::CLONE_VFORK as u64),
    ("PARENT", kernel::CLONE_PARENT as u64),
    ("THREAD", kernel::CLONE_THREAD as u64),
    ("NEWNS", kernel::CLONE_NEWNS as u64),
    ("SYSVSEM", kernel::CLONE_SYSVSEM as u64),
    ("SETTLS", kernel::CLONE_SETTLS as u64),
    ("PARENT_SETTID", kernel::CLONE_PARENT_SETTID as u64),
    ("CHILD_CLEARTID", kernel::CLONE_CHILD_CLEARTID as u64),
    ("DETACHED", kernel::CLONE_DETACHED as u64),
    ("UNTRACED", kernel::CLONE_UNTRACED as u64),
    ("CHILD_SETTID", kernel::CLONE_CHILD_SETTID as u64),
    ("NEWCGROUP", kernel::CLONE_NEWCGROUP as u64),
    ("NEWUTS", kernel::CLONE_NEWUTS as u64),
    ("NEWIPC", kernel::CLONE_NEWIPC as u64),
    ("NEWUSER", kernel::CLONE_NEWUSER as u64),
    ("NEWPID", kernel::CLONE_NEWPID as u64),
    ("NEWNET", kernel::CLONE_NEWNET as u64),
    ("IO", kernel::CLONE_IO as u64),
    ("NEWTIME", kernel::CLONE_NEWTIME as u64),
    ("CLEAR_SIGHAND", kernel::CLONE_CLEAR_SIGHAND),
    ("INTO_CGROUP", kernel::CLONE_INTO_CGROUP),
    // Of Linux 7.1, which the header does not know yet.
    ("AUTOREAP", 1 << 34),
    ("NNP", 1 << 35),
    ("PIDFD_AUTOKILL", 1 << 36),
    ("EMPTY_MNTNS", 1 << 37),
];

#[test]
fn the_flags_have_the_kernels_names_and_strace_s_order() {
    let told: Vec<_> = FLAGS.iter().map(|flag| (flag.name, flag.bit.bits())).collect();
    assert_eq!(told, KERNELS);
    // Set and table are one: each flag of the set has its row, in the same order.
    let set: Vec<_> = Flags::all().iter_names().map(|(name, flag)| (name, flag.bits())).collect();
    assert_eq!(set, told, "a name for each flag of the set");
    let all = FLAGS.iter().fold(Flags::empty(), |all, flag| {
        assert_eq!((flag.bit.bits().count_ones(), all.intersects(flag.bit)), (1, false), "a bit of its own");
        all | flag.bit
    });
    assert_eq!(all, Flags::all());
}

/// A word of flags, and what it is: the bits and the exit signal by clone(2), and both by clone3(2).
type Spelling = (&'static str, (u64, u64), (u64, u64));

const SPELLINGS: &[Spelling] = &[
    ("CLONE_VM|CLONE_FS", (0x300, 17), (0x300, 17)),
    ("CLONE_VM | CLONE_FS | SIGCHLD", (0x300, 17), (0x300, 17)),
    (" vm\tfs , usr1 ", (0x300, 10), (0x300, 10)),
    ("vm\nfs", (0x300, 17), (0x300, 17)),
    ("CLONE_VM\n|\nCLONE_FS", (0x300, 17), (0x300, 17)),
    ("CLONE_VM|\nCLONE_FS", (0x300, 17), (0x300, 17)),
    ("vm,fs", (0x300, 17), (0x300, 17)),
    ("VM|0x200", (0x300, 17), (0x300, 17)),
    ("clone_vm,FILES", (0x500, 17), (0x500, 17)),
    ("vm|SIGCHLD", (0x100, 17), (0x100, 17)),
    ("vm,usr1", (0x100, 10), (0x100, 10)),
    ("vm,0", (0x100, 0), (0x100, 0)),
    ("0x111", (0x100, 17), (0x111, 17)),
    ("0x80", (0, 0x80), (0x80, 17)),
    ("newtime", (0x80, 17), (0x80, 17)),
    ("SIGRT_2", (0, 34), (0, 34)),
    ("rtmin+32", (0, 64), (0, 64)),
    ("fork", (0, 17), (0, 17)),
    ("vfork", (0x4100, 17), (0x4100, 17)),
    ("VFORK", (0x4000, 17), (0x4000, 17)),
    ("thread", (0x21_0900, 0), (0x21_0900, 0)),
    ("THREAD", (0x1_0000, 0), (0x1_0000, 0)),
    ("pthread", (0x3d_0f00, 0), (0x3d_0f00, 0)),
    ("user", (0x1000_0000, 17), (0x1000_0000, 17)),
    ("container", (0x7e02_0000, 17), (0x7e02_0000, 17)),
    ("18446744073709551615", (0xffff_ffff_ffff_ff00, 255), (u64::MAX, 0)),
];

/// Reads words into a call.
fn read<'a>(words: &'a str, call: &mut Call) -> Result<(), Wrong<'a>> {
    // Words of the shell are told apart by a line end.
    spelling::parse(&mut words.split('\n').map(str::as_bytes), call)
}

#[test]
fn flags_are_read_in_every_spelling() {
    for (word, by_clone, by_clone3) in SPELLINGS {
        for (api, wanted) in [(Api::Clone, by_clone), (Api::Clone3, by_clone3)] {
            let mut call = Call::usual(api, Flags::empty());
            assert_eq!(read(word, &mut call), Ok(()), "{word}");
            assert_eq!((call.flags.bits(), call.exit_signal), *wanted, "{word} by {api:?}");
        }
    }
}

#[test]
fn what_is_no_flag_is_named() {
    for (words, wrong) in [
        ("VM|CLONE_NEWUSR", Wrong::Name(b"CLONE_NEWUSR")),
        ("nonsense", Wrong::Name(b"nonsense")),
        ("VM nonsense FS", Wrong::Name(b"nonsense")),
        ("18446744073709551616", Wrong::Number(b"18446744073709551616")),
        ("VM,0x", Wrong::Number(b"0x")),
        ("VM||FS", Wrong::Separator(b"VM||FS")),
        ("VM | , FS", Wrong::Separator(b"VM | , FS")),
        ("|VM", Wrong::Separator(b"|VM")),
        ("VM|", Wrong::Separator(b"VM|")),
        ("VM\n|", Wrong::Separator(b"|")),
        ("VM|\n|FS", Wrong::Separator(b"|FS")),
        ("", Wrong::Nothing(b"")),
        ("VM\n \nFS", Wrong::Nothing(b" ")),
    ] {
        assert_eq!(read(words, &mut Call::usual(Api::Clone, Flags::empty())), Err(wrong), "{words}");
    }
}

/// At most a third of the letters is wrong; among equals a preset comes first for a word in lower case.
#[test]
fn the_nearest_name_is_near() {
    for (word, near) in [
        ("CLONE_NEWUSR", Some(("CLONE_", "NEWUSER"))),
        ("sighnad", Some(("", "SIGHAND"))),
        ("SIGTREM", Some(("SIG", "TERM"))),
        ("ptread", Some(("", "pthread"))),
        ("threads", Some(("", "thread"))),
        ("THREADS", Some(("", "THREAD"))),
        ("Thraed", Some(("", "THREAD"))),
        ("foo", None),
        ("V", None),
        ("nonsense", None),
        ("CLONE_", None),
        ("", None),
    ] {
        assert_eq!(spelling::near(word.as_bytes(), &|_| true), near, "{word}");
    }
    assert_eq!(spelling::near(b"threads", &|name| name != "thread"), Some(("", "THREAD")));
}

/// The distance with exchanged neighbours, by its definition on whole texts.
fn distance(one: &[u8], other: &[u8]) -> usize {
    match (one, other) {
        ([], rest) | (rest, []) => rest.len(),
        ([a, one @ ..], [b, other @ ..]) if a == b => distance(one, other),
        ([a, rest @ ..], [b, others @ ..]) => {
            let exchanged = match (rest, others) {
                ([c, rest @ ..], [d, others @ ..]) if a == d && b == c => distance(rest, others),
                _ => usize::MAX - 1,
            };
            1 + exchanged.min(distance(rest, others)).min(distance(rest, other)).min(distance(one, others))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn the_nearest_is_that_of_the_definition(word in "[abc]{0,7}", names in prop::collection::vec("[abc]{1,7}", 1..4)) {
        let leaked: Vec<&'static str> = names.iter().map(|name| &*name.clone().leak()).collect();
        let distances = leaked.iter().map(|name| (distance(word.as_bytes(), name.as_bytes()), *name));
        let near = distances.filter(|(wrong, _)| wrong * 3 <= word.len()).min_by_key(|(wrong, _)| *wrong);
        prop_assert_eq!(nearest(word.as_bytes(), leaked.into_iter()), near.map(|(_, name)| ("", name)));
    }
}

#[test]
fn a_pthread_asks_for_what_the_c_library_asks_for() {
    // pthread_create(3) of glibc and of musl, but for CLONE_DETACHED, which musl adds and no kernel reads.
    assert_eq!(PTHREAD.bits(), 0x3d_0f00);
}

/// A parent that is killed between the two has left only what it had prepared, and the numbers of that are often those
/// of a shared object.
#[test]
fn what_was_prepared_is_not_taken_for_what_was_seen() {
    let board = Board::<Experiment>::new().expect("a board");
    let call = Call::usual(Api::Clone, Flags::VM);
    board.wipe();
    behaviour::arm(board.record(), Flags::empty());
    behaviour::act(board.record());
    let says = |number: usize| {
        let pair =
            Pair { call: &call, board, parent: Pid::new(1), child: Pid::new(2), tasks: None, from_outside: true };
        (RESOURCES[number].behaviour)(&pair)
    };
    assert_eq!([0, 1, 2, 3].map(says), [None; 4]);
    behaviour::look(board.record());
    // One task was both, so everything is one object.
    assert_eq!([0, 1, 2, 3].map(says), [Some(true); 4]);
}
