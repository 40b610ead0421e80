//! What one boot's script printed, as cases, and what they come to.

use serde_json::Value;

/// The kinds of namespace as `doctor` names them, and how the script has `run` make them.
pub const KINDS: [(&str, &str); 8] = [
    ("user", "run -r -- true"),
    ("mnt", "run -rm -- true"),
    ("uts", "run -ru -- true"),
    ("ipc", "run -ri -- true"),
    ("net", "run -rn -- true"),
    ("pid", "run -rp --mount-proc -- true"),
    ("cgroup", "run -rC -- true"),
    ("time", "run -rT -- true"),
];

/// Who says whether a user namespace can be had here, beside `run -r`.
pub const VOICES: [&str; 4] = ["doctor --json", "user --json", "--json", "clone --json user"];

/// The sets that are made a hundred times where the kernel has their flags.
pub const HUNDRED: [&str; 2] =
    ["clone --json --clone3 --exit-signal 0 PIDFD,AUTOREAP,PIDFD_AUTOKILL", "clone --json --clone3 EMPTY_MNTNS"];

/// One call of chimera.
pub struct Case {
    pub user: String,
    pub status: i32,
    pub words: String,
    /// All that it printed.
    pub lines: Vec<String>,
}

/// All that a boot printed.
#[derive(Default)]
pub struct Verdicts {
    /// What uname(1) says.
    pub kernel: String,
    pub cases: Vec<Case>,
    /// What the script has left out: a user, and why.
    pub skipped: Vec<(String, String)>,
    /// Whether the script came to its end.
    pub complete: bool,
}

/// What a voice says of user namespaces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Usable,
    Forbidden,
    Neither,
}

impl Verdicts {
    /// Reads what the script printed; a line that was cut by a crash belongs to nothing.
    pub fn read(text: &str) -> Self {
        let mut verdicts = Self::default();
        for line in text.lines().map(|line| line.trim_end_matches('\r')) {
            if let (Some(line), Some(case)) = (line.strip_prefix("| "), verdicts.cases.last_mut()) {
                case.lines.push(line.to_owned());
                continue;
            }
            let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
            match what {
                "kernel" => rest.clone_into(&mut verdicts.kernel),
                "case" => verdicts.cases.extend(Case::new(rest)),
                "skip" => verdicts.skipped.extend(rest.split_once(' ').map(|(user, why)| (user.into(), why.into()))),
                "end" => verdicts.complete = true,
                _ => {}
            }
        }
        verdicts
    }

    /// The users, in the order in which they had their turn.
    pub fn users(&self) -> Vec<&str> {
        let mut users: Vec<&str> = self.cases.iter().map(|case| &*case.user).collect();
        users.dedup();
        users
    }

    /// A user's case.
    pub fn case(&self, user: &str, words: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.user == user && case.words == words)
    }

    /// Of how many kinds doctor says what `run` shows, and of how many both speak.
    pub fn kinds(&self, user: &str) -> (usize, usize) {
        let doctor = self.case(user, VOICES[0]).and_then(Case::object).unwrap_or_default();
        let tries = doctor["tries"].as_array().cloned().unwrap_or_default();
        let both = KINDS.iter().filter_map(|(kind, words)| {
            let told = tries.iter().find(|row| row["kind"] == **kind)?;
            Some((told["result"] == "OK") == (self.case(user, words)?.status == 0))
        });
        both.fold((0, 0), |(agreed, all), agrees| (agreed + usize::from(agrees), all + 1))
    }

    /// How many of a user's cases of these words were honoured, and how many there are.
    pub fn honoured(&self, user: &str, words: &str) -> (usize, usize) {
        let cases = self.cases.iter().filter(|case| case.user == user && case.words == words);
        cases.fold((0, 0), |(honoured, all), case| (honoured + usize::from(case.outcome() == "honoured"), all + 1))
    }
}

impl Case {
    fn new(line: &str) -> Option<Self> {
        let (user, rest) = line.split_once(' ')?;
        let (status, words) = rest.split_once(' ')?;
        Some(Self { user: user.into(), status: status.parse().ok()?, words: words.into(), lines: Vec::new() })
    }

    /// The last object: of the tour it is the user namespace's.
    fn object(&self) -> Option<Value> {
        self.lines.iter().rev().find_map(|line| serde_json::from_str(line).ok())
    }

    /// The outcome, or doctor's verdict; empty where there is neither.
    pub fn outcome(&self) -> String {
        let object = self.object().unwrap_or_default();
        let word = ["outcome", "verdict"].iter().find_map(|key| object[*key].as_str());
        word.unwrap_or_default().to_owned()
    }

    /// What it says of user namespaces. The status has to say the same as the word.
    pub fn says(&self) -> Says {
        let tour = self.words == "--json";
        match (self.status, &*self.outcome()) {
            (0, "" | "usable" | "honoured") => Says::Usable,
            (0, "refused-as-predicted") if tour => Says::Forbidden,
            (1, "forbidden") | (3, "refused-as-predicted") => Says::Forbidden,
            (125, _) if self.words.starts_with("run ") => Says::Forbidden,
            _ => Says::Neither,
        }
    }

    /// Whether it is to be told: neither proven nor refused as predicted.
    pub fn deviates(&self) -> bool {
        let refused = self.words.starts_with("clone ") && self.status == 3;
        !(self.status == 0 && matches!(&*self.outcome(), "" | "honoured" | "usable") || refused)
    }

    /// What is to be read of it: lines for people, and of an object the call and what is not as it should be.
    pub fn essence(&self) -> Vec<String> {
        let of = |line: &String| serde_json::from_str(line).map_or(vec![line.clone()], |object| essence(&object));
        self.lines.iter().flat_map(of).collect()
    }
}

/// What of an object stands beside the rows. Ids differ each time.
const HEAD: [&str; 8] = ["flags", "predicted", "result", "rule", "why", "verdict", "cause", "remedy"];

fn essence(object: &Value) -> Vec<String> {
    if object["outcome"] == "honoured" {
        return Vec::new();
    }
    let told = HEAD.iter().filter(|key| !object[**key].is_null());
    let head = told.map(|key| format!("{key}: {}", object[*key])).collect::<Vec<_>>().join(", ");
    let rows = |list: &str, bad: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let rows = object[list].as_array().into_iter().flatten().filter(|row| bad(row));
        rows.map(|row| format!("  {row}")).collect()
    };
    let mut resources = rows("resources", &|row| row["verdict"] == "not-honoured");
    if resources.is_empty() {
        resources = rows("resources", &|row| row["verdict"] == "unknown");
    }
    let looked = rows("rows", &|row| row["good"] == false);
    let tried = rows("tries", &|row| row["result"] != "OK");
    [vec![head], resources, looked, tried].concat()
}
