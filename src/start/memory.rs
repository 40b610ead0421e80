//! memcpy, memmove, memset, memcmp, bcmp and strlen: compiled code calls them, and no library provides them here.
//!
//! The functions are naked and use string instructions: the optimiser cannot turn them into calls to themselves, as it
//! may with loops, and their code is the same in every profile.

use core::arch::naked_asm;

/// Copies `n` bytes from `src` to `dest`, which must not overlap; returns `dest`. C17 7.24.2.1.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi", // the return value
        "mov rcx, rdx", // how many
        "rep movsb",    // [rdi++] = [rsi++], rcx times; the direction flag is clear by the ABI
        "ret",
    )
}

/// Copies `n` bytes from `src` to `dest`, which may overlap; returns `dest`. C17 7.24.2.2.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(dest: *mut u8, src: *const u8, n: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi", // the return value
        "mov rcx, rdx", // how many
        "sub rdi, rsi", // dest - src, as an unsigned number:
        "cmp rdi, rdx", // if below n, a forward copy would overwrite bytes that it has yet to read
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

/// Fills `n` bytes at `dest` with the low byte of `c`; returns `dest`. C17 7.24.6.1.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(dest: *mut u8, c: i32, n: usize) -> *mut u8 {
    naked_asm!(
        "mov r8, rdi",  // keep dest: al is needed for the byte
        "mov eax, esi", // the byte
        "mov rcx, rdx", // how many
        "rep stosb",    // [rdi++] = al, rcx times
        "mov rax, r8",  // the return value
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

/// Whether `n` bytes differ: zero if equal. LLVM calls this when only equality matters.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    naked_asm!("jmp {memcmp}", memcmp = sym memcmp) // which also orders
}

/// The length of a string that ends with a zero byte, for `CStr::from_ptr`. C17 7.24.6.3.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(string: *const u8) -> usize {
    naked_asm!(
        "xor eax, eax",       // the byte to look for
        "mov rcx, -1",        // no limit
        "repne scasb",        // while different: compare al with [rdi++], --rcx
        "not rcx",            // bytes looked at,
        "lea rax, [rcx - 1]", // the zero among them
        "ret",
    )
}
