//! Files: where scenarios come from, and which files a folder means.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::scenario::Files;

/// The disk, and standard input under the name `-`.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
        fs::read(path)
    }
}

/// A file that a command was given, or found in a folder that it was given.
pub struct Found {
    /// Its path, as the user would write it.
    pub path: String,
    /// Named by the user, not only found in a folder.
    pub named: bool,
    /// Why it cannot be looked into, if it is such a folder.
    pub trouble: Option<io::Error>,
}

/// The `*.ron` files that paths mean: folders recursively, in the order of their names. A folder that cannot be
/// looked into stands in its place, with the trouble.
#[must_use]
pub fn find(paths: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    for path in paths {
        if path == "-" || !Path::new(path).is_dir() {
            found.push(Found {
                path: path.clone(),
                named: true,
                trouble: None,
            });
        } else {
            walk(Path::new(path), &mut found);
        }
    }
    found
}

fn walk(folder: &Path, found: &mut Vec<Found>) {
    let entries = fs::read_dir(folder).and_then(|entries| {
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    let mut paths = match entries {
        Ok(paths) => paths,
        Err(error) => {
            found.push(Found {
                path: folder.display().to_string(),
                named: true,
                trouble: Some(error),
            });
            return;
        }
    };
    paths.sort();
    for path in paths {
        // A link to a folder could lead in circles.
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "ron") {
            found.push(Found {
                path: path.display().to_string(),
                named: false,
                trouble: None,
            });
        }
    }
}
