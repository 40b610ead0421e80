//! The environment that `chimera run` passes on, and in which its program is found.

use crate::common::skip::{has, skip};
use crate::common::who::may_be_root;
use crate::common::{chimera, folder, install, is_root, run};
use std::path::Path;
use std::process::Command;

/// `chimera run` with an environment of two variables of its own, PATH, and SHELL.
fn with_variables(words: &[&str]) -> Command {
    let mut command = chimera(&[&["run"], words].concat());
    command.env_clear().env("PATH", "/usr/bin:/bin").env("ONE", "1").env("TWO", "a=b,c").env("SHELL", "/nonexistent");
    command
}

#[test]
fn only_the_named_variables_are_passed() {
    for (options, expected) in [
        (&["--clear-env"] as &[&str], ""),
        (&["--whitelist-env="], ""),
        (&["--whitelist-env=NONE"], ""),
        (&["--whitelist-env=ONE"], "ONE=1\n"),
        (&["--whitelist-env", "TWO,NONE,ONE"], "ONE=1\nTWO=a=b,c\n"),
        (&["--clear-env", "--whitelist-env=TWO"], "TWO=a=b,c\n"),
        (&["--whitelist-env=TWO", "--whitelist-env=ONE", "--clear-env"], "ONE=1\nTWO=a=b,c\n"),
        (&["--whitelist-env=ON,O,ONEE"], ""),
    ] {
        for way in [&[] as &[&str], &["-f"], &["-r"], &["-rp"], &["-rpf"]] {
            if !way.iter().all(|options| !options.starts_with("-r")) && !may_be_root(None) {
                return;
            }
            let run = run(with_variables(&[way, options, &["env"]].concat())).clean(0);
            let mut lines: Vec<&str> = run.out.lines().collect();
            lines.sort_unstable();
            assert_eq!(lines.join("\n"), expected.trim_end(), "{way:?} {options:?}");
        }
    }
}

/// The program is searched for where its own environment says, as execvp(3) does after clearenv(3), and so is the shell.
#[test]
fn the_program_is_found_in_its_own_environment() {
    let place = folder().join("environment");
    std::fs::create_dir_all(&place).expect("a folder");
    let script = folder().join("environment-script");
    std::fs::write(&script, "#!/bin/sh\necho here\n").expect("a file");
    install(&script, &place.join("only-here"), "755");
    for way in ["-f", "-S0"] {
        if way == "-S0" && !is_root() {
            continue;
        }
        let found = |option: &str| {
            let mut command = with_variables(&[way, option, "only-here"]);
            command.env("PATH", &place);
            run(command).nothing_left()
        };
        assert_eq!(found("--whitelist-env=PATH").clean(0).out, "here\n");
        let missing = found("--clear-env");
        let message = "chimera: execve only-here: ENOENT (No such file or directory)\n";
        assert_eq!((missing.status, missing.err.as_str()), (Some(127), message), "{way}");
    }
    // Without SHELL it is /bin/sh, which reads fd 0.
    assert_eq!(run(with_variables(&["--clear-env"])).nothing_left().status, Some(0));
    assert_eq!(run(with_variables(&["--whitelist-env=SHELL"])).nothing_left().status, Some(127));
}

/// newuidmap(1) is found where the caller's PATH says.
#[test]
fn a_helper_is_found_in_the_callers_environment() {
    if !is_root() {
        return skip("ranges of ids: only root can map them without newuidmap(1)");
    }
    if !has("env") || !may_be_root(None) || !Path::new("/proc/self/uid_map").exists() {
        return;
    }
    let words = ["--clear-env", "--map-users=0:0:5", "--map-groups=0:0:5", "env"];
    assert_eq!(run(with_variables(&words)).clean(0).out, "");
}
