//! Wrong command lines: what is said of each, and whether that is right.
//!
//! Each line of the table gets exactly one line on fd 2. The help that it names exists, and a word that it proposes is
//! accepted in the place of the wrong one.

use super::binfmt;
use crate::common::who::may_be_root;
use crate::common::{MODES, chimera, command, elf, is_root, run};

/// A command line, its exit status, and what is said on fd 2. Words in quotes are one word.
#[rustfmt::skip]
const WRONG: &[(&str, i32, &str)] = &[
    ("frok", 2, "chimera: there is no command 'frok' (did you mean fork?); see chimera --help"),
    ("FORK", 2, "chimera: there is no command 'FORK' (did you mean fork?); see chimera --help"),
    ("''", 2, "chimera: there is no command ''; see chimera --help"),
    ("fork thread", 2, "chimera fork: 'thread' is one word too many; see chimera fork --help"),
    ("fork fork", 2, "chimera fork: 'fork' is one word too many; see chimera fork --help"),
    ("tour fork", 2, "chimera tour: 'fork' is one word too many; see chimera tour --help"),
    ("fork ''", 2, "chimera fork: '' is one word too many; see chimera fork --help"),
    ("--jsn", 2, "chimera: there is no option --jsn (did you mean --json?); see chimera tour --help"),
    ("-x --help", 2, "chimera: there is no option -x; see chimera tour --help"),
    ("--help -x", 2, "chimera: there is no option -x; see chimera tour --help"),
    ("--json=yes", 2, "chimera: --json takes no value, and 'yes' is given; see chimera tour --help"),
    ("--foo run id", 125, "chimera run: there is no option --foo; see chimera run --help"),
    ("--foo", 2, "chimera: there is no option --foo; see chimera tour --help"),
    ("--generate", 2, "chimera: --generate takes man, complete-bash, complete-zsh or complete-fish, and no value is given; see chimera --help"),
    ("--generate html", 2, "chimera: --generate takes man, complete-bash, complete-zsh or complete-fish, not 'html'; see chimera --help"),
    ("--generate=clone", 2, "chimera: --generate takes man, complete-bash, complete-zsh or complete-fish, not 'clone'; see chimera --help"),
    ("--color never --generate clone", 2, "chimera: --generate takes man, complete-bash, complete-zsh or complete-fish, not 'clone'; see chimera --help"),
    ("--generate man --json", 2, "chimera: there is no option --json; see chimera --help"),
    ("--generate man all", 2, "chimera: there is no command 'all'; see chimera --help"),
    ("clone --generate man", 2, "chimera clone: there is no option --generate; see chimera clone --help"),
    ("help frok", 2, "chimera help: there is no command 'frok' (did you mean fork?); see chimera --help"),
    ("help run clone", 2, "chimera help: 'clone' is one word too many; see chimera help --help"),
    ("help --json", 2, "chimera help: there is no option --json; see chimera help --help"),
    ("--version foo", 2, "chimera: there is no command 'foo'; see chimera --help"),
    ("threads", 2, "chimera: there is no command 'threads' (did you mean thread?); see chimera --help"),
    ("run --foo", 125, "chimera run: there is no option --foo; see chimera run --help"),
    ("run --hostnmae x true", 125, "chimera run: there is no option --hostnmae (did you mean --hostname?); see chimera run --help"),
    ("run -rz true", 125, "chimera run: there is no option -z in '-rz'; see chimera run --help"),
    ("run -z", 125, "chimera run: there is no option -z; see chimera run --help"),
    ("run --map true", 125, "chimera run: --map is ambiguous: --map-root-user, --map-current-user, --map-user, --map-group, --map-users, --map-groups, --map-auto, --map-subids; see chimera run --help"),
    ("run --map-root=yes true", 125, "chimera run: --map-root-user takes no value, and 'yes' is given; see chimera run --help"),
    ("run --map-user=nosuch true", 125, "chimera run: --map-user takes a user's name that is known here, or a number from 0 to 4294967294, not 'nosuch'; see chimera run --help"),
    ("run --map-users 1:2 true", 125, "chimera run: --map-users takes up to 8 times auto, subids, all, or INNER:OUTER:COUNT or OUTER,INNER,COUNT within the ids 0 to 4294967294, not '1:2'; see chimera run --help"),
    ("run --map-users=1:2:0 true", 125, "chimera run: --map-users takes up to 8 times auto, subids, all, or INNER:OUTER:COUNT or OUTER,INNER,COUNT within the ids 0 to 4294967294, not '1:2:0'; see chimera run --help"),
    ("run --propagation x true", 125, "chimera run: --propagation takes private, shared, slave or unchanged, not 'x'; see chimera run --help"),
    ("run --propagation slave true", 125, "chimera run: --propagation needs --mount; see chimera run --help"),
    ("run -r --setgroups allow true", 125, "chimera run: --setgroups=allow and a map of the own group alone (-r, -c, --map-group) exclude each other; see chimera run --help"),
    ("run --setgroups foo true", 125, "chimera run: --setgroups takes allow or deny, not 'foo'; see chimera run --help"),
    ("run --setgroups= true", 125, "chimera run: --setgroups takes allow or deny, not ''; see chimera run --help"),
    ("run --boottime 1 true", 125, "chimera run: --boottime needs --time; see chimera run --help"),
    ("run -T --boottime x true", 125, "chimera run: --boottime takes seconds from -9223372036 to 9223372036, not 'x'; see chimera run --help"),
    ("run -rp --monotonic 1 true", 125, "chimera run: --monotonic needs --time; see chimera run --help"),
    ("run --kill-child=NOSUCH true", 125, "chimera run: --kill-child takes a signal's name, or a number from 1 to 64, not 'NOSUCH'; see chimera run --help"),
    ("run --mount= true", 125, "chimera run: --mount takes FILE, not ''; see chimera run --help"),
    ("run --uts= true", 125, "chimera run: --uts takes FILE, not ''; see chimera run --help"),
    ("run --ipc= true", 125, "chimera run: --ipc takes FILE, not ''; see chimera run --help"),
    ("run --net= true", 125, "chimera run: --net takes FILE, not ''; see chimera run --help"),
    ("run --pid= true", 125, "chimera run: --pid takes FILE, not ''; see chimera run --help"),
    ("run --user= true", 125, "chimera run: --user takes FILE, not ''; see chimera run --help"),
    ("run --cgroup= true", 125, "chimera run: --cgroup takes FILE, not ''; see chimera run --help"),
    ("run --time= true", 125, "chimera run: --time takes FILE, not ''; see chimera run --help"),
    ("run --mount-proc= true", 125, "chimera run: --mount-proc takes DIR, not ''; see chimera run --help"),
    ("run --mount-binfmt= true", 125, "chimera run: --mount-binfmt takes DIR, not ''; see chimera run --help"),
    ("run --kill-child= true", 125, "chimera run: --kill-child takes a signal's name, or a number from 1 to 64, not ''; see chimera run --help"),
    ("run --kill-child=65 true", 125, "chimera run: --kill-child takes a signal's name, or a number from 1 to 64, not '65'; see chimera run --help"),
    ("run --fork=yes true", 125, "chimera run: --fork takes no value, and 'yes' is given; see chimera run --help"),
    ("run -S", 125, "chimera run: --setuid takes a user's name that is known here, or a number from 0 to 4294967294, and no value is given; see chimera run --help"),
    ("run -S -1 true", 125, "chimera run: --setuid takes a user's name that is known here, or a number from 0 to 4294967294, not '-1'; see chimera run --help"),
    ("run -G 4294967295 true", 125, "chimera run: --setgid takes a group's name that is known here, or a number from 0 to 4294967294, not '4294967295'; see chimera run --help"),
    ("run --owner 5 true", 125, "chimera run: --owner takes names that are known here, or numbers from 0 to 4294967294, with a colon between them, not '5'; see chimera run --help"),
    ("run --owner 5:4294967295 true", 125, "chimera run: --owner takes names that are known here, or numbers from 0 to 4294967294, with a colon between them, not '5:4294967295'; see chimera run --help"),
    ("run --whitelist-env A=B true", 125, "chimera run: --whitelist-env takes up to 8 times names of variables with commas between them, not 'A=B'; see chimera run --help"),
    ("run --hostname", 125, "chimera run: --hostname takes a name of up to 64 bytes, and no value is given; see chimera run --help"),
    ("run --hostname 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' true", 125, "chimera run: --hostname takes a name of up to 64 bytes, not 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; see chimera run --help"),
    ("run --color", 125, "chimera run: --color takes auto, always or never, and no value is given; see chimera run --help"),
    ("run --color blue true", 125, "chimera run: --color takes auto, always or never, not 'blue'; see chimera run --help"),
    ("clone", 2, "chimera clone: FLAGS, such as CLONE_VM or thread, is missing; see chimera clone --help"),
    ("clone ''", 2, "chimera clone: there is no flag, preset or signal ''; see chimera clone --help"),
    ("clone ' '", 2, "chimera clone: there is no flag, preset or signal ' '; see chimera clone --help"),
    ("clone --json", 2, "chimera clone: FLAGS, such as CLONE_VM or thread, is missing; see chimera clone --help"),
    ("clone fork --", 125, "chimera clone: CMD behind -- is missing; see chimera clone --help"),
    ("clone -- true", 125, "chimera clone: FLAGS, such as CLONE_VM or thread, is missing; see chimera clone --help"),
    ("clone VM --exit-signal FOO", 2, "chimera clone: --exit-signal takes a signal's name, or a number from 0 to 255, with --clone3 of up to 64 bits, not 'FOO'; see chimera clone --help"),
    ("clone VM --exit-signal 256", 2, "chimera clone: --exit-signal takes a signal's name, or a number from 0 to 255, with --clone3 of up to 64 bits, not '256'; see chimera clone --help"),
    ("clone VM --stack 1M", 2, "chimera clone: --stack takes none, or a number of bytes from 0 to 65536, with CMD from 12288, not '1M'; see chimera clone --help"),
    ("clone VM --stack 65537", 2, "chimera clone: --stack takes none, or a number of bytes from 0 to 65536, with CMD from 12288, not '65537'; see chimera clone --help"),
    ("clone VM --stack", 2, "chimera clone: --stack takes none, or a number of bytes from 0 to 65536, with CMD from 12288, and no value is given; see chimera clone --help"),
    ("clone VM --stack 10 -- true", 125, "chimera clone: --stack takes none, or a number of bytes from 0 to 65536, with CMD from 12288, not '10'; see chimera clone --help"),
    ("clone --size x VM", 2, "chimera clone: --size takes a number of bytes from 0 to 1048576, not 'x'; see chimera clone --help"),
    ("clone --nope VM", 2, "chimera clone: there is no option --nope; see chimera clone --help"),
    ("clone --kernel 6.1 VM", 2, "chimera clone: there is no option --kernel; see chimera clone --help"),
    ("clone threads", 2, "chimera clone: there is no flag, preset or signal 'threads' (did you mean thread?); see chimera clone --help"),
    ("clone Thraed", 2, "chimera clone: there is no flag, preset or signal 'Thraed' (did you mean THREAD?); see chimera clone --help"),
    ("clone VM,CLONE_NEWUSR", 2, "chimera clone: there is no flag, preset or signal 'CLONE_NEWUSR' (did you mean CLONE_NEWUSER?); see chimera clone --help"),
    ("clone vm SIGTREM", 2, "chimera clone: there is no flag, preset or signal 'SIGTREM' (did you mean SIGTERM?); see chimera clone --help"),
    ("clone nonsense", 2, "chimera clone: there is no flag, preset or signal 'nonsense'; see chimera clone --help"),
    ("clone 'VM||FS'", 2, "chimera clone: a name is missing beside a separator in 'VM||FS'; see chimera clone --help"),
    ("clone VM '|'", 2, "chimera clone: a name is missing beside a separator in '|'; see chimera clone --help"),
    ("clone '|' VM", 2, "chimera clone: a name is missing beside a separator in '|'; see chimera clone --help"),
    ("clone 'VM,'", 2, "chimera clone: a name is missing beside a separator in 'VM,'; see chimera clone --help"),
    ("clone VM '|' ',' FS", 2, "chimera clone: a name is missing beside a separator in ','; see chimera clone --help"),
    ("clone 18446744073709551616", 2, "chimera clone: FLAGS takes numbers of up to 64 bits, in decimal or as in 0x100, not '18446744073709551616'; see chimera clone --help"),
    ("clone 'VM|0x'", 2, "chimera clone: FLAGS takes numbers of up to 64 bits, in decimal or as in 0x100, not '0x'; see chimera clone --help"),
    ("clone 'VM|SIGRTMIN+33'", 2, "chimera clone: there is no flag, preset or signal 'SIGRTMIN+33'; see chimera clone --help"),
    ("clone fork --set-tid 5", 2, "chimera clone: --set-tid needs --clone3; see chimera clone --help"),
    ("clone fork --set-tid=5 -- true", 125, "chimera clone: --set-tid needs --clone3; see chimera clone --help"),
    ("clone fork --set-tid -5 --clone3", 2, "chimera clone: --set-tid takes up to 40 ids from 0 to 2147483647, not '-5'; see chimera clone --help"),
    ("clone fork --set-tid 1,x --clone3", 2, "chimera clone: --set-tid takes up to 40 ids from 0 to 2147483647, not '1,x'; see chimera clone --help"),
    ("clone INTO_CGROUP --cgroup /", 2, "chimera clone: --cgroup needs --clone3; see chimera clone --help"),
    ("clone fork --clone3 --cgroup /", 2, "chimera clone: --cgroup needs CLONE_INTO_CGROUP among FLAGS; see chimera clone --help"),
    ("clone fork --size 88", 2, "chimera clone: --size needs --clone3; see chimera clone --help"),
    ("clone fork --tls 5", 2, "chimera clone: --tls needs CLONE_SETTLS among FLAGS; see chimera clone --help"),
    ("clone fork --tls x", 2, "chimera clone: --tls takes an address of up to 64 bits, not 'x'; see chimera clone --help"),
    ("--svg", 2, "chimera: --svg needs one mode (fork, chimera, thread, user), since a picture shows one task; see chimera tour --help"),
    ("fork --svg --dot", 2, "chimera fork: --svg and --dot exclude each other; see chimera fork --help"),
    ("user --graph -v", 2, "chimera user: --verbose and --graph exclude each other; see chimera user --help"),
    ("clone fork --svg -- true", 125, "chimera clone: --svg and CMD exclude each other; see chimera clone --help"),
    ("clone fork --graph --json", 2, "chimera clone: --graph and --json exclude each other; see chimera clone --help"),
    ("clone fork --json --dot", 2, "chimera clone: --json and --dot exclude each other; see chimera clone --help"),
    ("clone fork --json -- true", 125, "chimera clone: --json and CMD exclude each other; see chimera clone --help"),
    ("clone fork --graph -- true", 125, "chimera clone: --graph and CMD exclude each other; see chimera clone --help"),
    ("clone INTO_CGROUP -- true", 125, "chimera clone: CLONE_INTO_CGROUP needs --clone3; see chimera clone --help"),
    ("clone VM,CLEAR_SIGHAND -- true", 125, "chimera clone: CLONE_CLEAR_SIGHAND needs --clone3; see chimera clone --help"),
    ("rules foo", 2, "chimera rules: there is no flag, preset or signal 'foo'; see chimera rules --help"),
    ("rules VM --flags", 2, "chimera rules: --flags and FLAGS exclude each other; see chimera rules --help"),
    ("rules --kernel 5 vm", 2, "chimera rules: --kernel takes two numbers from 0 to 255, as in 6.18, not '5'; see chimera rules --help"),
    ("rules --kernel six VM", 2, "chimera rules: --kernel takes two numbers from 0 to 255, as in 6.18, not 'six'; see chimera rules --help"),
    ("rules --kernel 5.4", 2, "chimera rules: --kernel needs FLAGS; see chimera rules --help"),
    ("rules --flags --clone3", 2, "chimera rules: --clone3 needs FLAGS; see chimera rules --help"),
    ("rules --dot VM", 2, "chimera rules: there is no option --dot; see chimera rules --help"),
    ("rules VM -- true", 2, "chimera rules: there is no flag, preset or signal 'true'; see chimera rules --help"),
    ("rules --cl VM --ker", 2, "chimera rules: --kernel takes two numbers from 0 to 255, as in 6.18, and no value is given; see chimera rules --help"),
    ("inspect x", 2, "chimera inspect: PID takes a task's id from 1 to 2147483647, or ID:INODE with that of its pidfd, not 'x'; see chimera inspect --help"),
    ("inspect 0", 2, "chimera inspect: PID takes a task's id from 1 to 2147483647, or ID:INODE with that of its pidfd, not '0'; see chimera inspect --help"),
    ("inspect --tree", 2, "chimera inspect: --tree takes a task's id from 1 to 2147483647, or ID:INODE with that of its pidfd, and no value is given; see chimera inspect --help"),
    ("inspect --tree x", 2, "chimera inspect: --tree takes a task's id from 1 to 2147483647, or ID:INODE with that of its pidfd, not 'x'; see chimera inspect --help"),
    ("inspect --tree 1 --all", 2, "chimera inspect: --tree and --all exclude each other; see chimera inspect --help"),
    ("inspect --tree 1 1", 2, "chimera inspect: --tree and PID exclude each other; see chimera inspect --help"),
    ("inspect --graph", 2, "chimera inspect: --graph needs two different PIDs; see chimera inspect --help"),
    ("inspect 7 7 --graph", 2, "chimera inspect: --graph needs two different PIDs; see chimera inspect --help"),
    ("inspect --svg --files", 2, "chimera inspect: --files and --svg exclude each other; see chimera inspect --help"),
    ("inspect --json --dot", 2, "chimera inspect: --json and --dot exclude each other; see chimera inspect --help"),
    ("inspect --all --threads", 2, "chimera inspect: --threads and --all exclude each other; see chimera inspect --help"),
    ("inspect --json -t", 2, "chimera inspect: --threads and --json exclude each other; see chimera inspect --help"),
    ("inspect --dot --files", 2, "chimera inspect: --files and --dot exclude each other; see chimera inspect --help"),
    ("inspect -- -1", 2, "chimera inspect: PID takes a task's id from 1 to 2147483647, or ID:INODE with that of its pidfd, not '-1'; see chimera inspect --help"),
    ("doctor foo", 2, "chimera doctor: 'foo' is one word too many; see chimera doctor --help"),
    ("doctor -x", 2, "chimera doctor: there is no option -x; see chimera doctor --help"),
    ("bench foo", 2, "chimera bench: there is no kind, flag, preset or signal 'foo'; see chimera bench --help"),
    ("bench thraed", 2, "chimera bench: there is no kind, flag, preset or signal 'thraed' (did you mean thread?); see chimera bench --help"),
    ("bench clnoe", 2, "chimera bench: there is no kind, flag, preset or signal 'clnoe' (did you mean clone?); see chimera bench --help"),
    ("bench PIDF", 2, "chimera bench: there is no kind, flag, preset or signal 'PIDF'; see chimera bench --help"),
    ("bench PIDFD", 2, "chimera bench: KIND takes a kind whose tasks can be waited for: no PARENT, PIDFD, PIDFD_AUTOKILL, AUTOREAP, INTO_CGROUP, KILL or STOP, not 'PIDFD'; see chimera bench --help"),
    ("bench VM,KILL", 2, "chimera bench: KIND takes a kind whose tasks can be waited for: no PARENT, PIDFD, PIDFD_AUTOKILL, AUTOREAP, INTO_CGROUP, KILL or STOP, not 'VM,KILL'; see chimera bench --help"),
    ("bench --heap 99T", 2, "chimera bench: --heap takes sizes from 0 to 65536G, as in 0,64M, not '99T'; see chimera bench --help"),
    ("bench --tasks 1,,2", 2, "chimera bench: --tasks takes numbers from 0 to 4194304, not '1,,2'; see chimera bench --help"),
    ("help clon", 2, "chimera help: there is no command 'clon' (did you mean clone?); see chimera --help"),
    ("run --mout-proc true", 125, "chimera run: there is no option --mout-proc (did you mean --mount-proc?); see chimera run --help"),
    ("inspect --thread --jsno", 2, "chimera inspect: there is no option --jsno (did you mean --json?); see chimera inspect --help"),
    ("--colour never fork", 2, "chimera fork: there is no option --colour (did you mean --color?); see chimera fork --help"),
    ("quiz -n 0", 2, "chimera quiz: --number takes a number from 1 to 29, not '0'; see chimera quiz --help"),
    ("quiz -n 30", 2, "chimera quiz: --number takes a number from 1 to 29, not '30'; see chimera quiz --help"),
    ("quiz -s x", 2, "chimera quiz: --seed takes a number below 2^64, not 'x'; see chimera quiz --help"),
    ("quiz foo", 2, "chimera quiz: 'foo' is one word too many; see chimera quiz --help"),
    ("quiz -c --json x", 2, "chimera quiz: 'x' is one word too many; see chimera quiz --help"),
    ("check --foo", 2, "chimera check: there is no option --foo; see chimera check --help"),
    ("check --summary --json", 2, "chimera check: --summary and --json exclude each other; see chimera check --help"),
    ("check --sweep --json", 2, "chimera check: --sweep and --json exclude each other; see chimera check --help"),
    ("check --sweep pairs", 2, "chimera check: --sweep and GROUP exclude each other; see chimera check --help"),
    ("check --jobs 2", 2, "chimera check: --jobs needs --sweep; see chimera check --help"),
    ("check --sweep --jobs 65", 2, "chimera check: --jobs takes a number from 1 to 64, not '65'; see chimera check --help"),
    ("check --sweep --verdicts --jobs 2", 2, "chimera check: --verdicts and --jobs exclude each other; see chimera check --help"),
    ("check --sweep --shard 2/2", 2, "chimera check: --shard takes a number below N, a slash, and N, which is at most the number of sets, not '2/2'; see chimera check --help"),
    ("check --sweep --shard 0/2 --from 8388608", 2, "chimera check: --from takes the position of one of the sets that are asked, not '8388608'; see chimera check --help"),
    ("check --list pairs --summary", 2, "chimera check: --summary and --list exclude each other; see chimera check --help"),
    ("check --merge", 2, "chimera check: FILE is missing; see chimera check --help"),
    ("check /dev/null --list --merge", 2, "chimera check: --list and --merge exclude each other; see chimera check --help"),
    ("check --merge /dev/null --sweep", 2, "chimera check: --sweep and --merge exclude each other; see chimera check --help"),
    ("check --merge /dev/null --json", 2, "chimera check: --json and --merge exclude each other; see chimera check --help"),
    ("explain foo", 2, "chimera explain: there is no topic 'foo'; see chimera explain --help"),
    ("explain cuonter", 2, "chimera explain: there is no topic 'cuonter' (did you mean counter?); see chimera explain --help"),
    ("explain CLONE_MV", 2, "chimera explain: there is no topic 'CLONE_MV'; see chimera explain --help"),
    ("explain --jsno", 2, "chimera explain: there is no option --jsno (did you mean --json?); see chimera explain --help"),
    ("explain ''", 2, "chimera explain: there is no topic ''; see chimera explain --help"),
    ("inspect --svg --json", 2, "chimera inspect: --svg and --json exclude each other; see chimera inspect --help"),
    ("fork --svg --dot", 2, "chimera fork: --svg and --dot exclude each other; see chimera fork --help"),
    ("fork --stable --json", 2, "chimera fork: --stable and --json exclude each other; see chimera fork --help"),
    ("fork --graph -v", 2, "chimera fork: --verbose and --graph exclude each other; see chimera fork --help"),
    ("tour --svg", 2, "chimera tour: --svg needs one mode (fork, chimera, thread, user), since a picture shows one task; see chimera tour --help"),
    ("clone fork --stable --json", 2, "chimera clone: --stable and --json exclude each other; see chimera clone --help"),
    ("clone fork --svg -- true", 125, "chimera clone: --svg and CMD exclude each other; see chimera clone --help"),
    ("bench --stable", 2, "chimera bench: there is no option --stable; see chimera bench --help"),
];

/// The words of a command line, of which some stand in quotes.
fn words(line: &str) -> Vec<&str> {
    line.split('\'').enumerate().fold(Vec::new(), |mut words, (place, part)| {
        if place % 2 == 1 {
            words.push(part)
        } else {
            words.extend(part.split_whitespace())
        }
        words
    })
}

#[test]
fn each_wrong_line_is_told_what_is_wrong() {
    for (line, status, message) in WRONG {
        let run = run(chimera(&words(line))).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(*status), ""), "{line}: {run:#?}");
        assert_eq!(run.err, format!("{message}\n"), "{line}");
    }
}

/// The part of a message between two texts.
fn between<'a>(message: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    Some(message.split_once(before)?.1.split_once(behind)?.0)
}

#[test]
fn the_help_to_read_exists_and_is_that_of_the_command() {
    for (line, _, message) in WRONG {
        let named = message.rsplit_once("; see chimera ").expect("a help to read").1;
        let help = run(chimera(&named.split(' ').collect::<Vec<_>>())).clean(0).out;
        let command = named.strip_suffix("--help").expect("a help").trim();
        let usage = format!("\nusage: chimera {}", if command.is_empty() { "[COMMAND]" } else { command });
        assert!(help.contains(&usage), "{line}: {help}");
        // What speaks for a command points to the help of that, unless there is no such command.
        let speaker = between(message, "chimera", ": ").expect("a speaker").trim();
        assert!(
            command == speaker || message.contains("no command") || speaker.is_empty() && command == "tour",
            "{line}"
        );
    }
}

#[test]
fn what_is_proposed_is_accepted() {
    let mut count = 0;
    for (line, _, message) in WRONG {
        let Some(word) = between(message, "(did you mean ", "?)") else { continue };
        let command = between(message, "see chimera ", " --help").unwrap_or_default();
        let right = match command {
            _ if message.contains("no command") => vec![word, "--help"],
            // An option with a value gets one.
            command if word.starts_with("--") => vec![command, "--help", word, "never"],
            "clone" | "rules" => vec!["rules", word],
            command => vec![command, word],
        };
        run(chimera(&right)).clean(0);
        assert!(!words(line).contains(&word), "{line}");
        count += 1;
    }
    assert!(count >= 10, "{count} proposals");
}

/// What differs from a name by more than a third of its letters, or is refused there, is not proposed.
#[test]
fn nothing_far_away_is_proposed() {
    for line in ["run --foo", "rules foo", "bench foo", "--version foo", "bench PIDF", "clone vn", "run --rx x"] {
        assert!(!run(chimera(&words(line))).err.contains("did you mean"), "{line}");
    }
}

/// Words that were refused once, and mean something.
#[test]
fn lines_that_are_taken() {
    for (line, same) in [
        ("rules 'CLONE_VM | CLONE_FS | SIGCHLD'", "rules VM,FS"),
        ("rules vm fs", "rules VM,FS"),
        ("rules vm --clone3 fs", "rules --clone3 VM|FS"),
        ("rules CLONE_VM '|' CLONE_FS", "rules VM,FS"),
        ("rules -- vm", "rules vm"),
        ("--json rules vm", "rules vm --json"),
        ("--kernel 5.4 rules --clone3 vm", "rules --kernel=5.4 --clone3 vm"),
        ("--kern 5.4 --unpriv rules newpid", "rules --kernel=5.4 --unprivileged NEWPID"),
        ("rules --color never vm", "rules vm"),
        ("rules vm --col=auto", "rules vm"),
        ("help rules", "rules --help"),
        ("rules -h", "rules --help"),
        ("-h rules", "rules --help"),
        ("help", "--help"),
        ("--verbose -h", "--help"),
        ("help fork", "fork --help"),
        ("rules vm --version", "--version"),
        ("run -rV -- false", "--version"),
        ("fork -V", "--version"),
        ("--version clone", "-V"),
        ("run --hostna=x --help", "help run"),
    ] {
        let [taken, same] = [line, same].map(|line| run(chimera(&words(line))).clean(0).out);
        assert_eq!(taken, same, "{line}");
        assert!(!taken.is_empty(), "{line}");
    }
}

/// What follows the program's name, or `--`, is the program's own.
#[test]
fn the_words_of_a_program_are_left_to_it() {
    for line in
        ["run echo --help", "run -- echo --help", "clone fork -- echo --help", "--clone3 clone fork -- echo --help"]
    {
        let status = run(chimera(&words(line))).clean(0).out;
        assert!(status == "--help\n" || status.starts_with("Usage: echo"), "{line}: {status}");
    }
    assert_eq!(run(chimera(&["--wd", "/", "run", "pwd"])).clean(0).out, "/\n");
}

/// Command lines that work, one or more for each option that no example of the help has: the words for a shell, how the
/// run may end, and what is in its output. What makes user namespaces or needs the rights of root is left out elsewhere.
#[rustfmt::skip]
const WORKING: &[(&str, &[i32], &str)] = &[
    ("clone --clone3 --size 64 VM", &[0], "64) = "),
    ("clone fork --exit-signal USR1", &[0], "SIGUSR1"),
    ("clone VM --stack 16384", &[0], "outcome: honoured"),
    ("clone SETTLS --tls 0x1000 --stable", &[0], "tls=ADDRESS"),
    ("clone fork --clone3 --set-tid 30000", &[0, 3], "set_tid"),
    ("clone INTO_CGROUP --clone3 --cgroup /", &[3], "EBADF"),
    ("clone vm --json", &[0], "\"outcome\":\"honoured\""),
    ("clone vm --svg", &[0], "<svg "),
    ("clone vm --dot", &[0], "graph "),
    ("clone vm --mermaid", &[0], "flowchart"),
    ("explain counter --json", &[0], "\"counter\""),
    ("quiz --seed 7 --number 2 --check", &[0], "1"),
    ("quiz --seed 7 --json", &[0], "{"),
    ("rules vm --clone3 --kernel 5.2", &[0], "clone3(CLONE_VM, exit_signal=SIGCHLD): "),
    ("rules vm --json", &[0], "\"predicted\":\"OK\""),
    ("rules vm --exit-signal TERM", &[0], "OK"),
    ("rules vm --stack none", &[0], "OK"),
    ("rules SETTLS --tls 1", &[0], "OK"),
    ("rules fork --clone3 --set-tid 0", &[0], "EINVAL"),
    ("rules INTO_CGROUP --clone3 --cgroup /", &[0], "EBADF"),
    ("rules vm --clone3 --size 63", &[0], "EINVAL"),
    ("check pairs pairs --json", &[0], "\"leaf\":\"clone.vm\""),
    ("check decisive --list --json", &[0], "\"flags\":[\"CLONE_VM\","),
    ("check --sweep --no-netns --shard 7/16384 --from 3600 --jobs 2", &[0], "# sets asked 496 of 16777216 accepted "),
    // Most sets are missing.
    ("check --sweep --no-netns --shard 7/16384 | chimera check --merge -", &[1], ""),
    // Where a task can be made, nothing is asked.
    ("check --sweep --verdicts", &[4], ""),
    ("inspect $$ --threads", &[0], "sh"),
    ("inspect $$ --files", &[0], "sh"),
    ("inspect $$ --dot", &[0], "sh"),
    ("inspect $$ --svg", &[0], "sh"),
    ("inspect $$ --mermaid", &[0], "sh"),
    ("inspect $$ $PPID --graph", &[0], "shared"),
    ("bench vfork --tasks 1", &[0], "vfork"),
    ("run --map-root-user --user id -u", &[0], "0\n"),
    ("run -r --mount --uts --ipc --net --pid --cgroup id -u", &[0], "0\n"),
    ("run --map-current-user id -u", &[0], "\n"),
    ("run --map-user 5 --map-group 7 sh -c 'id -u; id -g'", &[0], "5\n7\n"),
    ("run -r --setgroups deny cat /proc/self/setgroups", &[0], "deny\n"),
    ("run -rp --mount-proc=/proc --propagation slave sh -c 'ls -d /proc/1'", &[0], "/proc/1\n"),
    ("run -r --mount-binfmt=/mnt --load-interp :zz:E::zz::/bin/cat: ls /mnt", &[0], "register\nstatus\nzz\n"),
    ("run -r --root / --wd /usr pwd", &[0], "/usr\n"),
    ("run -r --time --monotonic 100 --boottime 1000000 cat /proc/uptime", &[0], "."),
    ("run -r --fork --kill-child=TERM id -u", &[0], "0\n"),
    ("run -rp --init id -u", &[0], "0\n"),
    ("run -c --keep-caps grep CapEff /proc/self/status", &[0], "CapEff:\t00000"),
    ("run --no-new-privs grep NoNewPrivs /proc/self/status", &[0], "NoNewPrivs:\t1\n"),
    ("run -r --setuid 0 id -u", &[0], "0\n"),
    ("run --forward-signals true", &[0], ""),
    ("run --clear-env sh -c 'echo $HOME'", &[0], "\n"),
    ("run --whitelist-env PATH sh -c 'echo $HOME'", &[0], "\n"),
];

/// The same for root alone, whose blocks of ids may be none.
#[rustfmt::skip]
const OF_ROOT: &[(&str, &[i32], &str)] = &[
    ("run --map-users 0:0:1 --map-groups 0:0:1 id -u", &[0], "\n"),
    ("run --setgid 0 id -g", &[0], "0\n"),
    ("run --owner 0:0 id -u", &[0], "\n"),
    ("run -r --map-auto id -u", &[0, 125], ""),
    ("run --map-subids true", &[0, 125], ""),
];

/// The options of a command by its help, without those of every command.
fn options(help: &str) -> Vec<&str> {
    let own = help.split("\nin every command:").next().unwrap_or_default();
    let long = |line: &'_ str| -> Option<usize> {
        let rest = line.strip_prefix("      ").or_else(|| line.strip_prefix("  -")?.get(3..))?;
        rest.starts_with("--").then(|| line.len() - rest.len())
    };
    let end = |rest: &str| rest.find([' ', '=', '[']).unwrap_or(rest.len());
    own.lines().filter_map(|line| long(line).map(|start| &line[start..][..end(&line[start..])])).collect()
}

#[test]
fn each_option_works() {
    let all = run(chimera(&["--help"])).clean(0).out;
    let mut lines: Vec<(String, &[i32], &str)> = Vec::new();
    let mut add = |rows: &'static [(&str, &'static [i32], &'static str)]| {
        lines.extend(rows.iter().map(|(line, statuses, out)| (format!("chimera {line}"), *statuses, *out)));
    };
    add(WORKING);
    add(if is_root() { OF_ROOT } else { &[] });
    for mode in MODES {
        let options = ["--verbose", "--stable", "--json", "--graph", "--svg", "--dot", "--mermaid"];
        lines.extend(options.map(|option| (format!("chimera {mode} {option}"), &[0] as &[i32], "")));
    }
    let (is_usable, has_binfmt) = (may_be_root(None), binfmt::is_possible());
    for (line, statuses, out) in &lines {
        let run = run(command("/bin/sh", &["-c", &format!("chimera() {{ \"{}\" \"$@\"; }}; {line}", elf().display())]));
        let run = run.nothing_left();
        let is_right = run.status.is_some_and(|status| statuses.contains(&status)) && run.out.contains(out);
        let is_possible = is_usable && (has_binfmt || !line.contains("binfmt"));
        assert!(is_right || !is_possible, "{line}: {run:#?}");
        assert!(!run.err.contains("; see chimera"), "{line}: {run:#?}");
    }
    // Each option is in one of these lines, or in an example of the help.
    let rows = OF_ROOT.iter().map(|row| format!("chimera {}", row.0));
    let tried: Vec<String> = lines.into_iter().map(|line| line.0).chain(rows).collect();
    let listed = all.lines().skip_while(|line| *line != "to learn:").take_while(|line| *line != "in every command:");
    let commands = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty());
    for name in commands {
        let help = run(chimera(&["help", name])).clean(0).out;
        let examples = help.lines().filter_map(|line| line.strip_prefix("  "));
        // The tour has the options of the modes, of which it refuses the pictures.
        let own = format!("chimera {} ", if name == "tour" { "fork" } else { name });
        let lines: Vec<&str> =
            tried.iter().map(String::as_str).chain(examples).filter(|line| line.starts_with(&own)).collect();
        for option in options(&help) {
            let is_it =
                |word: &str| word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='));
            assert!(lines.iter().any(|line| line.split(' ').any(is_it)), "no line tries {own}{option}: {lines:#?}");
        }
    }
}
