//! The parts that are pure: words, digits, verdicts, flags; no task is made here.
//!
//! Each is held against somebody else's answer (std, the C library, the kernel's headers) or
//! against a table written by hand; where there are too many inputs for a table, random ones stand for all.

use chimera::board::Board;
use chimera::board::record::Experiment;
use chimera::cli::tour::{Mode, Request, parse};
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::{FLAGS, Flags, PTHREAD};
use chimera::rules::spelling;
use chimera::sys::Pid;
use chimera::text::number::digits;
use chimera::witness::behaviour;
use chimera::witness::pair::Pair;
use chimera::witness::resource::RESOURCES;
use chimera::witness::verdict::{Asked, Row, Says, Tally, Verdict};
use linux_raw_sys::general as kernel;
use proptest::prelude::*;

const MODES: [&str; 4] = ["fork", "chimera", "thread", "user"];
const OPTIONS: [&str; 7] = ["--help", "-h", "--version", "-V", "--verbose", "-v", "--json"];

/// Most of what is tried makes sense, or the sense of the rest would never be seen.
fn word() -> impl Strategy<Value = Vec<u8>> {
    let known = |words: &'static [&str]| prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec());
    prop_oneof![4 => known(&OPTIONS), 2 => known(&MODES), 1 => prop::collection::vec(any::<u8>(), 0..8)]
}

fn parsed(words: &[Vec<u8>]) -> Result<Request, &[u8]> {
    parse(words.iter().map(Vec::as_slice))
}

/// The first word that makes no sense: one that is not known, or a second mode.
fn first_nonsense(words: &[Vec<u8>]) -> Option<&[u8]> {
    let is_in = |list: &[&str], word: &[u8]| list.iter().any(|known| known.as_bytes() == word);
    let mut modes = 0;
    words.iter().map(Vec::as_slice).find(|word| {
        modes += usize::from(is_in(&MODES, word));
        modes > 1 || !(is_in(&MODES, word) || is_in(&OPTIONS, word))
    })
}

/// What a request comes to, to be compared.
fn sense(request: &Request) -> (Option<Mode>, bool, bool, bool) {
    (request.mode, request.json, request.verbose, request.version)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn words_are_understood_or_the_first_bad_one_is_named(words in prop::collection::vec(word(), 0..6)) {
        let has = |names: &[&str]| words.iter().any(|word| names.iter().any(|name| name.as_bytes() == word));
        match (parsed(&words), first_nonsense(&words)) {
            (Err(named), nonsense) => prop_assert_eq!(Some(named), nonsense),
            (Ok(_), Some(nonsense)) => prop_assert!(false, "{:?} was understood", nonsense.escape_ascii().to_string()),
            (Ok(request), None) => {
                prop_assert_eq!(request.json, has(&["--json"]));
                prop_assert_eq!(request.verbose, has(&["-v", "--verbose"]));
                prop_assert_eq!(request.version, has(&["-V", "--version"]));
                let mode = request.mode.map(|mode| format!("{mode:?}").to_lowercase().into_bytes());
                prop_assert_eq!(mode.as_ref(), words.iter().find(|word| !word.starts_with(b"-")));
            }
        }
    }

    #[test]
    fn the_order_of_the_words_does_not_matter(words in prop::sample::select(&MODES).prop_flat_map(|mode| {
        let words: Vec<Vec<u8>> = ["-v", "--json", mode, "--help", "-h"].map(|word| word.as_bytes().to_vec()).into();
        Just(words).prop_shuffle()
    })) {
        let mut sorted = words.clone();
        sorted.sort();
        let [shuffled, sorted] = [&words, &sorted].map(|words| parsed(words).map(|request| sense(&request)));
        prop_assert_eq!(shuffled.expect("sense"), sorted.expect("sense"));
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

#[test]
fn flags_are_read_in_every_spelling() {
    for (word, by_clone, by_clone3) in SPELLINGS {
        for (api, wanted) in [(Api::Clone, by_clone), (Api::Clone3, by_clone3)] {
            let mut call = Call::usual(api, Flags::empty());
            assert_eq!(spelling::parse(word.as_bytes(), &mut call), Ok(()), "{word}");
            assert_eq!((call.flags.bits(), call.exit_signal), *wanted, "{word} by {api:?}");
        }
    }
}

#[test]
fn what_is_no_flag_is_named_with_its_nearest() {
    for (word, part, near) in [
        ("VM|CLONE_NEWUSR", "CLONE_NEWUSR", Some("NEWUSER")),
        ("sighnad", "sighnad", Some("SIGHAND")),
        ("ptread", "ptread", Some("pthread")),
        ("VM||FS", "VM||FS", None),
        ("nonsense", "nonsense", None),
        ("18446744073709551616", "18446744073709551616", None),
        ("0x", "0x", None),
    ] {
        let mut call = Call::usual(Api::Clone, Flags::empty());
        assert_eq!(spelling::parse(word.as_bytes(), &mut call), Err(part.as_bytes()), "{word}");
        let nearest = spelling::nearest(spelling::bare(part.as_bytes()), spelling::names());
        assert_eq!(nearest, near, "{word}");
    }
}

/// `thread` is a preset and `THREAD` a flag: neither is offered in place of the other.
#[test]
fn what_is_a_name_is_not_offered_another() {
    for name in spelling::names() {
        assert_eq!(spelling::nearest(name.as_bytes(), spelling::names()), None, "{name}");
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
    behaviour::arm(board.record());
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
