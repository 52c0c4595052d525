//! Files: where scenarios come from, and which files a folder means.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

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
}

/// The `*.ron` files that paths mean: folders recursively, in the order of their names.
///
/// # Errors
///
/// The path that cannot be looked into, and why.
pub fn find(paths: &[String]) -> Result<Vec<Found>, (String, io::Error)> {
    let mut found = Vec::new();
    for path in paths {
        if path == "-" || !Path::new(path).is_dir() {
            let path = path.clone();
            found.push(Found { path, named: true });
            continue;
        }
        let mut inside = Vec::new();
        walk(Path::new(path), &mut inside)
            .map_err(|(path, error)| (path.display().to_string(), error))?;
        let inside = inside.into_iter().map(|path| Found {
            path: path.display().to_string(),
            named: false,
        });
        found.extend(inside);
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let failed = |error| (folder.to_owned(), error);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths: Result<Vec<_>, _> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut paths = paths.map_err(failed)?;
    paths.sort();
    for path in paths {
        // A link to a folder could lead in circles.
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "ron") {
            found.push(path);
        }
    }
    Ok(())
}
