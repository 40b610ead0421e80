//! memcpy, memmove, memset, memcmp, bcmp and strlen: compiled code calls them, and no library provides them here.
//!
//! Naked functions around the string instructions. The optimiser cannot turn them into
//! calls to themselves, as it may do with loops, and they are the same bytes in every profile.

use core::arch::naked_asm;

/// Copies `n` bytes from `src` to `dest`, which must not overlap; answers `dest`. C17 7.24.2.1.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi", // the answer
        "mov rcx, rdx", // how many
        "rep movsb",    // [rdi++] = [rsi++], rcx times; the direction flag is clear by the ABI
        "ret",
    )
}

/// Copies `n` bytes from `src` to `dest`, which may overlap; answers `dest`. C17 7.24.2.2.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi", // the answer
        "mov rcx, rdx", // how many
        "sub rdi, rsi", // dest - src, as an unsigned number:
        "cmp rdi, rdx", // is it below n, a forward copy would overwrite what it has yet to read
        "mov rdi, rax", // restore dest (leaves the flags alone)
        "jb 2f",
        "rep movsb", // forward
        "ret",
        "2:",
        "lea rdi, [rdi + rcx - 1]", // the last byte of each
        "lea rsi, [rsi + rcx - 1]",
        "std", // backward
        "rep movsb",
        "cld", // the ABI wants the direction flag clear on return
        "ret",
    )
}

/// Fills `n` bytes at `dest` with the low byte of `c`; answers `dest`. C17 7.24.6.1.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(dest: *mut u8, c: i32, n: usize) -> *mut u8 {
    naked_asm!(
        "mov r8, rdi",  // keep dest: al is needed for the byte
        "mov eax, esi", // the byte
        "mov rcx, rdx", // how many
        "rep stosb",    // [rdi++] = al, rcx times
        "mov rax, r8",  // the answer
        "ret",
    )
}

/// Compares `n` bytes as unsigned numbers: below, at or above zero. C17 7.24.4.1.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    naked_asm!(
        "xor eax, eax", // equal so far; sets ZF, which must be seen below when n is 0
        "mov rcx, rdx", // how many (leaves the flags alone)
        "repe cmpsb",   // while equal: compare [rsi++] with [rdi++]
        "je 2f",        // all equal
        "movzx eax, byte ptr [rdi - 1]",
        "movzx ecx, byte ptr [rsi - 1]",
        "sub eax, ecx", // the first difference decides
        "2:",
        "ret",
    )
}

/// Says whether `n` bytes differ: zero is equal. What LLVM calls when only equality matters.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    naked_asm!("jmp {memcmp}", memcmp = sym memcmp) // a fuller answer to the same question
}

/// The length of a string that ends with a zero byte: `CStr::from_ptr` asks for it. C17 7.24.6.3.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(string: *const u8) -> usize {
    naked_asm!(
        "xor eax, eax",       // the byte to look for
        "mov rcx, -1",        // as far as it takes
        "repne scasb",        // while different: compare al with [rdi++], --rcx
        "not rcx",            // bytes looked at,
        "lea rax, [rcx - 1]", // the zero among them
        "ret",
    )
}
