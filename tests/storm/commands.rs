//! The command lines that are put into the storm, and what each promises.
//!
//! `CMD` stands for the probe; its promise is written as the words that the probe checks.

/// What a command line promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// The tour or a mode, as pages for people.
    Pages,
    /// One JSON object a task.
    Json,
    /// A verdict of the rules.
    Rules,
    /// The doctor's verdict.
    Doctor,
    /// What existing tasks share, as JSON.
    Inspect,
    /// Figures.
    Bench,
    /// Questions, and their answers proven, as JSON.
    Quiz,
    /// Leaves and their results, as JSON.
    Check,
    /// Counts of the sets that were asked, as KTAP.
    Sweep,
    /// CMD runs in a place that these words describe, and ends as they say.
    Program(&'static str),
}

/// A command line and its promise.
pub struct Command {
    /// The words after the program's name.
    pub line: &'static str,
    /// What it promises.
    pub promise: Promise,
}

impl Command {
    /// How CMD ends: the probe's word `then`. None without a CMD.
    pub fn then(&self) -> Option<&'static str> {
        let Promise::Program(words) = self.promise else { return None };
        Some(words.split(' ').find_map(|word| word.strip_prefix("then=")).unwrap_or("0"))
    }

    /// Whether it takes hundreds of times as long as the others, or makes hundreds of tasks.
    pub fn is_slow(&self) -> bool {
        matches!(self.promise, Promise::Bench | Promise::Check | Promise::Sweep) || self.then() == Some("SLEEP")
    }

    /// Whether it makes so many tasks that a traced run takes seconds: a quick storm leaves it out.
    pub fn is_large(&self) -> bool {
        ["check --json pairs", "check --json rules"].contains(&self.line)
    }

    /// Whether it makes tasks to look at them.
    pub fn is_laboratory(&self) -> bool {
        matches!(self.promise, Promise::Pages | Promise::Json)
    }
}

const fn pages(line: &'static str) -> Command {
    Command { line, promise: Promise::Pages }
}

const fn json(line: &'static str) -> Command {
    Command { line, promise: Promise::Json }
}

const fn rules(line: &'static str) -> Command {
    Command { line, promise: Promise::Rules }
}

const fn program(line: &'static str, words: &'static str) -> Command {
    Command { line, promise: Promise::Program(words) }
}

/// The table. `CGROUP` is a folder of the world's own; a world without one leaves that line out.
#[rustfmt::skip]
pub const COMMANDS: &[Command] = &[
    pages(""),
    pages("fork"),
    pages("chimera"),
    pages("thread"),
    pages("user"),
    json("--json"),
    json("fork --json"),
    json("chimera --json"),
    json("thread --json"),
    json("user --json"),
    json("clone --json fork"),
    json("clone --json VM"),
    json("clone --json thread"),
    json("clone --json pthread"),
    json("clone --json vfork"),
    json("clone --json VFORK,VM"),
    json("clone --json PIDFD"),
    json("clone --json --clone3 PIDFD"),
    json("clone --json PTRACE"),
    json("clone --json UNTRACED"),
    json("clone --json PARENT"),
    json("clone --json container"),
    json("clone --json NEWNS"),
    json("clone --json NEWUTS"),
    json("clone --json NEWIPC"),
    json("clone --json NEWPID"),
    json("clone --json user"),
    json("clone --json --clone3 NEWTIME"),
    json("clone --json --clone3 NEWTIME,VM"),
    json("clone --json --clone3 INTO_CGROUP --cgroup CGROUP"),
    json("clone --json --clone3 --set-tid 30000 fork"),
    json("clone --json SYSVSEM"),
    json("clone --json IO"),
    json("clone --json --clone3 CLEAR_SIGHAND"),
    json("clone --json fork --exit-signal 0"),
    json("clone --json fork --exit-signal SIGTERM"),
    json("clone --json fork --exit-signal SIGSEGV"),
    json("clone --json THREAD"),
    json("clone --json NEWUSER,FS"),
    program("clone fork -- CMD", "uid=0 gid=0 new="),
    program("clone fork -- CMD", "uid=0 gid=0 new= then=42"),
    program("clone fork -- CMD", "uid=0 gid=0 new= then=SEGV"),
    program("clone user -- CMD", "uid=0 gid=0 new=user"),
    program("clone thread -- CMD", "uid=0 gid=0 new="),
    program("clone vfork -- CMD", "uid=0 gid=0 new="),
    program("clone container -- CMD", "uid=0 gid=0 pid=1 new=user,pid,mnt,uts,ipc,net,cgroup"),
    rules("rules"),
    rules("rules VM,THREAD"),
    rules("rules container"),
    rules("rules --clone3 --set-tid 5 newpid"),
    program("run -r -- CMD", "uid=0 gid=0 new=user"),
    program("run -r -- CMD", "uid=0 gid=0 new=user then=42"),
    program("run -f -- CMD", "uid=0 gid=0 new="),
    program("run -f -- CMD", "uid=0 gid=0 new= then=TERM"),
    program("run -f -- CMD", "uid=0 gid=0 new= then=STOP"),
    program("run -f -- CMD", "uid=0 gid=0 new= then=PASS"),
    program("run -rf --kill-child=TERM -- CMD", "uid=0 gid=0 new=user then=PASS"),
    program("run --propagation slave -- CMD", "uid=0 gid=0 new="),
    program("run -rf -- CMD", "uid=0 gid=0 new=user"),
    program("run -rf -- CMD", "uid=0 gid=0 new=user then=KILL"),
    program("run -rp --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,pid,mnt proc=own"),
    program("run -rp --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,pid,mnt proc=own then=42"),
    program("run -rp --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,pid,mnt proc=own then=ABRT"),
    program("run -rp --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,pid,mnt proc=own then=STOP"),
    program("run -rpf --mount-proc -- CMD", "uid=0 gid=0 pid=1 new=user,pid,mnt proc=own"),
    program("run -rpf --mount-proc -- CMD", "uid=0 gid=0 pid=1 new=user,pid,mnt proc=own then=42"),
    program("run -p -- CMD", "uid=0 gid=0 pid=2 new=pid"),
    program("run -p -- CMD", "uid=0 gid=0 pid=2 new=pid then=TERM"),
    program("run -rm -- CMD", "uid=0 gid=0 new=user,mnt"),
    program("run -r --mount-binfmt=/w/deep -l :zz:E::zz::/chimera: -- CMD", "uid=0 gid=0 new=user,mnt"),
    program("run -rp --mount-binfmt=/w/deep -l :zz:E::zz::/chimera: -- CMD", "uid=0 gid=0 pid=2 new=user,mnt,pid"),
    program("run -ru --hostname x -- CMD", "uid=0 gid=0 new=user,uts host=x"),
    program("run -rT --boottime 1 -- CMD", "uid=0 gid=0 new=user,time boottime=1"),
    program("run -rpT --boottime 1 -- CMD", "uid=0 gid=0 pid=2 new=user,pid,time boottime=1"),
    program("run --map-users 0:0:1 --map-groups 0:0:1 -- CMD", "uid=0 gid=0 new=user mapped=1"),
    program("run -p --map-users 0:0:1 --map-groups 0:0:1 -- CMD", "uid=0 gid=0 pid=2 new=user,pid mapped=1"),
    program("run -f --map-users 0:0:1 --map-groups 0:0:1 -- CMD", "uid=0 gid=0 new=user mapped=1"),
    program("run -p --map-users 0:0:1000 --map-groups 0:0:1000 -- CMD", "uid=0 gid=0 pid=2 new=user,pid mapped=1000"),
    program("run -r --map-auto -- CMD", "uid=0 gid=0 new=user mapped=65537"),
    program("run -rp --kill-child -- CMD", "uid=0 gid=0 pid=2 new=user,pid"),
    program("run -rf --kill-child=TERM -- CMD", "uid=0 gid=0 new=user"),
    program("run -rf --kill-child=TERM -- CMD", "uid=0 gid=0 new=user pdeath=15 then=SLEEP"),
    program("run -rp --kill-child -- CMD", "uid=0 gid=0 pid=2 new=user,pid then=SLEEP"),
    program("run -rp --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,pid,mnt proc=own init=sealed then=43"),
    program("run -R /jail -- CMD", "uid=0 gid=0 new= root=jail"),
    program("run -rp -R /jail --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,pid,mnt root=jail proc=own"),
    program("run -w /w/deep -- CMD", "uid=0 gid=0 new= cwd=/w/deep"),
    program("run -S 5 -G 5 --map-users 0:0:10 --map-groups 0:0:10 -- CMD", "uid=5 gid=5 new=user mapped=10"),
    // In a mount namespace of the case's own, where the mount that keeps the namespace may stay.
    program("run -m -- /chimera run --uts=/w/known -- CMD", "uid=0 gid=0 new=mnt,uts"),
    program("run -m -- /chimera run -p --uts=/w/known -- CMD", "uid=0 gid=0 pid=2 new=mnt,uts,pid"),
    program("run --owner 1:1 --map-users 0:1:1 --map-groups 0:1:1 -- CMD", "uid=0 gid=0 new=user mapped=1"),
    program("run -p --owner 1:1 --map-users 0:1:1 --map-groups 0:1:1 -- CMD", "uid=0 gid=0 pid=2 new=user,pid mapped=1"),
    program("run -f --map-users all --map-groups all -- CMD", "uid=0 gid=0 new=user"),
    program("run -r --whitelist-env PATH -- CMD", "uid=0 gid=0 new=user"),
    program("run -rp --init -- CMD", "uid=0 gid=0 pid=2 new=user,pid"),
    program("run -rmp --propagation slave --mount-proc -- CMD", "uid=0 gid=0 pid=2 new=user,mnt,pid proc=own"),
    program("run -ruimnpC -- CMD", "uid=0 gid=0 pid=2 new=user,uts,ipc,mnt,net,pid,cgroup"),
    Command { line: "doctor", promise: Promise::Doctor },
    Command { line: "doctor --json", promise: Promise::Doctor },
    Command { line: "inspect --json", promise: Promise::Inspect },
    Command { line: "inspect --all --json", promise: Promise::Inspect },
    Command { line: "bench fork --json", promise: Promise::Bench },
    Command { line: "quiz -s 7 -n 3 -c --json", promise: Promise::Quiz },
    Command { line: "check --json pairs", promise: Promise::Check },
    Command { line: "check --json rules", promise: Promise::Check },
    Command { line: "check --json wait", promise: Promise::Check },
    Command { line: "check --json userns", promise: Promise::Check },
    Command { line: "check --sweep --no-netns --shard 3/131072 --jobs 2", promise: Promise::Sweep },
    // Where a task can be made, two calls say so, and nothing is asked.
    Command { line: "check --sweep --verdicts", promise: Promise::Sweep },
];
