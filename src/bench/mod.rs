//! The cost of making a task: this library's functions compared with a bare system call, in alternation.
//!
//! A time is meaningful beside another that was taken at the same moment. So each sample of the library is paired with
//! a sample of the bare call, which comes first in every other pair, and the result is the ratio of their medians.

pub mod sample;
pub mod sleepers;

/// Sorts samples by insertion, which is fast enough for so few.
pub fn sort(samples: &mut [u32]) {
    for end in 1..samples.len() {
        let mut place = end;
        while place > 0 && samples[place - 1] > samples[place] {
            samples.swap(place - 1, place);
            place -= 1;
        }
    }
}

/// The percentile of sorted samples by nearest rank; 0 if there are none.
pub fn percentile(sorted: &[u32], percent: usize) -> usize {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0, |sample| *sample as usize)
}

/// A ratio in thousandths, rounded; 0 if the floor is 0.
pub fn ratio(value: usize, floor: usize) -> usize {
    (value * 1000 + floor / 2).checked_div(floor).unwrap_or(0)
}

/// Whether the medians of the first and second half of the samples, in the order of measurement, differ by more than a
/// tenth: then the machine was busy with other work, and the figures say little.
pub fn is_noisy(samples: &mut [u32]) -> bool {
    let (first, second) = samples.split_at_mut(samples.len() / 2);
    let [first, second] = [first, second].map(|half| {
        sort(half);
        percentile(half, 50)
    });
    first.abs_diff(second) * 10 > first.min(second)
}
