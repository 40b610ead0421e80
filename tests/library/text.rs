//! Texts as they are written: numbers, columns, arrays, JSON, and the pages that go to a descriptor.
//!
//! Numbers are held against `format!`, JSON against another reader of it, and columns against a
//! model that goes on blank by blank; a page is read at the other end of a pipe.

use chimera::report::look::Colors;
use chimera::report::page::Page;
use chimera::sys::{Errno, RawFd};
use chimera::text::json::{List, Object};
use chimera::text::table::{Column, table};
use chimera::text::{Fixed, Hex, Outside, Repeat, Room, Show, Sink, Style, Styled, With, Wrapped, characters, out};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::unistd::dup2;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, pipe};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Random inputs, none of which are kept in files.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

/// Keeps everything.
#[derive(Default)]
struct Kept(Vec<u8>);

/// The same, on a page of this width.
struct Narrow(Kept, usize);

impl Sink for Narrow {
    fn put(&mut self, bytes: &[u8]) {
        self.0.put(bytes);
    }

    fn column(&self) -> usize {
        self.0.column()
    }

    fn width(&mut self) -> usize {
        self.1
    }
}

/// What is written on a page of this width.
fn written(width: usize, write: impl Fn(&mut dyn Sink)) -> String {
    let mut page = Narrow(Kept::default(), width);
    write(&mut page);
    String::from_utf8(page.0.0).expect("UTF-8")
}

impl Sink for Kept {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn column(&self) -> usize {
        self.0.rsplit(|byte| *byte == b'\n').next().map_or(0, characters)
    }
}

/// Bytes as they are, in several calls.
struct Pieces<'a>(&'a [u8], usize);

impl Show for Pieces<'_> {
    fn show(&self, out: &mut dyn Sink) {
        self.0.chunks(self.1).for_each(|piece| out.put(piece));
    }
}

/// A page that goes to this descriptor.
fn page(fd: &impl AsRawFd) -> Page {
    Page::new(RawFd::new(fd.as_raw_fd() as usize).expect("a descriptor"))
}

fn shown(value: impl Show) -> String {
    let mut page = Kept::default();
    out!(&mut page, value);
    String::from_utf8(page.0).expect("UTF-8")
}

/// Bytes that are mostly UTF-8, often what must be escaped, and often the beginning of a character.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let some = prop_oneof![
        3 => any::<String>().prop_map(String::into_bytes),
        2 => prop::collection::vec(prop::sample::select(b"\"\\\0\n\x1f\x7f/u".as_slice()), 0..5),
        2 => prop::collection::vec(any::<u8>(), 0..5),
        1 => prop::sample::select(&["é", "€", "😀", "\u{fffd}"])
            .prop_flat_map(|text| (1..=text.len()).prop_map(|len| text.as_bytes()[..len].to_vec())),
    ];
    prop::collection::vec(some, 0..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn numbers_are_those_of_format(number in any::<u64>(), bits in 0..64u32) {
        let number = number >> bits;
        prop_assert_eq!(shown(number), format!("{number}"));
        prop_assert_eq!(shown(number as usize), format!("{number}"));
        prop_assert_eq!(shown(number as u32), format!("{}", number as u32));
        prop_assert_eq!(shown(number as u16), format!("{}", number as u16));
        prop_assert_eq!(shown(number as u8), format!("{}", number as u8));
        for signed in [number as i64, (number as i64).wrapping_neg()] {
            prop_assert_eq!(shown(signed), format!("{signed}"));
            prop_assert_eq!(shown(signed as i32), format!("{}", signed as i32));
        }
        prop_assert_eq!(shown(Hex(number)), format!("{number:#x}"));
        prop_assert_eq!(shown(Hex(number as usize)), format!("{number:#x}"));
        prop_assert_eq!(shown(Hex(number as u32)), format!("{:#x}", number as u32));
    }

    #[test]
    fn a_fraction_has_its_places(number in any::<u64>(), bits in 0..64u32, places in 1..25u32) {
        let number = number >> bits;
        let unit = 10u128.pow(places);
        let right = format!("{}.{:0width$}", u128::from(number) / unit, u128::from(number) % unit, width = places as usize);
        prop_assert_eq!(shown(Fixed { number, places }), right);
        prop_assert_eq!(shown(Fixed { number, places: 0 }), format!("{number}"));
    }

    #[test]
    fn what_comes_from_outside_moves_no_cursor_and_can_be_read_back(bytes in bytes()) {
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let mut page = Kept::default();
        Outside(&bytes).show(&mut page);
        let text = String::from_utf8(page.0).expect("UTF-8");
        prop_assert!(!text.chars().any(char::is_control), "{}", text.escape_debug());
        prop_assert_eq!(unescaped(&text), &bytes[..end]);
    }

    #[test]
    fn an_array_holds_a_text_whole_or_not_at_all(texts in prop::collection::vec("[a-c\n]{0,6}", 0..5)) {
        let mut room = Room::<10>::new();
        texts.iter().for_each(|text| out!(&mut room, text.as_str()));
        let whole = texts.concat();
        prop_assert_eq!(room.bytes(), (whole.len() <= 10).then_some(whole.as_bytes()));
        prop_assert_eq!(room.c_str().map(|text| text.to_bytes()), (whole.len() < 10).then_some(whole.as_bytes()));
        if room.bytes().is_some() {
            prop_assert_eq!(room.column(), whole.len() - whole.rfind('\n').map_or(0, |end| end + 1));
        }
    }

    #[test]
    fn a_text_of_any_bytes_is_read_as_std_reads_it(key in any::<String>(), bytes in bytes(), size in 1..6usize) {
        let mut page = Kept::default();
        Object::write(&mut page, |object| object.text(&key, Pieces(&bytes, size)));
        let read: Value = serde_json::from_slice(&page.0).expect("JSON");
        prop_assert_eq!(read, json!({ key: String::from_utf8_lossy(&bytes) }));
        let text = String::from_utf8(page.0).expect("UTF-8");
        prop_assert!(!text.chars().any(char::is_control), "{}", text.escape_debug());
    }

    #[test]
    fn any_members_are_read_again(members in prop::collection::btree_map(any::<String>(), value(), 0..6)) {
        let mut page = Kept::default();
        Object::write(&mut page, |object| members.iter().for_each(|(key, value)| member(object, key, value)));
        let read: Value = serde_json::from_slice(&page.0).expect("JSON");
        prop_assert_eq!(read, Value::Object(members.into_iter().collect()));
    }
}

/// A value of JSON, with others in it.
fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    plain.prop_recursive(3, 16, 4, |inner| {
        let element = inner.clone().prop_filter("no list has those", |value| !value.is_null() && !value.is_boolean());
        prop_oneof![
            prop::collection::vec(element, 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn member(object: &mut Object, key: &str, value: &Value) {
    match value {
        Value::Null => object.null(key),
        Value::Bool(value) => object.bool(key, *value),
        Value::Number(number) => match number.as_u64() {
            Some(number) => object.number(key, number),
            None => object.number_or_null(key, number.as_i64()),
        },
        Value::String(text) => object.text(key, text.as_str()),
        Value::Array(list) => object.list(key, |inner| list.iter().for_each(|value| element(inner, value))),
        Value::Object(map) => object.object(key, |inner| map.iter().for_each(|(key, value)| member(inner, key, value))),
    }
}

fn element(list: &mut List, value: &Value) {
    match value {
        Value::Number(number) => match number.as_u64() {
            Some(number) => list.number(number),
            None => list.number(number.as_i64().expect("a whole number")),
        },
        Value::String(text) => list.text(text.as_str()),
        Value::Array(values) => list.list(|inner| values.iter().for_each(|value| element(inner, value))),
        Value::Object(map) => list.object(|inner| map.iter().for_each(|(key, value)| member(inner, key, value))),
        Value::Null | Value::Bool(_) => unreachable!("no list has those"),
    }
}

#[test]
fn an_object_is_written_without_blanks_in_the_order_of_the_calls() {
    let mut page = Kept::default();
    Object::write(&mut page, |object| {
        object.text("api", "clone");
        object.text("bits", Hex(0x11u64));
        object.number("ratio", Fixed { number: 105, places: 2 });
        object.number_or_null("tid", None::<u32>);
        object.text_or_null("why", None::<&str>);
        object.text_or_null("rule", Some(("A", 1u8)));
        object.bool_or_null("good", None);
        object.object("parent", |parent| parent.number("pid", 7usize));
        object.list("resources", |list| {
            for name in ["memory", "a \"b\"\t"] {
                list.object(|resource| resource.text("name", name));
            }
        });
        object.list("none", |_| {});
    });
    let right = concat!(
        r#"{"api":"clone","bits":"0x11","ratio":1.05,"tid":null,"why":null,"rule":"A1","good":null,"parent":{"pid":7},"#,
        r#""resources":[{"name":"memory"},{"name":"a \"b\"\u0009"}],"none":[]}"#
    );
    assert_eq!(String::from_utf8_lossy(&page.0), right);
}

#[test]
fn parts_stand_one_after_another() {
    let mut room = Room::<64>::new();
    let twice = With(|out: &mut dyn Sink| out!(out, 2u8, 2u8));
    out!(&mut room, "stack ", Hex(31usize), ", ", true, false, " ", None::<u32>, Some(-1i32), Repeat("#", 3), twice);
    {
        let sink: &mut dyn Sink = &mut room;
        out!(sink, "\n", &&"end");
        out!(sink, ".");
    }
    assert_eq!(room.bytes(), Some(b"stack 0x1f, truefalse null-1###22\nend.".as_slice()));
    assert_eq!(room.column(), 4);
}

#[test]
fn a_string_for_the_kernel_has_no_zero_inside() {
    let mut room = Room::<8>::new();
    assert_eq!(room.c_str(), Some(c""));
    room.put(b"a\0b");
    assert_eq!((room.c_str(), room.bytes()), (None, Some(b"a\0b".as_slice())));
}

#[test]
fn what_did_not_fit_once_is_missing_for_ever() {
    let mut room = Room::<4>::new();
    out!(&mut room, "abc", "de");
    assert_eq!(room.bytes(), None);
    out!(&mut room, "f");
    assert_eq!((room.bytes(), room.c_str()), (None, None));
}

#[test]
fn a_page_is_written_line_by_line() {
    let (mut reader, writer) = pipe().expect("a pipe");
    let mut page = page(&writer);
    let mut read = |len: usize| {
        let mut bytes = vec![0; len];
        let taken = reader.read(&mut bytes).expect("a line");
        String::from_utf8_lossy(&bytes[..taken]).into_owned()
    };
    out!(&mut page, "one\ntwo");
    assert_eq!(read(100), "one\n");
    page.flush();
    assert_eq!(read(100), "two");
    // Where a line goes on after it was written, its columns do as well.
    assert_eq!(page.column(), 3);
    out!(&mut page, "three\n");
    assert_eq!(read(100), "three\n");
    out!(&mut page, Repeat("x", 5000));
    assert_eq!(read(5000).len(), 4096);
    assert_eq!(page.column(), 5000);
    page.flush();
    assert_eq!(read(5000).len(), 5000 - 4096);
    assert_eq!(page.failure(), None);
}

#[test]
fn a_slow_reader_gets_everything() {
    let (mut reader, writer) = pipe().expect("a pipe");
    fcntl(writer.as_fd(), FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("a pipe that does not block");
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    let mut page = page(&writer);
    (0..20_000u32).for_each(|number| out!(&mut page, "line ", number, "\n"));
    assert_eq!(page.failure(), None);
    drop(writer);
    let right: String = (0..20_000).map(|number| format!("line {number}\n")).collect();
    assert!(reading.join().expect("a reader").expect("a text") == right);
}

#[test]
fn after_an_error_nothing_is_written() {
    let full = File::options().write(true).open("/dev/full").expect("/dev/full");
    let mut fd = OwnedFd::from(full);
    let mut page = page(&fd);
    out!(&mut page, "no line");
    assert_eq!(page.failure(), None);
    out!(&mut page, "\n");
    assert_eq!(page.failure(), Some(Errno::ENOSPC));
    // The descriptor would take more now, but a text with a gap is worse than its beginning alone.
    let (mut reader, writer) = pipe().expect("a pipe");
    dup2(&writer, &mut fd).expect("the descriptor becomes the pipe");
    out!(&mut page, "another\n");
    drop((fd, writer));
    assert_eq!(reader.read(&mut [0; 10]).expect("the end"), 0);
    assert_eq!(page.failure(), Some(Errno::ENOSPC));
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let mut page = page(&writer);
    out!(&mut page, "one\ntwo\n");
    assert_eq!(page.failure(), None);
}

/// The bytes that were shown: `\\x9b` is one of them, and two backslashes are one.
fn unescaped(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, behind @ ..] = rest {
        rest = match (first, behind) {
            (b'\\', [b'x', high, low, behind @ ..]) => {
                let digits = String::from_utf8(vec![*high, *low]).expect("ASCII");
                bytes.push(u8::from_str_radix(&digits, 16).expect("two digits"));
                behind
            }
            (b'\\', [_, behind @ ..]) => {
                bytes.push(b'\\');
                behind
            }
            _ => {
                bytes.push(*first);
                behind
            }
        };
    }
    bytes
}

#[test]
fn names_that_no_terminal_should_get() {
    let shown = |bytes: &[u8]| {
        let mut page = Kept::default();
        Outside(bytes).show(&mut page);
        String::from_utf8(page.0).expect("UTF-8")
    };
    assert_eq!(shown(b"\xc2\x9b31mX"), "\\xc2\\x9b31mX");
    assert_eq!(shown(b"\x9b2J"), "\\x9b2J");
    assert_eq!(shown(b"a\x1b[0m\x7f\n"), "a\\x1b[0m\\x7f\\x0a");
    assert_eq!(shown("grün\\".as_bytes()), "grün\\\\");
}

/// JSON allows most of them as they are; who reads it at a terminal must not see what they do there.
#[test]
fn control_characters_are_escaped_in_json() {
    let mut page = Kept::default();
    Object::write(&mut page, |object| object.text("a", Pieces("\0\n\x1b\x7f\u{9b}é\"\\".as_bytes(), 1)));
    let right = r#"{"a":"\u0000\u000a\u001b\u007f\u009bé\"\\"}"#;
    assert_eq!(String::from_utf8(page.0).as_deref(), Ok(right));
}

const COLUMNS: [Column; 4] = [
    Column::text("resource"),
    Column::text("asked").leaves(1),
    Column::number("calls").leaves(2),
    Column::prose("meaning"),
];

/// Two rows, one of them with cells as wide as none of the names.
fn meanings(page: &mut dyn Sink) {
    table(page, &COLUMNS, &|row| {
        row(&[&"memory", &"shared", &7u32, &"the address space"]);
        row(&[&"working directory", &"", &12345u32, &"where relative paths begin, and the umask, in one structure"]);
    });
}

#[test]
fn a_table_is_as_wide_as_its_cells() {
    let wide = written(200, meanings);
    let lines: Vec<_> = wide.lines().collect();
    assert_eq!(lines[0], "  resource           asked   calls  meaning");
    assert_eq!(lines[1], "  memory             shared      7  the address space");
    let last = "  working directory          12345  where relative paths begin, and the umask, in one structure";
    assert_eq!(lines[2], last);
    assert_eq!(lines.len(), 3);
}

#[test]
fn a_table_fits_any_page() {
    for width in 46..140 {
        let narrow = written(width, meanings);
        for line in narrow.lines() {
            assert!(line.len() <= width, "{width}: {line:?}");
            assert_eq!(line.trim_end(), line, "{width}");
        }
        // Nothing is lost but whole columns, and these are named.
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(narrow.contains("no room for: asked"), !narrow.contains("shared"), "{width}: {narrow}");
        for word in words("where relative paths begin, and the umask, in one structure memory") {
            assert!(words(&narrow).contains(&word), "{width}: {word} in {narrow}");
        }
    }
    assert_eq!(
        written(46, meanings),
        "  resource           meaning
  memory             the address space
  working directory  where relative paths
                     begin, and the umask, in
                     one structure
  no room for: asked, calls
"
    );
}

#[test]
fn prose_breaks_between_words() {
    let text = "One witness is enough: \u{e9}\u{e9}\u{e9} if none contradicts.\nA new line.";
    let wrapped = Wrapped { text, indent: 4 };
    assert_eq!(
        written(24, |page| out!(page, "why ", wrapped, "\n")),
        "why One witness is\n    enough: \u{e9}\u{e9}\u{e9} if none\n    contradicts.\n    A new line.\n"
    );
    let long = "x".repeat(1000);
    let whole = Wrapped { text: long.as_str(), indent: 2 };
    assert_eq!(written(40, |page| out!(page, whole)), long);
}

/// The flags of a call fill each line up to the last `|` that it has room for.
#[test]
fn long_words_break_after_their_parts() {
    let text = "clone(CLONE_VM|CLONE_FS|CLONE_FILES|SIGCHLD) = 0";
    let wrapped = |width, text| written(width, |page| out!(page, Wrapped { text, indent: 4 }));
    assert_eq!(wrapped(24, text), "clone(CLONE_VM|CLONE_FS|\n    CLONE_FILES|SIGCHLD)\n    = 0");
    for width in 20..60 {
        let lines = wrapped(width, text);
        assert!(lines.lines().all(|line| line.len() <= width), "{width}: {lines}");
        let words = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(words(&lines), words(text), "{width}");
    }
}

#[test]
fn colors_take_no_room() {
    let (mut read, written) = pipe().expect("a pipe");
    let mut page = page(&written);
    page.set_colors(Colors::Always);
    out!(&mut page, Styled(Style::Good, "honoured"));
    assert_eq!(page.column(), 8);
    page.flush();
    drop(written);
    let mut bytes = Vec::new();
    read.read_to_end(&mut bytes).expect("what was written");
    assert_eq!(bytes, b"\x1b[32mhonoured\x1b[0m");
}
