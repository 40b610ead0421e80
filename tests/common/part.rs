//! Which part of long lists of cases this run has.

/// Of a suite that runs twice, with two ELFs, each run has a part of its own (CHIMERA_PART, such as 1/2), and both have all
/// cases. Without a word in the environment it is all of them.
pub fn of_suite() -> (usize, usize) {
    std::env::var("CHIMERA_PART").ok().and_then(|text| parse(&text)).unwrap_or((1, 1))
}

/// Two numbers: the first at least 1 and at most the second.
pub fn parse(text: &str) -> Option<(usize, usize)> {
    let (one, of) = text.split_once('/')?;
    let part = (one.parse().ok()?, of.parse().ok()?);
    (1..=part.1).contains(&part.0).then_some(part)
}

/// Whether the item at a place of a list belongs to the part of this run.
pub fn has(place: usize) -> bool {
    let (one, of) = of_suite();
    place % of == one - 1
}

/// The item of a numbered list, if it belongs to the part of this run.
pub fn of<T>((place, item): (usize, T)) -> Option<T> {
    has(place).then_some(item)
}
