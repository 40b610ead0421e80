//! The parts that are pure: words, numbers, errors, verdicts, flags; no task is made here.
//!
//! The decision behind it: each is held against somebody else's answer (std, the C library, the kernel's headers) or
//! against a table written by hand; where there are too many inputs for a table, random ones stand for all.

use chimera::cli::args::{Request, parse};
use chimera::clone::flags::{NAMES, PTHREAD};
use chimera::sys::{Answer, Errno};
use chimera::witness::verdict::{Tally, count, judge};
use chimera::words::{Text, digits};
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
fn sense(request: &Request) -> (Option<Text>, bool, bool, Option<Text>) {
    (request.mode, request.json, request.verbose, request.text)
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
                prop_assert_eq!(request.text.is_some(), has(&["-h", "--help", "-V", "--version"]));
                let mode = request.mode.map(|mode| mode.bytes().to_vec());
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

    #[test]
    fn an_answer_is_a_result_or_an_errno(register in prop_oneof![any::<usize>(), (usize::MAX - 5000)..=usize::MAX]) {
        let errno = (-4095..=-1).contains(&(register as isize)).then(|| register.wrapping_neg());
        let answer = Answer(register);
        prop_assert_eq!(answer.is_error(), errno.is_some());
        prop_assert_eq!(answer.ok(), if errno.is_some() { None } else { Some(register) });
        prop_assert_eq!(answer.split().map_err(Errno::number), errno.map_or(Ok(register), Err));
        prop_assert_eq!(answer.and_then(|_| Answer(1)).0, errno.map_or(1, |_| register));
    }
}

fn written(number: usize, base: usize) -> String {
    let mut room = [0; 20];
    let start = digits(number, base, &mut room);
    String::from_utf8_lossy(&room[start..]).into_owned()
}

#[test]
fn the_ends_of_the_numbers_are_written_too() {
    for number in [0, 9, 10, 15, 16, usize::MAX] {
        assert_eq!([written(number, 10), written(number, 16)], [number.to_string(), format!("{number:x}")]);
    }
}

#[test]
fn every_errno_with_a_text_has_that_of_the_c_library() {
    let mut with_text = 0;
    for number in 1..4096 {
        let errno = Errno::new(number as usize);
        assert_eq!(errno.number(), number as usize);
        if errno.text() != Text::Errno {
            let name = format!("{:?}", nix::errno::Errno::from_raw(number));
            let text = std::io::Error::from_raw_os_error(number).to_string();
            let text = text.strip_suffix(&format!(" (os error {number})")).expect("std's way to say it");
            assert_eq!(String::from_utf8_lossy(errno.text().bytes()), format!("{name} ({text})"));
            with_text += 1;
        }
    }
    assert!(with_text >= 10, "only {with_text} errors have a text");
}

/// What the witnesses say, true being "one object", and the verdict if sharing was asked for and if it was not.
type Judged = (Option<bool>, Option<bool>, Text, Text);

const TRUTH: [Judged; 9] = [
    (Some(true), Some(true), Text::Honoured, Text::NotHonoured),
    (Some(true), None, Text::Honoured, Text::NotHonoured),
    (None, Some(true), Text::Honoured, Text::NotHonoured),
    (Some(false), Some(false), Text::NotHonoured, Text::Honoured),
    (Some(false), None, Text::NotHonoured, Text::Honoured),
    (None, Some(false), Text::NotHonoured, Text::Honoured),
    (Some(true), Some(false), Text::Unknown, Text::Unknown),
    (Some(false), Some(true), Text::Unknown, Text::Unknown),
    (None, None, Text::Unknown, Text::Unknown),
];

#[test]
fn the_verdict_is_that_of_the_truth_table() {
    for (kernel, behaviour, if_shared, if_not) in TRUTH {
        let says = |word: Option<bool>, no, yes| word.map_or(Text::Unknown, |word| if word { yes } else { no });
        let words = [says(kernel, Text::Different, Text::Same), says(behaviour, Text::Separate, Text::Shared)];
        for (asked, verdict) in [(Text::Shared, if_shared), (Text::Copied, if_not), (Text::New, if_not)] {
            assert_eq!(judge(asked, kernel, behaviour), [asked, words[0], words[1], verdict]);
        }
    }
}

#[test]
fn a_tally_counts_verdicts_alone() {
    let mut tally = Tally::default();
    let words = [Text::Honoured, Text::Honoured, Text::NotHonoured, Text::Unknown, Text::Skip, Text::Shared];
    words.into_iter().for_each(|word| count(&mut tally, word));
    assert_eq!(tally, [2, 1, 1]);
}

/// The flags by the kernel's header.
const KERNELS: [(&str, u32); 11] = [
    ("VM", kernel::CLONE_VM),
    ("FS", kernel::CLONE_FS),
    ("FILES", kernel::CLONE_FILES),
    ("SIGHAND", kernel::CLONE_SIGHAND),
    ("PARENT", kernel::CLONE_PARENT),
    ("THREAD", kernel::CLONE_THREAD),
    ("SYSVSEM", kernel::CLONE_SYSVSEM),
    ("SETTLS", kernel::CLONE_SETTLS),
    ("PARENT_SETTID", kernel::CLONE_PARENT_SETTID),
    ("CHILD_CLEARTID", kernel::CLONE_CHILD_CLEARTID),
    ("NEWUSER", kernel::CLONE_NEWUSER),
];

#[test]
fn the_flags_have_the_kernels_names_and_order() {
    let printed = NAMES.map(|(bit, name)| (std::str::from_utf8(name.bytes()).expect("ASCII"), 1 << bit));
    assert_eq!(printed, KERNELS);
    assert!(printed.is_sorted_by_key(|(_, bit)| *bit), "strace's order");
}

#[test]
fn a_pthread_asks_for_what_the_c_library_asks_for() {
    // pthread_create(3) of glibc and of musl, but for CLONE_DETACHED, which musl adds and no kernel reads.
    assert_eq!(PTHREAD.bits(), 0x3d_0f00);
}
