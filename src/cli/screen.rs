//! How wide lines may be: as wide as the terminal, or as `COLUMNS` says where there is none.

use std::io::stdout;

use terminal_size::{Width, terminal_size_of};

use crate::render::screen::set_width;

/// Looks at standard output, once.
pub(super) fn look() {
    let terminal = terminal_size_of(stdout()).map(|(Width(columns), _)| usize::from(columns));
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    if let Some(columns) = terminal.or_else(said).filter(|columns| *columns > 0) {
        set_width(columns);
    }
}
