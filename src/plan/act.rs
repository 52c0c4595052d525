//! One step: what it comes to in a network, and whether it can be taken there.

use super::Rule;
use super::court::Scene;
use super::deed::{Kind, Work, done, moving};
use super::finish::{finish, is_same};
use super::numbers::Numbers;
use super::search::{Blocked, Search, State, Taken, Why};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::between::Part;
use crate::model::{Change, Network, Refusal, apply};
use crate::query::During;

/// Whether machines that restart excuse a promise also after the step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Strict {
    Yes,
    No,
}

impl Search<'_> {
    /// The network after some deeds and moves, if the cloud lets them through and everything is kept.
    pub(super) fn tried(
        &mut self,
        state: &State,
        together: &[usize],
        machines: &Numbers,
        strict: Strict,
    ) -> Result<(State, Vec<Change>), Blocked> {
        let tried = self.attempted(state, together, machines, strict);
        if let (Err(blocked), Some(notes)) = (&tried, &mut self.notes) {
            notes.note(blocked, state, (together, machines));
        }
        tried
    }

    fn attempted(
        &mut self,
        state: &State,
        together: &[usize],
        machines: &Numbers,
        strict: Strict,
    ) -> Result<(State, Vec<Change>), Blocked> {
        let mut done = state.done.clone();
        done.join(&together.iter().copied().collect());
        done.join(machines);
        let due = self.due(machines, strict);
        let meanwhile = self.relaxed != Some(Rule::Restart);
        let none = Numbers::default();
        let restarts = if meanwhile { machines } else { &none };
        let known = self.court.known_broken(&done, &due, restarts);
        if !known.is_empty() {
            return Err(Blocked::Promises(known));
        }
        let (network, changes) = self
            .changes(&state.network, together, machines)
            .map_err(|refusal| Blocked::Refused(refusal.message))?;
        let scene = Scene { network: &network, done: &done };
        let mut broken = self.court.broken(&scene, &due);
        if broken.is_empty() && !restarts.is_empty() {
            let kept = self.kept.clone();
            broken = self.court.broken_meanwhile(&scene, &kept, restarts);
        }
        if !broken.is_empty() {
            return Err(Blocked::Promises(broken));
        }
        let is_idle = network == state.network;
        let changes = if is_idle { Vec::new() } else { changes };
        Ok((State { network, done }, changes))
    }

    /// What some deeds and moves come to: machines first, then names.
    pub(super) fn changes(
        &self,
        now: &Network,
        together: &[usize],
        machines: &Numbers,
    ) -> Result<(Network, Vec<Change>), Refusal> {
        let mut changes = Vec::new();
        let mut now = now.clone();
        let mut does = |now: &mut Network, some: Vec<Change>| {
            for change in some {
                *now = apply(now, &change)?;
                changes.push(change);
            }
            Ok::<(), Refusal>(())
        };
        if !machines.is_empty() {
            let ids = machines.iter().map(|at| self.id(at).clone());
            let moves = moving(self.task, &now, &ids.collect::<Vec<Id>>());
            does(&mut now, moves)?;
        }
        let mut parts: Vec<Part> = Vec::new();
        for at in together {
            match &self.deeds[*at].work {
                Work::Create(own) => parts.extend(own.iter().cloned()),
                work => {
                    let some = done(self.task, &now, work);
                    does(&mut now, some)?;
                }
            }
        }
        if !parts.is_empty() {
            let some = done(self.task, &now, &Work::Create(parts));
            does(&mut now, some)?;
        }
        Ok((now, changes))
    }

    pub(super) fn id(&self, machine: usize) -> &Id {
        &self.machines[machine - self.deeds.len()]
    }

    /// The promises that are due after a step in which these machines restart.
    fn due(&self, restarts: &Numbers, strict: Strict) -> Vec<usize> {
        let kept = self.kept.iter().copied();
        kept.filter(|at| match self.promises[*at].during() {
            During::Always => true,
            During::ExceptWhileRestarting => {
                strict == Strict::Yes || !self.court.about(*at).meets(restarts)
            }
            During::AtEnd => false,
        })
        .collect()
    }

    /// The last step, if the network is the goal after it, which keeps everything.
    pub(super) fn last(&mut self, state: &State) -> Result<Taken, Why> {
        let refused = |search: &mut Self, words: Words| search.blamed(&Blocked::Refused(words));
        let (changes, network) = match finish(self.task, &state.network) {
            Ok(found) => found,
            Err(refusal) => return Err(refused(self, refusal.message)),
        };
        if !is_same(&network, &self.task.goal) {
            let words = Words::new(
                "the goal differs in something that no step changes",
                "目标与当前网络的某些差异无法由任何步骤完成",
            );
            return Err(refused(self, words));
        }
        Ok(Taken {
            kind: Kind::Finish,
            name: Words::new("end what is old", "清理旧资源"),
            deeds: Vec::new(),
            machines: Numbers::default(),
            changes,
        })
    }
}
