//! The texts of `--help`.

/// The tour, its modes, and the list of commands.
pub const TOUR: &str = "\
usage: chimera [fork|chimera|thread|user] [-v] [--json]
       chimera clone FLAGS [OPTION..] [-- CMD..]
       chimera rules [FLAGS] [OPTION..]
       chimera run [OPTION..] [CMD..]
       chimera doctor [--json]
       chimera bench [KIND..] [OPTION..]

Makes tasks with clone(2) and proves what they share.

  -v, --verbose  stacks too
  --json         one object a task
  -h, --help     -V, --version; each command has a --help of its own

status: 0 proven, 1 not or failed, 2 usage, 3 refused as predicted,
4 refused or not to be seen here
";

/// `clone`
pub const CLONE: &str = "\
usage: chimera clone FLAGS [OPTION..] [-- CMD..]
Predicts, makes and proves a task; or runs CMD in it.

  --dot, --graph    a picture; `chimera rules --flags` lists all flags
  --clone3, --json  --exit-signal S  --stack SIZE|none  --tls ADDR
  --set-tid N,..    --cgroup PATH    --size N: of clone3

FLAGS: CLONE_VM|FS, vm,fs,SIGCHLD, 0x100, a preset: fork vfork chimera thread
pthread user container. In lower case vfork and thread are the presets.
";

/// `rules`
pub const RULES: &str = "\
usage: chimera rules [FLAGS] [OPTION..]
What the kernel refuses, or what it will say to FLAGS and why. No task is made; status 0.

  --flags           all flags
  --unprivileged    as an ordinary user
  --kernel X.Y      on another kernel
  --clone3, --json  --exit-signal S  --stack SIZE|none  --tls ADDR
  --set-tid N,..    --cgroup PATH    --size N: of clone3

FLAGS: CLONE_VM|FS, vm,fs,SIGCHLD, 0x100, a preset: fork vfork chimera thread
pthread user container. In lower case vfork and thread are the presets.
";

/// `run`
pub const RUN: &str = "\
usage: chimera run [OPTION..] [--] [CMD..]
CMD, or a shell, in new namespaces: -m --mount, -u --uts, -i --ipc, -n --net,
-p --pid, -U --user, -C --cgroup, -T --time.

  -r, --map-root-user         -c, --map-current-user
  --map-user ID, --map-group ID
  --map-users, --map-groups INNER:OUTER:COUNT|auto, --map-auto
  --setgroups allow|deny      --keep-caps      --no-new-privs
  -S, --setuid UID            -G, --setgid GID
  -R, --root DIR              -w, --wd DIR     --mount-proc[=DIR]
  --propagation private|shared|slave|unchanged
  --hostname NAME             --monotonic, --boottime SECONDS
  --kill-child[=SIG]          CMD gets it when chimera dies
  -f, --fork                  as its child; with --pid CMD is process 1
  --init                      the default with --pid: a process 1 that reaps
";

/// `doctor`
pub const DOCTOR: &str = "\
usage: chimera doctor [--json]
What forbids user namespaces here: looks, makes each kind, and names one remedy.
Changes nothing. Status: 0 usable, 1 forbidden.
";

/// `bench`
pub const BENCH: &str = "\
usage: chimera bench [KIND..] [--heap SIZE,..] [--tasks N,..] [--json]
What it costs to make a task, let it end and reap it, beside the bare call.
KIND: fork clone clone3 vfork chimera sharing thread pthread user, or FLAGS.

  --heap 0,64M,1G    with so much memory touched, with and without huge pages
  --tasks 1,1000     with so many of the kind alive
";
