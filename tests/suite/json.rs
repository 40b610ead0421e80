//! The lines for machines: one object a task.
//!
//! Which keys and words there are is the schema's to say, which `common::schema` holds every output against; what is said
//! twice in an object must agree with itself.

use crate::common::running::Running;
use crate::common::skip::has;
use crate::common::who::{Who, chimera_as, command_lines, everybody, everybody_allowed, ids};
use crate::common::{chimera, command, elf, page, run};
use linux_raw_sys::general as kernel;
use serde_json::{Map, Value};

const IDS_KEYS: [&str; 6] = ["counter", "gid", "pid", "ppid", "tid", "uid"];

/// The resources, in their order, each with the flag that decides.
const RESOURCES: [(&str, &str); 7] = [
    ("memory", "CLONE_VM"),
    ("files", "CLONE_FILES"),
    ("cwd/root/umask", "CLONE_FS"),
    ("signal handlers", "CLONE_SIGHAND"),
    ("thread group", "CLONE_THREAD"),
    ("parent process", "CLONE_PARENT"),
    ("user namespace", "CLONE_NEWUSER"),
];

/// The bits of the names that the modes use.
const BITS: [(&str, u32); 10] = [
    ("CLONE_VM", kernel::CLONE_VM),
    ("CLONE_FS", kernel::CLONE_FS),
    ("CLONE_FILES", kernel::CLONE_FILES),
    ("CLONE_SIGHAND", kernel::CLONE_SIGHAND),
    ("CLONE_THREAD", kernel::CLONE_THREAD),
    ("CLONE_SYSVSEM", kernel::CLONE_SYSVSEM),
    ("CLONE_SETTLS", kernel::CLONE_SETTLS),
    ("CLONE_PARENT_SETTID", kernel::CLONE_PARENT_SETTID),
    ("CLONE_CHILD_CLEARTID", kernel::CLONE_CHILD_CLEARTID),
    ("CLONE_NEWUSER", kernel::CLONE_NEWUSER),
];

/// A run with `--json`, and the id of its process.
struct Told {
    pid: u32,
    objects: Vec<Map<String, Value>>,
}

/// Runs a command line with `--json`, cleanly; every line on fd 1 must be an object.
fn tell(who: Who, line: &[&str]) -> Told {
    let running = Running::start(chimera_as(who, &[line, &["--json"]].concat()));
    let pid = running.id();
    let out = running.finish().clean(0).out;
    assert!(out.ends_with('\n') && out.is_ascii(), "{out}");
    let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    Told { pid, objects: out.lines().map(object).collect() }
}

/// Calls `check` with every object of every command line that everybody may run.
fn each_object(check: impl Fn(Who, &Told, &Map<String, Value>)) {
    for who in everybody() {
        for line in command_lines(who) {
            let told = tell(who, &line);
            assert!(!told.objects.is_empty(), "{line:?}");
            told.objects.iter().for_each(|object| check(who, &told, object));
        }
    }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {object}"))
}

fn number(object: &Value, key: &str) -> u32 {
    object[key].as_u64().and_then(|number| number.try_into().ok()).unwrap_or_else(|| panic!("{key} in {object}"))
}

/// The objects of the tour are told apart by their names alone.
#[test]
fn every_task_has_a_name() {
    for who in everybody_allowed() {
        let told = tell(who, &[]);
        let names: Vec<&str> = told.objects.iter().map(|object| object["name"].as_str().expect("a name")).collect();
        assert_eq!(names, ["fork", "fork(2)", "chimera", "thread", "pthread", "user"]);
    }
    let object: Value = serde_json::from_str(&run(chimera(&["clone", "fork", "--json"])).clean(0).out).expect("JSON");
    assert!(object["name"].is_null(), "{object}");
}

/// Only what has a stack of its own tells where it lies, and only what became root tells how.
#[test]
fn the_stack_and_the_steps_are_told_where_they_are() {
    each_object(|who, _, object| {
        let object = Value::Object(object.clone());
        let flags = text(&object, "flags");
        assert_eq!(object["stack"].is_null(), !flags.contains("CLONE_VM"), "{object}");
        if let Some(stack) = object["stack"].as_object() {
            let address = |key: &str| {
                let hexadecimal = stack[key].as_str().and_then(|text| text.strip_prefix("0x"));
                hexadecimal.and_then(|digits| u64::from_str_radix(digits, 16).ok()).expect("an address")
            };
            let [guard, base, pointer, top] = ["guard", "base", "pointer", "top"].map(address);
            assert_eq!((base - guard, top - base, pointer % 16), (0x1000, 0x10000, 0), "{object}");
            assert!(base < pointer && pointer < top, "{object}");
        }
        assert_eq!(object["steps"].is_null(), !flags.contains("CLONE_NEWUSER"), "{object}");
        let (uid, gid) = ids(who);
        for step in object["steps"].as_array().into_iter().flatten() {
            assert_eq!((text(step, "result"), text(step, "verdict")), ("OK", "honoured"), "{step}");
            match text(step, "step") {
                "write /proc/self/uid_map" => assert_eq!(text(step, "written"), format!("0 {uid} 1")),
                "write /proc/self/gid_map" => assert_eq!(text(step, "written"), format!("0 {gid} 1")),
                "write /proc/self/setgroups" => assert_eq!(text(step, "written"), "deny"),
                _ => assert!(step["written"].is_null(), "{step}"),
            }
        }
    });
}

#[test]
fn every_row_is_honoured() {
    each_object(|_, _, object| {
        let resources = object["resources"].as_array().expect("a list");
        let names: Vec<_> = resources.iter().map(|resource| (text(resource, "name"), text(resource, "flag"))).collect();
        assert_eq!(names, RESOURCES);
        for resource in resources {
            let shares = [
                text(resource, "asked") == "shared",
                text(resource, "kernel") == "same",
                text(resource, "behaviour") == "shared",
            ];
            assert!(shares == [true; 3] || shares == [false; 3], "three words that agree in {resource}");
            assert_eq!(text(resource, "verdict"), "honoured", "{resource}");
        }
    });
}

#[test]
fn a_made_task_has_the_outcome_of_one() {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("/proc");
    each_object(|_, _, object| {
        let object = Value::Object(object.clone());
        let words = ["predicted", "result", "outcome", "kernel"].map(|key| text(&object, key));
        assert_eq!(words, ["OK", "OK", "honoured", release.trim()]);
        assert!(object["rule"].is_null() && object["why"].is_null(), "{object}");
    });
}

#[test]
fn the_flags_the_bits_and_the_signal_agree() {
    each_object(|_, _, object| {
        let object = Value::Object(object.clone());
        let (signals, names): (Vec<&str>, Vec<&str>) =
            text(&object, "flags").split('|').filter(|name| !name.is_empty()).partition(|name| name.starts_with("SIG"));
        let bit = |name: &&str| BITS.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name}")).1;
        let bits = names.iter().map(bit).fold(0, |bits, bit| bits | bit);
        let signal = number(&object, "exit_signal");
        assert_eq!(text(&object, "bits"), format!("{bits:#x}"));
        assert_eq!(signal, if bits & kernel::CLONE_THREAD == 0 { kernel::SIGCHLD } else { 0 }, "{object}");
        assert_eq!(signals.len(), usize::from(signal != 0), "{object}");
        assert!(names.is_sorted_by_key(bit), "strace's order in {object}");
        // What decides about a resource is told by the flags: a thread is its maker's sibling too.
        for resource in object["resources"].as_array().expect("a list") {
            let flag = text(resource, "flag");
            let is_set = names.contains(&flag) || (flag == "CLONE_PARENT" && names.contains(&"CLONE_THREAD"));
            let is_new = flag == "CLONE_NEWUSER";
            assert_eq!(text(resource, "asked") == "shared", is_set != is_new, "{resource} of {object}");
        }
    });
}

#[test]
fn the_ids_are_those_of_the_process() {
    each_object(|who, told, object| {
        let [parent, child] = ["parent", "child"].map(|side| &object[side]);
        let numbers = |side| IDS_KEYS.map(|key| number(side, key));
        let (uid, gid) = ids(who);
        let flags = object["flags"].as_str().expect("flags");
        // The child raises the counter, which only shared memory shows to the parent.
        let counter = flags.contains("CLONE_VM").into();
        assert_eq!(numbers(parent), [counter, gid, told.pid, std::process::id(), told.pid, uid]);
        let [counter, child_gid, pid, ppid, tid, child_uid] = numbers(child);
        assert_eq!(counter, 1);
        let is_thread = flags.contains("CLONE_THREAD");
        assert_ne!(tid, told.pid);
        assert_eq!(pid, if is_thread { told.pid } else { tid });
        assert_eq!(ppid, if is_thread { std::process::id() } else { told.pid });
        let is_unmapped = flags.contains("CLONE_NEWUSER");
        assert_eq!([child_uid, child_gid], if is_unmapped { [65534; 2] } else { [uid, gid] });
    });
}

#[test]
fn the_objects_are_those_of_the_pages() {
    for who in everybody() {
        for line in command_lines(who) {
            let pages = page::read(&run(chimera_as(who, &line)).clean(0).out).pages;
            let told = tell(who, &line);
            let apis: Vec<&str> = told.objects.iter().map(|object| object["api"].as_str().expect("api")).collect();
            let calls: Vec<&str> = pages.iter().map(|page| page.call.split('(').next().expect("a name")).collect();
            assert_eq!(apis, calls, "{line:?}");
        }
    }
}

/// A refused call has its errno for a result, and no kernel was asked about a task that is not there.
#[test]
fn a_refusal_has_the_outcome_of_one() {
    if !has("strace") {
        return;
    }
    let refused = [
        ("fork", "EAGAIN:when=1", "refused-otherwise"),
        ("chimera", "ENOMEM:when=1", "refused-otherwise"),
        ("user", "EPERM:when=1", "refused-otherwise"),
        // The rules ask the kernel, which says the same each time.
        ("fork", "EAGAIN", "refused-as-predicted"),
        ("user", "EPERM", "refused-as-predicted"),
    ];
    for (mode, fault, outcome) in refused {
        let errno = fault.split(':').next().expect("an errno");
        let fault = format!("inject=clone:error={fault}");
        let program = elf().to_str().expect("a path in UTF-8");
        let told = run(command("strace", &["-f", "-q", "-o", "/dev/null", "-e", &fault, program, mode, "--json"]));
        let object: Value = serde_json::from_str(told.out.lines().next().expect("an object")).expect("JSON");
        assert_eq!((text(&object, "result"), text(&object, "outcome")), (errno, outcome), "{object}");
        assert!(told.status != Some(0) && told.err.contains(errno), "{:?} {}", told.status, told.err);
        for resource in object["resources"].as_array().expect("a list") {
            assert_eq!(text(resource, "kernel"), "unknown", "{resource}");
        }
    }
}
