//! The groups `honour` and `wait` of `check`: nothing deviates in any place, and a kernel that answers otherwise is caught.

use crate::common::group::Group;
use crate::common::place::{CHROOT, CONTAINER, HERE, NOBODY, PROCESS_1, ROOTLESS_PROCESS_1};
use crate::common::{Run, chimera, tracer};
use nix::libc;

/// The names of the leaves that fail.
fn failed(run: &Run) -> Vec<&str> {
    let lines = run.out.lines().filter_map(|line| line.strip_prefix("    not ok "));
    lines.map(|line| line.split(' ').nth(1).expect("a name")).collect()
}

/// The names of the leaves that are skipped, each with the reason.
fn skipped(run: &Run) -> Vec<(&str, &str)> {
    let lines = run.out.lines().filter_map(|line| line.strip_prefix("    ok ")?.split_once(" # SKIP "));
    lines.map(|(name, reason)| (name.split(' ').nth(1).expect("a name"), reason)).collect()
}

#[test]
fn nothing_deviates_in_any_place() {
    for place in [HERE, NOBODY, CHROOT, PROCESS_1, ROOTLESS_PROCESS_1, CONTAINER] {
        if !place.is_possible() {
            continue;
        }
        for group in ["honour", "wait"] {
            let run = place.run(&["check", group]).clean(0);
            assert!(failed(&run).is_empty(), "{}: {run:#?}", place.name);
        }
    }
}

/// Nothing is hidden here but what an old kernel lacks, and where the caller is in the highest cgroup another one.
#[test]
fn all_is_seen_here() {
    let run = chimera(&["check", "honour", "wait"]);
    let run = crate::common::run(run).clean(0);
    let is_known = |name: &str, reason: &str| reason.starts_with("since Linux ") || name == "clone3.into_cgroup";
    let hidden: Vec<_> = skipped(&run).into_iter().filter(|(name, reason)| !is_known(name, reason)).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[test]
fn a_kernel_that_ignores_a_flag_is_caught_by_waits() {
    for (dropped, caught) in [
        (libc::CLONE_VM, &["wnothread", "thread", "pid_namespace"][..]),
        (libc::CLONE_SIGHAND, &["wnothread", "thread", "pid_namespace"]),
        (libc::CLONE_THREAD, &["wnothread", "thread"]),
        (libc::CLONE_PARENT, &["parent", "parent.exit_signal"]),
        (libc::CLONE_NEWPID, &["pid_namespace"]),
        (libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_VFORK, &[]),
    ] {
        let run = tracer::run_without(chimera(&["check", "wait"]), dropped as u64).nothing_left();
        assert_eq!(failed(&run), caught, "{dropped:#x}: {run:#?}");
    }
}

/// The exit signal decides who may wait, and what is heard.
#[test]
fn another_exit_signal_is_caught() {
    let [user, child] = [libc::SIGUSR1, libc::SIGCHLD].map(|signal| signal as u64);
    let exchanged = |from: u64, to: u64| {
        let run = tracer::run_with(chimera(&["check", "honour", "wait"]), move |call| {
            if call.exit_signal == from {
                call.exit_signal = to;
            }
        });
        run.nothing_left()
    };
    let run = exchanged(user, child);
    let [of_waits, of_signal] = [["wait4.plain", "wait4.wclone", "waitid.plain", "waitid.wclone"], ["exit_signal"; 4]];
    let caught = [&["clone.exit_signal", "clone3.exit_signal"][..], &of_waits, &of_signal[..1]].concat();
    assert_eq!(failed(&run), caught, "{run:#?}");
    let run = exchanged(user, 0);
    assert_eq!(failed(&run), [&caught[..2], &of_signal[..1]].concat(), "{run:#?}");
}

/// A caller in a cgroup can make a task in one above it; a caller in the highest sees no difference.
#[test]
fn a_cgroup_above_the_caller_is_entered() {
    let Some(group) = Group::new() else { return };
    let inside = || group.inside("", crate::common::elf(), &["check", "honour"]);
    let run = crate::common::run(inside()).clean(0);
    assert!(
        failed(&run).is_empty() && !skipped(&run).iter().any(|(name, _)| *name == "clone3.into_cgroup"),
        "{run:#?}"
    );
    let run = tracer::run_without(inside(), 1 << 33).nothing_left();
    assert_eq!(failed(&run), ["clone3.into_cgroup"], "{run:#?}");
}

/// What deviates is said in words: what was asked, what should have been seen, and what was.
#[test]
fn a_deviation_is_told() {
    let run = tracer::run_without(chimera(&["check", "honour"]), libc::CLONE_FILES as u64).nothing_left();
    assert_eq!(failed(&run), ["clone.files", "clone3.files"], "{run:#?}");
    let case = run.out.lines().find(|line| line.trim().starts_with("# case ")).expect("a case");
    for part in ["flags=CLONE_FILES", "effect=CLONE_FILES", "want=seen", "got=not-seen"] {
        assert!(case.contains(part), "{part}: {case}");
    }
}
