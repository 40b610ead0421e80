//! Adding up what sweeps have written. The outputs are written here in another way than the program writes them.
//!
//! Every byte of an output is hostile: whatever it is, the answer is a sum that holds, or a refusal, and never a panic.

use crate::common::shards::{Answers, HEAD, LEAF, accepted, output};
use chimera::check::judge::Tally;
use chimera::check::merge::fault::{Fault, Place, Refusal};
use chimera::check::merge::gap::shares;
use chimera::check::merge::head::About;
use chimera::check::merge::line::place_of;
use chimera::check::merge::union::{LONGEST, Total, Union};
use chimera::check::sum::Sum;
use chimera::check::sweep::plan::{Follower, Part, Plan, shard};
use chimera::check::sweep::{SETS, Space};
use chimera::clone::flags::By;
use chimera::report::check::head::Head;
use chimera::report::check::sweep as report;
use chimera::rules::rule::RULES;
use chimera::text::Sink;
use proptest::prelude::*;
use std::ops::Range;

const SPACES: [Space; 2] = [Space::All, Space::WithoutNet];

/// Random inputs, none of which are kept in files.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

/// What came of so many sets, as a number decides.
fn answers(sets: usize, seed: u64) -> Answers {
    let mut left = sets;
    let mut part = |shift: u32| {
        let part = (seed >> shift) as usize & 0xff;
        let part = left * part / 256;
        left -= part;
        part
    };
    let (one, other, unknown) = (part(0), part(8), part(16));
    let disagree = if seed >> 62 == 3 { part(24) } else { 0 };
    [left, one, other, disagree, unknown]
}

/// The output of a sweep of these sets, all of which are accepted.
fn plain(sets: Range<usize>) -> String {
    output("legacy", sets, &mut accepted)
}

/// Adds up files.
fn merge(files: &[impl AsRef<[u8]>]) -> Result<Total, Refusal> {
    merge_by(files, usize::MAX)
}

/// Adds up files that are read in pieces of this size.
fn merge_by(files: &[impl AsRef<[u8]>], size: usize) -> Result<Total, Refusal> {
    let mut union = Union::new();
    for file in files {
        for piece in file.as_ref().chunks(size.min(file.as_ref().len()).max(1)) {
            union.read(piece)?;
        }
        union.end_file()?;
    }
    union.total()
}

/// Why files are not added up.
#[track_caller]
fn refusal(files: &[impl AsRef<[u8]>]) -> Refusal {
    merge(files).err().expect("a refusal")
}

/// What is wrong with a line of the second file, and its number.
#[track_caller]
fn fault(second: &str) -> (usize, Fault) {
    let half = Space::All.size() / 2;
    match refusal(&[plain(0..half), second.to_owned()]) {
        Refusal::Line(Place { file: 1, line }, fault) => (line, fault),
        refusal => panic!("{refusal:?}"),
    }
}

/// Gaps, each by its first position and the one behind its last.
fn gaps(ends: &[[usize; 2]]) -> Vec<Range<usize>> {
    ends.iter().map(|[first, end]| *first..*end).collect()
}

fn text(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[test]
fn shards_are_added_up() {
    for space in SPACES {
        let size = space.size();
        let shard = |shard: usize| {
            let mut answer = |sets: usize| [sets - 100, 60, 30, 0, 10];
            output(space.name(), shard * size / 3..(shard + 1) * size / 3, &mut answer)
        };
        let leaves = size / LEAF + 2;
        let total = merge(&[shard(2), shard(0), shard(1)]).expect("a sum");
        assert_eq!((total.space, total.tally.asked()), (space, size));
        assert_eq!(total.tally.accepted(), size - 100 * leaves);
        assert_eq!((total.tally.refused(), total.tally.skipped), (90 * leaves, 10 * leaves));
        let rule = |id: &str| total.tally.refused[place_of(id.as_bytes()).expect("a rule")];
        assert_eq!((rule("D1"), rule("D2")), (60 * leaves, 30 * leaves));
        assert_eq!(total.says(About::Kernel), b"6.18.1 x86_64");
        assert_eq!(total.says(About::Modules), "unknown, label caf\u{e9}".as_bytes());
        assert!(total.otherwise.is_empty());
    }
}

/// Several outputs in one file, lines that end as on a serial console, comments that say nothing of sets.
#[test]
fn a_file_may_have_several_outputs() {
    let size = Space::All.size();
    let all: String = (0..16).map(|shard| plain(shard * size / 16..(shard + 1) * size / 16)).collect();
    assert!(merge(&[&all]).is_ok());
    assert!(merge(&[all.replace('\n', "\r\n")]).is_ok());
    let told = all.replace("\n    ok", "\n    # case flags=CLONE_VM want=OK got=EINVAL\n    ok") + "# time: 3 s\n";
    assert!(merge(&[told]).is_ok());
}

/// The output of a sweep that was killed counts with what it has, and one that went on closes the gap.
#[test]
fn what_was_cut_off_is_missing() {
    let size = Space::All.size();
    let all = plain(0..size);
    let place = all.find("# sets 1048576-").expect("a leaf");
    // The last line has no end: of it nothing counts.
    let line = place + all[place..].find('\n').expect("its end");
    for (cut, first) in [(place, 1 << 20), (line, 1 << 20), (line + 1, (1 << 20) + LEAF)] {
        let killed = &all[..cut];
        assert_eq!(refusal(&[killed]), Refusal::Gaps(Space::All, gaps(&[[first, size]])));
        assert!(merge(&[killed.to_owned(), plain(first..size)]).is_ok(), "{cut}");
        // More than is missing was asked twice.
        let more = refusal(&[killed.to_owned(), plain(first - 5..size)]);
        let places = [Place { file: 0, line: 1 }, Place { file: 1, line: 1 }];
        assert_eq!(more, Refusal::Overlap(first - 5..first, places));
    }
    let interrupted = plain(0..1000) + "# interrupted: go on with --from 1000\n";
    assert!(merge(&[interrupted, plain(1000..size)]).is_ok());
    let given_up = all[..line + 1].to_owned() + "Bail out! clone a worker: EAGAIN (Resource temporarily unavailable)\n";
    let bad = Fault::Strange(text("Bail out! clone a worker: EAGAIN (Resource temporarily unavailable)"));
    assert!(matches!(refusal(&[&given_up]), Refusal::Line(_, fault) if fault == bad), "a leaf has no result");
}

#[test]
fn gaps_and_overlaps_are_told() {
    let size = Space::All.size();
    let shard = |shard: usize| plain(shard * size / 16..(shard + 1) * size / 16);
    let some: Vec<String> = (0..16).filter(|number| ![0, 7, 8, 15].contains(number)).map(shard).collect();
    let part = size / 16;
    let right = gaps(&[[0, part], [7 * part, 9 * part], [15 * part, size]]);
    assert_eq!(refusal(&some), Refusal::Gaps(Space::All, right));
    let twice = refusal(&[plain(0..size), plain(0..size)]);
    assert_eq!(twice, Refusal::Overlap(0..size, [Place { file: 0, line: 1 }, Place { file: 1, line: 1 }]));
    let inner = refusal(&[plain(0..size) + &shard(3)]);
    let line = plain(0..size).lines().count() + 1;
    let places = [Place { file: 0, line: 1 }, Place { file: 0, line }];
    assert_eq!(inner, Refusal::Overlap(3 * part..4 * part, places));
}

#[test]
fn other_places_are_refused() {
    let size = Space::All.size();
    let second = plain(size / 2..size);
    let head: Vec<String> = second.lines().take(10).map(str::to_owned).collect();
    for (line, about) in (2..).zip(About::ALL).filter(|(_, about)| **about != About::Space) {
        let own = &head[line - 1][about.name().len() + 4..];
        let other = second.replace(&head[line - 1], &format!("# {}: other", about.name()));
        assert_eq!(fault(&other), (line, Fault::Differs(*about, text("other"), 0, text(own))));
        let without = second.replace(&format!("{}\n", head[line - 1]), "");
        assert_eq!(fault(&without), (9, Fault::Missing(*about)));
        let twice = second.replace(&head[line - 1], &format!("{0}\n{0}", head[line - 1]));
        assert_eq!(fault(&twice), (line + 1, Fault::Twice(*about)));
    }
    let other = second.replace("space: legacy", "space: legacy-no-netns");
    let differs = Fault::Differs(About::Space, text("legacy-no-netns"), 0, text("legacy"));
    assert_eq!(fault(&other), (9, differs));
    let none = plain(0..size).replace("space: legacy", "space: clone3");
    assert_eq!(refusal(&[none]), Refusal::Line(Place { file: 0, line: 10 }, Fault::NoSpace(text("clone3"))));
}

/// What is wrong in a line, and what is said of it.
#[test]
fn lines_that_are_wrong_are_told() {
    let (half, size) = (Space::All.size() / 2, Space::All.size());
    let mut answer = |sets: usize| [sets - 300, 100, 100, 0, 100];
    let second = output("legacy", half..size, &mut answer);
    let strange = |line: &str| Fault::Strange(text(line));
    let leaf =
        "# sets 8388608-8650751 asked 262144 accepted 261844 refused 200 disagree 0 unknown 100 rules D1=100,D2=100";
    assert!(second.contains(leaf), "{second}");
    let with = |line: &str| second.replacen(leaf, line, 1);
    #[rustfmt::skip]
    let rows: &[(String, usize, Fault)] = &[
        (with(&leaf.replace("asked 262144", "asked 262143")), 14, Fault::Asked),
        (with(&leaf.replace("8650751", "8650752")), 14, Fault::Asked),
        (with(&leaf.replace("8650751", "8388607")), 14, Fault::Sets),
        (with(&leaf.replace("8650751", "8388606")), 14, Fault::Sets),
        (with(&leaf.replace("8388608-8650751", "16646144-16908287")), 14, Fault::Sets),
        (with(&leaf.replace("accepted 261844", "accepted 261843")), 14, Fault::Answers),
        (with(&leaf.replace("unknown 100", "unknown 101")), 14, Fault::Answers),
        (with(&leaf.replace("D2=100", "D2=101")), 14, Fault::Refused),
        (with(&leaf.replace(" rules D1=100,D2=100", "")), 14, Fault::Refused),
        (with(&leaf.replace("D1=100,D2=100", "none")), 14, strange(&leaf.replace("D1=100,D2=100", "none"))),
        (with(&leaf.replace("D2=100", "D2=18446744073709551615")), 14, Fault::Refused),
        (with(&leaf.replace("D2=100", "D1=18446744073709551615")), 14, Fault::Refused),
        (with(&leaf.replace("D2=100", "D12=100")), 14, Fault::NoRule(text("D12"))),
        (with(&leaf.replace("D2=100", "")), 14, strange(&leaf.replace("D2=100", ""))),
        (with(&leaf.replace("D2=100", "D2=1x")), 14, strange(&leaf.replace("D2=100", "D2=1x"))),
        (with(&leaf.replace("D2=100", "D2=1=2")), 14, strange(&leaf.replace("D2=100", "D2=1=2"))),
        (with(&leaf.replace("261844", "18446744073709551616")), 14, strange(&leaf.replace("261844", "18446744073709551616"))),
        (with(&leaf.replace("261844", "18446744073709551615")), 14, Fault::Answers),
        (with(&leaf.replace("261844", "-1")), 14, strange(&leaf.replace("261844", "-1"))),
        (second.replace("ok 1 sets-08388608", "not ok 1 sets-08388608"), 15, Fault::Result),
        (second.replace("ok 1 sets-08388608", "ok 2 sets-08388608"), 15, Fault::Result),
        (second.replace("ok 1 sets-08388608", "ok 1 sets-08388609"), 15, Fault::Result),
        (second.replace("    ok 1 sets-08388608-08650751\n", ""), 15, strange("    # sets 8650752-8912895 asked 262144 accepted 261844 refused 200 disagree 0 unknown 100 rules D1=100,D2=100")),
        (second.replace("sets 8650752-8912895", "sets 8650753-8912896"), 16, Fault::Sets),
        (second.replace("ok 1 sweep", "not ok 1 sweep"), 78, Fault::Result),
        (second.replace("ok 1 sweep", "ok 2 sweep"), 78, strange("ok 2 sweep")),
        (second.replace("of 16777216", "of 8388608"), 79, Fault::Sums),
        (second.replace("asked 8388608 of", "asked 8388609 of"), 79, Fault::Sums),
        (second.replace("of 16777216 accepted", "of 16777216 acepted"), 79, strange("# sets asked 8388608 of 16777216 acepted 8379008 refused 6400 disagree 0 unknown 3200")),
        (second.replace("# Subtest: sweep", "# Subtest: pairs"), 13, strange("    1..32")),
        (second.replace("    1..32", "    1..x"), 13, strange("    1..x")),
        (second.clone() + "more\n", 80, strange("more")),
        (second.replace("uid: 0", "uid: \0"), 4, Fault::Binary),
        (second.replace("uid: 0", "uid: \u{9b}31m"), 4, Fault::Binary),
        (second.replace("uid: 0", "uid: 0\r"), 4, Fault::Differs(About::Uid, text("0"), 0, text("0"))),
        (second.replace("uid: 0", &"x".repeat(LONGEST)), 4, Fault::Long),
        ("KTAP version 2\n".to_owned(), 1, Fault::NotFirst(text("KTAP version 2"))),
    ];
    for (second, line, right) in rows {
        // A line that ends with CR and LF is one line; all else is refused.
        if matches!(right, Fault::Differs(..)) {
            assert!(merge(&[plain(0..half), second.clone()]).is_ok());
        } else {
            assert_eq!(fault(second), (*line, right.clone()));
        }
    }
}

#[test]
fn a_file_without_an_output_is_refused() {
    let head = HEAD.to_owned() + "# space: legacy\n";
    for (file, line) in [("", 0), ("KTAP version 1", 0), ("KTAP version 1\n", 1), (HEAD, 8), (head.as_str(), 9)] {
        assert_eq!(refusal(&[file]), Refusal::Ends(Place { file: 0, line }), "{file}");
    }
    let twice = HEAD.to_owned() + &plain(0..10);
    assert_eq!(refusal(&[twice]), Refusal::Ends(Place { file: 0, line: 9 }));
    let none = Refusal::Gaps(Space::All, gaps(&[[0, SETS]]));
    assert_eq!(refusal(&[head + "1..1\n"]), none);
    assert_eq!(refusal(&[""; 0]), Refusal::Ends(Place { file: 0, line: 0 }));
}

/// A leaf in which something is otherwise is kept with its line.
#[test]
fn what_is_otherwise_is_kept() {
    let size = Space::All.size();
    let mut number = 0;
    let mut answer = |sets: usize| {
        number += 1;
        if number % 2 == 0 { [sets - 3, 0, 0, 3, 0] } else { accepted(sets) }
    };
    let total = merge(&[output("legacy", 0..size, &mut answer)]).expect("a sum");
    assert_eq!((total.otherwise.len(), total.more, total.tally.wrong), (8, 24, 96));
    let second = &total.otherwise[1];
    assert_eq!((second.sets.clone(), second.disagree), (3 * LEAF..4 * LEAF, 3));
    assert_eq!(second.at, Place { file: 0, line: 20 });
}

/// The sweeps that ask what is missing, as options.
fn remedies(gap: Range<usize>) -> Vec<(usize, usize, Option<usize>)> {
    shares(Space::All, gap).take(100).map(|share| (share.shard, share.of, share.from)).collect()
}

#[test]
fn what_is_missing_can_be_asked() {
    let part = SETS / 16;
    assert_eq!(remedies(0..SETS), [(0, 1, None)]);
    assert_eq!(remedies(7..SETS), [(0, 1, Some(7))]);
    assert_eq!(remedies(part..2 * part), [(1, 16, None)]);
    assert_eq!(remedies(part + 9..2 * part), [(0, 8, Some(part + 9))]);
    assert_eq!(remedies(SETS / 3..2 * SETS / 3), [(1, 3, None)]);
    assert_eq!(remedies(part..5 * part), [(0, 4, Some(part)), (4, 16, None)]);
    assert_eq!(remedies(5..6), []);
    assert_eq!(remedies(5..5), []);
}

/// Bytes that are written.
#[derive(Default)]
struct Kept(Vec<u8>);

impl Sink for Kept {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    fn column(&self) -> usize {
        0
    }
}

/// Writes the parts of a sweep, and adds up what came of them.
struct Writer {
    out: Kept,
    number: usize,
    sum: Sum,
    tally: Tally,
}

impl Follower for Writer {
    fn look(&mut self, _: usize) -> bool {
        false
    }

    fn part(&mut self, part: &Part) {
        self.number += 1;
        self.sum.add(part.range.len(), &part.tally, 0);
        self.tally.add(&part.tally);
        report::part(&mut self.out, self.number, part);
    }
}

/// What came of so many sets, as numbers decide.
fn tally(sets: usize, seed: u64) -> Tally {
    let [accepted, one, other, wrong, skipped] = answers(sets, seed);
    let mut tally = Tally { right: accepted + one + other, wrong, skipped, ..Tally::default() };
    let of_clone = (0..RULES.len()).filter(|rule| RULES[*rule].calls.contains(&By::Clone));
    let rules: Vec<usize> = of_clone.collect();
    for (count, place) in [(one, seed >> 32), (other, seed >> 40)] {
        tally.refused[rules[place as usize % rules.len()]] += count;
    }
    tally
}

/// The program's own output of a sweep of these sets, and what came of them.
fn written(space: Space, range: Range<usize>, go_on: Option<usize>, seeds: &[u64]) -> (Vec<u8>, Tally) {
    let mut writer = Writer { out: Kept::default(), number: 0, sum: Sum::default(), tally: Tally::default() };
    report::begin(&mut writer.out, &Head::look(), space, &range);
    let mut plan = Plan::new(range);
    let mut seeds = seeds.iter().cycle();
    while let Some(piece) = plan.take() {
        plan.put(&piece, &tally(piece.len(), *seeds.next().expect("a seed")));
        plan.report(&mut writer);
    }
    report::end(&mut writer.out, &writer.sum, &writer.tally, None, go_on);
    (writer.out.0, writer.tally)
}

proptest! {
    #![proptest_config(cases(60))]

    /// However a space is divided, and whichever way the files are read, the sum is that of all.
    #[test]
    fn any_division_has_the_same_sum(
        mut cuts in prop::collection::btree_set(1..1usize << 23, 0..12), seeds in prop::collection::vec(any::<u64>(), 64),
        turn in any::<usize>(), size in 1..9000usize, together in any::<bool>(),
    ) {
        cuts.extend([0, 1 << 23]);
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let (mut number, mut sum) = (0, [0; 5]);
        let mut answer = |sets: usize| {
            number += 1;
            let all = answers(sets, seeds[number % seeds.len()]);
            sum.iter_mut().zip(all).for_each(|(sum, count)| *sum += count);
            all
        };
        let mut files: Vec<String> = cuts.windows(2)
            .map(|sets| output("legacy-no-netns", sets[0]..sets[1], &mut answer))
            .collect();
        let count = files.len();
        files.rotate_left(turn % count);
        if together {
            files = vec![files.concat()];
        }
        let total = merge_by(&files, size).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
        let all = total.tally;
        prop_assert_eq!([all.accepted(), all.refused(), all.wrong, all.skipped], [sum[0], sum[1] + sum[2], sum[3], sum[4]]);
        prop_assert_eq!(all.refused[place_of(b"D1").expect("a rule")], sum[1]);
    }

    /// What the program writes is what it reads: the same sum, by rule.
    #[test]
    fn what_is_written_is_read(
        space in prop::sample::select(&SPACES), cut in any::<prop::sample::Index>(), seeds in prop::collection::vec(any::<u64>(), 50),
    ) {
        let cut = cut.index(space.size() + 1);
        let (first, one) = written(space, 0..cut, Some(cut), &seeds);
        let (second, other) = written(space, cut..space.size(), None, &seeds);
        let total = merge(&[second, first]).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
        let mut all = one;
        all.add(&other);
        prop_assert_eq!((total.tally.right, total.tally.wrong, total.tally.skipped), (all.right, all.wrong, all.skipped));
        for id in RULES.iter().filter(|rule| rule.calls.contains(&By::Clone)).map(|rule| rule.id) {
            let of_id = RULES.iter().zip(all.refused).filter(|(rule, _)| rule.id == id);
            let count: usize = of_id.map(|(_, count)| count).sum();
            prop_assert_eq!(total.tally.refused[place_of(id.as_bytes()).expect("a rule")], count, "{}", id);
        }
    }

    /// Of an output that was cut off anywhere, what was asked is what its whole lines say, and the rest is missing.
    #[test]
    fn an_output_may_end_anywhere(cut in any::<prop::sample::Index>(), seed in any::<u64>()) {
        let size = 1 << 23;
        let all = output("legacy-no-netns", 0..size, &mut |sets| answers(sets, seed));
        let cut = &all[..cut.index(all.len())];
        let whole = &cut[..cut.rfind('\n').map_or(0, |end| end + 1)];
        let asked = whole.matches("    # sets ").count() * LEAF;
        match merge(&[cut]) {
            Ok(_) => prop_assert_eq!(asked, size),
            Err(Refusal::Ends(at)) => prop_assert_eq!((at.line, whole.contains("1..1")), (whole.lines().count(), false)),
            Err(refusal) => prop_assert_eq!(refusal, Refusal::Gaps(Space::WithoutNet, gaps(&[[asked, size]]))),
        }
    }

    /// An output in which bytes were changed is refused, or its sum still holds.
    #[test]
    fn any_bytes_are_read(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4, prop::sample::select(b"0123456789 -=#,\n\r\0\xffokD".as_slice())), 1..5),
        seed in any::<u64>(), size in 1..5000usize,
    ) {
        let mut bytes = output("legacy", 0..1 << 24, &mut |sets| answers(sets, seed)).into_bytes();
        for (place, kind, byte) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes.insert(place, byte),
                1 => _ = bytes.remove(place),
                2 => bytes[place] = byte,
                _ => bytes.truncate(place + 1),
            }
        }
        if let Ok(Total { tally, .. }) = merge_by(&[bytes], size) {
            prop_assert_eq!(tally.asked(), SETS);
            prop_assert!(tally.refused() <= tally.right);
        }
    }

    /// Lines of any kind behind a whole head, and bytes of any kind.
    #[test]
    fn any_lines_are_read(
        lines in prop::collection::vec(
            "(    )?(# sets |not ok |ok |1..|# Subtest: sweep|KTAP version 1|Bail out!)?[0-9]{0,22}[- ]?[0-9]{0,22}( asked [0-9]{0,22})?[ -~]{0,20}",
            0..12,
        ),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let text = HEAD.to_owned() + "# space: legacy\n1..1\n    KTAP version 1\n    # Subtest: sweep\n    1..64\n";
        prop_assert!(merge(&[text + &lines.join("\n") + "\n"]).is_err());
        prop_assert!(merge(&[bytes]).is_err());
    }

    /// The sweeps that are proposed ask what is missing, and nothing else, one behind the other.
    #[test]
    fn the_remedy_asks_what_is_missing(of in 1..3000usize, [one, other] in any::<[u16; 2]>(), more in 0..9usize) {
        let bound = |number: u16| number as usize % (of + 1) * SETS / of;
        let (first, end) = (bound(one).min(bound(other)) + more, bound(one).max(bound(other)));
        prop_assume!(first < end);
        let mut next = first;
        for share in shares(Space::All, first..end) {
            let range = shard(Space::All, share.shard, share.of).expect("a shard");
            prop_assert_eq!(share.from.unwrap_or(range.start), next);
            prop_assert!(range.contains(&next));
            next = range.end;
        }
        prop_assert_eq!(next, end);
    }
}
