//! Parses the arguments, runs, ends with a documented status.

use mimalloc::MiMalloc;
use pathproof::cli::{self, exit::Exit};

/// Sets and maps come and go by the million.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Looks whether the streams are open before Rust's own start, which opens the null device in the place of one that is
/// not: from then on a result that goes nowhere looks like one that was written.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[expect(
    unsafe_code,
    reason = "a place in the program file; nothing is done that could be unsound"
)]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[used]
static LOOK: extern "C" fn() = {
    extern "C" fn look() {
        cli::streams::look();
    }
    look
};

fn main() -> Exit {
    cli::run()
}
