//! Reads what the commands have written in a place: statuses, objects, messages.

use crate::world::{End, Run};
use serde_json::Value;

/// A command as a page, and as JSON.
pub struct Both {
    pub name: &'static str,
    pub page: Run,
    pub json: Run,
}

/// All that was seen in a place.
pub struct Seen {
    pub run: Run,
    pub doctor: Both,
    pub user: Both,
    pub tour: Both,
    pub clone: Both,
    /// `clone user -- true`.
    pub exec: Run,
    /// Each of doctor's tries, and `run` with the same options.
    pub kinds: Vec<(Value, Run)>,
}

/// A message: the step, the errno, and the cause behind it if one is told.
pub struct Message<'a> {
    pub step: &'a str,
    pub cause: Option<&'a str>,
}

impl Run {
    /// The status as the table shows it.
    pub fn status(&self) -> String {
        match self.end {
            End::Status(status) => status.to_string(),
            End::Killed(signal) => signal.as_str().into(),
            End::Hung => "hung".into(),
        }
    }

    pub fn is(&self, statuses: &[i32]) -> bool {
        matches!(self.end, End::Status(status) if statuses.contains(&status))
    }

    /// Its messages, its objects and its status, without what is honoured and what differs from run to run.
    pub fn lines(&self) -> Vec<String> {
        let errors = self.err.lines().map(ToString::to_string);
        let is_told =
            |line: &&str| line.starts_with('{') && (is_about_user(line) || !line.contains("\"outcome\":\"honoured\""));
        let objects =
            self.out.lines().filter(is_told).map(|line| match (line.find(",\"kernel\""), line.find("\"tries\"")) {
                (Some(end), _) => format!("{},..}}", &line[..end]),
                (None, Some(start)) => format!("{{..,{}", &line[start..]),
                (None, None) => line.into(),
            });
        errors.chain(objects).chain([format!("-> {}", self.status())]).collect()
    }

    /// The message of a failure.
    pub fn message(&self) -> Option<Message<'_>> {
        let mut messages = self.err.lines().filter_map(|line| line.strip_prefix("chimera: "));
        let mut parts = messages.next()?.splitn(3, ": ");
        let (step, _errno) = (parts.next()?, parts.next()?);
        Some(Message { step, cause: parts.next() })
    }

    /// The cause that is told.
    pub fn cause(&self) -> &str {
        self.message().and_then(|message| message.cause).unwrap_or(NO_CAUSE)
    }
}

impl Both {
    /// The object about user namespaces.
    pub fn object(&self) -> Value {
        let mut objects = self.json.out.lines().filter(|line| !line.contains("\"bits\"") || is_about_user(line));
        objects.next_back().and_then(|line| serde_json::from_str(line).ok()).unwrap_or(Value::Null)
    }

    /// The status, and the word of the outcome or of the verdict, in at most eleven letters.
    pub fn cell(&self) -> String {
        let object = self.object();
        let word = match word(&object) {
            "refused-as-predicted" => "refused",
            "refused-otherwise" => "otherwise",
            "accepted-otherwise" => "accepted",
            "not-honoured" => "not-hon.",
            word => word,
        };
        format!("{} {word}", self.page.status())
    }
}

/// Stands where no cause is told.
pub const NO_CAUSE: &str = "none";

/// The cause in an object; doctor has a word for none.
pub fn cause<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().filter(|cause| *cause != "unknown").unwrap_or(NO_CAUSE)
}

/// The outcome or the verdict of an object.
pub fn word(object: &Value) -> &str {
    object["outcome"].as_str().or(object["verdict"].as_str()).unwrap_or("-")
}

/// Whether a line is the object of a call that asks for a new user namespace.
fn is_about_user(line: &str) -> bool {
    line.contains("\"bits\":\"0x10000000\"")
}
