//! Judgement: expectations against answers, stage by stage.
//!
//! | module | what it does |
//! |---|---|
//! | `select` | which endpoints a selector means |
//! | `selection` | the endpoints that are meant, as a set |
//! | `answer` | every pair, every packet, one verdict |
//! | `choice` | databases with several addresses |
//! | `party` | who the engines' parties are |
//! | `alike` | ends that stand for others like them |
//! | `bundle` | parts of `reach` with the same fate, told together |
//! | `budget` | what is said where the budget was not enough |
//! | `group` | ends that are answered together |
//! | `judge` | an expectation against its answer |
//! | `run` | base, steps, what-ifs of a file |
//! | `failures` | which promises break when something fails |
//! | `explain` | one connection, with the way of one packet |
//! | `fix` | the smallest changes that open or close a connection |
//! | `kept` | what a comparison leaves for the next one with the same network |
//! | `land` | networks side by side: the ends that they have in common |
//! | `desk` | the arena of sets, lent to one network after the other |
//! | `divide` | alike ends that a further network tells apart |
//! | `difference` | what two networks let through differently |
//! | `meetings` | which ends can meet differently, place by place |
//! | `compare` | every pair that works differently, as sets |
//! | `moves` | what another line carries than before |
//! | `survey` | a file with all that a page tells of it |
//! | `pieces` | what of it goes together, and why |
//! | `intent` | what a change is meant to do, against what it does |
//! | `attribution` | which changes that is due to |
//! | `decision` | which rule, route or link decides instead |
//! | `shift` | what is blocked in both, by something else |
//! | `touched` | which ends a change can have touched at all |
//! | `split` | a set in parts that are blocked by the same |
//! | `example` | an answer that stands for several pairs, told for each |
//! | `rewritten` | the headers on both sides of every device that rewrites them |
//! | `summary` | many ends in few words |
//! | `mapped` | which packets of a mapped address are meant for whom |
//! | `matrix` | everybody to everybody |
//! | `reach` | which packets work between two sets, which do not |
//! | `unmodelled` | what the file says is not modelled |
//! | `report` | what came of it, as data for every format |

mod alike;
mod answer;
mod attribution;
mod budget;
mod bundle;
mod choice;
mod compare;
mod decision;
mod desk;
mod difference;
mod divide;
mod edit;
mod everyone;
mod example;
mod explain;
mod failures;
mod fix;
mod group;
mod intent;
mod judge;
mod kept;
mod land;
mod mapped;
mod matrix;
mod meetings;
mod moves;
mod party;
mod pieces;
mod reach;
mod report;
mod rewritten;
mod run;
mod select;
mod selection;
mod shift;
mod split;
mod summary;
mod survey;
mod touched;
mod unmodelled;
mod untold;

pub use answer::{Answer, End, Witness, answer, packets, pairs, services};
pub use attribution::Causes;
pub use budget::exceeded;
pub use bundle::{Bundle, Overview, Stop, overview};
pub use decision::Decider;
pub use difference::{Absent, Deed, Depth, Difference, Piece, Request, Scope, Shift, difference};
pub use edit::Edit;
pub use explain::{TraceQuestion, explain};
pub use failures::{AtOnce, Broken, Failures, Open, Sweep, sweep};
pub use fix::{
    Fix, FixQuestion, Fixes, Goal, Pairs as FixPairs, RefusedChange, Stuck, Why, fix, is_liftable,
    pairs_of,
};
pub use intent::{Declared, DeclaredOutcome, IntentReport};
pub use judge::judge;
pub use land::Who;
pub use matrix::{
    By, ClassAnswer, ClassBlock, ClassMatrix, ClassMember, Effort, Grid, GridCell, GridEnd,
    GridTable, Matrix, MatrixRow, effort, grid,
};
pub use moves::Move;
pub use party::{endpoint_of, party_of};
pub use reach::{Part, Reached, reach};
pub use report::{
    ChangeReport, ExpectationReport, FileReport, Found, Note, Outcome, Sample, StageKind,
    StageReport, Summary, TraceReport,
};
pub use rewritten::{Header, Rewritten};
pub use run::{
    Read, Situation, applied, base, judged, rerun, run, run_read, situation, situations,
};
pub use select::{Side, select};
pub use selection::{Selection, Through};
pub use summary::Crowd;
pub use survey::{Drawn, Survey, survey};

pub use crate::space::{Allowance, Asker, Budget, Exceeded, Wanted};

pub use crate::model::between::{Part as ChangedPart, Turned, differences};
pub use untold::{Untold, Untolds, untold};
