//! How far a long run is, for somebody who waits at a terminal.

use std::time::{Duration, Instant};

use super::output::Output;

/// Shorter work is not worth a word.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whether somebody looks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// At a terminal.
    Somebody,
    /// A pipe or a file, or it is not wanted.
    Nobody,
}

/// A line on standard error that is written over and taken away again.
pub struct Progress {
    audience: Audience,
    started: Instant,
    /// The columns it takes now.
    shown: usize,
}

impl Progress {
    /// Nothing is shown yet.
    #[must_use]
    pub fn new(audience: Audience, started: Instant) -> Self {
        Self {
            audience,
            started,
            shown: 0,
        }
    }

    /// Says how much is done, if the work takes long by now.
    pub fn tell(&mut self, done: usize, total: usize, now: Instant, output: &mut Output) {
        let long = now.duration_since(self.started) > PATIENCE;
        if self.audience == Audience::Nobody || !long {
            return;
        }
        self.clear(output);
        let text = format!("{done}/{total}");
        output.progress(&text);
        self.shown = text.len();
    }

    /// Takes the line away. Blanks do that without colours, too.
    pub fn clear(&mut self, output: &mut Output) {
        if self.shown > 0 {
            output.progress(&format!("\r{}\r", " ".repeat(self.shown)));
            self.shown = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("one writer").extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is seen of three files, of which the last two come after so many milliseconds.
    fn seen(audience: Audience, late: u64) -> String {
        let screen = Screen::default();
        let mut output = Output::to(io::sink(), screen.clone());
        let started = Instant::now();
        let mut progress = Progress::new(audience, started);
        progress.tell(1, 3, started, &mut output);
        let later = started + Duration::from_millis(late);
        progress.tell(2, 3, later, &mut output);
        progress.tell(3, 3, later, &mut output);
        progress.clear(&mut output);
        let bytes = screen.0.lock().expect("one writer").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn somebody_who_waits_sees_how_far_it_is_and_nothing_stays() {
        let long = seen(Audience::Somebody, 700);
        assert_eq!(long, "2/3\r   \r3/3\r   \r");
    }

    #[test]
    fn short_work_and_work_that_nobody_watches_are_silent() {
        assert_eq!(seen(Audience::Somebody, 100), "");
        assert_eq!(seen(Audience::Nobody, 700), "");
    }
}
