//! `chimera check --merge`: files on disk, standard input, and one clear message for each refusal.

use crate::common::running::Running;
use crate::common::shards::{HEAD, LEAF, accepted, output};
use crate::common::{Run, chimera, folder, run};
use std::fs::{create_dir, write};
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

const SIZE: usize = 1 << 24;

/// A folder of this name, in which these files are.
fn files(name: &str, files: &[(&str, String)]) -> PathBuf {
    let place = folder().join(name);
    create_dir(&place).expect("a folder");
    files.iter().for_each(|(name, text)| write(place.join(name), text).expect("a file"));
    place
}

/// Adds up files of a folder.
fn merge(folder: &PathBuf, files: &[&str]) -> Run {
    let mut command = chimera(&["check", "--merge"]);
    command.args(files).current_dir(folder);
    run(command).nothing_left()
}

/// What is said of files that are not added up.
#[track_caller]
fn refusal(folder: &PathBuf, files: &[&str]) -> String {
    let run = merge(folder, files);
    assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{run:#?}");
    run.err
}

/// A shard of the sweep of all sets.
fn shard(shard: usize, of: usize) -> String {
    let sets = shard * SIZE / of..(shard + 1) * SIZE / of;
    output("legacy", sets, &mut |sets| [sets - 300, 100, 200, 0, 0])
}

/// The sum of the shards above.
fn sum(of: usize) -> String {
    let leaves = SIZE / LEAF;
    assert_eq!(leaves % of, 0, "no leaf is divided");
    let (one, other) = (100 * leaves, 200 * leaves);
    let accepted = SIZE - one - other;
    format!(
        "\
{HEAD}# space: legacy
1..1
ok 1 sweep
# refused {one} by D1: CLONE_FS with CLONE_NEWNS or CLONE_EMPTY_MNTNS: a task with mounts of its own needs a root and a \
working directory of its own
# refused {other} by D2: CLONE_NEWUSER with CLONE_FS: tasks in different user namespaces may not share root and working \
directory
# sets asked {SIZE} of {SIZE} accepted {accepted} refused {} disagree 0 unknown 0
",
        one + other
    )
}

#[test]
fn shards_are_added_up() {
    let shards: Vec<(String, String)> = (0..16).map(|number| (format!("{number}"), shard(number, 16))).collect();
    let named: Vec<(&str, String)> = shards.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let place = files("merge-shards", &named);
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    assert_eq!(merge(&place, &names).clean(0).out, sum(16));
    // From standard input, one behind the other, and some of them beside files.
    for (text, names) in [(0..16, vec!["-"]), (3..9, [&names[..3], &["-"], &names[9..]].concat())] {
        let mut command = chimera(&["--color", "never", "check", "--merge"]);
        command.args(&names).current_dir(&place).stdin(Stdio::piped());
        let mut running = Running::start(command);
        let text: String = shards[text].iter().map(|(_, text)| text.as_str()).collect();
        running.input().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
        assert_eq!(running.finish().clean(0).out, sum(16));
    }
}

/// The words of each refusal.
#[test]
fn a_refusal_is_told() {
    let half = |number: usize| shard(number, 2);
    #[rustfmt::skip]
    let place = files("merge-refused", &[
        ("0", half(0)),
        ("1", half(1)),
        ("kernel", half(1).replace("6.18.1", "6.12")),
        ("user", half(1).replace("uid: 0", "uid: 65534")),
        ("rules", half(1).replace("Linux 7.1", "Linux 7.2")),
        ("space", half(1).replace("space: legacy", "space: legacy-no-netns")),
        ("page", "sets by sets\n".to_owned()),
        ("pairs", half(1).replace("# space: legacy\n", "")),
        ("sum", sum(2)),
        ("answers", half(1).replacen("accepted 261844", "accepted 261845", 1)),
        ("long", half(1) + "# " + &"x".repeat(5000)),
        ("empty", String::new()),
        ("begun", half(1)[..300].to_owned()),
        ("cut", half(1)[..100].to_owned()),
        ("a\x1bb", half(1) + "\0\n"),
    ]);
    #[rustfmt::skip]
    let rows: &[(&[&str], &str)] = &[
        (&["0"], "chimera: merge: no file has the sets 8388608-16777215\n  try: chimera check --sweep --shard 1/2\n"),
        (&["0", "1", "0"], "chimera: merge: sets 0-8388607 were asked twice, in 0 and in 0\n"),
        (&["0", "kernel"], "chimera: merge kernel line 3: kernel is '6.12 x86_64', and in 0 '6.18.1 x86_64'\n"),
        (&["0", "user"], "chimera: merge user line 4: uid is '65534', and in 0 '0'\n"),
        (&["0", "rules"], "chimera: merge rules line 2: chimera is '0.1.0, rules up to Linux 7.2', and in 0 '0.1.0, rules up to Linux 7.1'\n"),
        (&["0", "space"], "chimera: merge space line 9: space is 'legacy-no-netns', and in 0 'legacy'\n"),
        (&["page"], "chimera: merge page line 1: no output of check --sweep begins with 'sets by sets'\n"),
        (&["pairs"], "chimera: merge pairs line 9: the head ends here, and no line of it says 'space'\n"),
        (&["sum"], "chimera: merge sum line 11: an output of check --sweep has no 'ok 1 sweep' in this place\n"),
        (&["answers"], "chimera: merge answers line 14: accepted, refused, disagree and unknown do not add up to asked\n"),
        (&["long"], "chimera: merge long line 80: it has more than 4096 bytes\n"),
        (&["empty"], "chimera: merge empty: there is no whole line in it\n"),
        (&["begun"], "chimera: merge: no file has the sets 0-16777215\n  try: chimera check --sweep\n"),
        (&["cut"], "chimera: merge cut line 4: an output ends here, and its head is not whole\n"),
        (&["a\x1bb"], "chimera: merge a\\x1bb line 80: it is not plain text\n"),
        (&["0", "nowhere"], "chimera: open the sweep nowhere: ENOENT (No such file or directory)\n"),
        (&["0", "."], "chimera: read the sweep .: EISDIR (Is a directory)\n"),
        (&["-"], "chimera: merge standard input: there is no whole line in it\n"),
    ];
    for (names, right) in rows {
        assert_eq!(refusal(&place, names), *right, "{names:?}");
    }
}

/// A sum with sets that are otherwise has the status 1, and says in which lines they are.
#[test]
fn what_is_otherwise_has_its_status() {
    let mut number = 0;
    let mut answer = |sets: usize| {
        number += 1;
        if number == 3 { [sets - 2, 0, 0, 2, 0] } else { accepted(sets) }
    };
    let place = files("merge-otherwise", &[("all", output("legacy", 0..SIZE, &mut answer))]);
    let run = merge(&place, &["all"]);
    assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{run:#?}");
    let lines: Vec<&str> = run.out.lines().skip(10).collect();
    let claim = "# sets asked 16777216 of 16777216 accepted 16777214 refused 0 disagree 2 unknown 0";
    assert_eq!(lines, ["# disagree 2 of sets 524288-786431: all line 18", "not ok 1 sweep", claim]);
}

/// A sweep that was killed, and the one that asks what it has left.
#[test]
fn a_sweep_that_went_on_closes_the_gap() {
    let all = output("legacy-no-netns", 0..SIZE / 2, &mut accepted);
    let cut = all.find("# sets 1310720").expect("a leaf") + 20;
    let rest = output("legacy-no-netns", 1310720..SIZE / 2, &mut accepted);
    let place = files("merge-killed", &[("killed", all[..cut].to_owned()), ("rest", rest)]);
    let message = "\
chimera: merge: no file has the sets 1310720-8388607
  try: chimera check --sweep --no-netns --from 1310720
";
    assert_eq!(refusal(&place, &["killed"]), message);
    let claim = "# sets asked 8388608 of 16777216 accepted 8388608 refused 0 disagree 0 unknown 0\n";
    assert!(merge(&place, &["rest", "killed"]).clean(0).out.ends_with(claim));
}
