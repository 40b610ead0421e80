//! What making a task costs: ours against the kernel's own part, in alternation.
//!
//! A time means something beside another that was taken in the same moment. So each sample of the library's way has one of the
//! bare call next to it, which comes first in every other pair, and what is told is the ratio of their medians.

pub mod sample;
pub mod sleepers;

/// Sorts samples; there are few enough for the simplest way.
pub fn sort(samples: &mut [u32]) {
    for end in 1..samples.len() {
        let mut place = end;
        while place > 0 && samples[place - 1] > samples[place] {
            samples.swap(place - 1, place);
            place -= 1;
        }
    }
}

/// The value below or at which so many percent of sorted samples lie (nearest rank); 0 if there are none.
pub fn percentile(sorted: &[u32], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0, |sample| *sample as usize)
}

/// A ratio in thousandths, to the nearest; 0 if there is nothing to divide by.
pub fn ratio(value: usize, floor: usize) -> usize {
    (value * 1000 + floor / 2).checked_div(floor).unwrap_or(0)
}

/// Whether the two halves of a measurement, in the order in which they were taken, have medians that are more than a tenth
/// apart: then the machine did something else too, and the figures tell little.
pub fn is_noisy(samples: &mut [u32]) -> bool {
    let (first, second) = samples.split_at_mut(samples.len() / 2);
    let [first, second] = [first, second].map(|half| {
        sort(half);
        percentile(half, 50)
    });
    first.abs_diff(second) * 10 > first.min(second)
}
