//! The native part of the Python package: files that stay loaded, asked by the name of a command. The documents are those of
//! the command line, as text; the Python part makes objects of them.

use pathproof::ask::{Reach, Resident};
use pathproof::cli::budget;
use pathproof::cli::check::today;
use pathproof::cli::files::Disk;
use pathproof::code::Language;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::{Map, Value};

/// Files that stay loaded and compiled until they change.
#[pyclass(frozen)]
struct Files(Resident);

#[pymethods]
impl Files {
    #[new]
    fn new(path: String, lang: &str, budget: &str) -> PyResult<Self> {
        let language = match lang {
            "en" => Language::English,
            "zh" => Language::Chinese,
            _ => {
                return Err(PyValueError::new_err(format!("lang is `{lang}`; it can be en or zh")));
            }
        };
        let budget =
            budget::read(budget).map_err(|wrong| PyValueError::new_err(wrong.to_string()))?;
        let disk = Box::new(Disk::default());
        let reach = Reach::Under(path);
        Ok(Self(Resident::new(disk, reach, (budget, today), language)))
    }

    /// The files that there are.
    fn paths(&self) -> Vec<String> {
        self.0.paths()
    }

    /// Whether there is an answer, and its document, or that of why not.
    fn ask(&self, py: Python<'_>, command: &str, fields: &str) -> PyResult<(bool, String)> {
        let fields: Map<String, Value> = serde_json::from_str(fields)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        // Other threads of Python go on meanwhile.
        let answer = py.detach(|| self.0.ask(command, &fields));
        match answer {
            Some(Ok(document)) => Ok((true, document.to_string())),
            Some(Err(diagnostics)) => Ok((false, diagnostics.to_string())),
            None => Err(PyValueError::new_err(format!("there is no question `{command}`"))),
        }
    }
}

#[pymodule]
fn _pathproof(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Files>()
}
