//! One case: a command line, a fault, and where it strikes; and the words of the storm's own command line for it.

use crate::commands::{COMMANDS, Promise};
use crate::errnos;
use nix::libc;

/// A system call of one task: the so-and-so-many-th of its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The number of the call.
    pub call: i64,
    /// Which task, by order of birth; chimera itself is 0.
    pub task: usize,
    /// Which occurrence there, from 1 on.
    pub nth: usize,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing, and no tracer looks on.
    None,
    /// Nothing, but a tracer looks on.
    Watched,
    /// The call is not made and answers this errno.
    Errno(Point, i32),
    /// The task that makes the call is killed there.
    KillTask(Point),
    /// Chimera itself is killed when the call is reached.
    KillFirst(Point),
    /// A filter refuses this call with this errno, whoever of chimera's tasks makes it.
    Refuse(i64, i32),
    /// A filter kills the process that makes this call.
    Forbid(i64),
    /// A filter refuses new namespaces, as those of containers do.
    RefuseNamespaces(i32),
    /// A filter kills who asks for new namespaces.
    ForbidNamespaces,
    /// Chimera is killed so many microseconds after its exec.
    KillAt(u64),
}

/// Where chimera is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// By process 1 of the world.
    World,
    /// In a process that has children already: one that lives and one that has ended.
    Parent,
    /// In a PID namespace whose ids are not those that /proc shows.
    Nested,
}

/// All places.
pub const PLACES: [Place; 3] = [Place::World, Place::Parent, Place::Nested];

/// A case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which of [`COMMANDS`].
    pub command: usize,
    /// What goes wrong.
    pub fault: Fault,
    /// Where it runs.
    pub place: Place,
}

impl Fault {
    /// The call that is struck.
    pub fn call(&self) -> Option<i64> {
        match self {
            Self::Errno(point, _) | Self::KillTask(point) | Self::KillFirst(point) => Some(point.call),
            Self::Refuse(call, _) | Self::Forbid(call) => Some(*call),
            _ => None,
        }
    }

    /// The point of a tracer's case.
    pub fn point(&self) -> Option<Point> {
        match self {
            Self::Errno(point, _) | Self::KillTask(point) | Self::KillFirst(point) => Some(*point),
            _ => None,
        }
    }

    /// Whether it needs a tracer.
    pub fn is_traced(&self) -> bool {
        *self == Self::Watched || self.point().is_some()
    }

    /// The errno that is given instead of an answer.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::Errno(_, errno) | Self::Refuse(_, errno) | Self::RefuseNamespaces(errno) => Some(*errno),
            _ => None,
        }
    }

    /// Whether it is a filter that kills.
    pub fn is_deadly_filter(&self) -> bool {
        matches!(self, Self::Forbid(_) | Self::ForbidNamespaces)
    }

    /// Whether nothing goes wrong.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None | Self::Watched)
    }

    /// Whether it kills.
    pub fn is_kill(&self) -> bool {
        !matches!(self, Self::None | Self::Watched | Self::Errno(..) | Self::Refuse(..) | Self::RefuseNamespaces(_))
    }
}

impl Case {
    /// The words that make the storm run this case alone; the errno is left out if `errno` is false.
    pub fn words(&self, with_errno: bool) -> Vec<String> {
        let command = &COMMANDS[self.command];
        let mut words = vec!["--only".into(), command.line.into()];
        if let Some(then) = command.then().filter(|then| *then != "0") {
            words.extend(["--then".into(), then.into()]);
        }
        if let Some(call) = self.fault.call() {
            words.extend(["--call".into(), errnos::name(call)]);
        }
        if let Some(point) = self.fault.point() {
            words.extend(["--task".into(), point.task.to_string(), "--nth".into(), point.nth.to_string()]);
        }
        let errno = |errno| if with_errno { errnos::errno_name(errno) } else { "*".into() };
        match self.fault {
            Fault::None => {}
            Fault::Watched => words.push("--watched".into()),
            Fault::Errno(_, number) => words.extend(["--errno".into(), errno(number)]),
            Fault::KillTask(_) => words.extend(["--kill".into(), "task".into()]),
            Fault::KillFirst(_) => words.extend(["--kill".into(), "first".into()]),
            Fault::Refuse(_, number) => words.extend(["--filter".into(), errno(number)]),
            Fault::RefuseNamespaces(number) => words.extend(["--filter-namespaces".into(), errno(number)]),
            Fault::ForbidNamespaces => words.extend(["--filter-namespaces".into(), "kill".into()]),
            Fault::Forbid(_) => words.extend(["--filter".into(), "kill".into()]),
            Fault::KillAt(micros) => {
                words.extend(["--kill-at".into(), if with_errno { micros.to_string() } else { "*".into() }])
            }
        }
        match self.place {
            Place::World => {}
            Place::Parent => words.push("--parent".into()),
            Place::Nested => words.push("--nested".into()),
        }
        words
    }

    /// The same as one line for a shell.
    pub fn line(&self, with_errno: bool) -> String {
        let quoted = |word: String| if word.is_empty() || word.contains(' ') { format!("'{word}'") } else { word };
        self.words(with_errno).into_iter().map(quoted).collect::<Vec<_>>().join(" ")
    }

    /// Reads [`Case::words`] again.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let value = |key: &str| words.iter().position(|word| word == key).and_then(|at| words.get(at + 1));
        let has = |key: &str| words.iter().any(|word| word == key);
        let number =
            |key: &str| value(key).map_or(Ok(1), |text| text.parse().map_err(|_| format!("{key} takes a number")));
        let line = value("--only").ok_or("--only is missing")?;
        let then = value("--then").map_or("0", String::as_str);
        let command = COMMANDS
            .iter()
            .position(|command| {
                command.line == line
                    && (!matches!(command.promise, Promise::Program(_)) || command.then() == Some(then))
            })
            .ok_or_else(|| format!("no such command: '{line}'"))?;
        let call = match value("--call") {
            Some(name) => errnos::number(name).ok_or_else(|| format!("no such call: '{name}'"))?,
            None => -1,
        };
        let task = value("--task").map_or(Ok(0), |text| text.parse().map_err(|_| "--task takes a number"))?;
        let point = Point { call, task, nth: number("--nth")? as usize };
        let errno = |name: &String| errnos::errno_number(name).ok_or_else(|| format!("no such errno: '{name}'"));
        let fault = match (value("--errno"), value("--kill"), value("--filter"), value("--kill-at")) {
            (Some(name), ..) => Fault::Errno(point, errno(name)?),
            (_, Some(who), ..) if who == "first" => Fault::KillFirst(point),
            (_, Some(_), ..) => Fault::KillTask(point),
            (_, _, Some(name), _) if name == "kill" => Fault::Forbid(call),
            (_, _, Some(name), _) => Fault::Refuse(call, errno(name)?),
            (.., Some(_)) => Fault::KillAt(number("--kill-at")?),
            _ if value("--filter-namespaces").is_some_and(|name| name == "kill") => Fault::ForbidNamespaces,
            _ if has("--filter-namespaces") => {
                Fault::RefuseNamespaces(errno(value("--filter-namespaces").ok_or("an errno is missing")?)?)
            }
            _ if has("--watched") => Fault::Watched,
            _ => Fault::None,
        };
        let place = match (has("--parent"), has("--nested")) {
            (true, _) => Place::Parent,
            (_, true) => Place::Nested,
            _ => Place::World,
        };
        Ok(Self { command, fault, place })
    }
}

/// Whether a call makes tasks.
pub fn makes_tasks(call: i64) -> bool {
    [libc::SYS_clone, libc::SYS_clone3, libc::SYS_fork, libc::SYS_vfork].contains(&call)
}
