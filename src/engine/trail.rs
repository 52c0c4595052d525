//! The ways of a pair as a proof tells them: every stage that the packets meet until they are home or lost for good.
//!
//! What lies behind a stop is not followed, as for [`super::Reacher::sets`]; filters are noted and not judged, so whoever
//! proves something divides the packets by the rules that decide.

use std::sync::Arc;

use super::judge::{is_unsaid, settle};
use super::reach::{Pair, Reacher, down, meant, source_is_down};
use super::session::replies;
use super::walk::{Detail, Path, Step, What};
use crate::query::Cause;
use crate::space::{Set, View};

use super::flow::Batch;

/// One direction of a way.
#[derive(Clone, Debug)]
pub struct Leg {
    /// The original packets that take it.
    pub set: Set,
    /// Its points in order.
    pub steps: Vec<Step<View>>,
}

/// A way there, and the ways of its replies.
#[derive(Clone, Debug)]
pub struct Trail {
    /// The way there.
    pub there: Leg,
    /// The ways back; none if nothing arrives.
    pub back: Vec<Leg>,
    /// Why its opener sends nothing at all.
    pub silent: Option<Arc<Cause>>,
    /// It ends where the model ends (D20-18).
    pub unsaid: bool,
}

impl Leg {
    fn of(path: Path<Batch>) -> Self {
        Self { set: path.flow.set, steps: path.steps }
    }

    /// What stops all of its packets, and after how many points.
    #[must_use]
    pub fn stop(&self) -> Option<(usize, &Arc<Cause>)> {
        let mut steps = self.steps.iter().enumerate();
        steps.find_map(|(index, step)| match &step.what {
            What::Stop(cause) => Some((index, cause)),
            What::Filter(_) | What::Pass { .. } => None,
        })
    }
}

impl Reacher<'_> {
    /// The ways of a pair, there and back.
    pub fn trails(&mut self, pair: &Pair) -> Vec<Trail> {
        let fabric = self.fabric();
        let silent = source_is_down(fabric, pair.from);
        let silent = silent.then(|| Arc::new(down(fabric, pair.from)));
        let opener = meant(pair.from, &pair.source);
        let (_, ways) = self.ways_of(pair);
        let mut trails = Vec::new();
        for path in ways {
            let unsaid = is_unsaid(&path);
            let back = replies(fabric, &mut self.space, &path, (opener.clone(), Detail::Sets));
            let back = back.into_iter();
            let back = back.map(|path| Leg::of(settle(fabric, path, pair.to, pair.from)));
            trails.push(Trail {
                back: back.collect(),
                there: Leg::of(path),
                silent: silent.clone(),
                unsaid,
            });
        }
        trails
    }
}
