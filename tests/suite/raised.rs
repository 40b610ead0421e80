//! A copy of the ELF that gives its caller more rights refuses to do anything.

use crate::common::skip::{has, is_installed, skip, skip_part};
use crate::common::{USERS, as_user, command, elf, folder, install, is_root, run};
use std::path::PathBuf;

/// A copy of the ELF with this mode.
fn copy(name: &str, mode: &str) -> PathBuf {
    let copy = folder().join(name);
    install(elf(), &copy, mode);
    copy
}

#[test]
fn raised_rights_are_refused() {
    if !is_root() {
        return skip("only root can make a file that raises rights");
    }
    let capable = copy("raised-capable", "755");
    let can_be_capable = is_installed("setcap")
        && run(command("setcap", &["cap_sys_admin+ep", capable.to_str().expect("UTF-8")])).status == Some(0);
    if !can_be_capable {
        skip_part("a file with capabilities: setcap(8) is missing, or the file system keeps none");
    }
    let set_id =
        ["raised-user", "raised-group"].map(|name| copy(name, if name == "raised-user" { "4755" } else { "2755" }));
    let [by_user, by_group] = set_id;
    for (file, how, remedy, is_there) in [
        (by_user, "is set-user-ID or set-group-ID", "chmod ug-s", true),
        (by_group, "is set-user-ID or set-group-ID", "chmod ug-s", true),
        (capable, "has capabilities", "setcap -r", can_be_capable),
    ] {
        for (words, status) in [(&["rules"] as &[&str], 1), (&["run", "true"], 125), (&["--version"], 1)] {
            if !is_there {
                continue;
            }
            let path = file.to_str().expect("UTF-8");
            let run = run(as_user(command(path, words), USERS[0])).nothing_left();
            let (first, second) = run.err.split_once('\n').expect("two lines");
            assert!(first.starts_with(&format!("chimera: this program {how}: ")), "{path} {words:?}: {first}");
            assert_eq!(second, format!("  try: {remedy} {path}\n"), "{words:?}");
            assert_eq!((run.status, run.out), (Some(status), String::new()), "{path} {words:?}");
        }
    }
}

/// The kernel sets the same flag if the caller's ids differ already: that is the caller's own affair.
#[test]
fn rights_of_the_caller_are_none_of_the_file() {
    if !is_root() {
        return skip("only root can have an ordinary user's real id");
    }
    if !has("setpriv") {
        return;
    }
    let own = copy("raised-not", "755");
    let words = ["--ruid", "65534", "--euid", "0", own.to_str().expect("UTF-8"), "--version"];
    let run = run(command("setpriv", &words));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}
