//! The wrappers in tools/engines: each hands on what `chimera check` says, in the form that its engine reads.
//!
//! The engines themselves are not run here. A program that says what it is told to stands for chimera where the real one
//! cannot be brought to say it.

mod common;

use common::{Run, command, elf, folder, has, install, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// What chimera prints before it gives up.
const BAIL_OUT: &str = "echo '    # Subtest: g'; echo '    ok 1 a'; echo 'Bail out! futex: EIO'; exit 1";

/// What chimera prints if nothing could be tested.
const NOTHING: &str = "echo '    # Subtest: g'; echo '    ok 1 a # SKIP why'; echo '# Totals: pass:0 fail:0 xfail:0 xpass:0 skip:1 error:0'; exit 4";

/// What chimera prints of a kernel that deviates.
const DEVIATES: &str = "echo '    # Subtest: g'; echo '    # case flags=0 want=OK got=EIO'; echo '    not ok 1 a'; echo 'not ok 1 g'; \
                        echo '# Totals: pass:0 fail:1 xfail:0 xpass:0 skip:0 error:0'; exit 1";

/// A file of tools/engines.
fn engine(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/engines").join(path)
}

/// A folder with the wrapper `path`, and with a chimera beside it: the real one, or a shell script.
fn place(name: &str, path: &str, script: Option<&str>) -> (PathBuf, PathBuf) {
    let place = folder().join(name);
    fs::create_dir_all(&place).expect("a folder");
    let wrapper = place.join("wrapper");
    install(&engine(path), &wrapper, "755");
    match script {
        None => install(elf(), &place.join("chimera"), "755"),
        Some(script) => {
            let text = place.join("text");
            fs::write(&text, format!("#!/bin/sh\n{script}\n")).expect("a script");
            install(&text, &place.join("chimera"), "755");
        }
    }
    (place, wrapper)
}

/// What a wrapper says of such a chimera, or of the real one.
fn says(name: &str, path: &str, script: Option<&str>, words: &[&str]) -> Run {
    let (place, wrapper) = place(name, path, script);
    let mut command = command(wrapper, words);
    let path = format!("{}:{}", place.display(), std::env::var("PATH").expect("a path"));
    command.current_dir(&place).env("PATH", path).env("TMT_TEST_DATA", &place);
    run(command)
}

#[test]
fn make_kselftest_writes_a_folder_that_runs() {
    if !has("make") {
        return;
    }
    let target = folder().join("make");
    let mut make = command("make", &["--silent", "kselftest", &format!("ELF={}", elf().display())]);
    make.current_dir(env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", &target);
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
    run(make).clean(0);
    let place = target.join("kselftest/chimera");
    for file in ["chimera", "chimera-check", "config", "settings", "Makefile"] {
        assert!(place.join(file).exists(), "{file}");
    }
    let check = place.join("chimera-check");
    let out = run(command(&check, &["wait"])).clean(0).out;
    assert!(out.contains("\n# ok 1 ") && out.contains("\nok 1 wait\n") && !out.contains("\n "), "{out}");
    let refused = run(command(&check, &["foo"]));
    assert!(refused.status == Some(2) && refused.err.contains("'foo'"), "{refused:#?}");
}

#[test]
fn kselftest_gets_the_status() {
    let wrapper = "kselftest/chimera-check";
    for (name, script, status) in [("bails", BAIL_OUT, 1), ("nothing", NOTHING, 4), ("deviates", DEVIATES, 1)] {
        says(&format!("kselftest-{name}"), wrapper, Some(script), &[]).clean(status);
    }
}

#[test]
fn kirk_gets_a_summary_and_the_statuses_of_ltp() {
    let wrapper = "kirk/testcases/bin/chimera-check";
    for (name, script, status, counts) in [
        ("bails", BAIL_OUT, 2, [0, 0, 1, 0]),
        ("nothing", NOTHING, 32, [0, 0, 0, 1]),
        ("deviates", DEVIATES, 1, [0, 1, 0, 0]),
        ("killed", "kill -9 $$", 2, [0, 0, 1, 0]),
    ] {
        let run = says(&format!("kirk-{name}"), wrapper, Some(script), &[]);
        let [passed, failed, broken, skipped] = counts;
        let summary =
            format!("Summary:\npassed {passed}\nfailed {failed}\nbroken {broken}\nskipped {skipped}\nwarnings 0\n");
        assert!(run.status == Some(status) && run.out.ends_with(&summary), "{name}: {run:#?}");
    }
    let out = says("kirk", wrapper, None, &["wait"]).clean(0).out;
    assert!(out.contains("\nSummary:\npassed ") && out.contains("\nfailed 0\nbroken 0\n"), "{out}");
}

/// The list of kirk has a line for each group that runs without being named.
#[test]
fn kirk_runs_every_group() {
    let out = run(command(elf(), &["check", "--list", "--json"])).clean(0).out;
    let leaves = out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut groups: Vec<String> = leaves
        .filter(|leaf| leaf["usual"] == true)
        .map(|leaf| leaf["group"].as_str().expect("a name").to_owned())
        .collect();
    groups.dedup();
    let lines: String = groups.iter().map(|group| format!("{group} chimera-check {group}\n")).collect();
    assert_eq!(fs::read_to_string(engine("kirk/runtest/chimera")).expect("the list"), lines);
}

#[test]
fn tmt_gets_a_result_for_each_leaf() {
    for (name, script, results) in [
        ("bails", BAIL_OUT, "- name: /g/a\n  result: pass\n- name: /\n  result: error\n"),
        ("nothing", NOTHING, "- name: /g/a\n  result: skip\n  note:\n  - 'why'\n- name: /\n  result: skip\n"),
        (
            "deviates",
            DEVIATES,
            "- name: /g/a\n  result: fail\n  note:\n  - 'case flags=0 want=OK got=EIO'\n- name: /\n  result: fail\n",
        ),
    ] {
        let name = format!("tmt-{name}");
        says(&name, "tmt/check", Some(script), &[]).clean(0);
        let written = fs::read_to_string(folder().join(name).join("results.yaml")).expect("the results");
        assert_eq!(written, format!("{results}  log: [check.ktap]\n"));
    }
    says("tmt", "tmt/check", None, &["wait"]).clean(0);
    let written = fs::read_to_string(folder().join("tmt/results.yaml")).expect("the results");
    assert!(written.contains("- name: /wait/") && written.contains("\n- name: /\n  result: pass\n"), "{written}");
}
