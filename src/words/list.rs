//! The list: a name and its text, in an order that only a few tables care about; each of those says so.

texts! {
    Nothing "";
    // Resources, and the flags that decide about them.
    Memory "memory";
    Files "files";
    Fs "cwd/root/umask";
    Handlers "signal handlers";
    ThreadGroup "thread group";
    Parent "parent";
    UserNamespace "user namespace";
    PidNamespace "pid namespace";
    MntNamespace "mnt namespace";
    UtsNamespace "uts namespace";
    IpcNamespace "ipc namespace";
    NetNamespace "net namespace";
    CgroupNamespace "cgroup namespace";
    TimeNamespace "time namespace";
    Io "I/O context";
    Sysvsem "semaphore undo";
    ExitSignal "exit signal";
    FlagExitSignal "exit_signal";
    Pidfd "descriptor";
    Ptrace "traced too";
    Untraced "not traced";
    Vfork "caller sleeps";
    Settls "FS base";
    ParentSettid "id in parent";
    ChildSettid "id in child";
    ChildCleartid "id cleared";
    ClearSighand "default handlers";
    IntoCgroup "in the cgroup";
    Autoreap "no zombie";
    Nnp "no new privileges";
    Autokill "killed by close";
    EmptyMntns "empty root";
    FlagVm "VM";
    FlagFs "FS";
    FlagFiles "FILES";
    FlagSighand "SIGHAND";
    FlagParent "PARENT";
    FlagThread "THREAD";
    FlagSysvsem "SYSVSEM";
    FlagSettls "SETTLS";
    FlagParentSettid "PARENT_SETTID";
    FlagChildCleartid "CHILD_CLEARTID";
    FlagNewuser "NEWUSER";
    FlagPidfd "PIDFD";
    FlagPtrace "PTRACE";
    FlagVfork "VFORK";
    FlagNewns "NEWNS";
    FlagDetached "DETACHED";
    FlagUntraced "UNTRACED";
    FlagChildSettid "CHILD_SETTID";
    FlagNewcgroup "NEWCGROUP";
    FlagNewuts "NEWUTS";
    FlagNewipc "NEWIPC";
    FlagNewpid "NEWPID";
    FlagNewnet "NEWNET";
    FlagIo "IO";
    FlagNewtime "NEWTIME";
    FlagClearSighand "CLEAR_SIGHAND";
    FlagIntoCgroup "INTO_CGROUP";
    FlagAutoreap "AUTOREAP";
    FlagNnp "NNP";
    FlagPidfdAutokill "PIDFD_AUTOKILL";
    FlagEmptyMntns "EMPTY_MNTNS";
    // What the flags do.
    AboutVm "one address space";
    AboutFs "one cwd, root and umask";
    AboutFiles "one table of descriptors";
    AboutSighand "one table of signal handlers";
    AboutPidfd "the caller gets a descriptor";
    AboutPtrace "the caller's tracer traces it too";
    AboutVfork "the caller sleeps until exec or end";
    AboutParent "a sibling of the caller";
    AboutThreadGroup "in the caller's thread group";
    AboutNewns "new mounts";
    AboutSysvsem "one list of semaphore undos";
    AboutSettls "sets the base of FS";
    AboutParentSettid "id stored in the caller's memory";
    AboutChildSettid "id stored in its own memory";
    AboutChildCleartid "id cleared and woken at its end";
    AboutDetached "nothing; clone3 refuses it";
    AboutUntraced "no tracer's option reaches it";
    AboutNewcgroup "new cgroup root";
    AboutNewuts "new host name";
    AboutNewipc "new System V IPC";
    AboutNewuser "new ids and capabilities";
    AboutNewpid "process 1 of new ids";
    AboutNewnet "new network";
    AboutIo "one I/O context";
    AboutNewtime "new clock offsets";
    AboutClearSighand "handlers to default";
    AboutIntoCgroup "starts in --cgroup";
    AboutAutoreap "no zombie, no signal";
    AboutNnp "no new privileges";
    AboutPidfdAutokill "killed as its descriptor closes";
    AboutEmptyMntns "new mounts, one empty root";
    // What is said of a resource.
    Shared "shared";
    Copied "copied";
    New "new";
    NotAsked "none";
    Different "different";
    Same "same";
    Separate "separate";
    // The verdicts, in the order of `Tally`.
    Honoured "honoured";
    NotHonoured "not-honoured";
    Unknown "unknown";
    // The modes and their tasks.
    Fork "fork";
    Fork2 "fork(2)";
    Chimera "chimera";
    Thread "thread";
    Pthread "pthread";
    User "user";
    AboutFork "a copy of everything";
    AboutFork2 "by fork(2)";
    AboutChimera "a process in this memory";
    AboutThread "the barest thread";
    AboutPthread "by pthread_create(3)";
    AboutUser "root of a user namespace";
    // The page of a task.
    Title "@: @\n";
    Indent "  ";
    CallFork "fork()";
    CallCopied "clone(child_stack=NULL, flags=";
    CallStack "clone(child_stack=0x$, flags=";
    FlagPrefix "CLONE_";
    Glue "|";
    Zero "0";
    Hex "0x$";
    Number "#";
    SignalChild "SIGCHLD";
    SignalPrefix "SIG";
    SignalFirst "SIGRTMIN";
    SignalRealtime "SIGRT_#";
    Signals "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT \
STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
    ParentTid ", parent_tid=[#]";
    Tls ", tls=0x$";
    ChildTid ", child_tidptr=0x$";
    Null "null";
    CallEnd ")";
    Call3 "clone3({flags=";
    Call3Pidfd ", pidfd=0x$";
    Call3Child ", child_tid=0x$";
    Call3Parent ", parent_tid=0x$";
    Call3Signal ", exit_signal=";
    Call3Stack ", stack=0x$, stack_size=0x$";
    Call3NoStack ", stack=NULL, stack_size=0";
    Call3Ids ", set_tid=[";
    Comma ", ";
    Call3IdsEnd "], set_tid_size=#";
    Call3Cgroup ", cgroup=#";
    Call3End "}, #)";
    CallResult " = #\n";
    IdsHead "\tppid\tpid\ttid\tuid\tgid\tcounter\n";
    IdsParent "  parent";
    IdsChild "  child";
    Ids "\t#\t#\t#\t#\t#\t#\n";
    ResourcesHead "  resource\tCLONE_\tasked\tkernel\tbehaviour\tverdict\n";
    Resource "  @\t@\t@\t@\t@\t@\n";
    RootHead "  then the child:\n";
    RootDeny " \"deny\"";
    RootMap " \"0 # 1\"";
    Compared "clone(2) and fork(2): @ facts\n";
    Tally "# facts proven, # not as claimed, # unknown\n";
    // What can be refused, in the order of `CAUSES`; then the deaths, which no errno explains.
    Call "";
    StepUnshare "unshare(";
    Subject "clone the subject";
    StepChild "clone a process that has no children";
    StepHelper "clone a helper for the maps";
    StepParent "clone the program";
    StepKind "make a task of any kind";
    StepSleeper "one more task of kind";
    Board "mmap the board";
    StepBlock "block the signals";
    StepCgroup "open the cgroup";
    StepIpc "unshare(CLONE_NEWIPC)";
    StepChildren "stat /proc/self/ns/pid_for_children";
    Execute "execve";
    Stack "mmap a stack";
    Guard "guard a stack";
    Act "await the child's act";
    End "await the child's end";
    Output "write to fd 1";
    RootSetgroups "write /proc/self/setgroups";
    StepNew "look whether the namespaces are new";
    StepTasks "look whether /proc shows this PID namespace";
    RootUidMap "write /proc/self/uid_map";
    RootGidMap "write /proc/self/gid_map";
    RootGetuid "getuid()";
    RootGetgid "getgid()";
    RootSetuid "setuid(0)";
    RootUnshare "unshare(CLONE_NEWUTS)";
    RootSethostname "sethostname(\"chimera\")";
    StepPropagation "set the propagation of mounts";
    StepHostname "sethostname";
    StepChroot "chroot";
    StepChdir "chdir";
    StepProc "mount proc on";
    StepOffsets "write /proc/self/timens_offsets";
    StepSetgroups "setgroups";
    StepSetgid "setgid";
    StepSetuid "setuid";
    StepKeepCaps "keep the capabilities";
    StepKillChild "prctl(PR_SET_PDEATHSIG)";
    StepClose "close what the parent has opened";
    StepDumpable "prctl(PR_SET_DUMPABLE)";
    StepWords "read the words again";
    StepTime "enter a time namespace by execve, since Linux 6.3";
    StepClock "clock_gettime";
    StepHeap "mmap the heap";
    StepRenounce "prctl(PR_SET_NO_NEW_PRIVS)";
    Killed "the child was killed";
    AtGuard "the child ran into its guard page";
    // Errors.
    Name "chimera: ";
    Colon ": ";
    Signal "signal #";
    Errno "errno #";
    Usage "usage: ";
    Question "?";
    UsageEnd " see chimera --help\n";
    Enfile "ENFILE (Too many open files in system)";
    Emfile "EMFILE (Too many open files)";
    Epipe "EPIPE (Broken pipe)";
    Enotdir "ENOTDIR (Not a directory)";
    Eisdir "EISDIR (Is a directory)";
    Enotty "ENOTTY (Inappropriate ioctl for device)";
    Efbig "EFBIG (File too large)";
    Erofs "EROFS (Read-only file system)";
    Ebusy "EBUSY (Device or resource busy)";
    Enodev "ENODEV (No such device)";
    Enxio "ENXIO (No such device or address)";
    Eloop "ELOOP (Too many levels of symbolic links)";
    Erange "ERANGE (Numerical result out of range)";
    Eaddrinuse "EADDRINUSE (Address already in use)";
    Eopnotsupp "EOPNOTSUPP (Operation not supported)";
    Eusers "EUSERS (Too many users)";
    Ecanceled "ECANCELED (Operation canceled)";
    Eperm "EPERM (Operation not permitted)";
    E2big "E2BIG (Argument list too long)";
    Efault "EFAULT (Bad address)";
    Eexist "EEXIST (File exists)";
    Enoexec "ENOEXEC (Exec format error)";
    Enametoolong "ENAMETOOLONG (File name too long)";
    Eoverflow "EOVERFLOW (Value too large for defined data type)";
    Enoent "ENOENT (No such file or directory)";
    Esrch "ESRCH (No such process)";
    Eintr "EINTR (Interrupted system call)";
    Eio "EIO (Input/output error)";
    Ebadf "EBADF (Bad file descriptor)";
    Echild "ECHILD (No child processes)";
    Eagain "EAGAIN (Resource temporarily unavailable)";
    Enomem "ENOMEM (Cannot allocate memory)";
    Eacces "EACCES (Permission denied)";
    Einval "EINVAL (Invalid argument)";
    Enospc "ENOSPC (No space left on device)";
    Enosys "ENOSYS (Function not implemented)";
    Etimedout "ETIMEDOUT (Connection timed out)";
    // The command line.
    Synopsis "\
usage: chimera [fork|chimera|thread|user] [-v] [--json]
       chimera clone FLAGS [OPTION..] [-- CMD..]
       chimera rules [FLAGS] [OPTION..]
       chimera run [OPTION..] [CMD..]
       chimera doctor [--json]
       chimera bench [KIND..] [OPTION..]\n";
    Help "
Makes tasks with clone(2) and proves what they share.

  -v, --verbose  stacks too
  --json         one object a task
  -h, --help     -V, --version; each command has a --help of its own\n";
    HelpStatus "
status: 0 proven, 1 not or failed, 2 usage, 3 refused as predicted,
4 refused or not to be seen here\n";
    Version concat!("chimera ", env!("CARGO_PKG_VERSION"), "\n");
    OptionHelp "--help";
    OptionVersion "--version";
    OptionVerbose "--verbose";
    OptionJson "--json";
    // Rules and flags, told.
    Rules "rules";
    Run "run";
    Bench "bench";
    Sharing "sharing";
    Private "private";
    Slave "slave";
    Unchanged "unchanged";
    Doctor "doctor";
    KindMnt "mnt";
    KindUts "uts";
    KindIpc "ipc";
    KindNet "net";
    KindPid "pid";
    KindCgroup "cgroup";
    KindTime "time";

    PresetVfork "vfork";
    PresetContainer "container";
    Unshare "unshare";
    FlagsHead "flag\tbit\tsince calls; meaning\n";
    FlagsName "@\t";
    FlagsBit "0x$\t";
    FlagsSince "#.# ";
    FlagsAbout "; @\n";
    RulesHead "rule\tcall\terrno\tsource: why\n";
    RulesRow "\t@: @";
    RulesSince "; since #.#";
    RulesUntil "; until #.#";
    With " with ";
    Without " without ";
    Ignored "clone(2) ignores a flag of the set; try --clone3";
    VerdictCall "@(";
    VerdictIs "): ";
    VerdictSource ": @\n";
    Rule "  rule ";
    NoFlag "  no change of flags helps\n";
    Add "  add ";
    Drop "  drop ";
    OptionClone3 "--clone3";
    OptionDot "--dot";
    OptionGraph "--graph";
    OptionFlags "--flags";
    OptionUnprivileged "--unprivileged";
    OptionKernel "--kernel";
    OptionExitSignal "--exit-signal";
    OptionStack "--stack";
    OptionTls "--tls";
    OptionSetTid "--set-tid";
    OptionCgroup "--cgroup";
    OptionSize "--size";
    OptionHeap "--heap";
    OptionTasks "--tasks";
    OptionMount "--mount";
    OptionUts "--uts";
    OptionIpc "--ipc";
    OptionNet "--net";
    OptionPid "--pid";
    OptionUser "--user";
    OptionTime "--time";
    OptionFork "--fork";
    OptionInit "--init";
    OptionMapRootUser "--map-root-user";
    OptionMapCurrentUser "--map-current-user";
    OptionMapUser "--map-user";
    OptionMapGroup "--map-group";
    OptionMapUsers "--map-users";
    OptionMapGroups "--map-groups";
    OptionMapAuto "--map-auto";
    OptionSetgroups "--setgroups";
    OptionMountProc "--mount-proc";
    OptionPropagation "--propagation";
    OptionRoot "--root";
    OptionWd "--wd";
    OptionHostname "--hostname";
    OptionMonotonic "--monotonic";
    OptionBoottime "--boottime";
    OptionKillChild "--kill-child";
    OptionKeepCaps "--keep-caps";
    OptionNoNewPrivs "--no-new-privs";
    OptionSetuid "--setuid";
    OptionSetgid "--setgid";
    NoFlags "FLAGS and CMD";
    HelpRules "usage: chimera rules [FLAGS] [OPTION..]
What the kernel refuses, or what it will say to FLAGS and why. No task is made; status 0.

  --flags           all flags
  --unprivileged    as an ordinary user
  --kernel X.Y      on another kernel\n";
    HelpClone "usage: chimera clone FLAGS [OPTION..] [-- CMD..]
Predicts, makes and proves a task; or runs CMD in it.

  --dot, --graph    a picture; `chimera rules --flags` lists all flags\n";
    HelpRun "usage: chimera run [OPTION..] [--] [CMD..]
CMD, or a shell, in new namespaces: -m --mount, -u --uts, -i --ipc, -n --net,
-p --pid, -U --user, -C --cgroup, -T --time.

  -r, --map-root-user         -c, --map-current-user\n";
    HelpRun2 "  --map-user ID, --map-group ID
  --map-users, --map-groups INNER:OUTER:COUNT|auto, --map-auto
  --setgroups allow|deny      --keep-caps      --no-new-privs
  -S, --setuid UID            -G, --setgid GID\n";
    HelpRun3 "  -R, --root DIR              -w, --wd DIR     --mount-proc[=DIR]
  --propagation private|shared|slave|unchanged
  --hostname NAME             --monotonic, --boottime SECONDS\n";
    HelpRun4 "  --kill-child[=SIG]          CMD gets it when chimera dies
  -f, --fork                  as its child; with --pid CMD is process 1
  --init                      the default with --pid: a process 1 that reaps\n";
    HelpDoctor "usage: chimera doctor [--json]
What forbids user namespaces here: looks, makes each kind, and names one remedy.
Changes nothing. Status: 0 usable, 1 forbidden.\n";
    HelpBench "usage: chimera bench [KIND..] [--heap SIZE,..] [--tasks N,..] [--json]
What it costs to make a task, let it end and reap it, beside the bare call.
KIND: fork clone clone3 vfork chimera sharing thread pthread user, or FLAGS.\n";
    HelpBench2 "
  --heap 0,64M,1G    with so much memory touched, with and without huge pages
  --tasks 1,1000     with so many of the kind alive\n";
    HelpCall "  --clone3, --json  --exit-signal S  --stack SIZE|none  --tls ADDR
  --set-tid N,..    --cgroup PATH    --size N: of clone3\n";
    HelpFlags "
FLAGS: CLONE_VM|FS, vm,fs,SIGCHLD, 0x100, a preset: fork vfork chimera thread
pthread user container. In lower case vfork and thread are the presets.\n";
    Nearest "? nearest: @;";
    Allowed ": @;";
    // What is allowed, where a value is not.
    RangeId "an id is a number from 0 to 4294967294";
    RangeName "it takes a name that is known here, or a number from 0 to 4294967294";
    RangeMap "it takes auto, or up to 8 times INNER:OUTER:COUNT within the ids 0 to 4294967294";
    RangeSignal "it takes a name, or a number from 0 to 255; of clone3 up to 64 bits";
    RangeKillSignal "it takes the name of a signal, or a number from 1 to 64";
    RangeStack "it takes none, or a number of bytes from 0 to 65536";
    RangeProgram "where CMD is executed, it takes none, or a number of bytes from 12288 to 65536";
    RangeTls "it takes an address of up to 64 bits";
    RangeTid "it takes up to 40 ids from 0 to 2147483647";
    RangeSize "it takes a number of bytes from 0 to 1048576";
    RangeKernel "it takes two numbers from 0 to 255, as in 6.18";
    RangeHeap "a heap is 0 to 65536G, as in 64M";
    RangeTasks "it takes numbers from 0 to 4194304";
    RangeSeconds "it takes seconds from -9223372036 to 9223372036";
    RangePropagation "it takes private, shared, slave or unchanged, and with all but that --mount";
    RangeSetgroups "it takes allow or deny";
    OtherTasks "/proc shows the tasks of another PID namespace";
    OtherTasksTry "mount -t proc proc /proc, in a mount namespace of its own";
    // The causes of a refusal, each with what to try.
    Try "\n  try: ";
    NoProc "/proc is not mounted";
    NoProcTry "mount -t proc proc /proc";
    NoHelper "newuidmap is not installed";
    NoHelperTry "apt-get install uidmap";
    NoBlock "/etc/subuid or /etc/subgid has no block for this user";
    NoBlockTry "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER";
    HelperSays "newuidmap or newgidmap refused, see above";
    HelperSaysTry "compare with /etc/subuid and /etc/subgid";
    NotReadable "this file may be executed but not read, so /proc/self is root's";
    NotReadableTry "chmod +r chimera";
    Unmapped "the caller's uid is not mapped in its user namespace";
    UnmappedTry "write its uid_map first";
    Chroot "the caller is in a chroot";
    ChrootTry "run it outside";
    Unprivileged "kernel.unprivileged_userns_clone is 0";
    UnprivilegedTry "sysctl -w kernel.unprivileged_userns_clone=1";
    Seccomp "a seccomp filter or a tracer forbids it";
    SeccompTry "docker run --security-opt seccomp=unconfined";
    NoRights "only root may, or root of a new user namespace";
    NoRightsTry "add --map-root-user";
    GroupsDenied "setgroups is denied with a map of one id";
    GroupsDeniedTry "map more: --map-auto";
    NoSuchId "the id is not mapped in the new user namespace";
    NoSuchIdTry "map it: --map-users, --map-groups";
    NoneAllowed "user.max_@_namespaces is 0";
    NoneAllowedTry "sysctl -w user.max_@_namespaces=10000";
    LimitReached "nested 32 deep, or user.max_*_namespaces is used up";
    LimitReachedTry "run it further out";
    NotBuilt "this kernel has no user namespaces";
    NotBuiltTry "use one with CONFIG_USER_NS";
    ProcOfOthers "proc of the caller's PID namespace is not this root's";
    ProcOfOthersTry "add --pid";
    ProcCovered "parts of /proc are covered by other mounts";
    ProcCoveredTry "docker run --security-opt systempaths=unconfined";
    Apparmor "AppArmor restricts unprivileged user namespaces";
    ApparmorTry "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    Selinux "SELinux forbids it";
    SelinuxTry "ausearch -m avc -c chimera";
    LimitCgroup "too many tasks: pids.max of the cgroup is reached";
    LimitCgroupTry "raise pids.max";
    LimitUser "too many tasks: RLIMIT_NPROC is reached";
    LimitUserTry "ulimit -u unlimited";
    LimitKernel "too many tasks: kernel.threads-max is reached";
    LimitKernelTry "sysctl -w kernel.threads-max=200000";
    LimitTasks "too many tasks, or no id is left";
    LimitTasksTry "sysctl -w kernel.pid_max=4194304";
    FlagIgnored "a flag of the call was ignored";
    FlagIgnoredTry "chimera clone container";
    LimitMemory "no memory";
    LimitMemoryTry "ulimit -v unlimited";
    // Why the kernel refuses, and the function in which it does.
    RuleFilter "a seccomp filter or the kernel does not let the call in";
    RuleLong "the struct is longer than a page";
    RuleShort "the struct is shorter than its first version";
    RuleManyIds "at most 32 ids, one a level";
    RuleNoIdsField "the struct is too short to count the ids";
    RuleSignal "there is no such signal";
    RuleNoCgroupField "the struct is too short to name a cgroup";
    RuleUnknown "this kernel does not know a flag of the set";
    RuleCsignal "CLONE_DETACHED and the exit signal's bits are no flags of clone3";
    RuleClear "a shared table of handlers cannot be cleared for one";
    RuleSignalless "a thread or a sibling has no exit signal of its own";
    RuleNoRoom "a stack needs a size";
    RuleOneWord "descriptor and id would be stored in one word";
    RuleFsNs "other mounts need a root and cwd of their own";
    RuleFsUser "another user namespace may not share root and cwd";
    RuleThread "a thread shares the signal handlers of its group";
    RuleSighand "handlers are addresses in the shared memory";
    RuleInit "process 1 has no sibling in its namespace";
    RuleThreadNs "a thread group lies in one user and one PID namespace";
    RuleDetached "the bit is kept free beside a descriptor";
    RuleThreadFd "before 6.9 a thread has no descriptor";
    RuleAutoreap "it excludes threads, siblings and exit signals";
    RuleNnp "privileges are those of the process, not of a thread";
    RuleAutokill "who is killed by a close must have a descriptor and no zombie";
    RuleAutokillNnp "killing a privileged task needs CAP_SYS_ADMIN or CLONE_NNP";
    RuleLimit "a limit: user.max_*_namespaces, or 32 levels";
    RuleChroot "the caller is in a chroot";
    RuleUnmapped "the caller's ids have no name in its user namespace";
    RuleModule "a security module or sysctl forbids it";
    RuleTasks "too many tasks: RLIMIT_NPROC, threads-max or pids.max";
    RuleRights "needs CAP_SYS_ADMIN, which a new user namespace gives";
    RuleIpc "semaphore undos belong to one IPC namespace";
    RuleNotBuilt "not built in, or PID namespaces differ";
    RuleTls "the address is the kernel's";
    RuleIds "an id is out of range, or there are too many";
    RuleIdsRight "choosing ids needs CAP_CHECKPOINT_RESTORE";
    RuleTaken "the id is taken";
    RuleDeadInit "the PID namespace has lost its process 1";
    RuleCgroup "no such open cgroup of version 2";
    InSeccomp "seccomp";
    InCopyArgs "copy_clone_args_from_user";
    InValid "clone3_args_valid";
    InKernelClone "kernel_clone";
    InCopyProcess "copy_process";
    InUserNs "create_user_ns";
    InNamespaces "copy_namespaces";
    InCopyThread "copy_thread";
    InAllocPid "alloc_pid";
    InCgroup "cgroup_css_set_fork";
    RuleCgroupRight "the cgroup may not be written to";
    // What the doctor looks at, and where.
    DrStatusAt "/proc/self/status";
    DrKernel "kernel support";
    DrKernelAt "/proc/self/ns/user";
    DrSysctl "userns_clone";
    DrSysctlAt "/proc/sys/kernel/unprivileged_userns_clone";
    DrApparmor "AppArmor limits";
    DrApparmorAt "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    DrLabel "security label";
    DrLabelAt "/proc/self/attr/current";
    DrSelinux "SELinux enforcing";
    DrSelinuxAt "/sys/fs/selinux/enforce";
    DrSeccomp "seccomp mode";
    DrFilter "filter answers";
    DrFilterAt "unshare(2), clone(2)";
    DrChroot "chroot";
    DrChrootAt "statx(2) of /";
    DrUnmapped "unmapped uid";
    DrUnmappedAt "setresuid(2)";
    DrDepth "nesting depth";
    DrDepthAt "unshare(2), again and again";
    DrBounding "bounding set";
    DrNoNew "no_new_privs";
    DrReadable "readable itself";
    DrReadableAt "prctl(PR_GET_DUMPABLE)";
    DrSubuid "first of subuid";
    DrSubuidAt "/etc/subuid";
    DrSubgid "first of subgid";
    DrSubgidAt "/etc/subgid";
    DrHelper "newuidmap";
    DrHelperAt "/usr/bin/newuidmap";
    DrProc "/proc is writable";
    DrProcAt "/proc/self/uid_map";
    DrNproc "RLIMIT_NPROC";
    DrNprocAt "prlimit(2)";
    DrPids "pids.max";
    DrPidsAt "/sys/fs/cgroup";
    DrValue "\t";
    DrRowEnd "\n";
    DrLimitAt "/proc/sys/user/max_@_namespaces";
    DrJsonValue "\",\"value\":\"";
    DrJsonRowEnd "\"}";
    DrHead "User namespaces here\n  what\tvalue\t\twhere\n";
    DrRow "  ";
    DrLimit "max_@";
    DrGood "\tgood\t";
    DrBad "\tbad\t";
    DrNeither "\t-\t";
    DrTries "Each kind really made, in a new user namespace, by its root\n";
    DrTry "  @\t";
    DrStep "\t";
    DrTryEnd "\n";
    DrNoRemedy "look at the first kind that failed";
    DrAbsent "absent";
    DrUsable "verdict: usable\n";
    DrForbidden "verdict: forbidden: ";
    DrEnd "\n";
    DrProfile "echo 'abi <abi/4.0>, profile chimera ";
    DrProfileEnd " flags=(unconfined) { userns, }' | sudo tee /etc/apparmor.d/chimera | sudo apparmor_parser -r";
    DrJsonHead "{\"rows\":[";
    DrJsonRow "{\"name\":\"";
    DrJsonGood "\",\"good\":true,\"source\":\"";
    DrJsonBad "\",\"good\":false,\"source\":\"";
    DrJsonNeither "\",\"good\":null,\"source\":\"";
    DrJsonTries "],\"tries\":[";
    DrJsonTry "{\"kind\":\"@\",\"result\":\"";
    DrJsonStep "\",\"step\":\"";
    DrJsonTryEnd "\"}";
    DrJsonUsable "],\"verdict\":\"usable\",\"cause\":null,\"remedy\":null}\n";
    DrJsonForbidden "],\"verdict\":\"forbidden\",\"cause\":\"";
    DrJsonTryThis "\",\"remedy\":\"";
    DrJsonEnd "\"}\n";
    // What is measured.
    BnPinned "on one processor";
    BnUnpinned "on all processors";
    BnHeap ", heap # MiB";
    BnSmall ", small pages";
    BnHuge ", huge pages";
    BnTasks ", # tasks alive";
    BnHead "\n  kind\tp10\tp50\tp99\tfloor p50\tratio; in us, a mark is 10\n";
    BnRefused "\trefused: ";
    BnNoisy " noisy";
    BnReached "  # tasks were alive\n";
    BnProgress "\r  measuring ";
    BnProgressEnd "                    \r";
    BnJsonKind "{\"kind\":\"";
    BnJsonFlags "\",\"flags\":\"";
    BnJsonCell "\",\"heap\":#,\"tasks\":#,\"huge\":@,\"pinned\":@,\"noisy\":@,\"runs\":";
    BnJsonTimes "#,\"p10\":#,\"p50\":#,\"p99\":#,\"floor_p50\":#,\"ratio\":";
    BnJsonRefused "0,\"p10\":null,\"p50\":null,\"p99\":null,\"floor_p50\":null,\"ratio\":null,\"refused\":\"";
    BnTrue "true";
    BnFalse "false";
    BnUseless "the machine was too busy to tell where it says noisy\n";
    // The stack as built.
    StackCopied "    a copy of its maker's\n";
    StackTop "    0x$ top\n";
    StackWord "    0x$: 0x$ ";
    StackEntry "entry\n";
    StackArgument "argument\n";
    StackExit "last call\n";
    StackEnd "the end\n";
    StackBase "    0x$ base\n    0x$ guard\n";
    // The page of the laboratory.
    LabSubject "  subject";
    LabHead "  CLONE_\tasked\tkernel\tbehaviour\tverdict   resource\n";
    LabRow "  @\t@\t@\t@\t@\t@\n";
    LabRefused " = -1 ";
    LabUnmade " = ?\n";
    LabPredicted "predicted: ";
    LabRule " (rule ";
    LabRuleEnd ")\n";
    LabWhy "  @\n";
    LabOutcome "outcome: @";
    LabKilled ", killed by signal #";
    // What a call came to.
    RefusedAsPredicted "refused-as-predicted";
    RefusedOtherwise "refused-otherwise";
    AcceptedOtherwise "accepted-otherwise";
    Crashed "crashed";
    Hung "hung";
    // The picture of the two tasks, in text and for dot(1).
    GraphTasks "  subject #\tchild #\n  |                     |\n";
    GraphShared "  +---------(+)---------+  @\n";
    GraphOwn "  +--(+)           (+)--+  @\n";
    GraphUnknown "  +--( )     ?     ( )--+  @\n";
    DotHead "digraph chimera {\n  rankdir=LR;\n";
    DotTasks "  s [shape=box,label=\"subject #\"];\n  c [shape=box,label=\"child #\"];\n";
    DotShared "  s -> \"@\";\n  c -> \"@\";\n";
    DotOwn "  s -> \"@\";\n  c -> \"@'\";\n  \"@'\" [label=\"@\"];\n";
    DotUnknown "  s -> \"@\" [style=dashed];\n  c -> \"@\" [style=dashed];\n";
    DotEnd "}\n";
    // The table of the tour.
    TableHead "What tasks share with their maker\n  resource";
    Skip "SKIP";
    Failed "FAILED";
    Wrong "WRONG";
    TableFoot "  shared: one for both; copied: equal at first; new: fresh
  parent: new is the maker, shared its own\n";
    // The object of JSON.
    JsonHead "{\"api\":\"@\",\"flags\":\"";
    JsonBits "\",\"bits\":\"0x$\",\"exit_signal\":#";
    JsonPredicted ",\"predicted\":\"";
    JsonResult ",\"result\":";
    JsonRule "\",\"rule\":";
    JsonWhy ",\"why\":@@@";
    JsonClose "}\n";
    JsonClone "clone";
    JsonClone3 "clone3";
    JsonOk "OK";
    JsonOutcome ",\"outcome\":\"@\",\"kernel\":\"";
    JsonQuote "\"";
    JsonParent "\",\"parent\":";
    JsonChild ",\"child\":";
    JsonIds "{\"ppid\":#,\"pid\":#,\"tid\":#,\"uid\":#}";
    JsonResources ",\"resources\":[";
    JsonComma ",";
    JsonResource "{\"name\":\"@\",\"flag\":\"@@\"";
    JsonWords ",\"asked\":\"@\",\"kernel\":\"@\",\"behaviour\":\"@\",\"verdict\":\"@\"}";
    JsonEnd "]}\n";
}
