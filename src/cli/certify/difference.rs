//! Certificates of a difference: for every piece of it the same question before and after, line by line.
//!
//! After changes of a command line there is no file: one is written that includes the file and has the changes as a what-if,
//! so that whoever checks the certificates sees all that they speak of.

use std::fs;
use std::path::Path;

use super::{tell, texts, unread, unwritten, write};
use crate::ask::{Asked, certified_side};
use crate::cli::args::{At, Global};
use crate::cli::exit::Exit;
use crate::cli::files::{Disk, from_beside};
use crate::cli::one::{complain, refuse};
use crate::cli::output::Output;
use crate::diagnostic::Words;
use crate::verify::{Budget, Difference};

/// The name of the what-if in the file that is written.
const NAME: &str = "the change";

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
    changes: &[(String, String)],
    found: &Difference,
    (budget, global): (Budget, &Global),
    output: &mut Output,
) -> Exit {
    if file == "-" || at.step.is_some() {
        let words = Words::new(
            "--certify needs the base network of a file: what the certificates speak of has to stand in files",
            "--certify 需要文件的基础网络：证书所述内容必须在文件中",
        );
        complain(global, output, words.text(global.language()), None);
        return Exit::Unusable;
    }
    let place = Path::new(folder);
    if let Err(error) = fs::create_dir_all(place) {
        return tell(unwritten(place, &error.to_string()), global, output);
    }
    let path = place.join("whatif.ron");
    let texts: Vec<String> = changes.iter().map(|(_, text)| bare(text)).collect();
    let text = format!(
        "// What `pathproof whatif` was asked of the file that is included; certificates of it are beside.\n\
         Scenario(\n    include: [{:?}],\n    what_if: [\n        (\n            name: {NAME:?},\n            \
         changes: [\n{}\n            ],\n        ),\n    ],\n)\n",
        from_beside(&path, Path::new(file)),
        texts.join(",\n")
    );
    if let Err(wrong) = write(&path, &text) {
        return tell(wrong, global, output);
    }
    let step = At { step: Some(NAME.to_owned()) };
    // What looks wrong in it was told of the file that it includes.
    let path = path.to_string_lossy();
    let after = Asked::load(&path, &Disk::of(global), budget);
    let after = match after.and_then(|after| after.at(&path, NAME)) {
        Ok(after) => after,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let both = [(asked, at), (&after, &step)];
    between(folder, both, found, (budget, global), output)
}

/// A change, or a list of them without its brackets.
fn bare(text: &str) -> String {
    let text = text.trim();
    let inside = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let text = inside.unwrap_or(text).trim();
    text.strip_suffix(',').unwrap_or(text).to_owned()
}
