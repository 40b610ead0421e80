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
    #[cfg(feature = "laboratory")] PidNamespace "pid namespace";
    #[cfg(feature = "laboratory")] MntNamespace "mnt namespace";
    #[cfg(feature = "laboratory")] UtsNamespace "uts namespace";
    #[cfg(feature = "laboratory")] IpcNamespace "ipc namespace";
    #[cfg(feature = "laboratory")] NetNamespace "net namespace";
    #[cfg(feature = "laboratory")] CgroupNamespace "cgroup namespace";
    #[cfg(feature = "laboratory")] TimeNamespace "time namespace";
    #[cfg(feature = "laboratory")] Io "I/O context";
    #[cfg(feature = "laboratory")] Sysvsem "semaphore undo";
    #[cfg(feature = "laboratory")] ExitSignal "exit signal";
    #[cfg(feature = "laboratory")] FlagExitSignal "exit_signal";
    #[cfg(feature = "laboratory")] Pidfd "descriptor";
    #[cfg(feature = "laboratory")] Ptrace "traced too";
    #[cfg(feature = "laboratory")] Untraced "not traced";
    #[cfg(feature = "laboratory")] Vfork "caller sleeps";
    #[cfg(feature = "laboratory")] Settls "FS base";
    #[cfg(feature = "laboratory")] ParentSettid "id in parent";
    #[cfg(feature = "laboratory")] ChildSettid "id in child";
    #[cfg(feature = "laboratory")] ChildCleartid "id cleared";
    #[cfg(feature = "laboratory")] ClearSighand "default handlers";
    #[cfg(feature = "laboratory")] IntoCgroup "in the cgroup";
    #[cfg(feature = "laboratory")] Autoreap "no zombie";
    #[cfg(feature = "laboratory")] Nnp "no new privileges";
    #[cfg(feature = "laboratory")] Autokill "killed by close";
    #[cfg(feature = "laboratory")] EmptyMntns "empty root";
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
    #[cfg(feature = "laboratory")] FlagPidfd "PIDFD";
    #[cfg(feature = "laboratory")] FlagPtrace "PTRACE";
    #[cfg(feature = "laboratory")] FlagVfork "VFORK";
    #[cfg(feature = "laboratory")] FlagNewns "NEWNS";
    #[cfg(feature = "laboratory")] FlagDetached "DETACHED";
    #[cfg(feature = "laboratory")] FlagUntraced "UNTRACED";
    #[cfg(feature = "laboratory")] FlagChildSettid "CHILD_SETTID";
    #[cfg(feature = "laboratory")] FlagNewcgroup "NEWCGROUP";
    #[cfg(feature = "laboratory")] FlagNewuts "NEWUTS";
    #[cfg(feature = "laboratory")] FlagNewipc "NEWIPC";
    #[cfg(feature = "laboratory")] FlagNewpid "NEWPID";
    #[cfg(feature = "laboratory")] FlagNewnet "NEWNET";
    #[cfg(feature = "laboratory")] FlagIo "IO";
    #[cfg(feature = "laboratory")] FlagNewtime "NEWTIME";
    #[cfg(feature = "laboratory")] FlagClearSighand "CLEAR_SIGHAND";
    #[cfg(feature = "laboratory")] FlagIntoCgroup "INTO_CGROUP";
    #[cfg(feature = "laboratory")] FlagAutoreap "AUTOREAP";
    #[cfg(feature = "laboratory")] FlagNnp "NNP";
    #[cfg(feature = "laboratory")] FlagPidfdAutokill "PIDFD_AUTOKILL";
    #[cfg(feature = "laboratory")] FlagEmptyMntns "EMPTY_MNTNS";
    // What the flags do.
    #[cfg(feature = "laboratory")] AboutVm "one address space";
    #[cfg(feature = "laboratory")] AboutFs "one cwd, root and umask";
    #[cfg(feature = "laboratory")] AboutFiles "one table of descriptors";
    #[cfg(feature = "laboratory")] AboutSighand "one table of signal handlers";
    #[cfg(feature = "laboratory")] AboutPidfd "the caller gets a descriptor";
    #[cfg(feature = "laboratory")] AboutPtrace "the caller's tracer traces it too";
    #[cfg(feature = "laboratory")] AboutVfork "the caller sleeps until exec or end";
    #[cfg(feature = "laboratory")] AboutParent "a sibling of the caller";
    #[cfg(feature = "laboratory")] AboutThreadGroup "in the caller's thread group";
    #[cfg(feature = "laboratory")] AboutNewns "new mounts";
    #[cfg(feature = "laboratory")] AboutSysvsem "one list of semaphore undos";
    #[cfg(feature = "laboratory")] AboutSettls "sets the base of FS";
    #[cfg(feature = "laboratory")] AboutParentSettid "id stored in the caller's memory";
    #[cfg(feature = "laboratory")] AboutChildSettid "id stored in its own memory";
    #[cfg(feature = "laboratory")] AboutChildCleartid "id cleared and woken at its end";
    #[cfg(feature = "laboratory")] AboutDetached "nothing; clone3 refuses it";
    #[cfg(feature = "laboratory")] AboutUntraced "no tracer's option reaches it";
    #[cfg(feature = "laboratory")] AboutNewcgroup "new cgroup root";
    #[cfg(feature = "laboratory")] AboutNewuts "new host name";
    #[cfg(feature = "laboratory")] AboutNewipc "new System V IPC";
    #[cfg(feature = "laboratory")] AboutNewuser "new ids and capabilities";
    #[cfg(feature = "laboratory")] AboutNewpid "process 1 of new ids";
    #[cfg(feature = "laboratory")] AboutNewnet "new network";
    #[cfg(feature = "laboratory")] AboutIo "one I/O context";
    #[cfg(feature = "laboratory")] AboutNewtime "new clock offsets";
    #[cfg(feature = "laboratory")] AboutClearSighand "handlers to default";
    #[cfg(feature = "laboratory")] AboutIntoCgroup "starts in --cgroup";
    #[cfg(feature = "laboratory")] AboutAutoreap "no zombie, no signal";
    #[cfg(feature = "laboratory")] AboutNnp "no new privileges";
    #[cfg(feature = "laboratory")] AboutPidfdAutokill "killed as its descriptor closes";
    #[cfg(feature = "laboratory")] AboutEmptyMntns "new mounts, one empty root";
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
    #[cfg(feature = "laboratory")] SignalPrefix "SIG";
    #[cfg(feature = "laboratory")] SignalFirst "SIGRTMIN";
    #[cfg(feature = "laboratory")] SignalRealtime "SIGRT_#";
    #[cfg(feature = "laboratory")] Signals "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT \
STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
    ParentTid ", parent_tid=[#]";
    Tls ", tls=0x$";
    ChildTid ", child_tidptr=0x$";
    Null "null";
    CallEnd ")";
    #[cfg(feature = "laboratory")] Call3 "clone3({flags=";
    #[cfg(feature = "laboratory")] Call3Pidfd ", pidfd=0x$";
    #[cfg(feature = "laboratory")] Call3Child ", child_tid=0x$";
    #[cfg(feature = "laboratory")] Call3Parent ", parent_tid=0x$";
    #[cfg(feature = "laboratory")] Call3Signal ", exit_signal=";
    #[cfg(feature = "laboratory")] Call3Stack ", stack=0x$, stack_size=0x$";
    #[cfg(feature = "laboratory")] Call3NoStack ", stack=NULL, stack_size=0";
    #[cfg(feature = "laboratory")] Call3Ids ", set_tid=[";
    #[cfg(feature = "laboratory")] Comma ", ";
    #[cfg(feature = "laboratory")] Call3IdsEnd "], set_tid_size=#";
    #[cfg(feature = "laboratory")] Call3Cgroup ", cgroup=#";
    #[cfg(feature = "laboratory")] Call3End "}, #)";
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
    #[cfg(feature = "laboratory")] StepUnshare "unshare(";
    #[cfg(feature = "laboratory")] Subject "clone the subject";
    #[cfg(feature = "laboratory")] StepChild "clone a process that has no children";
    #[cfg(feature = "laboratory")] StepHelper "clone a helper for the maps";
    #[cfg(feature = "laboratory")] StepParent "clone the program";
    #[cfg(feature = "laboratory")] StepKind "make a task of any kind";
    #[cfg(feature = "laboratory")] StepSleeper "one more task of kind";
    Board "mmap the board";
    #[cfg(feature = "laboratory")] StepBlock "block the signals";
    #[cfg(feature = "laboratory")] StepCgroup "open the cgroup";
    #[cfg(feature = "laboratory")] StepIpc "unshare(CLONE_NEWIPC)";
    #[cfg(feature = "laboratory")] StepChildren "stat /proc/self/ns/pid_for_children";
    #[cfg(feature = "laboratory")] Execute "execve";
    Stack "mmap a stack";
    Guard "guard a stack";
    Act "await the child's act";
    End "await the child's end";
    Output "write to fd 1";
    RootSetgroups "write /proc/self/setgroups";
    #[cfg(feature = "laboratory")] StepNew "look whether the namespaces are new";
    #[cfg(feature = "laboratory")] StepTasks "look whether /proc shows this PID namespace";
    RootUidMap "write /proc/self/uid_map";
    RootGidMap "write /proc/self/gid_map";
    RootGetuid "getuid()";
    RootGetgid "getgid()";
    RootSetuid "setuid(0)";
    RootUnshare "unshare(CLONE_NEWUTS)";
    RootSethostname "sethostname(\"chimera\")";
    #[cfg(feature = "laboratory")] StepPropagation "set the propagation of mounts";
    #[cfg(feature = "laboratory")] StepHostname "sethostname";
    #[cfg(feature = "laboratory")] StepChroot "chroot";
    #[cfg(feature = "laboratory")] StepChdir "chdir";
    #[cfg(feature = "laboratory")] StepProc "mount proc on";
    #[cfg(feature = "laboratory")] StepOffsets "write /proc/self/timens_offsets";
    #[cfg(feature = "laboratory")] StepSetgroups "setgroups";
    #[cfg(feature = "laboratory")] StepSetgid "setgid";
    #[cfg(feature = "laboratory")] StepSetuid "setuid";
    #[cfg(feature = "laboratory")] StepKeepCaps "keep the capabilities";
    #[cfg(feature = "laboratory")] StepKillChild "prctl(PR_SET_PDEATHSIG)";
    #[cfg(feature = "laboratory")] StepClose "close what the parent has opened";
    #[cfg(feature = "laboratory")] StepDumpable "prctl(PR_SET_DUMPABLE)";
    #[cfg(feature = "laboratory")] StepWords "read the words again";
    #[cfg(feature = "laboratory")] StepTime "enter a time namespace by execve, since Linux 6.3";
    #[cfg(feature = "laboratory")] StepClock "clock_gettime";
    #[cfg(feature = "laboratory")] StepHeap "mmap the heap";
    #[cfg(feature = "laboratory")] StepRenounce "prctl(PR_SET_NO_NEW_PRIVS)";
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
    #[cfg(not(feature = "laboratory"))] Synopsis "usage: chimera [fork|chimera|thread|user]\n";
    #[cfg(feature = "laboratory")] Synopsis "\
usage: chimera [fork|chimera|thread|user] [-v] [--json]
       chimera clone FLAGS [OPTION..] [-- CMD..]
       chimera rules [FLAGS] [OPTION..]
       chimera run [OPTION..] [CMD..]
       chimera doctor [--json]
       chimera bench [KIND..] [OPTION..]\n";
    #[cfg(feature = "laboratory")] Help "
Makes tasks with clone(2) and proves what they share.

  -v, --verbose  stacks too
  --json         one object a task
  -h, --help     -V, --version; each command has a --help of its own\n";
    #[cfg(feature = "laboratory")] HelpStatus "
status: 0 proven, 1 not or failed, 2 usage, 3 refused as predicted,
4 refused or not to be seen here\n";
    Version concat!("chimera ", env!("CARGO_PKG_VERSION"), "\n");
    OptionHelp "--help";
    OptionVersion "--version";
    #[cfg(feature = "laboratory")] OptionVerbose "--verbose";
    #[cfg(feature = "laboratory")] OptionJson "--json";
    // Rules and flags, told.
    #[cfg(feature = "laboratory")] Rules "rules";
    #[cfg(feature = "laboratory")] Run "run";
    #[cfg(feature = "laboratory")] Bench "bench";
    #[cfg(feature = "laboratory")] Sharing "sharing";
    #[cfg(feature = "laboratory")] Private "private";
    #[cfg(feature = "laboratory")] Slave "slave";
    #[cfg(feature = "laboratory")] Unchanged "unchanged";
    #[cfg(feature = "laboratory")] Doctor "doctor";
    #[cfg(feature = "laboratory")] KindMnt "mnt";
    #[cfg(feature = "laboratory")] KindUts "uts";
    #[cfg(feature = "laboratory")] KindIpc "ipc";
    #[cfg(feature = "laboratory")] KindNet "net";
    #[cfg(feature = "laboratory")] KindPid "pid";
    #[cfg(feature = "laboratory")] KindCgroup "cgroup";
    #[cfg(feature = "laboratory")] KindTime "time";

    #[cfg(feature = "laboratory")] PresetVfork "vfork";
    #[cfg(feature = "laboratory")] PresetContainer "container";
    #[cfg(feature = "laboratory")] Unshare "unshare";
    #[cfg(feature = "laboratory")] FlagsHead "flag\tbit\tsince calls; meaning\n";
    #[cfg(feature = "laboratory")] FlagsName "@\t";
    #[cfg(feature = "laboratory")] FlagsBit "0x$\t";
    #[cfg(feature = "laboratory")] FlagsSince "#.# ";
    #[cfg(feature = "laboratory")] FlagsAbout "; @\n";
    #[cfg(feature = "laboratory")] RulesHead "rule\tcall\terrno\tsource: why\n";
    #[cfg(feature = "laboratory")] RulesRow "\t@: @";
    #[cfg(feature = "laboratory")] RulesSince "; since #.#";
    #[cfg(feature = "laboratory")] RulesUntil "; until #.#";
    #[cfg(feature = "laboratory")] With " with ";
    #[cfg(feature = "laboratory")] Without " without ";
    #[cfg(feature = "laboratory")] Ignored "clone(2) ignores a flag of the set; try --clone3";
    #[cfg(feature = "laboratory")] VerdictCall "@(";
    #[cfg(feature = "laboratory")] VerdictIs "): ";
    #[cfg(feature = "laboratory")] VerdictSource ": @\n";
    #[cfg(feature = "laboratory")] Rule "  rule ";
    #[cfg(feature = "laboratory")] NoFlag "  no change of flags helps\n";
    #[cfg(feature = "laboratory")] Add "  add ";
    #[cfg(feature = "laboratory")] Drop "  drop ";
    #[cfg(feature = "laboratory")] OptionClone3 "--clone3";
    #[cfg(feature = "laboratory")] OptionDot "--dot";
    #[cfg(feature = "laboratory")] OptionGraph "--graph";
    #[cfg(feature = "laboratory")] OptionFlags "--flags";
    #[cfg(feature = "laboratory")] OptionUnprivileged "--unprivileged";
    #[cfg(feature = "laboratory")] OptionKernel "--kernel";
    #[cfg(feature = "laboratory")] OptionExitSignal "--exit-signal";
    #[cfg(feature = "laboratory")] OptionStack "--stack";
    #[cfg(feature = "laboratory")] OptionTls "--tls";
    #[cfg(feature = "laboratory")] OptionSetTid "--set-tid";
    #[cfg(feature = "laboratory")] OptionCgroup "--cgroup";
    #[cfg(feature = "laboratory")] OptionSize "--size";
    #[cfg(feature = "laboratory")] OptionHeap "--heap";
    #[cfg(feature = "laboratory")] OptionTasks "--tasks";
    #[cfg(feature = "laboratory")] OptionMount "--mount";
    #[cfg(feature = "laboratory")] OptionUts "--uts";
    #[cfg(feature = "laboratory")] OptionIpc "--ipc";
    #[cfg(feature = "laboratory")] OptionNet "--net";
    #[cfg(feature = "laboratory")] OptionPid "--pid";
    #[cfg(feature = "laboratory")] OptionUser "--user";
    #[cfg(feature = "laboratory")] OptionTime "--time";
    #[cfg(feature = "laboratory")] OptionFork "--fork";
    #[cfg(feature = "laboratory")] OptionInit "--init";
    #[cfg(feature = "laboratory")] OptionMapRootUser "--map-root-user";
    #[cfg(feature = "laboratory")] OptionMapCurrentUser "--map-current-user";
    #[cfg(feature = "laboratory")] OptionMapUser "--map-user";
    #[cfg(feature = "laboratory")] OptionMapGroup "--map-group";
    #[cfg(feature = "laboratory")] OptionMapUsers "--map-users";
    #[cfg(feature = "laboratory")] OptionMapGroups "--map-groups";
    #[cfg(feature = "laboratory")] OptionMapAuto "--map-auto";
    #[cfg(feature = "laboratory")] OptionSetgroups "--setgroups";
    #[cfg(feature = "laboratory")] OptionMountProc "--mount-proc";
    #[cfg(feature = "laboratory")] OptionPropagation "--propagation";
    #[cfg(feature = "laboratory")] OptionRoot "--root";
    #[cfg(feature = "laboratory")] OptionWd "--wd";
    #[cfg(feature = "laboratory")] OptionHostname "--hostname";
    #[cfg(feature = "laboratory")] OptionMonotonic "--monotonic";
    #[cfg(feature = "laboratory")] OptionBoottime "--boottime";
    #[cfg(feature = "laboratory")] OptionKillChild "--kill-child";
    #[cfg(feature = "laboratory")] OptionKeepCaps "--keep-caps";
    #[cfg(feature = "laboratory")] OptionNoNewPrivs "--no-new-privs";
    #[cfg(feature = "laboratory")] OptionSetuid "--setuid";
    #[cfg(feature = "laboratory")] OptionSetgid "--setgid";
    #[cfg(feature = "laboratory")] NoFlags "FLAGS and CMD";
    #[cfg(feature = "laboratory")] HelpRules "usage: chimera rules [FLAGS] [OPTION..]
What the kernel refuses, or what it will say to FLAGS and why. No task is made; status 0.

  --flags           all flags
  --unprivileged    as an ordinary user
  --kernel X.Y      on another kernel\n";
    #[cfg(feature = "laboratory")] HelpClone "usage: chimera clone FLAGS [OPTION..] [-- CMD..]
Predicts, makes and proves a task; or runs CMD in it.

  --dot, --graph    a picture; `chimera rules --flags` lists all flags\n";
    #[cfg(feature = "laboratory")] HelpRun "usage: chimera run [OPTION..] [--] [CMD..]
CMD, or a shell, in new namespaces: -m --mount, -u --uts, -i --ipc, -n --net,
-p --pid, -U --user, -C --cgroup, -T --time.

  -r, --map-root-user         -c, --map-current-user\n";
    #[cfg(feature = "laboratory")] HelpRun2 "  --map-user ID, --map-group ID
  --map-users, --map-groups INNER:OUTER:COUNT|auto, --map-auto
  --setgroups allow|deny      --keep-caps      --no-new-privs
  -S, --setuid UID            -G, --setgid GID\n";
    #[cfg(feature = "laboratory")] HelpRun3 "  -R, --root DIR              -w, --wd DIR     --mount-proc[=DIR]
  --propagation private|shared|slave|unchanged
  --hostname NAME             --monotonic, --boottime SECONDS\n";
    #[cfg(feature = "laboratory")] HelpRun4 "  --kill-child[=SIG]          CMD gets it when chimera dies
  -f, --fork                  as its child; with --pid CMD is process 1
  --init                      the default with --pid: a process 1 that reaps\n";
    #[cfg(feature = "laboratory")] HelpDoctor "usage: chimera doctor [--json]
What forbids user namespaces here: looks, makes each kind, and names one remedy.
Changes nothing. Status: 0 usable, 1 forbidden.\n";
    #[cfg(feature = "laboratory")] HelpBench "usage: chimera bench [KIND..] [--heap SIZE,..] [--tasks N,..] [--json]
What it costs to make a task, let it end and reap it, beside the bare call.
KIND: fork clone clone3 vfork chimera sharing thread pthread user, or FLAGS.\n";
    #[cfg(feature = "laboratory")] HelpBench2 "
  --heap 0,64M,1G    with so much memory touched, with and without huge pages
  --tasks 1,1000     with so many of the kind alive\n";
    #[cfg(feature = "laboratory")] HelpCall "  --clone3, --json  --exit-signal S  --stack SIZE|none  --tls ADDR
  --set-tid N,..    --cgroup PATH    --size N: of clone3\n";
    #[cfg(feature = "laboratory")] HelpFlags "
FLAGS: CLONE_VM|FS, vm,fs,SIGCHLD, 0x100, a preset: fork vfork chimera thread
pthread user container. In lower case vfork and thread are the presets.\n";
    #[cfg(feature = "laboratory")] Nearest "? nearest: @;";
    #[cfg(feature = "laboratory")] Allowed ": @;";
    // What is allowed, where a value is not.
    #[cfg(feature = "laboratory")] RangeId "an id is a number from 0 to 4294967294";
    #[cfg(feature = "laboratory")] RangeName "it takes a name that is known here, or a number from 0 to 4294967294";
    #[cfg(feature = "laboratory")] RangeMap "it takes auto, or up to 8 times INNER:OUTER:COUNT within the ids 0 to 4294967294";
    #[cfg(feature = "laboratory")] RangeSignal "it takes a name, or a number from 0 to 255; of clone3 up to 64 bits";
    #[cfg(feature = "laboratory")] RangeKillSignal "it takes the name of a signal, or a number from 1 to 64";
    #[cfg(feature = "laboratory")] RangeStack "it takes none, or a number of bytes from 0 to 65536";
    #[cfg(feature = "laboratory")] RangeProgram "where CMD is executed, it takes none, or a number of bytes from 12288 to 65536";
    #[cfg(feature = "laboratory")] RangeTls "it takes an address of up to 64 bits";
    #[cfg(feature = "laboratory")] RangeTid "it takes up to 40 ids from 0 to 2147483647";
    #[cfg(feature = "laboratory")] RangeSize "it takes a number of bytes from 0 to 1048576";
    #[cfg(feature = "laboratory")] RangeKernel "it takes two numbers from 0 to 255, as in 6.18";
    #[cfg(feature = "laboratory")] RangeHeap "a heap is 0 to 65536G, as in 64M";
    #[cfg(feature = "laboratory")] RangeTasks "it takes numbers from 0 to 4194304";
    #[cfg(feature = "laboratory")] RangeSeconds "it takes seconds from -9223372036 to 9223372036";
    #[cfg(feature = "laboratory")] RangePropagation "it takes private, shared, slave or unchanged, and with all but that --mount";
    #[cfg(feature = "laboratory")] RangeSetgroups "it takes allow or deny";
    #[cfg(feature = "laboratory")] OtherTasks "/proc shows the tasks of another PID namespace";
    #[cfg(feature = "laboratory")] OtherTasksTry "mount -t proc proc /proc, in a mount namespace of its own";
    // The causes of a refusal, each with what to try.
    #[cfg(feature = "laboratory")] Try "\n  try: ";
    #[cfg(feature = "laboratory")] NoProc "/proc is not mounted";
    #[cfg(feature = "laboratory")] NoProcTry "mount -t proc proc /proc";
    #[cfg(feature = "laboratory")] NoHelper "newuidmap is not installed";
    #[cfg(feature = "laboratory")] NoHelperTry "apt-get install uidmap";
    #[cfg(feature = "laboratory")] NoBlock "/etc/subuid or /etc/subgid has no block for this user";
    #[cfg(feature = "laboratory")] NoBlockTry "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER";
    #[cfg(feature = "laboratory")] HelperSays "newuidmap or newgidmap refused, see above";
    #[cfg(feature = "laboratory")] HelperSaysTry "compare with /etc/subuid and /etc/subgid";
    #[cfg(feature = "laboratory")] NotReadable "this file may be executed but not read, so /proc/self is root's";
    #[cfg(feature = "laboratory")] NotReadableTry "chmod +r chimera";
    #[cfg(feature = "laboratory")] Unmapped "the caller's uid is not mapped in its user namespace";
    #[cfg(feature = "laboratory")] UnmappedTry "write its uid_map first";
    #[cfg(feature = "laboratory")] Chroot "the caller is in a chroot";
    #[cfg(feature = "laboratory")] ChrootTry "run it outside";
    #[cfg(feature = "laboratory")] Unprivileged "kernel.unprivileged_userns_clone is 0";
    #[cfg(feature = "laboratory")] UnprivilegedTry "sysctl -w kernel.unprivileged_userns_clone=1";
    #[cfg(feature = "laboratory")] Seccomp "a seccomp filter or a tracer forbids it";
    #[cfg(feature = "laboratory")] SeccompTry "docker run --security-opt seccomp=unconfined";
    #[cfg(feature = "laboratory")] NoRights "only root may, or root of a new user namespace";
    #[cfg(feature = "laboratory")] NoRightsTry "add --map-root-user";
    #[cfg(feature = "laboratory")] GroupsDenied "setgroups is denied with a map of one id";
    #[cfg(feature = "laboratory")] GroupsDeniedTry "map more: --map-auto";
    #[cfg(feature = "laboratory")] NoSuchId "the id is not mapped in the new user namespace";
    #[cfg(feature = "laboratory")] NoSuchIdTry "map it: --map-users, --map-groups";
    #[cfg(feature = "laboratory")] NoneAllowed "user.max_@_namespaces is 0";
    #[cfg(feature = "laboratory")] NoneAllowedTry "sysctl -w user.max_@_namespaces=10000";
    #[cfg(feature = "laboratory")] LimitReached "nested 32 deep, or user.max_*_namespaces is used up";
    #[cfg(feature = "laboratory")] LimitReachedTry "run it further out";
    #[cfg(feature = "laboratory")] NotBuilt "this kernel has no user namespaces";
    #[cfg(feature = "laboratory")] NotBuiltTry "use one with CONFIG_USER_NS";
    #[cfg(feature = "laboratory")] ProcOfOthers "proc of the caller's PID namespace is not this root's";
    #[cfg(feature = "laboratory")] ProcOfOthersTry "add --pid";
    #[cfg(feature = "laboratory")] ProcCovered "parts of /proc are covered by other mounts";
    #[cfg(feature = "laboratory")] ProcCoveredTry "docker run --security-opt systempaths=unconfined";
    #[cfg(feature = "laboratory")] Apparmor "AppArmor restricts unprivileged user namespaces";
    #[cfg(feature = "laboratory")] ApparmorTry "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    #[cfg(feature = "laboratory")] Selinux "SELinux forbids it";
    #[cfg(feature = "laboratory")] SelinuxTry "ausearch -m avc -c chimera";
    #[cfg(feature = "laboratory")] LimitCgroup "too many tasks: pids.max of the cgroup is reached";
    #[cfg(feature = "laboratory")] LimitCgroupTry "raise pids.max";
    #[cfg(feature = "laboratory")] LimitUser "too many tasks: RLIMIT_NPROC is reached";
    #[cfg(feature = "laboratory")] LimitUserTry "ulimit -u unlimited";
    #[cfg(feature = "laboratory")] LimitKernel "too many tasks: kernel.threads-max is reached";
    #[cfg(feature = "laboratory")] LimitKernelTry "sysctl -w kernel.threads-max=200000";
    #[cfg(feature = "laboratory")] LimitTasks "too many tasks, or no id is left";
    #[cfg(feature = "laboratory")] LimitTasksTry "sysctl -w kernel.pid_max=4194304";
    #[cfg(feature = "laboratory")] FlagIgnored "a flag of the call was ignored";
    #[cfg(feature = "laboratory")] FlagIgnoredTry "chimera clone container";
    #[cfg(feature = "laboratory")] LimitMemory "no memory";
    #[cfg(feature = "laboratory")] LimitMemoryTry "ulimit -v unlimited";
    // Why the kernel refuses, and the function in which it does.
    #[cfg(feature = "laboratory")] RuleFilter "a seccomp filter or the kernel does not let the call in";
    #[cfg(feature = "laboratory")] RuleLong "the struct is longer than a page";
    #[cfg(feature = "laboratory")] RuleShort "the struct is shorter than its first version";
    #[cfg(feature = "laboratory")] RuleManyIds "at most 32 ids, one a level";
    #[cfg(feature = "laboratory")] RuleNoIdsField "the struct is too short to count the ids";
    #[cfg(feature = "laboratory")] RuleSignal "there is no such signal";
    #[cfg(feature = "laboratory")] RuleNoCgroupField "the struct is too short to name a cgroup";
    #[cfg(feature = "laboratory")] RuleUnknown "this kernel does not know a flag of the set";
    #[cfg(feature = "laboratory")] RuleCsignal "CLONE_DETACHED and the exit signal's bits are no flags of clone3";
    #[cfg(feature = "laboratory")] RuleClear "a shared table of handlers cannot be cleared for one";
    #[cfg(feature = "laboratory")] RuleSignalless "a thread or a sibling has no exit signal of its own";
    #[cfg(feature = "laboratory")] RuleNoRoom "a stack needs a size";
    #[cfg(feature = "laboratory")] RuleOneWord "descriptor and id would be stored in one word";
    #[cfg(feature = "laboratory")] RuleFsNs "other mounts need a root and cwd of their own";
    #[cfg(feature = "laboratory")] RuleFsUser "another user namespace may not share root and cwd";
    #[cfg(feature = "laboratory")] RuleThread "a thread shares the signal handlers of its group";
    #[cfg(feature = "laboratory")] RuleSighand "handlers are addresses in the shared memory";
    #[cfg(feature = "laboratory")] RuleInit "process 1 has no sibling in its namespace";
    #[cfg(feature = "laboratory")] RuleThreadNs "a thread group lies in one user and one PID namespace";
    #[cfg(feature = "laboratory")] RuleDetached "the bit is kept free beside a descriptor";
    #[cfg(feature = "laboratory")] RuleThreadFd "before 6.9 a thread has no descriptor";
    #[cfg(feature = "laboratory")] RuleAutoreap "it excludes threads, siblings and exit signals";
    #[cfg(feature = "laboratory")] RuleNnp "privileges are those of the process, not of a thread";
    #[cfg(feature = "laboratory")] RuleAutokill "who is killed by a close must have a descriptor and no zombie";
    #[cfg(feature = "laboratory")] RuleAutokillNnp "killing a privileged task needs CAP_SYS_ADMIN or CLONE_NNP";
    #[cfg(feature = "laboratory")] RuleLimit "a limit: user.max_*_namespaces, or 32 levels";
    #[cfg(feature = "laboratory")] RuleChroot "the caller is in a chroot";
    #[cfg(feature = "laboratory")] RuleUnmapped "the caller's ids have no name in its user namespace";
    #[cfg(feature = "laboratory")] RuleModule "a security module or sysctl forbids it";
    #[cfg(feature = "laboratory")] RuleTasks "too many tasks: RLIMIT_NPROC, threads-max or pids.max";
    #[cfg(feature = "laboratory")] RuleRights "needs CAP_SYS_ADMIN, which a new user namespace gives";
    #[cfg(feature = "laboratory")] RuleIpc "semaphore undos belong to one IPC namespace";
    #[cfg(feature = "laboratory")] RuleNotBuilt "not built in, or PID namespaces differ";
    #[cfg(feature = "laboratory")] RuleTls "the address is the kernel's";
    #[cfg(feature = "laboratory")] RuleIds "an id is out of range, or there are too many";
    #[cfg(feature = "laboratory")] RuleIdsRight "choosing ids needs CAP_CHECKPOINT_RESTORE";
    #[cfg(feature = "laboratory")] RuleTaken "the id is taken";
    #[cfg(feature = "laboratory")] RuleDeadInit "the PID namespace has lost its process 1";
    #[cfg(feature = "laboratory")] RuleCgroup "no such open cgroup of version 2";
    #[cfg(feature = "laboratory")] InSeccomp "seccomp";
    #[cfg(feature = "laboratory")] InCopyArgs "copy_clone_args_from_user";
    #[cfg(feature = "laboratory")] InValid "clone3_args_valid";
    #[cfg(feature = "laboratory")] InKernelClone "kernel_clone";
    #[cfg(feature = "laboratory")] InCopyProcess "copy_process";
    #[cfg(feature = "laboratory")] InUserNs "create_user_ns";
    #[cfg(feature = "laboratory")] InNamespaces "copy_namespaces";
    #[cfg(feature = "laboratory")] InCopyThread "copy_thread";
    #[cfg(feature = "laboratory")] InAllocPid "alloc_pid";
    #[cfg(feature = "laboratory")] InCgroup "cgroup_css_set_fork";
    #[cfg(feature = "laboratory")] RuleCgroupRight "the cgroup may not be written to";
    // What the doctor looks at, and where.
    #[cfg(feature = "laboratory")] DrStatusAt "/proc/self/status";
    #[cfg(feature = "laboratory")] DrKernel "kernel support";
    #[cfg(feature = "laboratory")] DrKernelAt "/proc/self/ns/user";
    #[cfg(feature = "laboratory")] DrSysctl "userns_clone";
    #[cfg(feature = "laboratory")] DrSysctlAt "/proc/sys/kernel/unprivileged_userns_clone";
    #[cfg(feature = "laboratory")] DrApparmor "AppArmor limits";
    #[cfg(feature = "laboratory")] DrApparmorAt "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    #[cfg(feature = "laboratory")] DrLabel "security label";
    #[cfg(feature = "laboratory")] DrLabelAt "/proc/self/attr/current";
    #[cfg(feature = "laboratory")] DrSelinux "SELinux enforcing";
    #[cfg(feature = "laboratory")] DrSelinuxAt "/sys/fs/selinux/enforce";
    #[cfg(feature = "laboratory")] DrSeccomp "seccomp mode";
    #[cfg(feature = "laboratory")] DrFilter "filter answers";
    #[cfg(feature = "laboratory")] DrFilterAt "unshare(2), clone(2)";
    #[cfg(feature = "laboratory")] DrChroot "chroot";
    #[cfg(feature = "laboratory")] DrChrootAt "statx(2) of /";
    #[cfg(feature = "laboratory")] DrUnmapped "unmapped uid";
    #[cfg(feature = "laboratory")] DrUnmappedAt "setresuid(2)";
    #[cfg(feature = "laboratory")] DrDepth "nesting depth";
    #[cfg(feature = "laboratory")] DrDepthAt "unshare(2), again and again";
    #[cfg(feature = "laboratory")] DrBounding "bounding set";
    #[cfg(feature = "laboratory")] DrNoNew "no_new_privs";
    #[cfg(feature = "laboratory")] DrReadable "readable itself";
    #[cfg(feature = "laboratory")] DrReadableAt "prctl(PR_GET_DUMPABLE)";
    #[cfg(feature = "laboratory")] DrSubuid "first of subuid";
    #[cfg(feature = "laboratory")] DrSubuidAt "/etc/subuid";
    #[cfg(feature = "laboratory")] DrSubgid "first of subgid";
    #[cfg(feature = "laboratory")] DrSubgidAt "/etc/subgid";
    #[cfg(feature = "laboratory")] DrHelper "newuidmap";
    #[cfg(feature = "laboratory")] DrHelperAt "/usr/bin/newuidmap";
    #[cfg(feature = "laboratory")] DrProc "/proc is writable";
    #[cfg(feature = "laboratory")] DrProcAt "/proc/self/uid_map";
    #[cfg(feature = "laboratory")] DrNproc "RLIMIT_NPROC";
    #[cfg(feature = "laboratory")] DrNprocAt "prlimit(2)";
    #[cfg(feature = "laboratory")] DrPids "pids.max";
    #[cfg(feature = "laboratory")] DrPidsAt "/sys/fs/cgroup";
    #[cfg(feature = "laboratory")] DrValue "\t";
    #[cfg(feature = "laboratory")] DrRowEnd "\n";
    #[cfg(feature = "laboratory")] DrLimitAt "/proc/sys/user/max_@_namespaces";
    #[cfg(feature = "laboratory")] DrJsonValue "\",\"value\":\"";
    #[cfg(feature = "laboratory")] DrJsonRowEnd "\"}";
    #[cfg(feature = "laboratory")] DrHead "User namespaces here\n  what\tvalue\t\twhere\n";
    #[cfg(feature = "laboratory")] DrRow "  ";
    #[cfg(feature = "laboratory")] DrLimit "max_@";
    #[cfg(feature = "laboratory")] DrGood "\tgood\t";
    #[cfg(feature = "laboratory")] DrBad "\tbad\t";
    #[cfg(feature = "laboratory")] DrNeither "\t-\t";
    #[cfg(feature = "laboratory")] DrTries "Each kind really made, in a new user namespace, by its root\n";
    #[cfg(feature = "laboratory")] DrTry "  @\t";
    #[cfg(feature = "laboratory")] DrStep "\t";
    #[cfg(feature = "laboratory")] DrTryEnd "\n";
    #[cfg(feature = "laboratory")] DrNoRemedy "look at the first kind that failed";
    #[cfg(feature = "laboratory")] DrAbsent "absent";
    #[cfg(feature = "laboratory")] DrUsable "verdict: usable\n";
    #[cfg(feature = "laboratory")] DrForbidden "verdict: forbidden: ";
    #[cfg(feature = "laboratory")] DrEnd "\n";
    #[cfg(feature = "laboratory")] DrProfile "echo 'abi <abi/4.0>, profile chimera ";
    #[cfg(feature = "laboratory")] DrProfileEnd " flags=(unconfined) { userns, }' | sudo tee /etc/apparmor.d/chimera | sudo apparmor_parser -r";
    #[cfg(feature = "laboratory")] DrJsonHead "{\"rows\":[";
    #[cfg(feature = "laboratory")] DrJsonRow "{\"name\":\"";
    #[cfg(feature = "laboratory")] DrJsonGood "\",\"good\":true,\"source\":\"";
    #[cfg(feature = "laboratory")] DrJsonBad "\",\"good\":false,\"source\":\"";
    #[cfg(feature = "laboratory")] DrJsonNeither "\",\"good\":null,\"source\":\"";
    #[cfg(feature = "laboratory")] DrJsonTries "],\"tries\":[";
    #[cfg(feature = "laboratory")] DrJsonTry "{\"kind\":\"@\",\"result\":\"";
    #[cfg(feature = "laboratory")] DrJsonStep "\",\"step\":\"";
    #[cfg(feature = "laboratory")] DrJsonTryEnd "\"}";
    #[cfg(feature = "laboratory")] DrJsonUsable "],\"verdict\":\"usable\",\"cause\":null,\"remedy\":null}\n";
    #[cfg(feature = "laboratory")] DrJsonForbidden "],\"verdict\":\"forbidden\",\"cause\":\"";
    #[cfg(feature = "laboratory")] DrJsonTryThis "\",\"remedy\":\"";
    #[cfg(feature = "laboratory")] DrJsonEnd "\"}\n";
    // What is measured.
    #[cfg(feature = "laboratory")] BnPinned "on one processor";
    #[cfg(feature = "laboratory")] BnUnpinned "on all processors";
    #[cfg(feature = "laboratory")] BnHeap ", heap # MiB";
    #[cfg(feature = "laboratory")] BnSmall ", small pages";
    #[cfg(feature = "laboratory")] BnHuge ", huge pages";
    #[cfg(feature = "laboratory")] BnTasks ", # tasks alive";
    #[cfg(feature = "laboratory")] BnHead "\n  kind\tp10\tp50\tp99\tfloor p50\tratio; in us, a mark is 10\n";
    #[cfg(feature = "laboratory")] BnRefused "\trefused: ";
    #[cfg(feature = "laboratory")] BnNoisy " noisy";
    #[cfg(feature = "laboratory")] BnReached "  # tasks were alive\n";
    #[cfg(feature = "laboratory")] BnProgress "\r  measuring ";
    #[cfg(feature = "laboratory")] BnProgressEnd "                    \r";
    #[cfg(feature = "laboratory")] BnJsonKind "{\"kind\":\"";
    #[cfg(feature = "laboratory")] BnJsonFlags "\",\"flags\":\"";
    #[cfg(feature = "laboratory")] BnJsonCell "\",\"heap\":#,\"tasks\":#,\"huge\":@,\"pinned\":@,\"noisy\":@,\"runs\":";
    #[cfg(feature = "laboratory")] BnJsonTimes "#,\"p10\":#,\"p50\":#,\"p99\":#,\"floor_p50\":#,\"ratio\":";
    #[cfg(feature = "laboratory")] BnJsonRefused "0,\"p10\":null,\"p50\":null,\"p99\":null,\"floor_p50\":null,\"ratio\":null,\"refused\":\"";
    #[cfg(feature = "laboratory")] BnTrue "true";
    #[cfg(feature = "laboratory")] BnFalse "false";
    #[cfg(feature = "laboratory")] BnUseless "the machine was too busy to tell where it says noisy\n";
    // The stack as built.
    #[cfg(feature = "laboratory")] StackCopied "    a copy of its maker's\n";
    #[cfg(feature = "laboratory")] StackTop "    0x$ top\n";
    #[cfg(feature = "laboratory")] StackWord "    0x$: 0x$ ";
    #[cfg(feature = "laboratory")] StackEntry "entry\n";
    #[cfg(feature = "laboratory")] StackArgument "argument\n";
    #[cfg(feature = "laboratory")] StackExit "last call\n";
    #[cfg(feature = "laboratory")] StackEnd "the end\n";
    #[cfg(feature = "laboratory")] StackBase "    0x$ base\n    0x$ guard\n";
    // The page of the laboratory.
    #[cfg(feature = "laboratory")] LabSubject "  subject";
    #[cfg(feature = "laboratory")] LabHead "  CLONE_\tasked\tkernel\tbehaviour\tverdict   resource\n";
    #[cfg(feature = "laboratory")] LabRow "  @\t@\t@\t@\t@\t@\n";
    #[cfg(feature = "laboratory")] LabRefused " = -1 ";
    #[cfg(feature = "laboratory")] LabUnmade " = ?\n";
    #[cfg(feature = "laboratory")] LabPredicted "predicted: ";
    #[cfg(feature = "laboratory")] LabRule " (rule ";
    #[cfg(feature = "laboratory")] LabRuleEnd ")\n";
    #[cfg(feature = "laboratory")] LabWhy "  @\n";
    #[cfg(feature = "laboratory")] LabOutcome "outcome: @";
    #[cfg(feature = "laboratory")] LabKilled ", killed by signal #";
    // What a call came to.
    #[cfg(feature = "laboratory")] RefusedAsPredicted "refused-as-predicted";
    #[cfg(feature = "laboratory")] RefusedOtherwise "refused-otherwise";
    #[cfg(feature = "laboratory")] AcceptedOtherwise "accepted-otherwise";
    #[cfg(feature = "laboratory")] Crashed "crashed";
    #[cfg(feature = "laboratory")] Hung "hung";
    // The picture of the two tasks, in text and for dot(1).
    #[cfg(feature = "laboratory")] GraphTasks "  subject #\tchild #\n  |                     |\n";
    #[cfg(feature = "laboratory")] GraphShared "  +---------(+)---------+  @\n";
    #[cfg(feature = "laboratory")] GraphOwn "  +--(+)           (+)--+  @\n";
    #[cfg(feature = "laboratory")] GraphUnknown "  +--( )     ?     ( )--+  @\n";
    #[cfg(feature = "laboratory")] DotHead "digraph chimera {\n  rankdir=LR;\n";
    #[cfg(feature = "laboratory")] DotTasks "  s [shape=box,label=\"subject #\"];\n  c [shape=box,label=\"child #\"];\n";
    #[cfg(feature = "laboratory")] DotShared "  s -> \"@\";\n  c -> \"@\";\n";
    #[cfg(feature = "laboratory")] DotOwn "  s -> \"@\";\n  c -> \"@'\";\n  \"@'\" [label=\"@\"];\n";
    #[cfg(feature = "laboratory")] DotUnknown "  s -> \"@\" [style=dashed];\n  c -> \"@\" [style=dashed];\n";
    #[cfg(feature = "laboratory")] DotEnd "}\n";
    // The table of the tour.
    #[cfg(feature = "laboratory")] TableHead "What tasks share with their maker\n  resource";
    #[cfg(feature = "laboratory")] Skip "SKIP";
    #[cfg(feature = "laboratory")] Failed "FAILED";
    #[cfg(feature = "laboratory")] Wrong "WRONG";
    #[cfg(feature = "laboratory")] TableFoot "  shared: one for both; copied: equal at first; new: fresh
  parent: new is the maker, shared its own\n";
    // The object of JSON.
    #[cfg(feature = "laboratory")] JsonHead "{\"api\":\"@\",\"flags\":\"";
    #[cfg(feature = "laboratory")] JsonBits "\",\"bits\":\"0x$\",\"exit_signal\":#";
    #[cfg(feature = "laboratory")] JsonPredicted ",\"predicted\":\"";
    #[cfg(feature = "laboratory")] JsonResult ",\"result\":";
    #[cfg(feature = "laboratory")] JsonRule "\",\"rule\":";
    #[cfg(feature = "laboratory")] JsonWhy ",\"why\":@@@";
    #[cfg(feature = "laboratory")] JsonClose "}\n";
    #[cfg(feature = "laboratory")] JsonClone "clone";
    #[cfg(feature = "laboratory")] JsonClone3 "clone3";
    #[cfg(feature = "laboratory")] JsonOk "OK";
    #[cfg(feature = "laboratory")] JsonOutcome ",\"outcome\":\"@\",\"kernel\":\"";
    #[cfg(feature = "laboratory")] JsonQuote "\"";
    #[cfg(feature = "laboratory")] JsonParent "\",\"parent\":";
    #[cfg(feature = "laboratory")] JsonChild ",\"child\":";
    #[cfg(feature = "laboratory")] JsonIds "{\"ppid\":#,\"pid\":#,\"tid\":#,\"uid\":#}";
    #[cfg(feature = "laboratory")] JsonResources ",\"resources\":[";
    #[cfg(feature = "laboratory")] JsonComma ",";
    #[cfg(feature = "laboratory")] JsonResource "{\"name\":\"@\",\"flag\":\"@@\"";
    #[cfg(feature = "laboratory")] JsonWords ",\"asked\":\"@\",\"kernel\":\"@\",\"behaviour\":\"@\",\"verdict\":\"@\"}";
    #[cfg(feature = "laboratory")] JsonEnd "]}\n";
}
