//! Parses the arguments, runs, ends with a documented status.

use pathproof::cli::{self, exit::Exit};

fn main() -> Exit {
    cli::run()
}
