//! The arithmetic of `chimera bench` on known data.
//!
//! Each figure is held against one that is worked out by hand, and sorting against std's.

use chimera::bench::{is_noisy, percentile, ratio, sort};
use proptest::prelude::*;

#[test]
fn percentiles_are_nearest_ranks() {
    let sorted = [15, 20, 35, 40, 50];
    assert_eq!([5, 30, 40, 50, 100].map(|percent| percentile(&sorted, percent)), [15, 20, 20, 35, 50]);
    let hundred: Vec<u32> = (1..=100).collect();
    assert_eq!([1, 10, 50, 99, 100].map(|percent| percentile(&hundred, percent)), [1, 10, 50, 99, 100]);
    assert_eq!((percentile(&[7], 99), percentile(&[], 50)), (7, 0));
}

#[test]
fn ratios_are_thousandths() {
    assert_eq!([ratio(103, 100), ratio(1, 3), ratio(2, 3), ratio(5, 0), ratio(0, 5)], [1030, 333, 667, 0, 0]);
}

#[test]
fn noise_is_halves_that_differ() {
    assert!(!is_noisy(&mut [100; 20]));
    assert!(!is_noisy(&mut [100, 101, 102, 103, 104, 105, 106, 107]));
    assert!(is_noisy(&mut [100, 100, 100, 100, 112, 112, 112, 112]));
    // A few strays are none.
    assert!(!is_noisy(&mut [100, 900, 100, 100, 100, 100, 900, 100]));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn sorted_as_std_sorts(samples in prop::collection::vec(any::<u32>(), 0..60)) {
        let (mut ours, mut theirs) = (samples.clone(), samples);
        sort(&mut ours);
        theirs.sort_unstable();
        prop_assert_eq!(ours, theirs);
    }
}
