//! Everybody to everybody: `matrix`.

use serde_json::Value;

use super::Terms;
use super::asked::Asked;
use super::ends::traffic;
use super::wrong::Unanswered;
use crate::code::Language;
use crate::render::matrix::{json_end, json_head, row_json};
use crate::verify::{Budget, By, ClassMatrix, Effort, Exceeded, Matrix, MatrixRow};

/// What a row stands for, by the word that people use.
pub const BY: [(By, &str); 4] =
    [(By::Endpoint, "endpoint"), (By::Subnet, "subnet"), (By::Vpc, "vpc"), (By::Group, "group")];

/// A matrix that is about to be computed.
///
/// # Errors
///
/// With what is wrong with the question.
pub fn matrix_of(
    asked: &Asked,
    by: By,
    (service, source_port): (&str, Option<&str>),
    terms: &Terms,
) -> Result<Matrix, Unanswered> {
    let packets = traffic(service, source_port)?;
    Ok(Matrix::new(&asked.situation, by, &packets, terms.budget))
}

/// A matrix by class that is about to be computed.
///
/// # Errors
///
/// With what is wrong with the question.
pub fn class_matrix_of(
    asked: &Asked,
    (service, source_port): (&str, Option<&str>),
    budget: Budget,
) -> Result<ClassMatrix, Unanswered> {
    let packets = traffic(service, source_port)?;
    Ok(ClassMatrix::new(&asked.situation, &packets, budget))
}

/// `pathproof.matrix/1` a piece at a time: what comes before the rows, each row, and what comes after them.
#[derive(Default)]
pub struct MatrixJson {
    told: bool,
}

impl MatrixJson {
    /// What comes before the rows.
    #[must_use]
    pub fn head(
        &self,
        columns: &[String],
        asked: (&str, &str, Option<&str>),
        effort: Effort,
        warnings: &[Value],
    ) -> String {
        json_head(columns, asked, effort, warnings)
    }

    /// One row.
    pub fn row(&mut self, row: &MatrixRow) -> String {
        let comma = if std::mem::replace(&mut self.told, true) { "," } else { "" };
        format!("{comma}\n{}", row_json(row))
    }

    /// What comes after them.
    #[must_use]
    pub fn end(&self, exceeded: Option<Exceeded>, language: Language) -> String {
        json_end(exceeded, language)
    }
}

/// The whole document as one text.
#[must_use]
pub fn matrix_document(
    asked: &Asked,
    matrix: &Matrix,
    (by, service): (&str, &str),
    collapse: bool,
    language: Language,
) -> String {
    let columns: Vec<String> = matrix.columns().map(str::to_owned).collect();
    let mut rows = Vec::new();
    let exceeded = matrix.each_row(|row| rows.push(row));
    let (columns, rows) = if collapse { matrix.collapsed(&rows) } else { (columns, rows) };
    let warnings = asked.warnings(language);
    let mut json = MatrixJson::default();
    let mut text = json.head(&columns, (by, service, None), matrix.effort(), &warnings);
    for row in &rows {
        text += &json.row(row);
    }
    text + &json.end(exceeded, language)
}
