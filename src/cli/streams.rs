//! Whether the streams that the program writes to are there at all.
//!
//! A shell can start a program with a closed stream (`>&-`). Rust's start puts the null device there, so `main` looks
//! before it, and what is to be written then fails as it would anywhere else.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the system calls a stream that is closed: EBADF.
const BAD_DESCRIPTOR: i32 = 9;

/// One of the two streams.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// Standard output.
    Results,
    /// Standard error.
    Notes,
}

static CLOSED: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

/// Looks, before anything is put in the place of a closed stream.
#[cfg(unix)]
pub fn look() {
    use std::os::fd::AsFd;
    let open = [
        io::stdout().as_fd().try_clone_to_owned().is_ok(),
        io::stderr().as_fd().try_clone_to_owned().is_ok(),
    ];
    for (closed, open) in CLOSED.iter().zip(open) {
        closed.store(!open, Ordering::Relaxed);
    }
}

/// A stream, or what fails in its place if it was closed from the start.
#[must_use]
pub fn unless_closed(stream: Stream, writer: impl Write + 'static) -> Box<dyn Write> {
    if CLOSED[stream as usize].load(Ordering::Relaxed) {
        Box::new(Closed)
    } else {
        Box::new(writer)
    }
}

/// Takes nothing.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::from_raw_os_error(BAD_DESCRIPTOR))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
