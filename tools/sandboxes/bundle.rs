//! The bundle of a container: config.json as Docker and Podman write it for a runtime.
//!
//! An engine's seccomp profile names conditions (an architecture, capabilities, a kernel) and a runtime takes plain rules:
//! the rules whose conditions hold for x86-64 and for the capabilities of the container are passed on.

use crate::place::Engine;
use crate::who::{ENVIRONMENT, Who};
use serde_json::{Value, json};

/// The text of config.json for a program in a container; `profile` is the text of the engine's.
pub fn config(engine: &Engine, profile: Option<&str>, who: Who, program: &[String]) -> Result<String, String> {
    let seccomp = match profile {
        Some(text) => {
            let profile = serde_json::from_str(text).map_err(|error| format!("the seccomp profile: {error}"))?;
            translate(&profile, engine.capabilities)
        }
        None => Value::Null,
    };
    let all = engine.capabilities;
    // Another user than root gets none, as by Docker: the bounding set alone is the container's.
    let effective = if who == Who::Root { all } else { &[] };
    let environment = ENVIRONMENT.map(|(name, value)| format!("{name}={value}"));
    let namespaces = ["pid", "mount", "uts", "ipc", "network"].map(|kind| json!({ "type": kind }));
    let mut config = json!({
        "ociVersion": "1.0.2",
        "process": {
            "user": { "uid": who.id(), "gid": who.id() },
            "args": program,
            "env": environment,
            "cwd": "/",
            "capabilities": { "bounding": all, "effective": effective, "permitted": effective },
        },
        "root": { "path": "root" },
        "hostname": "container",
        "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"] },
            { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
            { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"] },
        ],
        "linux": {
            "namespaces": namespaces,
            "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    });
    if !seccomp.is_null() {
        config["linux"]["seccomp"] = seccomp;
    }
    Ok(config.to_string())
}

/// The plain rules of a profile.
fn translate(profile: &Value, capabilities: &[&str]) -> Value {
    let no_rules = Vec::new();
    let rules = profile["syscalls"].as_array().unwrap_or(&no_rules);
    let rules: Vec<Value> = rules.iter().filter(|rule| holds(rule, capabilities)).map(plain).collect();
    let mut seccomp = json!({
        "defaultAction": profile["defaultAction"],
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
        "syscalls": rules,
    });
    keep(profile, &mut seccomp, "defaultErrnoRet");
    seccomp
}

/// Whether a rule is one for x86-64 and these capabilities: all that it includes, and nothing that it excludes.
/// Every kernel that chimera is for is newer than those which profiles name.
fn holds(rule: &Value, capabilities: &[&str]) -> bool {
    let list = |which: &str, what: &str| rule[which][what].as_array().cloned().unwrap_or_default();
    let is_ours = |word: &Value| word.as_str() == Some("amd64");
    let is_kept = |word: &Value| word.as_str().is_some_and(|word| capabilities.contains(&word));
    let arches = list("includes", "arches");
    (arches.is_empty() || arches.iter().any(is_ours))
        && list("includes", "caps").iter().all(is_kept)
        && !list("excludes", "arches").iter().any(is_ours)
        && !list("excludes", "caps").iter().any(is_kept)
}

/// A rule without its conditions.
fn plain(rule: &Value) -> Value {
    let mut plain = json!({ "names": rule["names"], "action": rule["action"] });
    keep(rule, &mut plain, "errnoRet");
    keep(rule, &mut plain, "args");
    plain
}

/// Copies a member, if it is there.
fn keep(from: &Value, to: &mut Value, name: &str) {
    if !from[name].is_null() {
        to[name] = from[name].clone();
    }
}
