//! Runs many cases, each in the next world that is free.

use crate::case::Case;
use crate::pool::{Answer, Worker};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

/// The same cases with the commands in turn, so that a slow one is not the last.
pub fn mixed(cases: Vec<Case>) -> Vec<Case> {
    let mut places: Vec<(usize, Case)> = Vec::new();
    let mut counts = BTreeMap::<usize, usize>::new();
    for case in cases {
        let count = counts.entry(case.command).or_default();
        *count += 1;
        places.push((*count, case));
    }
    places.sort_by_key(|(place, case)| (*place, case.command));
    places.into_iter().map(|(_, case)| case).collect()
}

/// Runs all cases, each in the next world that is free.
pub fn run_all<'a>(
    workers: &mut [Worker],
    cases: Vec<Case>,
    plain: impl Fn(&Case) -> &'a str + Sync,
    take: &mut (impl FnMut(&Case, Answer) + Send),
) {
    let progress = Progress { all: cases.len(), begin: Instant::now() };
    let (queue, take) = (Mutex::new((VecDeque::from(cases), progress)), Mutex::new(take));
    let next = || {
        let mut queue = queue.lock().expect("no panic");
        let left = queue.0.len();
        queue.1.tell(left);
        queue.0.pop_front()
    };
    let work = |worker: &mut Worker| {
        while let Some(case) = next() {
            let answer = worker.run(&case, plain(&case)).unwrap_or_else(|reason| {
                eprintln!("storm: a world is lost: {reason}");
                std::process::exit(2)
            });
            take.lock().expect("no panic")(&case, answer);
        }
    };
    let work = &work;
    thread::scope(|scope| workers.iter_mut().for_each(|worker| _ = scope.spawn(move || work(worker))));
}

/// Tells now and then how far a long storm is.
struct Progress {
    all: usize,
    begin: Instant,
}

impl Progress {
    fn tell(&mut self, left: usize) {
        let step = (self.all / 20).max(2000);
        let done = self.all - left;
        if done > 0 && done.is_multiple_of(step) {
            println!("storm: {done} of {} cases after {} s", self.all, self.begin.elapsed().as_secs());
        }
    }
}
