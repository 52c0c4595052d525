//! Certificates of a difference: for every piece of it the same question before and after, line by line.
//!
//! After changes of a command line there is no file: one is written that includes the file and has the changes as a what-if,
//! so that whoever checks the certificates sees all that they speak of.

use std::fs;
use std::path::Path;

use super::{tell, texts, unread, unwritten, write};
use crate::ask::{Asked, WHATIF, certified_side, only_of_base, whatif_text};
use crate::cli::args::{At, Global};
use crate::cli::exit::Exit;
use crate::cli::files::{Disk, from_beside};
use crate::cli::one::{complain, refuse};
use crate::cli::output::Output;
use crate::diagnostic::Words;
use crate::verify::{Budget, Difference};

/// Writes the certificates of what changes between two networks that stand in files.
pub fn between(
    folder: &str,
    [before, after]: [(&Asked, &At); 2],
    found: &Difference,
    (budget, global): (Budget, &Global),
    output: &mut Output,
) -> Exit {
    let place = Path::new(folder);
    if let Err(error) = fs::create_dir_all(place) {
        return tell(unwritten(place, &error.to_string()), global, output);
    }
    let (mut missing, mut all) = (0, 0);
    for (name, (asked, at)) in [("before.json", before), ("after.json", after)] {
        let Some(files) = texts(&asked.sources, global) else {
            return tell(unread(name), global, output);
        };
        let documents = certified_side((asked, at.step.as_deref()), found, &files, budget);
        missing += documents.missing;
        all += documents.count();
        if let Err(wrong) = write(&place.join(name), &documents.text) {
            return tell(wrong, global, output);
        }
    }
    if missing > 0 && !global.quiet {
        let words = Words::new(
            format!("{missing} of {all} questions have no certificate\n"),
            format!("{all} 个问题中有 {missing} 个没有证书\n"),
        );
        output.note(words.text(global.language()));
    }
    Exit::Good
}

/// The same of changes that came on the command line.
pub fn by_changes(
    folder: &str,
    (file, asked, at): (&str, &Asked, &At),
    changes: &[String],
    found: &Difference,
    (budget, global): (Budget, &Global),
    output: &mut Output,
) -> Exit {
    if file == "-" || at.step.is_some() {
        let words = only_of_base();
        complain(global, output, words.text(global.language()), None);
        return Exit::Unusable;
    }
    let place = Path::new(folder);
    if let Err(error) = fs::create_dir_all(place) {
        return tell(unwritten(place, &error.to_string()), global, output);
    }
    let path = place.join("whatif.ron");
    let text = whatif_text(&from_beside(&path, Path::new(file)), changes);
    if let Err(wrong) = write(&path, &text) {
        return tell(wrong, global, output);
    }
    let step = At { step: Some(WHATIF.to_owned()) };
    // What looks wrong in it was told of the file that it includes.
    let path = path.to_string_lossy();
    let after = Asked::load(&path, &Disk::of(global), budget);
    let after = match after.and_then(|after| after.at(&path, WHATIF)) {
        Ok(after) => after,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let both = [(asked, at), (&after, &step)];
    between(folder, both, found, (budget, global), output)
}
