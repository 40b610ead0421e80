//! A leaf of a rule: a call that provokes the rule, and the call amended, which is accepted.
//!
//! What the rule is about is read from its row in [`RULES`]: the errno, the flags, the kernels that have it. A row here
//! adds what else the smallest call needs, and where it is made.

use crate::check::case::{Answer, Case, What};
use crate::check::judge::{Judge, Verdict};
use crate::check::skip::Skip;
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{FLAGS, Flags, Version};
use crate::rules::rule::{RULES, Rule, When};
use crate::sys::{Errno, Pid, Result as SysResult};

/// What makes the call one that is accepted.
#[derive(Clone, Copy)]
pub enum Amended {
    /// These flags less.
    Less(Flags),
    /// These flags more.
    More(Flags),
    /// This call instead.
    Call(Call),
}

/// Asks the cases of a row; the reason if those that are left cannot be asked here.
pub type Ask = fn(&Asking) -> Result<(), Skip>;

/// The leaf of a rule.
pub struct Row {
    /// The name: the rule's in small letters, a dot, and what the rule is about.
    pub name: &'static str,
    /// The call, without the flags that the condition of the rule names.
    call: Call,
    /// What makes it accepted.
    amended: Amended,
    /// The flags of further calls.
    others: Flags,
    /// How many cases there are.
    pub cases: usize,
    /// The cases.
    pub ask: Ask,
}

/// A row that needs no place of its own: one call is refused, and the other is accepted.
pub const fn row(name: &'static str, call: Call, amended: Amended) -> Row {
    Row { name, call, amended, others: Flags::empty(), cases: 2, ask: both }
}

impl Row {
    /// The cases are asked in a place of their own.
    pub const fn by(self, cases: usize, ask: Ask) -> Self {
        Self { cases, ask, ..self }
    }

    /// There are calls with these flags too.
    pub const fn and(self, others: Flags) -> Self {
        Self { others, ..self }
    }

    /// The smallest call that provokes the rule.
    pub fn provoking(&self, rule: &Rule) -> Call {
        let more = match rule.when {
            When::Together(one, others) => one | others.iter().next().unwrap_or_default(),
            When::Without(one, _) => one,
            When::If(..) => Flags::empty(),
        };
        Call { flags: self.call.flags | more, ..self.call }
    }

    /// That call, amended.
    pub fn amended(&self, rule: &Rule) -> Call {
        let call = self.provoking(rule);
        match self.amended {
            Amended::Less(flags) => Call { flags: call.flags - flags, ..call },
            Amended::More(flags) => Call { flags: call.flags | flags, ..call },
            Amended::Call(call) => call,
        }
    }

    /// The flags of all its calls.
    pub fn flags(&self, rule: &Rule) -> Flags {
        self.provoking(rule).flags | self.amended(rule).flags | self.others
    }
}

/// The cases of a row, as they are asked.
pub struct Asking<'a> {
    /// The row.
    pub row: &'static Row,
    /// The index of the rule.
    pub number: usize,
    /// The rule.
    pub rule: &'static Rule,
    /// Who judges the answers.
    pub judge: Judge<'a>,
}

/// What a row without a place asks.
pub fn both(asking: &Asking) -> Result<(), Skip> {
    asking.refused()?;
    asking.accepted();
    Ok(())
}

impl<'a> Asking<'a> {
    /// The rule with this index, asked by its row.
    pub fn new(number: usize, row: &'static Row, judge: Judge<'a>) -> Self {
        Self { row, number, rule: &RULES[number], judge }
    }

    /// Asks all cases.
    pub fn all(&self) {
        let asked = self.is_of_kernel().and_then(|()| (self.row.ask)(self));
        self.judge.skip_rest(self.row.cases, asked.err().unwrap_or(Skip::NoWitness));
    }

    /// Whether this kernel has the rule, the call, and its flags.
    fn is_of_kernel(&self) -> Result<(), Skip> {
        let version = self.judge.ground.place.version;
        if let Some(until) = self.rule.until.filter(|until| version >= *until) {
            return Err(Skip::Until(until));
        }
        let since = self.rule.since.max(since(&self.provoking())).max(since(&self.row.amended(self.rule)));
        if since > version { Err(Skip::Since(since)) } else { Ok(()) }
    }

    /// The call that provokes the rule.
    pub fn provoking(&self) -> Call {
        self.row.provoking(self.rule)
    }

    /// A case: the call that provokes the rule is refused. If that cannot be told, nothing is to be told of the rule.
    pub fn refused(&self) -> Result<(), Skip> {
        self.refuses(&self.provoking())
    }

    /// A case: a call is refused by the rule.
    pub fn refuses(&self, call: &Call) -> Result<(), Skip> {
        let want = self.rule.errno.map_or(Answer::Unknown, Answer::Refused);
        self.counts(|| self.verdict(call, want, bare::attempt(call)))
    }

    /// A case: the amended call is accepted.
    pub fn accepted(&self) {
        self.accepts(&self.row.amended(self.rule));
    }

    /// A case: a call is accepted.
    pub fn accepts(&self, call: &Call) {
        self.judge.case(|| self.verdict(call, Answer::Ok, bare::attempt(call)));
    }

    /// A case: the amended call is accepted where unshare(2) has shown that nothing denies the rights it needs. So
    /// EPERM has no excuse but a filter.
    pub fn accepted_by_rights(&self) {
        let call = self.row.amended(self.rule);
        self.judge.case(|| match bare::attempt(&call) {
            Err(Errno::EPERM) if !self.judge.ground.is_masked(&call) => {
                let refused = Case::of(&call, Answer::Ok, Answer::Refused(Errno::EPERM));
                Verdict::Wrong(refused.by(Some(self.number)))
            }
            got => self.verdict(&call, Answer::Ok, got),
        });
    }

    /// Where the rule does not hold yet, the call that will provoke it is accepted: a verdict for the case after that.
    /// If the call is refused for a reason of this place, nothing is to be told of the rule.
    pub fn before(&self) -> Result<Verdict, Skip> {
        let call = self.provoking();
        match self.verdict(&call, Answer::Ok, bare::attempt(&call)) {
            Verdict::Skipped(skip) => Err(skip),
            verdict => Ok(verdict),
        }
    }

    /// A case; the reason if it is skipped.
    pub fn counts(&self, ask: impl FnOnce() -> Verdict) -> Result<(), Skip> {
        let mut skipped = Ok(());
        self.judge.case(|| {
            let verdict = ask();
            if let Verdict::Skipped(skip) = verdict {
                skipped = Err(skip);
            }
            verdict
        });
        skipped
    }

    /// Compares an answer with what is wanted.
    pub fn verdict(&self, call: &Call, want: Answer, got: SysResult<Pid>) -> Verdict {
        let case = Case::of(call, want, Answer::of(got)).by(Some(self.number));
        let is_sized = call.api == Api::Clone3 && call.size != self.usual_size();
        self.judge.compare(call, if is_sized { case.with(What::Size, call.size as u64) } else { case })
    }

    /// The size of clone3's struct if the case is not about it.
    fn usual_size(&self) -> usize {
        Call::new(Api::Clone3, Flags::empty(), None).size
    }
}

/// The first kernel with the call and all its flags.
fn since(call: &Call) -> Version {
    let of_call = if call.api == Api::Clone3 { Version::WITH_CLONE3 } else { Version::UNKNOWN };
    let of_flags = FLAGS.iter().filter(|flag| call.flags.contains(flag.bit)).map(|flag| flag.since);
    of_flags.fold(of_call, Version::max)
}
