//! What may follow a fault: each case is held against all of these rules.

use crate::case::{Case, Fault, Place, makes_tasks};
use crate::causes;
use crate::commands::{COMMANDS, Command, Promise};
use crate::errnos::{self, errno_name};
use crate::kernel::End;
use crate::probe;
use crate::run::Seen;
use crate::schema;
use nix::libc;
use serde_json::Value;

/// The kinds of violations, the most harmful first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something of the world is not as it was.
    Sentinel,
    /// Somebody was left behind.
    Left,
    /// It did not end.
    Hang,
    /// CMD ran in a place that is not the promised one.
    Half,
    /// Something is claimed that was not so.
    False,
    /// Status 0 without the effect, or another status without a word.
    Silent,
    /// It died of a signal that was not sent.
    Death,
    /// It does not keep its promise although nothing goes wrong.
    Plain,
}

/// All of them, with the words for the counts.
pub const KINDS: [(Kind, &str); 8] = [
    (Kind::Sentinel, "sentinels changed"),
    (Kind::Left, "left behind"),
    (Kind::Hang, "hangs"),
    (Kind::Half, "half set up"),
    (Kind::False, "false verdicts"),
    (Kind::Silent, "silent failures"),
    (Kind::Death, "deaths"),
    (Kind::Plain, "promises broken without a fault"),
];

/// A violation: its kind, and what was seen in words that are the same in each run.
pub type Violation = (Kind, String);

/// What the same command said without a fault.
#[derive(Default)]
pub struct Plain {
    /// fd 1 under a tracer.
    pub out: String,
}

/// Holds a case against all rules.
pub fn judge(case: &Case, seen: &Seen, plain: &Plain) -> Vec<Violation> {
    let command = &COMMANDS[case.command];
    let mut found: Vec<Violation> = seen.changes.iter().map(|change| (Kind::Sentinel, change.clone())).collect();
    let kind = if seen.end.is_none() { Kind::Hang } else { Kind::Left };
    if !seen.left.is_empty() || seen.end.is_none() {
        found.push((kind, seen.left.join(", ")));
    }
    if let Some(end) = seen.end {
        let view = View { case, seen, plain, command, end };
        view.judge(&mut found);
    }
    if case.fault.call().zip(case.fault.errno()).is_some_and(|(call, errno)| errnos::is_lie(call, errno)) {
        // Nobody can see through these: no child, no zombie of the caller's.
        found.retain(|(kind, text)| *kind != Kind::False && !text.ends_with("was reaped"));
    }
    if case.fault.is_none() {
        found
            .iter_mut()
            .filter(|(kind, _)| matches!(kind, Kind::Silent | Kind::Death))
            .for_each(|(kind, _)| *kind = Kind::Plain);
    }
    found
}

/// A case that has ended.
struct View<'a> {
    case: &'a Case,
    seen: &'a Seen,
    plain: &'a Plain,
    command: &'a Command,
    end: End,
}

impl View<'_> {
    fn judge(&self, found: &mut Vec<Violation>) {
        found.extend(self.death());
        found.extend(self.status());
        found.extend(self.half());
        found.extend(self.wordless());
        found.extend(self.effectless());
        found.extend(self.text_verdicts());
        let told = causes::false_cause(self.case, &self.seen.err);
        found.extend(told.map(|told| (Kind::False, format!("a cause that is not in the way: {told}"))));
        found.extend(self.sharers());
        found.extend(self.deviations());
        if !self.command.line.contains("--json") {
            found.extend(self.rules_text());
        } else if self.command.is_laboratory() {
            found.extend(self.objects());
        }
    }

    /// The signal by which CMD ends.
    fn signal_of_program(&self) -> Option<i32> {
        Some(match self.command.then()? {
            "TERM" => libc::SIGTERM,
            "KILL" => libc::SIGKILL,
            "SEGV" => libc::SIGSEGV,
            "ABRT" => libc::SIGABRT,
            _ => return None,
        })
    }

    /// The status with which CMD ends.
    fn own_status(&self) -> i32 {
        self.command.then().and_then(|then| then.parse().ok()).unwrap_or(0)
    }

    /// Whether CMD's signal has not come back: a call that failed may be why.
    fn is_unheard(&self, status: i32) -> bool {
        let is_struck = !self.case.fault.is_none();
        self.command.then() == Some("PASS") && status == probe::NOT_PASSED && is_struck
    }

    /// A death by a signal has somebody who sent it.
    fn death(&self) -> Option<Violation> {
        let End::Signal(signal) = self.end else { return None };
        let of_program = self.signal_of_program() == Some(signal) && self.seen.out.contains("probe: full");
        let runs_program = self.command.then().is_some();
        let sent = match self.case.fault {
            Fault::KillTask(point) => {
                // With children of its caller's chimera may let a task without them do its work, and end as that does.
                let is_deputy = self.case.place == Place::Parent && point.task == 1;
                signal == libc::SIGKILL && (runs_program || is_deputy || self.seen.has_killed_first)
            }
            Fault::KillFirst(_) | Fault::KillAt(_) => signal == libc::SIGKILL,
            Fault::Forbid(_) | Fault::ForbidNamespaces => signal == libc::SIGSYS,
            _ => false,
        };
        (!of_program && !sent).then(|| (Kind::Death, format!("died of signal {signal}{}", self.message())))
    }

    /// The status is one that this command has.
    fn status(&self) -> Option<Violation> {
        let End::Status(status) = self.end else { return None };
        let executes =
            self.case.fault.call().is_some_and(|call| [libc::SYS_execve, libc::SYS_execveat].contains(&call));
        let of_signal = self.signal_of_program().map(|signal| 128 + signal);
        let is_known = match self.command.promise {
            Promise::Pages | Promise::Json => [0, 1, 3, 4].contains(&status),
            Promise::Rules | Promise::Doctor | Promise::Inspect | Promise::Bench => [0, 1].contains(&status),
            Promise::Quiz | Promise::Check | Promise::Sweep => [0, 1, 4].contains(&status),
            // Without a mount namespace there is nothing whose propagation may be changed.
            Promise::Program(_) if self.command.line.starts_with("run --propagation") => status == 125,
            Promise::Program(_) => {
                let own = self.own_status();
                let is_its = (self.signal_of_program().is_none() && status == own) || of_signal == Some(status);
                is_its || self.is_unheard(status) || status == 125 || executes && [126, 127].contains(&status)
            }
        };
        let is_plain = self.case.fault.is_none();
        let keeps = !is_plain || self.keeps_promise(status);
        (!is_known || !keeps).then(|| (Kind::Silent, format!("status {status}{}", self.message())))
    }

    /// Without a fault: whether the status is the promised one.
    fn keeps_promise(&self, status: i32) -> bool {
        match (self.command.promise, self.case.fault) {
            (Promise::Program(_), _) if self.command.line.starts_with("run --propagation") => status == 125,
            // So may anything where /proc shows other ids.
            (Promise::Program(_), _) => status != 125 || self.case.place == Place::Nested && !self.seen.err.is_empty(),
            // Where /proc shows other ids, there are things that cannot be seen.
            _ if self.case.place == Place::Nested && status == 4 => {
                self.command.is_laboratory() || [Promise::Check, Promise::Sweep].contains(&self.command.promise)
            }
            // Its numbers name other tasks there.
            (Promise::Inspect, _) if self.case.place == Place::Nested => status == 1,
            (Promise::Sweep, _) if self.command.line.ends_with("--verdicts") => status == 4,
            // Who is traced already cannot be traced by chimera.
            (_, Fault::Watched) if self.command.line.contains("TRACE") => [0, 4].contains(&status),
            _ if self.command.line.ends_with("THREAD") && self.command.line.starts_with("clone") => status == 3,
            _ if self.command.line.ends_with("NEWUSER,FS") => status == 3,
            _ => status == 0,
        }
    }

    /// CMD ran as promised or not at all, and what ended as CMD does has run it.
    fn half(&self) -> Option<Violation> {
        self.command.then()?;
        let (out, program) = (&self.seen.out, self.signal_of_program());
        // A kernel closes a descriptor whatever it answers; one that was never asked has left it open.
        let is_open = self.case.fault.call() == Some(libc::SYS_close);
        let is_half = |line: &&str| line.contains("probe: half") && !(is_open && line.contains("descriptors more"));
        if let Some(line) = out.lines().find(is_half) {
            return Some((Kind::Half, line.into()));
        }
        let as_program = match self.end {
            End::Status(status) => program.is_none() && status.to_string() == self.own_status().to_string(),
            End::Signal(signal) => program == Some(signal) && !self.case.fault.is_kill(),
        };
        let has_run = out.lines().any(|line| line == "probe: full" || is_open && line.contains("descriptors more"));
        (as_program && !has_run)
            .then(|| (Kind::Silent, format!("{} though CMD has not run{}", self.end, self.message())))
    }

    /// Each failure has its word.
    fn wordless(&self) -> Option<Violation> {
        let End::Status(status) = self.end else { return None };
        let own = self.own_status();
        let writes = [libc::SYS_write, libc::SYS_writev].map(Some).contains(&self.case.fault.call());
        let of_signal = self.signal_of_program().is_some_and(|signal| 128 + signal == status);
        let says_so = match self.command.promise {
            Promise::Json => self.seen.out.contains("\"outcome\":"),
            Promise::Doctor => self.seen.out.contains("forbidden"),
            Promise::Quiz => self.seen.out.contains("\"proven\":false") || self.seen.out.contains("\"proven\":null"),
            Promise::Check => {
                self.seen.out.contains("\"result\":\"fail\"") || self.seen.out.contains("\"result\":\"skip\"")
            }
            Promise::Sweep => self.seen.out.contains("not ok ") || self.seen.out.contains(" # SKIP "),
            Promise::Pages => ["SKIP", "FAILED", "not-honoured", "unknown", "outcome:"]
                .iter()
                .any(|word| self.seen.out.contains(word)),
            _ => false,
        };
        let is_fine = status == 0
            || status == own
            || of_signal
            || writes
            || says_so
            || self.is_unheard(status)
            || !self.seen.err.is_empty();
        (!is_fine).then(|| (Kind::Silent, format!("status {status} without a word")))
    }

    /// Status 0 of a command that only prints: it has printed as much as without a fault.
    fn effectless(&self) -> Option<Violation> {
        let (out, plain) = (&self.seen.out, &self.plain.out);
        let lacks = |word: &str| plain.contains(word) && !out.contains(word);
        let lacks = match self.command.promise {
            Promise::Pages => lacks("facts proven") || out.is_empty(),
            Promise::Doctor => lacks("usable") || out.is_empty(),
            Promise::Bench => out.lines().count() < plain.lines().count(),
            Promise::Rules => out.is_empty(),
            Promise::Inspect => lacks("\"held\":"),
            Promise::Quiz | Promise::Check => out.lines().count() < plain.lines().count(),
            Promise::Sweep => lacks("\n# sets asked 64 of 16777216 ") || lacks("\nok 1 sweep\n"),
            _ => false,
        };
        let text = || (Kind::Silent, format!("status 0 and not all is said{}", self.message()));
        (self.end == End::Status(0) && lacks).then(text)
    }

    /// This kernel honours what it accepts.
    fn text_verdicts(&self) -> Option<Violation> {
        if !self.command.is_laboratory() {
            return None;
        }
        let line = self.seen.out.lines().find(|line| {
            let is_tally = line.contains("not as claimed") && !line.contains(" 0 not as claimed");
            is_tally || line.contains("not-honoured")
        });
        let shown = |line: &str| if line.starts_with('{') { not_honoured(line) } else { line.trim().into() };
        line.map(|line| (Kind::False, shown(line)))
    }

    /// Nobody in the world is said to share anything who does not without a fault.
    fn sharers(&self) -> Option<Violation> {
        let share = |out: &str| {
            let last: Value = serde_json::from_str(out.lines().last()?).ok()?;
            Some(
                last["shared"]
                    .as_array()?
                    .iter()
                    .filter_map(|shared| shared["resource"].as_str().map(str::to_owned))
                    .collect(),
            )
        };
        let [now, plain]: [Option<Vec<String>>; 2] = [&self.seen.out, &self.plain.out].map(|out| share(out));
        let more = now?.into_iter().find(|resource| !plain.as_ref().is_some_and(|plain| plain.contains(resource)))?;
        (self.command.promise == Promise::Inspect).then(|| (Kind::False, format!("{more} is said to be shared")))
    }

    /// This kernel keeps the rules, so neither an answer of the quiz nor a leaf of the check is otherwise, unless the fault is
    /// in a call that they are about.
    fn deviations(&self) -> Option<Violation> {
        if self.is_asked_by_check() || self.case.fault.is_kill() {
            return None;
        }
        let (key, value) = match self.command.promise {
            Promise::Quiz => ("proven", Value::from(false)),
            Promise::Check => ("result", Value::from("fail")),
            Promise::Sweep => {
                let otherwise = self.seen.out.lines().find(|line| line.trim_start().starts_with("not ok "))?;
                return Some((Kind::False, format!("said to be otherwise: {otherwise}")));
            }
            _ => return None,
        };
        let objects = self.seen.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let otherwise = objects.into_iter().find(|object| object[key] == value)?;
        Some((Kind::False, format!("said to be otherwise: {otherwise}")))
    }

    /// Whether the fault is in a call about which the quiz and the check ask the kernel.
    fn is_asked_by_check(&self) -> bool {
        let is_asked = |call: i64| {
            // The last says who owns a file.
            let of_userns = [
                libc::SYS_openat,
                libc::SYS_write,
                libc::SYS_setuid,
                libc::SYS_setgid,
                libc::SYS_setgroups,
                libc::SYS_setns,
                libc::SYS_getuid,
                libc::SYS_geteuid,
                libc::SYS_getgid,
                libc::SYS_getegid,
                libc::SYS_fstat,
            ];
            let of_wait = [libc::SYS_wait4, libc::SYS_waitid, libc::SYS_rt_sigpending, libc::SYS_rt_sigaction];
            let is_of = |group: &str, calls: &[i64]| self.command.line.ends_with(group) && calls.contains(&call);
            makes_tasks(call)
                || [libc::SYS_unshare, libc::SYS_exit_group].contains(&call)
                || is_of("userns", &of_userns)
                || is_of("wait", &of_wait)
        };
        let fault = self.case.fault;
        matches!(fault, Fault::RefuseNamespaces(_) | Fault::ForbidNamespaces) || fault.call().is_some_and(is_asked)
    }

    /// What a rule says of a set of flags is the same whatever fails; a fault may only make it unknown.
    fn rules_text(&self) -> Option<Violation> {
        let is_about =
            self.command.promise == Promise::Rules && self.end == End::Status(0) && !self.plain.out.is_empty();
        let asks = |call: i64| makes_tasks(call) || [libc::SYS_unshare, libc::SYS_write].contains(&call);
        let may_differ = self.case.place == Place::Nested
            || self.case.fault.call().is_none_or(asks)
            || self.seen.out.contains("unknown");
        let differs = is_about && !may_differ && self.seen.out != self.plain.out;
        let line = || {
            self.seen
                .out
                .lines()
                .zip(self.plain.out.lines())
                .find(|(now, then)| now != then)
                .map_or("fewer lines", |(now, _)| now)
        };
        differs.then(|| (Kind::False, format!("says otherwise: {}", line())))
    }

    /// The objects of JSON.
    fn objects(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        let lines: Vec<&str> = self.seen.out.lines().collect();
        let objects: Vec<Value> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let cut = self.seen.has_killed_first
            || self.case.fault.call() == Some(libc::SYS_write)
            || self.case.fault.is_deadly_filter();
        if objects.len() != lines.len() && !cut {
            found.push((
                Kind::False,
                format!("no JSON: {}", lines.iter().find(|line| !line.starts_with('{')).unwrap_or(&"?")),
            ));
        }
        found.extend(objects.iter().filter_map(schema::fault).map(|fault| (Kind::False, fault)));
        objects.iter().for_each(|object| self.object(object, &mut found));
        let all_honoured = objects.iter().all(|object| object["outcome"] == "honoured");
        let as_many = objects.len() == self.plain.out.lines().count() || self.plain.out.is_empty();
        if self.end == End::Status(0)
            && !(all_honoured && as_many && !objects.is_empty())
            && !(self.is_tour() && as_many)
        {
            let outcomes: Vec<&str> =
                objects.iter().map(|object| object["outcome"].as_str().unwrap_or("null")).collect();
            found.push((Kind::Silent, format!("status 0 with outcomes [{}]{}", outcomes.join(" "), self.message())));
        }
        found
    }

    fn is_tour(&self) -> bool {
        self.command.line == "--json"
    }

    fn object(&self, object: &Value, found: &mut Vec<Violation>) {
        let word = |key: &str| object[key].as_str().unwrap_or("null").to_owned();
        let (outcome, result, rule) = (word("outcome"), word("result"), word("rule"));
        let call = self.case.fault.call();
        let filters = matches!(self.case.fault, Fault::RefuseNamespaces(_) | Fault::ForbidNamespaces);
        let makes = filters || call.is_some_and(|call| makes_tasks(call) || call == libc::SYS_unshare);
        let told = |text: &str| {
            format!(
                "{text}: outcome {outcome}, result {result}, predicted {}, rule {rule}{}",
                word("predicted"),
                self.message()
            )
        };
        match outcome.as_str() {
            "honoured" if result != "OK" => found.push((Kind::False, told("honoured without a task"))),
            "accepted-otherwise" if !makes => found.push((Kind::False, told("the rules were right"))),
            "hung" | "crashed"
                if !self.case.fault.is_kill()
                    && !matches!(self.case.fault, Fault::Refuse(..) | Fault::RefuseNamespaces(_)) =>
            {
                found.push((Kind::False, told("nobody was killed")));
            }
            _ => {}
        }
        if !["OK", "null"].contains(&result.as_str()) && !self.was_answered(&result) {
            found.push((Kind::False, told("no call has answered this")));
        }
        if outcome == "honoured" {
            found.extend(unproven(object).map(|name| (Kind::Silent, format!("honoured, and {name} is unknown"))));
        }
        // The answer of a call in which its task is killed is not seen.
        let strange = if self.case.fault.is_kill() { None } else { self.strange_child(object) };
        found.extend(strange.map(|tid| (Kind::False, format!("child {tid} that no call has made"))));
    }

    /// Whether a call that makes tasks really gave this errno.
    fn was_answered(&self, name: &str) -> bool {
        if let Some(answers) = &self.seen.answers {
            return answers.iter().any(|answer| *answer < 0 && errno_name(-answer as i32) == name);
        }
        match self.case.fault {
            // Nobody has looked on yet.
            Fault::None => true,
            Fault::Refuse(call, errno) => {
                (makes_tasks(call) || call == libc::SYS_unshare) && errno_name(errno) == name || self.plain_has(name)
            }
            Fault::RefuseNamespaces(errno) => errno_name(errno) == name || self.plain_has(name),
            _ => self.plain_has(name),
        }
    }

    fn plain_has(&self, result: &str) -> bool {
        self.plain.out.contains(&format!("\"result\":\"{result}\""))
    }

    /// A child's id is one that a call has answered, or the first of a new PID namespace.
    fn strange_child(&self, object: &Value) -> Option<&'static str> {
        let tid = object["child"]["tid"].as_i64()?;
        let answers = self.seen.answers.as_ref()?;
        let is_known = tid == 1 || answers.contains(&tid);
        (!is_known).then_some("id")
    }

    /// The first line of fd 2, for the words of a violation.
    fn message(&self) -> String {
        self.seen.err.lines().next().map_or(String::new(), |line| format!(": {line}"))
    }
}

/// The rows that are not honoured, of an object in JSON.
fn not_honoured(line: &str) -> String {
    let object: Value = serde_json::from_str(line).unwrap_or_default();
    let rows = object["resources"].as_array().into_iter().flatten();
    let names = rows.filter(|row| row["verdict"] == "not-honoured").filter_map(|row| row["name"].as_str());
    format!("not-honoured: {}", names.collect::<Vec<_>>().join(", "))
}

/// A row whose flag was asked for and is not proven.
fn unproven(object: &Value) -> Option<String> {
    let flags: Vec<&str> = object["flags"].as_str()?.split('|').collect();
    let rows = object["resources"].as_array()?;
    let open = rows
        .iter()
        .find(|row| row["verdict"] != "honoured" && row["flag"].as_str().is_some_and(|flag| flags.contains(&flag)))?;
    open["name"].as_str().map(Into::into)
}
