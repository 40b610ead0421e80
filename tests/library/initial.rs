//! The walk over the initial stack, on vectors built by hand: there every word is known.

use chimera::sys::initial::InitialStack;
use std::ffi::CStr;

/// The stack as the kernel leaves it: argc, argv, 0, environment, 0, pairs, and what closes them.
fn initial(argv: &[&'static CStr], environment: &[&'static CStr], pairs: &[usize]) -> InitialStack {
    let address = |text: &&'static CStr| text.as_ptr() as usize;
    let mut words = vec![argv.len()];
    words.extend(argv.iter().map(address).chain([0]));
    words.extend(environment.iter().map(address).chain([0]));
    words.extend(pairs.iter().chain(&[0, 0]));
    // SAFETY: the words have the shape of the initial stack, the strings end with a zero, and both stay for good.
    unsafe { InitialStack::new(words.leak().as_ptr()) }
}

/// Types of the auxiliary vector, from linux/auxvec.h.
const AT_PAGESZ: usize = 6;
const AT_UID: usize = 11;
const AT_EXECFN: usize = 31;

#[test]
fn the_three_vectors_are_found_behind_each_other() {
    let stack = initial(&[c"chimera", c"fork", c""], &[c"A=1", c"EMPTY="], &[AT_UID, 0, AT_PAGESZ, 4096]);
    assert_eq!(stack.arguments().collect::<Vec<_>>(), [b"fork".as_slice(), b""]);
    assert_eq!(stack.environment().collect::<Vec<_>>(), [b"A=1".as_slice(), b"EMPTY="]);
    assert_eq!(stack.auxiliary(AT_PAGESZ), Some(4096));
    assert_eq!(stack.auxiliary(AT_UID), Some(0), "a value of 0 is one");
    assert_eq!(stack.auxiliary(AT_EXECFN), None);
}

#[test]
fn an_empty_argv_hides_nothing_behind_it() {
    let stack = initial(&[], &[c"A=1"], &[AT_PAGESZ, 4096]);
    assert_eq!(stack.arguments().count(), 0);
    assert_eq!(stack.environment().collect::<Vec<_>>(), [b"A=1".as_slice()]);
    assert_eq!(stack.auxiliary(AT_PAGESZ), Some(4096));
}

#[test]
fn three_empty_vectors_are_empty() {
    let stack = initial(&[], &[], &[]);
    assert_eq!((stack.arguments().count(), stack.environment().count(), stack.auxiliary(AT_PAGESZ)), (0, 0, None));
}
