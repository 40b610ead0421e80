//! The output of a sweep, written in another way than the program writes it.

use std::fmt::Write;
use std::ops::Range;

/// The sets of a leaf.
pub const LEAF: usize = 1 << 18;

/// The head, but for the space.
pub const HEAD: &str = "\
KTAP version 1
# chimera: 0.1.0, rules up to Linux 7.1
# kernel: 6.18.1 x86_64
# uid: 0
# CAP_SYS_ADMIN: yes
# user namespaces: allowed
# seccomp filter: no
# security modules: unknown, label caf\u{e9}
";

/// What came of a leaf: accepted, of two rules, otherwise, unknown.
pub type Answers = [usize; 5];

/// All are accepted.
pub fn accepted(sets: usize) -> Answers {
    [sets, 0, 0, 0, 0]
}

/// The text of a claim, with its numbers.
fn claim(begin: &str, [accepted, one, other, disagree, unknown]: Answers) -> String {
    let refused = one + other;
    format!("{begin} accepted {accepted} refused {refused} disagree {disagree} unknown {unknown}")
}

/// The output of a sweep of these sets, with what came of each leaf.
pub fn output(space: &str, sets: Range<usize>, answers: &mut dyn FnMut(usize) -> Answers) -> String {
    let mut text = format!("{HEAD}# space: {space}\n1..1\n    KTAP version 1\n    # Subtest: sweep\n");
    let Range { start: first, end } = sets;
    let leaves = end.div_ceil(LEAF) - first / LEAF;
    _ = writeln!(text, "    1..{leaves}");
    let (mut begin, mut sum) = (first, [0; 5]);
    for number in 1..=leaves {
        let next = ((begin / LEAF + 1) * LEAF).min(end);
        let all = answers(next - begin);
        let rules: Vec<String> = [("D1", all[1]), ("D2", all[2])]
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(id, count)| format!("{id}={count}"))
            .collect();
        let rules = if rules.is_empty() { String::new() } else { format!(" rules {}", rules.join(",")) };
        let line = claim(&format!("# sets {begin}-{} asked {}", next - 1, next - begin), all);
        let word = if all[3] > 0 { "not ok" } else { "ok" };
        _ = writeln!(text, "    {line}{rules}\n    {word} {number} sets-{begin:08}-{:08}", next - 1);
        sum.iter_mut().zip(all).for_each(|(sum, count)| *sum += count);
        begin = next;
    }
    let word = if sum[3] > 0 { "not ok" } else { "ok" };
    _ = writeln!(text, "{word} 1 sweep\n{}", claim(&format!("# sets asked {} of 16777216", end - first), sum));
    text
}
