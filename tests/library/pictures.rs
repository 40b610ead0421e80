//! The pictures: whatever names they are given, each is a document of its language, and every text is within its box.

use crate::common::svg;
use chimera::report::picture::value::{Item, Picture, Seen, Task};
use chimera::report::picture::{Language, write};
use chimera::text::{Outside, Show, Sink, Xml, out};
use chimera::witness::resource::{COUNT, RESOURCES};
use proptest::prelude::*;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Keeps everything that is written.
#[derive(Default)]
struct Kept(Vec<u8>, usize);

impl Sink for Kept {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn column(&self) -> usize {
        let line = self.0.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        String::from_utf8_lossy(line).chars().count()
    }

    fn width(&mut self) -> usize {
        self.1
    }
}

/// Bytes as the program passes them on, or as they are.
#[derive(Debug)]
struct Text(Vec<u8>, bool);

impl Show for Text {
    fn show(&self, out: &mut dyn Sink) {
        if self.1 { out!(out, Outside(&self.0)) } else { out.put(&self.0) }
    }
}

fn text() -> impl Strategy<Value = Text> {
    let bytes = prop_oneof![
        "[ -~]{0,20}".prop_map(String::into_bytes),
        "\\PC{0,40}".prop_map(String::into_bytes),
        "[<>&\"'\\\\#;`\\[\\]{}|\\n\\t ]{0,30}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..200),
        "[A-Z_|]{100,400}".prop_map(String::into_bytes),
    ];
    (bytes, any::<bool>()).prop_map(|(bytes, escaped)| Text(bytes, escaped))
}

/// What a picture is made of.
#[derive(Debug)]
struct Parts {
    texts: Vec<Text>,
    items: Vec<(u8, bool)>,
    is_made: bool,
}

fn parts() -> impl Strategy<Value = Parts> {
    let items = prop::collection::vec((0..5u8, any::<bool>()), 0..=COUNT);
    let parts = (prop::collection::vec(text(), 8), items, any::<bool>());
    parts.prop_map(|(texts, items, is_made)| Parts { texts, items, is_made })
}

fn written(parts: &Parts, language: Language, width: usize) -> Vec<u8> {
    let texts: Vec<&dyn Show> = parts.texts.iter().map(|text| text as &dyn Show).collect();
    let mut items = [None; COUNT];
    for ((place, (seen, is_otherwise)), resource) in items.iter_mut().zip(&parts.items).zip(&RESOURCES) {
        let seen = [Seen::One, Seen::Two, Seen::Unknown, Seen::First, Seen::Second][usize::from(*seen)];
        let is_otherwise = *is_otherwise && seen != Seen::Unknown;
        *place = Some(Item { name: resource.name, seen, is_effect: resource.is_effect(), is_otherwise });
    }
    let task = |name, facts| Task { name, facts };
    let other = if parts.is_made { Ok(task(texts[3], &texts[6..])) } else { Err("none was made") };
    let picture = Picture { title: texts[0], told: &texts[1..2], one: task(texts[2], &texts[4..6]), other, items };
    let mut kept = Kept(Vec::new(), width);
    write(&mut kept, &picture, language);
    kept.0
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_stands_in_it_an_svg_is_one_and_every_text_is_within_its_box(parts in parts()) {
        let svg = String::from_utf8(written(&parts, Language::Svg, 80)).expect("UTF-8");
        let picture = svg::Picture::read(&svg);
        let seen = |seen: u8| parts.items.iter().zip(&RESOURCES).filter(move |((is, _), resource)| {
            *is == seen && !resource.is_effect()
        }).count();
        // A box for each task, one for what is shared or unknown, and two where each has its own.
        let boxes = if parts.is_made { 2 + seen(0) + 2 * seen(1) + seen(2) + seen(3) + seen(4) } else { 1 };
        prop_assert_eq!(picture.boxes, boxes);
    }

    #[test]
    fn in_dot_and_in_mermaid_no_text_ends_its_quotes(parts in parts()) {
        for language in [Language::Dot, Language::Mermaid] {
            let text = String::from_utf8(written(&parts, language, 80)).expect("UTF-8");
            for line in text.lines() {
                let mut quotes = 0;
                let mut is_escaped = false;
                for character in line.chars() {
                    quotes += usize::from(character == '"' && !is_escaped);
                    is_escaped = character == '\\' && !is_escaped;
                }
                prop_assert!(quotes % 2 == 0, "{language:?}: {line}");
            }
        }
    }

    #[test]
    fn a_picture_in_text_fits_the_page(items in prop::collection::vec((0..5u8, any::<bool>()), 0..=COUNT)) {
        let word = |word: &str| Text(word.as_bytes().to_vec(), false);
        let texts = ["clone(CLONE_VM|SIGCHLD) = 4194303", "outcome: honoured", "parent", "child"].map(word);
        let facts = ["pid 4194303", "tid 4194304", "pid 4194304", "uid 4294967295"].map(word);
        let parts = Parts { texts: texts.into_iter().chain(facts).collect(), items, is_made: true };
        for width in [60, 80, 120] {
            let text = String::from_utf8(written(&parts, Language::Text, width)).expect("ASCII");
            for line in text.lines() {
                prop_assert!(line.len() <= width, "{width}: {line}");
                prop_assert_eq!(line, line.trim_end(), "no blanks at the end");
            }
        }
    }
}

#[test]
fn dot_draws_what_is_hostile_too() {
    if !crate::common::has("dot") {
        return;
    }
    let hostile = ["a\"b\\", "<b>&amp;</b>", "\\N\\G", "]; x -> y [label=\"", "\u{1b}[31m", "\u{e4}", "#", "\\"];
    let texts = hostile.map(|text| Text(text.as_bytes().to_vec(), false)).into_iter().collect();
    let parts = Parts { texts, items: vec![(0, false), (1, true), (2, false), (3, false), (4, false)], is_made: true };
    let mut dot = Command::new("dot");
    let mut child = dot.arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("dot");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(&written(&parts, Language::Dot, 80)).expect("a picture");
    drop(input);
    let output = child.wait_with_output().expect("an end");
    let plain = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{plain}");
    let nodes = plain.lines().filter(|line| line.starts_with("node")).count();
    assert_eq!(
        nodes,
        2 + 1 + 2 + 1 + 2,
        "both tasks, one shared, one of each, one unknown, and two of one task: {plain}"
    );
}

#[test]
fn xml_has_no_place_for_these() {
    let mut kept = Kept::default();
    out!(&mut kept, Xml(Text(b"<&>\"'\x01\x7f\n\xff\xc3".to_vec(), false)), Xml("\u{fffe}\u{e4}\u{1f600}"));
    let all = "&lt;&amp;&gt;&quot;'\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{e4}\u{1f600}";
    assert_eq!(String::from_utf8(kept.0).expect("UTF-8"), all);
}
