//! Pictures of a network: its topology as nested boxes, and one connection drawn through it.
//!
//! | module | from | to |
//! |---|---|---|
//! | `around` | ids | those around which it can be drawn |
//! | `boxes` | | the words of this room: blocks, wires, a journey |
//! | `estate` (`homes`, `gather`, `wires`) | a network | blocks in blocks, and the wires between them |
//! | `journey` | a trace | the blocks that a packet passes, blockers as lines of the blocks that stop it |
//! | `fold` | a large picture | the same in few blocks: what matters by itself, the rest counted |
//! | `words` | | the texts of the blocks, in both languages |
//! | `place` (`width`) | blocks | a rectangle for each block and each line of text |
//! | `route` | rectangles | a line for each wire that crosses no leaf and no text |
//! | `svg`, `dot`, `mermaid` | | one file a format |
//!
//! All of it is plain data: what is drawn is decided up to `journey`, and every format tells it. Only SVG
//! needs places; DOT and Mermaid leave them to who reads them.

mod around;
mod boxes;
mod dot;
mod estate;
mod fold;
mod gather;
mod homes;
mod journey;
mod mermaid;
mod place;
mod route;
mod svg;
mod width;
mod wires;
mod words;

pub use around::around;
pub use boxes::{Block, BlockIx, Journey, Line, Part, Picture, Shape, Tone, Wire, WireKind};
pub use dot::dot;
pub use fold::Folded;
pub use mermaid::mermaid;
pub use place::{Layout, Rect, Text, layout};
pub use svg::{STYLE, inline, svg};

use super::scene::Scene;
use crate::id::Id;
use crate::verify::TraceReport;

/// How much of a network is drawn.
#[derive(Clone, Debug, Default)]
pub enum View {
    /// Folded where it would be too much to look at.
    #[default]
    Fitting,
    /// What is on the way of the connection, the rest folded also of a network that is not large: for a picture beside a text.
    Beside,
    /// What stands around these, the rest folded.
    Around(Vec<Id>),
    /// Everything.
    Whole,
}

/// Draws the network of a scene, and a connection through it; and tells what is folded.
#[must_use]
pub fn picture(
    scene: Scene<'_>,
    title: &str,
    asked: Option<&TraceReport>,
    view: &View,
) -> (Picture, Option<Folded>) {
    let mut keep = asked.map(journey::named).unwrap_or_default();
    if let View::Around(ids) = view {
        keep.extend(ids.iter().cloned());
    }
    let mut estate = estate::Estate::new(scene.network, scene.language, keep);
    estate.fill();
    let journey = asked.map(|report| journey::journey(&mut estate, scene, report));
    let around: Vec<BlockIx> = match view {
        View::Around(ids) => ids.iter().filter_map(|id| estate.block_of(id)).collect(),
        View::Fitting | View::Beside | View::Whole => Vec::new(),
    };
    let picture = estate.finish(title, journey);
    match view {
        View::Whole => (picture, None),
        View::Beside => fold::fold(picture, &around, fold::BESIDE),
        View::Fitting | View::Around(_) => fold::fold(picture, &around, fold::SMALL),
    }
}
