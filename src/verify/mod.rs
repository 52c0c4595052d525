//! Judgement: expectations against answers, stage by stage.
mod answer;
mod report;
mod select;

pub use answer::{Answer, Witness, answer, endpoint_of, packets, party_of, services};
pub use report::{
    ChangeReport, ExpectationReport, FileReport, Found, Note, Outcome, Sample, StageKind,
    StageReport, Summary, TraceReport,
};
pub use select::{Selection, Side, Through, select};
