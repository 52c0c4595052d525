//! What `matrix` prints, a row at a time: for people, as CSV, as Markdown, for scripts.
//!
//! A narrow matrix is a grid of signs with a legend; a wide one tells each row in words, what works first.

use serde_json::{Value, json};

use super::budget::{exceeded_json, exceeded_text};
use super::check_text::{Verbosity, verdict_word};
use super::csv::csv_line;
use super::number::{big, number};
use super::screen::width;
use super::several::several;
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, paragraph};
use super::wrap::{columns, rows_of};
use crate::code::Language;
use crate::query::Verdict;
use crate::space::Exceeded;
use crate::verify::{Effort, MatrixRow};

/// A grid has at most so many columns, and names at most so wide.
const GRID: usize = 24;
const NAME: usize = 40;

/// So many names of a row of a wide matrix, and of a row that stands for many, are told; of more, their number.
const NAMED: usize = 12;

/// A matrix as text.
pub struct MatrixText {
    columns: Vec<String>,
    width: usize,
    /// How many names are told where there are many.
    named: usize,
    language: Language,
}

impl MatrixText {
    /// With these columns and this widest name of a row; every name is told, however many there are, to whoever wants it
    /// verbose.
    #[must_use]
    pub fn new(
        columns: Vec<String>,
        widest: usize,
        verbosity: Verbosity,
        language: Language,
    ) -> Self {
        Self {
            columns,
            width: widest.min(NAME),
            named: match verbosity {
                Verbosity::Verbose => usize::MAX,
                Verbosity::Quiet | Verbosity::Normal => NAMED,
            },
            language,
        }
    }

    fn is_grid(&self) -> bool {
        self.columns.len() <= GRID && self.width + 2 + 3 * self.columns.len() <= width()
    }

    /// A set of many names as its first ones and the number of the others.
    fn short(&self, name: &str) -> String {
        let names: Vec<&str> = name.split(" | ").collect();
        let (told, more) = names.split_at(names.len().min(self.named));
        match (more.len(), self.language) {
            (0, _) => name.to_owned(),
            (more, Language::English) => {
                format!("{} … and {} more", told.join(" | "), number(more))
            }
            (more, Language::Chinese) => {
                format!("{} ……另有 {} 个", told.join(" | "), number(more))
            }
        }
    }

    /// Above the rows: the columns and their numbers.
    #[must_use]
    pub fn head(&self) -> String {
        if !self.is_grid() {
            return String::new();
        }
        let names = self.columns.iter().enumerate();
        let names: Vec<String> =
            names.map(|(index, name)| format!("{} {}", index + 1, self.short(name))).collect();
        let word = match self.language {
            Language::English => "to: ",
            Language::Chinese => "目标：",
        };
        let mut text = String::new();
        let indent = columns(word);
        for (index, row) in rows_of(&names, width() - indent).iter().enumerate() {
            let line = Line::indented(0).then(if index == 0 { word } else { "" });
            text += &line.blank_to(indent).then(row).end();
        }
        let mut line = Line::indented(0).blank_to(self.width + 1);
        for index in 1..=self.columns.len() {
            line = line.styled(FAINT, &format!(" {index:>2}"));
        }
        text + &line.end()
    }

    /// One row.
    #[must_use]
    pub fn row(&self, row: &MatrixRow) -> String {
        if self.is_grid() {
            let (above, name) = if columns(&row.from) > self.width {
                (paragraph(0, &self.short(&row.from), ""), "")
            } else {
                (String::new(), row.from.as_str())
            };
            let mut line = Line::indented(0).then(name).blank_to(self.width + 1);
            for cell in &row.cells {
                let (style, sign) = sign(*cell);
                line = line.styled(style, &format!("  {sign}"));
            }
            return above + &line.end();
        }
        let mut text = paragraph(0, &self.short(&row.from), "");
        let verdicts =
            [Verdict::Reachable, Verdict::Partial, Verdict::Undetermined, Verdict::Unreachable];
        for verdict in verdicts {
            let cells = self.columns.iter().zip(&row.cells);
            let names: Vec<&str> = cells
                .filter(|(_, cell)| **cell == Some(verdict))
                .map(|(name, _)| name.as_str())
                .collect();
            let (_, sign) = sign(Some(verdict));
            let word = verdict_word(verdict, self.language);
            match (names.len(), verdict) {
                (0, _) => {}
                (count, Verdict::Unreachable) => {
                    text += &paragraph(2, &format!("{sign} {word}: {}", number(count)), "");
                }
                (count, _) => {
                    let told: Vec<String> = names.iter().map(|name| self.short(name)).collect();
                    let told = told.iter().take(self.named);
                    let told: Vec<&str> = told.map(String::as_str).collect();
                    let more = match (count - told.len(), self.language) {
                        (0, _) => String::new(),
                        (more, Language::English) => format!(", … and {} more", number(more)),
                        (more, Language::Chinese) => format!("，……另有 {} 个", number(more)),
                    };
                    let names = several(&told, self.language);
                    let count = number(count);
                    text += &paragraph(2, &format!("{sign} {word}: {count}: {names}{more}"), "");
                }
            }
        }
        text
    }

    /// How to see less or more of a wide matrix.
    fn hint(&self) -> String {
        let all = number(self.columns.len());
        let hint = match self.language {
            Language::English => format!(
                "{all} columns: --collapse tells equal ones once, --by vpc less, -v every name, --format csv every cell"
            ),
            Language::Chinese => format!(
                "共 {all} 列：--collapse 合并相同的行列，--by vpc 更粗略，-v 列出所有名称，--format csv 列出每一格"
            ),
        };
        paragraph(0, &hint, "")
    }

    /// Below the rows: what the signs mean.
    #[must_use]
    pub fn legend(&self) -> String {
        if !self.is_grid() {
            return self.hint();
        }
        let verdicts =
            [Verdict::Reachable, Verdict::Partial, Verdict::Unreachable, Verdict::Undetermined];
        let words = verdicts.map(|verdict| {
            let (_, sign) = sign(Some(verdict));
            format!("{sign} {}", verdict_word(verdict, self.language))
        });
        let none = match self.language {
            Language::English => "· itself",
            Language::Chinese => "· 自身",
        };
        let words: Vec<String> = words.into_iter().chain([none.to_owned()]).collect();
        let rows = rows_of(&words, width());
        rows.join("\n") + "\n"
    }
}

fn sign(cell: Option<Verdict>) -> (anstyle::Style, &'static str) {
    match cell {
        Some(Verdict::Reachable) => (GOOD, "✓"),
        Some(Verdict::Partial) => (DOUBT, "~"),
        Some(Verdict::Unreachable) => (BAD, "✗"),
        Some(Verdict::Undetermined) => (DOUBT, "?"),
        None => (FAINT, "·"),
    }
}

/// How much was computed.
#[must_use]
pub fn effort_text(effort: Effort, language: Language) -> String {
    let Effort { instances, classes, rules } = effort;
    let instances = big(instances);
    let [classes, rules] = [classes, rules].map(number);
    match language {
        Language::English => format!("{instances} instances, {classes} classes, {rules} rules\n"),
        Language::Chinese => format!("{instances} 个实例，{classes} 个等价类，{rules} 条规则\n"),
    }
}

fn word(cell: Option<Verdict>) -> &'static str {
    cell.map_or("", Verdict::name)
}

/// A row of CSV: the verdicts by name, nothing where there is no pair.
#[must_use]
pub fn csv_row(row: &MatrixRow) -> String {
    let cells = row.cells.iter().map(|cell| word(*cell));
    csv_line(std::iter::once(row.from.as_str()).chain(cells))
}

/// The head of a Markdown table.
#[must_use]
pub fn markdown_head(columns: &[String], language: Language) -> String {
    let corner = match language {
        Language::English => "from \\\\ to",
        Language::Chinese => "来源 \\\\ 目标",
    };
    let names = columns.iter().map(|name| super::difference::escaped(name));
    let names: Vec<String> = names.collect();
    format!("| {corner} | {} |\n|{}\n", names.join(" | "), " --- |".repeat(columns.len() + 1))
}

/// A row of a Markdown table.
#[must_use]
pub fn markdown_row(row: &MatrixRow, language: Language) -> String {
    let cells = row.cells.iter().map(|cell| match cell {
        Some(verdict) => {
            let (_, sign) = sign(Some(*verdict));
            format!("{sign} {}", verdict_word(*verdict, language))
        }
        None => String::new(),
    });
    let cells: Vec<String> = cells.collect();
    let name = super::difference::escaped(&row.from);
    format!("| {name} | {} |\n", cells.join(" | "))
}

/// A row for scripts: null where there is no pair.
#[must_use]
pub fn row_json(row: &MatrixRow) -> Value {
    let cells = row.cells.iter().map(|cell| cell.map(Verdict::name));
    json!({ "from": row.from, "verdicts": cells.collect::<Vec<_>>() })
}

/// Where the budget was not enough: how many cells that left undetermined.
#[must_use]
pub fn matrix_exceeded(exceeded: Exceeded, cells: usize, language: Language) -> String {
    let why = exceeded_text(exceeded, language);
    match language {
        Language::English => {
            format!("undetermined pairs: {cells}; not all could be computed: {why}\n")
        }
        Language::Chinese => format!("未决：{cells} 对；未能全部计算：{why}\n"),
    }
}

/// What comes after the rows of `pathproof.matrix/1`.
#[must_use]
pub fn json_end(exceeded: Option<Exceeded>, language: Language) -> String {
    format!("],\"exceeded\":{}}}\n", exceeded_json(exceeded, language))
}

/// What comes before the rows of `pathproof.matrix/1`: an object that is still open, and so is its list of rows. It tells
/// which slice of the rows it has, unless it has all.
#[must_use]
pub fn json_head(
    columns: &[String],
    (by, service, shard): (&str, &str, Option<&str>),
    effort: Effort,
    warnings: &[Value],
) -> String {
    let head = json!({
        "schema": "pathproof.matrix/1",
        "by": by,
        "service": service,
        "shard": shard,
        "instances": u64::try_from(effort.instances).unwrap_or(u64::MAX),
        "classes": effort.classes,
        "rules": effort.rules,
        "columns": columns,
        "diagnostics": warnings,
    });
    let head = head.to_string();
    format!("{},\"rows\":[", head.strip_suffix('}').unwrap_or(&head))
}
