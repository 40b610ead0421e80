//! The readers of texts that come from outside: words, numbers, ranges of ids, the files of /proc and /etc.
//!
//! Each reader is held against a model that is written otherwise (whole texts instead of bytes one by
//! one, numbers of 128 bits instead of 64), on random texts most of which make sense; bytes of any kind stand for the rest.

use crate::common::flags::FLAGS;
use crate::common::{deadline, folder, plain};
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::Flags;
use chimera::host::id_map::{IdMap, Range};
use chimera::host::proc::{self, Line, StatField, Tasks};
use chimera::rules::spelling::{self, Wrong};
use chimera::run::ids::{Ids, Part, number_of_id};
use chimera::sys::{Errno, Pid, RawFd};
use chimera::text::number::digits;
use chimera::text::read;
use linux_raw_sys::general as kernel;
use nix::libc;
use nix::sys::signal::Signal;
use proptest::prelude::*;
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::process::Stdio;

/// Random inputs, none of which are kept in files.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

/// The presets by the names of what they are made of.
const PRESETS: [(&str, &[&str]); 7] = [
    ("fork", &[]),
    ("vfork", &["VM", "VFORK"]),
    ("chimera", &["VM"]),
    ("thread", &["VM", "SIGHAND", "THREAD", "CHILD_CLEARTID"]),
    ("pthread", &["VM", "FS", "FILES", "SIGHAND", "THREAD", "SYSVSEM", "SETTLS", "PARENT_SETTID", "CHILD_CLEARTID"]),
    ("user", &["NEWUSER"]),
    ("container", &["NEWNS", "NEWCGROUP", "NEWUTS", "NEWIPC", "NEWUSER", "NEWPID", "NEWNET"]),
];

/// What a part of a set of flags means.
#[derive(Clone, Copy, Debug)]
enum Sense {
    Flags(u64),
    Signal(u64),
    Number(u64),
}

/// A text in any case, one bit a letter.
fn in_case(text: &str, bits: u64) -> String {
    let letters = text.chars().enumerate();
    let change = |(place, letter): (usize, char)| match bits >> (place % 64) & 1 {
        0 => letter.to_ascii_uppercase(),
        _ => letter.to_ascii_lowercase(),
    };
    letters.map(change).collect()
}

/// How numbers may be written: in decimal or in hex, with zeros before them.
const WAYS: [fn(u64) -> String; 6] = [
    |number| number.to_string(),
    |number| format!("{number:#x}"),
    |number| format!("0X{number:X}"),
    |number| format!("{number:030}"),
    |number| format!("0x{number:040x}"),
    |number| format!("00{number}"),
];

/// A number that is written in one of these ways.
fn written() -> impl Strategy<Value = (String, u64)> {
    let numbers = prop_oneof![0..300u64, any::<u64>(), any::<u8>().prop_map(|bit| 1 << (bit % 64)), Just(0x80)];
    (numbers, prop::sample::select(&WAYS)).prop_map(|(number, way)| (way(number), number))
}

/// The name of a flag that is no preset.
fn flag() -> impl Strategy<Value = (String, Sense)> {
    let name = (prop::sample::select(&FLAGS), any::<u64>(), any::<bool>());
    let name = name.prop_map(|((name, bits), case, is_long)| {
        let name = if is_long { format!("CLONE_{name}") } else { name.to_owned() };
        (in_case(&name, case), Sense::Flags(bits))
    });
    name.prop_filter("a preset", |(name, _)| !PRESETS.iter().any(|(preset, _)| preset == name))
}

fn preset() -> impl Strategy<Value = (String, Sense)> {
    let bits = |name: &&str| FLAGS.iter().find(|flag| flag.0 == *name).expect("a flag").1;
    prop::sample::select(&PRESETS)
        .prop_map(move |(name, flags)| (name.to_owned(), Sense::Flags(flags.iter().map(bits).sum())))
}

/// A signal by its name: those below 32 by that of the C library, the others as strace or bash writes them. `IO` alone is the
/// flag.
fn signal_name() -> impl Strategy<Value = (String, u64)> {
    let low = (1..32u64).prop_map(|number| {
        let name = Signal::try_from(number as i32).expect("a signal").as_str();
        (name.to_owned(), number)
    });
    let high = (0..=32u64, prop::sample::select(&["SIGRT_", "SIGRTMIN+"]))
        .prop_map(|(number, name)| (format!("{name}{number}"), number + 32));
    let named = prop_oneof![4 => low, 2 => high, 1 => Just(("SIGRTMIN".to_owned(), 32))];
    let named = (named, any::<u64>(), any::<bool>()).prop_map(|((name, number), case, is_long)| {
        (in_case(if is_long { &name } else { &name["SIG".len()..] }, case), number)
    });
    named.prop_filter("a flag", |(name, _)| !name.eq_ignore_ascii_case("IO"))
}

/// A part that makes sense.
fn sense() -> impl Strategy<Value = (String, Sense)> {
    let signal = signal_name().prop_map(|(name, number)| (name, Sense::Signal(number)));
    let number = written().prop_map(|(text, number)| (text, Sense::Number(number)));
    prop_oneof![4 => flag(), 1 => preset(), 2 => signal, 2 => number]
}

/// Parts that make none.
#[rustfmt::skip]
const NONSENSE: [&str; 36] = [
    "NOPE", "CLONE_", "CLONE_CLONE_VM", "CLONE_9", "CLONE_SIGTERM", "CLONE_0x100", "VMS", "V", "VM+FS", "VM;", "+",
    "0x", "0xg", "x10", "-1", "+1", "1e3", "1_0", "18446744073709551616", "0x10000000000000000", "USER", "Fork", "CONTAINER",
    "Pthread", "SIG", "SIGSIGTERM", "SIG9", "SIG_TERM", "RT_33", "SIGRT_", "RTMIN+", "RTMIN+33", "RTMIN-1", "RTMAX", "VM\0",
    "ſIGTERM",
];

/// What a list of parts comes to: the flags, and the exit signal.
fn sum(api: Api, parts: &[(String, Sense)]) -> (u64, u64) {
    let (mut flags, mut signal) = (0, None);
    for (_, sense) in parts {
        match *sense {
            Sense::Flags(bits) => flags |= bits,
            Sense::Signal(number) => signal = Some(number),
            // Of clone(2) a number is what the kernel takes in its one argument, of clone3(2) it has 64 bits and no signal,
            // but that small ones would be no flags at all.
            Sense::Number(0x80) if api == Api::Clone3 => flags |= 0x80,
            Sense::Number(number @ 0..=255) => signal = Some(number),
            Sense::Number(number) if api == Api::Clone3 => flags |= number,
            Sense::Number(number) => {
                flags |= number >> 8 << 8;
                signal = if number % 256 == 0 { signal } else { Some(number % 256) };
            }
        }
    }
    let is_thread = flags & u64::from(kernel::CLONE_THREAD) != 0;
    (flags, signal.unwrap_or(if is_thread { 0 } else { libc::SIGCHLD as u64 }))
}

/// What reading a word leaves in a call, or what makes no sense in it.
fn read(api: Api, word: &[u8]) -> Result<(u64, u64), Wrong<'_>> {
    let mut call = Call::usual(api, Flags::empty());
    spelling::parse(&mut [word].into_iter(), &mut call).map(|()| (call.flags.bits(), call.exit_signal))
}

/// What stands between two names.
const BETWEEN: [&str; 8] = ["|", ",", " ", " | ", ", ", "\t|", "  ", "\n"];

/// Parts with separators between them.
fn joined(parts: &[String], separators: u64) -> String {
    let separator = |place: usize| BETWEEN[(separators >> (place * 3 % 60)) as usize % BETWEEN.len()];
    parts.iter().enumerate().fold(String::new(), |text, (place, part)| match place {
        0 => part.clone(),
        _ => text + separator(place) + part,
    })
}

const APIS: [Api; 2] = [Api::Clone, Api::Clone3];

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn parts_of_flags_are_united(
        api in prop::sample::select(&APIS), parts in prop::collection::vec(sense(), 1..9), separators in any::<u64>(),
    ) {
        let texts: Vec<String> = parts.iter().map(|part| part.0.clone()).collect();
        let word = joined(&texts, separators);
        prop_assert_eq!(read(api, word.as_bytes()), Ok(sum(api, &parts)), "{}", word);
    }

    #[test]
    fn the_first_part_that_makes_no_sense_is_named(
        api in prop::sample::select(&APIS), parts in prop::collection::vec(sense(), 0..5),
        nonsense in prop::sample::select(&NONSENSE),
        rest in prop::collection::vec(prop_oneof![sense().prop_map(|part| part.0), Just("nope".to_owned())], 0..4),
        separators in any::<u64>(),
    ) {
        let texts = parts.into_iter().map(|part| part.0).chain([nonsense.to_owned()]).chain(rest);
        let word = joined(&texts.collect::<Vec<_>>(), separators);
        let named = match nonsense.as_bytes() {
            number @ [b'0'..=b'9', ..] => Wrong::Number(number),
            name => Wrong::Name(name),
        };
        prop_assert_eq!(read(api, word.as_bytes()), Err(named), "{}", word);
    }

    #[test]
    fn bytes_of_any_kind_are_read_part_by_part(
        api in prop::sample::select(&APIS),
        word in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(prop::sample::select(b"VMIO09xX|,+_-sigrtn \t\0".as_slice()), 0..20),
        ],
    ) {
        // The names, with the number of separators before each and behind the last.
        let (mut names, mut name, mut before) = (Vec::new(), Vec::new(), 0);
        for byte in word.iter().chain(b" ") {
            match byte {
                b'|' | b',' | b' ' | b'\t' | b'\n' | b'\r' | 0xc => {
                    if !name.is_empty() {
                        names.push((before, std::mem::take(&mut name)));
                        before = 0;
                    }
                    before += usize::from(b"|,".contains(byte));
                }
                byte => name.push(*byte),
            }
        }
        let is_open = |(place, (before, _)): (usize, &(usize, Vec<u8>))| *before > usize::from(place > 0);
        let is_right = !names.is_empty()
            && !names.iter().enumerate().any(is_open)
            && before == 0
            && names.iter().all(|(_, name)| read(api, name).is_ok());
        prop_assert_eq!(read(api, &word).is_ok(), is_right);
        if let Ok((flags, _)) = read(api, &word) {
            let union = names.iter().fold(0, |all, (_, name)| all | read(api, name).map_or(0, |read| read.0));
            prop_assert_eq!(flags, union);
        }
    }

    #[test]
    fn a_signal_has_its_number(named in prop_oneof![2 => signal_name(), 1 => written()]) {
        prop_assert_eq!(spelling::signal(named.0.as_bytes()), Some(named.1 as usize), "{}", named.0);
    }
}

#[test]
fn what_is_no_signal_has_no_number() {
    for text in NONSENSE.iter().filter(|text| !text.contains("CLONE_")).chain(&["VM", "thread", "RT_-1", "RTMIN+0x21"])
    {
        assert_eq!(spelling::signal(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!([b"IO".as_slice(), b"sigio", b"SigIO"].map(spelling::signal), [Some(29); 3]);
}

/// The number that digits are; none if they are none, or if 64 bits do not hold it.
fn value(digits: &[u8], base: u32) -> Option<usize> {
    let digits = std::str::from_utf8(digits).ok()?;
    // `from_str_radix` takes a sign, too.
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(base));
    let digits = digits.trim_start_matches('0');
    match digits.len() {
        _ if !is_number => None,
        0 => Some(0),
        1..=25 => u128::from_str_radix(digits, base).ok()?.try_into().ok(),
        _ => None,
    }
}

/// A text that is a number, nearly one, or none.
fn numeral() -> impl Strategy<Value = Vec<u8>> {
    let near = (0..6u128).prop_map(|near| (1 << 64) - 3 + near);
    let number = prop_oneof![any::<u64>().prop_map(u128::from), near, any::<u128>(), 0..20u128];
    let number = (number, 0..4, 0..30usize).prop_map(|(number, way, width)| match way {
        0 => format!("{number:0width$}"),
        1 => format!("0x{number:0width$x}"),
        2 => format!("0X{number:0width$X}"),
        _ => format!("{number:x}"),
    });
    prop_oneof![
        3 => number.prop_map(String::into_bytes),
        2 => prop::collection::vec(prop::sample::select(b"0019afAFgxX+- _\n".as_slice()), 0..12),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ]
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn a_number_is_read_whole_or_not_at_all(text in numeral()) {
        let hex = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"));
        let right = hex.map_or_else(|| value(&text, 10), |digits| value(digits, 16));
        prop_assert_eq!(read::number(&text), right, "{}", text.escape_ascii().to_string());
    }

    #[test]
    fn a_number_at_the_beginning_is_never_cut(
        number in numeral(), behind in prop::collection::vec(any::<u8>(), 0..6), base in prop::sample::select(&[10, 16u32]),
    ) {
        let text = [number, behind].concat();
        let is_digit = |byte: &u8| byte.is_ascii() && (*byte as char).is_digit(base);
        let (digits, rest) = text.split_at(text.iter().position(|byte| !is_digit(byte)).unwrap_or(text.len()));
        prop_assert_eq!(read::leading(&text, base), value(digits, base).map(|number| (number, rest)));
    }

    #[test]
    fn a_number_that_is_written_is_read_again(number in any::<usize>(), bits in 0..64u32, more in -1..2isize) {
        for number in [number, number >> bits, (1usize << bits).wrapping_add_signed(more)] {
            let (mut decimal, mut hex) = ([b'?'; 20], [b'?'; 20]);
            let (decimal, hex) = (digits(number, 10, &mut decimal), digits(number, 16, &mut hex));
            prop_assert_eq!(decimal.escape_ascii().to_string(), number.to_string());
            prop_assert_eq!(hex.escape_ascii().to_string(), format!("{number:x}"));
            prop_assert_eq!(read::number(decimal), Some(number));
            prop_assert_eq!(read::leading(hex, 16), Some((number, b"".as_slice())));
        }
    }

    #[test]
    fn parts_are_those_of_std(text in prop::collection::vec(prop::sample::select(b"ab:| \n".as_slice()), 0..20)) {
        let right: Vec<&[u8]> = text.split(|byte| b":|".contains(byte)).collect();
        prop_assert_eq!(read::parts(&text, b":|").collect::<Vec<_>>(), right);
    }

    #[test]
    fn a_beginning_is_known_in_any_case(
        beginning in "[A-Za-z_@`{\\[0-9]{0,5}", case in any::<u64>(), other in "[A-Za-z_@`{\\[0-9]{0,5}", rest in ".{0,5}",
    ) {
        let text = in_case(&beginning, case) + &rest;
        prop_assert_eq!(read::after(text.as_bytes(), beginning.as_bytes()), Some(rest.as_bytes()));
        let is_same = other.eq_ignore_ascii_case(&beginning);
        prop_assert_eq!(read::is_same(other.as_bytes(), beginning.as_bytes()), is_same);
        let begins = other.len() <= text.len() && other.as_bytes().eq_ignore_ascii_case(&text.as_bytes()[..other.len()]);
        prop_assert_eq!(read::after(text.as_bytes(), other.as_bytes()).is_some(), begins);
    }
}

/// The number that means no id, linux/highuid.h: ids end before it.
const NO_ID: u128 = 0xffff_ffff;

/// A number about the ends of ids and of what 64 bits hold, mostly small.
fn id() -> impl Strategy<Value = u128> {
    let around = |place: u128| (0..9u128).prop_map(move |near| place - 4 + near);
    prop_oneof![
        4 => 0..70_000u128, 3 => around(NO_ID), 1 => around(1 << 31), 1 => around(1 << 32), 1 => around(1 << 63),
        1 => around(1 << 64), 1 => any::<u64>().prop_map(u128::from), 1 => any::<u32>().prop_map(u128::from),
    ]
}

/// Three numbers as `INNER:OUTER:COUNT` or `OUTER,INNER,COUNT`, and whether that is a range.
fn range() -> impl Strategy<Value = (String, Option<[usize; 3]>)> {
    // Half of those that begin late end about where ids end.
    let numbers = (id(), id(), id(), any::<bool>(), 0..3u128).prop_map(|(inner, outer, count, is_near, more)| {
        let room = NO_ID.saturating_sub(inner.max(outer));
        [inner, outer, if is_near { (room + more).saturating_sub(1) } else { count }]
    });
    (numbers, any::<bool>()).prop_map(|([inner, outer, count], has_commas)| {
        let is_range = count >= 1 && inner + count <= NO_ID && outer + count <= NO_ID;
        let range = is_range.then(|| [inner, outer, count].map(|number| number as usize));
        (if has_commas { format!("{outer},{inner},{count}") } else { format!("{inner}:{outer}:{count}") }, range)
    })
}

/// What looks like a range and is none.
#[rustfmt::skip]
const NO_RANGES: [&str; 21] = [
    "", ":", "::", "1", "1:2", "1:2:", ":2:3", "1::3", "1:2:3:", "1:2:3:4", "1:2:0", "-1:2:3", "1 :2:3", "1:2:3\n", "AUTO",
    "1,2", "1,2:3", "1:2,3", "1,2,3,4", "1,2,0", "1,,3",
];

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn an_id_is_below_the_number_that_means_none(id in id(), is_hex in any::<bool>()) {
        let text = if is_hex { format!("{id:#x}") } else { id.to_string() };
        let right = (id < NO_ID).then_some(id as usize);
        prop_assert_eq!(number_of_id(text.as_bytes()), right, "{}", text);
    }

    #[test]
    fn ranges_are_taken_while_they_are_some_and_have_room(
        texts in prop::collection::vec(prop_oneof![
            8 => range(), 1 => prop::sample::select(&NO_RANGES).prop_map(|text| (text.to_owned(), None)),
            1 => prop::collection::vec(prop::sample::select(b"019:x ".as_slice()), 0..3)
                .prop_map(|bytes| (String::from_utf8(bytes).expect("ASCII"), None)),
        ], 0..24),
        auto in prop::option::of(0..24usize),
    ) {
        let (mut ids, mut taken) = (Ids::default(), Vec::new());
        for (place, (text, range)) in texts.iter().enumerate() {
            if auto == Some(place) {
                let has_room = taken.len() < 8;
                prop_assert_eq!(ids.add(b"auto"), has_room.then_some(()));
                taken.extend(has_room.then_some(Part::Auto));
            }
            // There is room for eight.
            let right = range.filter(|_| taken.len() < 8);
            let right = right.map(|[inner, outer, count]| Part::Range(Range { inner, outer, count }));
            taken.extend(right);
            prop_assert_eq!(ids.add(text.as_bytes()), right.map(|_| ()), "{}", text);
        }
        let (full, empty) = ids.parts.split_at(taken.len());
        prop_assert_eq!(full, taken);
        prop_assert!(empty.iter().all(|part| *part == Part::None));
        prop_assert_eq!(ids.has_ranges(), !full.is_empty());
    }

    #[test]
    fn a_map_has_all_its_lines_or_none(
        ranges in prop::collection::vec((any::<[usize; 3]>(), 0..4), 0..80),
        bits in 0..64u32,
    ) {
        let mut map = IdMap::new();
        let ranges: Vec<_> = ranges.into_iter().map(|([inner, outer, count], kind)| {
            [inner >> bits, outer >> bits, if kind == 0 { 0 } else { count >> bits }]
        }).collect();
        ranges.iter().for_each(|&[inner, outer, count]| map.push(Range { inner, outer, count }));
        let lines = ranges.iter().filter(|range| range[2] != 0);
        let right = lines.map(|[inner, outer, count]| format!("{inner} {outer} {count}")).collect::<Vec<_>>().join("\n");
        match map.text() {
            Ok(text) => prop_assert_eq!(String::from_utf8_lossy(text), right),
            Err(errno) => prop_assert!(errno == Errno::E2BIG && right.len() > ROOM_OF_MAP, "{} bytes", right.len()),
        }
    }
}

/// A map has room for this at least: the line of the caller's own id, which may cut each of eight ranges into three.
const ROOM_OF_MAP: usize = (1 + 8 * 3) * "4294967294 4294967294 4294967295 ".len();

/// A line up to this length is handed over whole. Of a longer one, whose end is not seen with so many bytes and one more, that
/// many are.
const WHOLE: usize = 1023;

/// A line without its end: short, about as long as there is room for, or far longer. Its bytes follow from one number: to choose
/// thousands of them one by one takes longer than all that is tested.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![4 => 0..12usize, 3 => 1019..1029usize, 2 => 2043..2053usize, 1 => 0..5000usize];
    (length, any::<u64>(), any::<bool>()).prop_map(|(length, mut seed, is_text)| {
        let bytes = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let byte = (seed >> 56) as u8;
            if is_text { b"ab:0123456789 \t_"[usize::from(byte % 16)] } else { byte }
        });
        bytes.map(|byte| if byte == b'\n' { b'-' } else { byte }).take(length).collect()
    })
}

/// A line that numbers and separators fill, so that something lies across the end of the room.
fn filled() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[0-9]{1,20}", 1 => "0{900,1100}[1-9]{0,3}", 1 => "[a-z]{1,300}", 3 => ":", 2 => " ", 1 => "[0-9a-f]{1,17}"
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Whether a line that was handed over is the right one: whole, or its beginning, marked as cut.
fn is_right(line: Line, right: &[u8]) -> bool {
    if right.len() <= WHOLE {
        return line.whole() == Some(right);
    }
    let is_text = line.after(&right[..=WHOLE]).is_some_and(|rest| rest.whole().is_none());
    let is_longer = right.get(..=WHOLE + 1).is_some_and(|text| line.after(text).is_some());
    line.whole().is_none() && is_text && !is_longer
}

/// The number of an open file, as the library takes it.
fn raw(file: &impl AsRawFd) -> RawFd {
    RawFd::new(file.as_raw_fd() as usize).expect("a descriptor")
}

/// Reads a file; says of each line whether it was the right one. It ends with the line `last`, if there is one.
fn seen(file: &impl AsRawFd, lines: &[&[u8]], last: usize) -> (Option<bool>, Vec<bool>) {
    let mut seen = Vec::new();
    let found = proc::find_in(raw(file), &mut |line| {
        seen.push(lines.get(seen.len()).is_some_and(|right| is_right(line, right)));
        seen.len() > last
    });
    (found.ok(), seen)
}

/// What [`seen`] should be.
fn all_right(lines: &[&[u8]], last: usize) -> (Option<bool>, Vec<bool>) {
    (Some(last < lines.len()), vec![true; lines.len().min(last + 1)])
}

/// The lines of a text; what is behind the last end is one too, if it is there at all.
fn lines_of(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.pop_if(|line| line.is_empty());
    lines
}

/// A file that holds this; it has no name any more.
fn file(text: &[u8]) -> File {
    let path = folder().join(format!("text-{:?}", std::thread::current().id()));
    std::fs::write(&path, text).expect("a file");
    let file = File::open(&path).expect("the file");
    std::fs::remove_file(&path).expect("the file");
    file
}

/// How much of a pipe is not read yet.
fn unread(pipe: &PipeWriter) -> libc::c_int {
    let mut count = 0;
    // SAFETY: the kernel writes one number.
    assert_eq!(unsafe { libc::ioctl(pipe.as_raw_fd(), libc::FIONREAD, &raw mut count) }, 0);
    count
}

/// Writes pieces to a pipe, each when the one before has been read; ends early where nobody reads any more.
fn feed(mut pipe: PipeWriter, pieces: &[&[u8]]) {
    for piece in pieces {
        if pipe.write_all(piece).is_err() {
            return;
        }
        deadline::until("the pipe is read", || (unread(&pipe) == 0 || is_over(&pipe)).then_some(()));
    }
}

/// Whether the other end of a pipe is closed.
fn is_over(pipe: &PipeWriter) -> bool {
    let mut polled = [nix::poll::PollFd::new(std::os::fd::AsFd::as_fd(pipe), nix::poll::PollFlags::empty())];
    nix::poll::poll(&mut polled, 0u8) != Ok(0)
}

/// The same as [`seen`] of a pipe that is written piece by piece.
fn seen_in_pieces(pieces: &[&[u8]], lines: &[&[u8]], last: usize) -> (Option<bool>, Vec<bool>) {
    let (out, pipe): (PipeReader, PipeWriter) = std::io::pipe().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(|| feed(pipe, pieces));
        let seen = seen(&out, lines, last);
        drop(out);
        seen
    })
}

/// A text cut at these places.
fn pieces<'a>(text: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).chain([0, text.len()]).collect();
    places.sort_unstable();
    places.windows(2).map(|ends| &text[ends[0]..ends[1]]).filter(|piece| !piece.is_empty()).collect()
}

/// A text of lines, which may end in the middle of one.
fn text() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(line(), 0..6), any::<bool>()).prop_map(|(lines, has_end)| {
        let mut text = lines.join(b"\n".as_slice());
        text.extend(has_end.then_some(b'\n'));
        text
    })
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn every_line_of_a_file_is_handed_over_once(text in text(), last in prop_oneof![0..6usize, Just(usize::MAX - 1)]) {
        let lines = lines_of(&text);
        prop_assert_eq!(seen(&file(&text), &lines, last), all_right(&lines, last));
    }

    #[test]
    fn reads_that_end_anywhere_change_nothing(
        text in text(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        last in prop_oneof![0..6usize, Just(usize::MAX - 1)],
    ) {
        let lines = lines_of(&text);
        prop_assert_eq!(seen_in_pieces(&pieces(&text, &cuts), &lines, last), all_right(&lines, last));
    }

    #[test]
    fn no_part_of_a_line_is_cut(text in filled(), key in 0..30usize) {
        let key = &text[..key.min(text.len())];
        // What the reader has seen of the line.
        let known = if text.len() > WHOLE { &text[..=WHOLE] } else { &text };
        let is_cut = text.len() > WHOLE;
        let (file, mut count) = (file(&text), 0);
        let found = proc::find_in(raw(&file), &mut |line| {
            count += 1;
            for (line, start) in [(line, 0), (line.after(key).expect("its beginning"), key.len())] {
                assert_eq!(line.whole(), (!is_cut).then_some(&text[start..]));
                let ends = known[start..].split(|byte| b": ".contains(byte)).count() - usize::from(is_cut);
                let parts = text[start..].split(|byte| b": ".contains(byte));
                let right: Vec<Option<&[u8]>> = parts.enumerate().map(|(place, part)| (place < ends).then_some(part)).collect();
                let found: Vec<_> = (0..right.len() + 2).map(|place| line.part(place, b": ")).collect();
                assert_eq!(found, [&right[..], &[None, None]].concat());
                for base in [10, 16] {
                    let is_digit = |byte: &u8| (*byte as char).is_digit(base);
                    let end = text[start..].iter().position(|byte| !is_digit(byte)).unwrap_or(text.len() - start);
                    let right = value(&text[start..start + end], base).filter(|_| !is_cut || start + end < known.len());
                    assert_eq!(line.number(base), right);
                }
            }
            false
        });
        prop_assert_eq!((found.ok(), count), (Some(false), usize::from(!text.is_empty())));
    }

    #[test]
    fn a_small_file_is_read_whole_or_refused(text in prop::collection::vec(any::<u8>(), 0..80), room in 0..80usize) {
        let file = file(&text);
        let path = std::ffi::CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).expect("a path");
        let mut room = vec![0; room];
        // A file that fills the room may have more.
        let right = if text.len() < room.len() { Ok(&text[..]) } else { Err(Errno::EOVERFLOW) };
        prop_assert_eq!(proc::read_small(&path, &mut room), right);
    }
}

/// A field of proc_pid_stat(5) behind the state: what it may hold, and what no field does.
fn field() -> impl Strategy<Value = String> {
    let number = any::<i64>().prop_map(|number| number.to_string());
    let large = prop_oneof![Just("18446744073709551615".to_owned()), "[1-9][0-9]{19,25}"];
    prop_oneof![2 => number, 2 => any::<u64>().prop_map(|number| number.to_string()), 2 => "-?[0-9]{1,3}", 1 => large]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_field_of_stat_is_found_behind_any_name(
        name in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..16),
            prop::collection::vec(prop::sample::select(b")( \nRSZ01".as_slice()), 0..64),
        ],
        state in prop::sample::select(b"RSDZTtXIP".as_slice()), fields in prop::collection::vec(field(), 0..50),
        has_end in any::<bool>(),
    ) {
        let mut stat = [b"4711 (", &name[..], b") ", &[state]].concat();
        fields.iter().for_each(|field| stat.extend([b" ", field.as_bytes()].concat()));
        stat.extend(has_end.then_some(b'\n'));
        prop_assert_eq!(proc::field(&stat, StatField::State as usize), Some(state.into()));
        for number in (0..3).chain(4 + fields.len()..60) {
            prop_assert_eq!(proc::field(&stat, number), None, "field {}", number);
        }
        for (number, text) in (4..).zip(&fields) {
            prop_assert_eq!(proc::field(&stat, number), value(text.as_bytes(), 10), "field {} is {}", number, text);
        }
    }

    #[test]
    fn no_text_is_too_odd_for_a_field(
        stat in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b") (R0".as_slice())], 0..40),
        number in prop_oneof![0..60usize, any::<usize>()],
    ) {
        let behind = stat.iter().rposition(|byte| *byte == b')').map(|end| &stat[end + 1..]);
        let parts = behind.map(|rest| rest.split(|byte| b" \n".contains(byte)));
        let part = number.checked_sub(2).and_then(|place| parts?.nth(place));
        let is_letter = |part: &&[u8]| part.len() == 1 && part[0].is_ascii_alphabetic();
        let found = proc::field(&stat, number);
        match part {
            Some(letter) if is_letter(&letter) => prop_assert_eq!(found, Some(letter[0].into())),
            Some(digits) if digits.iter().all(u8::is_ascii_digit) => prop_assert_eq!(found, value(digits, 10)),
            Some(_) => {}
            None => prop_assert_eq!(found, None),
        }
    }
}

/// A task may have a name that looks like the rest of its line.
#[test]
fn a_task_with_a_strange_name_is_seen() {
    let name = "a) R 1\n(b";
    let path = folder().join(name);
    let cat = ["/bin/cat", "/usr/bin/cat"].into_iter().find(|path| File::open(path).is_ok()).expect("cat");
    symlink(cat, &path).expect("a link");
    let mut command = plain(&path);
    command.arg0("cat").stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("a child");
    let id = child.id() as usize;
    // The parent of a process that executes a program goes on a little before that has its name.
    let comm = || std::fs::read_to_string(format!("/proc/{id}/comm")).expect("its name");
    deadline::until("the child has its name", || (comm() == format!("{name}\n")).then_some(()));
    let (tasks, task) = (Tasks::here().expect("/proc"), Pid::new(id).expect("an id"));
    let sleeps = || (tasks.stat(task, StatField::State).ok() == Some(b'S'.into())).then_some(());
    let slept = deadline::within(std::time::Instant::now() + deadline::DEADLINE, sleeps);
    let parent = tasks.stat(task, StatField::Ppid).ok();
    let signal = tasks.stat(task, StatField::ExitSignal).ok();
    drop(child.stdin.take());
    assert!(child.wait().expect("a child").success());
    assert_eq!((slept, parent, signal), (Some(()), Some(std::process::id() as usize), Some(libc::SIGCHLD as usize)));
}
