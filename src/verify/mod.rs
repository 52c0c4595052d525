//! Judgement: expectations against answers, stage by stage.
//!
//! | module | what it does |
//! |---|---|
//! | `select` | which endpoints a selector means |
//! | `answer` | every pair, every packet, one verdict |
//! | `judge` | an expectation against its answer |
//! | `run` | base, steps, what-ifs of a file |
//! | `explain` | one connection, with the way of one packet |
//! | `difference` | what two networks let through differently |
//! | `grid` | who reaches whom in one network, and why not |
//! | `survey` | a file with all that a page tells of it |
//! | `reach` | which packets work between two sets, which do not |
//! | `report` | what came of it, as data for every format |

mod answer;
mod difference;
mod explain;
mod grid;
mod judge;
mod reach;
mod report;
mod run;
mod select;
mod survey;

pub use answer::{Answer, Witness, answer, endpoint_of, packets, party_of, services};
pub use difference::{Difference, Piece, Turn, difference};
pub use explain::{TraceQuestion, explain};
pub use grid::{Grid, GridCell, GridEnd, grid};
pub use judge::judge;
pub use reach::{Part, Reached, reach};
pub use report::{
    ChangeReport, ExpectationReport, FileReport, Found, Note, Outcome, Sample, StageKind,
    StageReport, Summary, TraceReport,
};
pub use run::{Situation, applied, base, rerun, run, situation};
pub use select::{Selection, Side, Through, select};
pub use survey::{Drawn, Survey, survey};
