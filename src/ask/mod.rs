//! Questions and their documents: what the command line, HTTP and assistants answer, from one place.
//!
//! | module | what it does |
//! |---|---|
//! | `asked` | a file and one of its networks |
//! | `ends` | who and what is asked about |
//! | `connection` | `trace` and `reach` |
//! | `certificate` | why their verdicts hold, for who trusts no engine |
//! | `matrix` | `matrix` |
//! | `difference` | `whatif` and `diff` |
//! | `fix` | `fix` |
//! | `told` | `links`, `lint`, `list` |
//! | `words` | `explain` and `schema` |
//! | `wrong` | why there is no answer |
//! | `tools` | the questions by name, and their fields |
//! | `resident` | files that stay loaded and compiled |
//! | `page` | what a page shows beside the documents |
//! | `question` | a question by name, answered by what is resident |
//!
//! A command loads a file and asks once; who serves asks a [`Resident`], which loads again when a file looks different.
//! Both come to the same functions, so that the same question has the same document everywhere. Arguments, disk and clock
//! are not known here.

mod asked;
mod certificate;
mod connection;
mod difference;
mod ends;
mod fix;
mod matrix;
mod page;
mod question;
mod resident;
mod told;
mod tools;
mod words;
mod wrong;

pub use asked::{Asked, to_read};
pub use certificate::{
    Certificates, WHATIF, certified, certified_expectations, certified_side, only_of_base,
    whatif_text,
};
pub use connection::{Between, reach_document, reach_of, trace_document, trace_of};
pub use difference::{Asking, Compared, Two, compare, difference_document};
pub use ends::{asked_selector, nobody, selector, traffic};
pub use fix::{change_list, fix_document, fix_of, fix_scene, mends_of};
pub use matrix::{BY, MatrixJson, class_matrix_of, matrix_document, matrix_of};
pub use page::stage_words;
pub use question::{Answer, CERTIFICATES, CERTIFY};
pub use resident::{Book, Reach, Resident, Shelf, Stamp, Watched};
pub use told::{link_filter, links_document, lint_of, list_document, says};
pub use tools::{Field, Holds, Need, TOOLS, Tool, language};
pub use words::{Topic, explain_document, schema_document, topic, unknown};
pub use wrong::{Unanswered, Wrong};

use crate::verify::Budget;
pub use crate::verify::{Asker, Wanted};

/// How a question is answered.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How much it may take.
    pub budget: Budget,
    /// The date, `YYYY-MM-DD` in UTC, for waivers.
    pub today: String,
}
