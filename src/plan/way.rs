//! From a search to a plan: the fewest windows that are found, everything asked again, and why each step stands where it does.

use super::act::Strict;
use super::court::{Kept, Scene};
use super::deed::{Kind, Need};
use super::numbers::Numbers;
use super::promise::Promise;
use super::search::{Blocked, FEW, Found, Search, State, Taken};
use super::task::Task;
use super::{Conflict, Earlier, Outcome, Step};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Network, apply};
use crate::query::During;
use crate::scenario::Scenario;
use crate::verify::Budget;

/// So often a promise that hung on more than it looked is asked anew.
const AGAIN: usize = 4;

/// Of so many steps, each is tried at every place before its own; of more, only right before the one before it.
const SEVERAL: usize = 40;

/// What a plan has to be found for, and how much that may take.
pub struct Terms<'a> {
    /// The date, for waivers: `YYYY-MM-DD` in UTC.
    pub today: &'a str,
    /// How much one judgement may take.
    pub budget: Budget,
    /// Is told how many of all moves the way that is tried has done.
    pub told: &'a dyn Fn(usize, usize),
    /// The English or Chinese name of a step that is to be explained, however many there are.
    pub explain: Option<&'a str>,
}

/// Finds steps that lead from one network to the other and keep all promises.
#[must_use]
pub fn plan(task: &Task, promises: &[Promise], scenario: &Scenario, terms: &Terms<'_>) -> Outcome {
    let within = (terms.today, terms.budget);
    Search::new(task, promises, scenario, within, terms.told).planned(terms.explain)
}

/// A plan with the networks on its way.
struct Way {
    /// Before each step.
    before: Vec<State>,
    steps: Vec<Taken>,
    /// The network after each step.
    after: Vec<Network>,
    /// The promises that hold then.
    kept: Vec<Vec<usize>>,
}

impl Way {
    /// What there is to ask again: after every step, and while its machines restart.
    fn scenes(&self, promises: &[Promise]) -> Vec<(Network, Vec<usize>, Numbers)> {
        let mut scenes = Vec::new();
        let steps = self.steps.iter().zip(&self.after).zip(&self.kept);
        for ((step, network), kept) in steps {
            scenes.push((network.clone(), kept.clone(), Numbers::default()));
            if !step.machines.is_empty() {
                let always = kept.iter().copied();
                let always = always.filter(|at| promises[*at].during() == During::Always);
                scenes.push((network.clone(), always.collect(), step.machines.clone()));
            }
        }
        scenes
    }
}

impl Search<'_> {
    /// A plan, asked again as a whole: what was wrong about a promise is not believed any more.
    fn planned(mut self, explain: Option<&str>) -> Outcome {
        let promises = self.promises;
        let kept: Vec<usize> = (0..promises.len()).collect();
        let lasting = kept.iter().copied();
        let lasting = lasting.filter(|at| promises[*at].during() != During::AtEnd);
        let lasting: Vec<usize> = lasting.collect();
        let start = self.start();
        let scene = Scene { network: &start.network, done: &start.done };
        let broken = self.court.broken(&scene, &lasting);
        if let Some(first) = broken.first() {
            return Outcome::Impossible(Conflict {
                promises: vec![*first],
                hurdles: self.at_the_beginning(*first),
                rules: Vec::new(),
                refused: Some(Words::new(
                    "it does not hold at the beginning",
                    "起始网络不满足该期望",
                )),
            });
        }
        for _ in 0..AGAIN {
            let steps = match self.find(&kept) {
                Found::Steps(steps) => steps,
                Found::Nothing(why) => {
                    self.kept = kept;
                    return self.conflict(&why);
                }
                Found::TooLong => return Outcome::GivenUp(self.court.asked),
            };
            let (steps, least) = self.fewer(steps);
            let steps = self.trimmed(steps);
            let way = self.way(&steps, &lasting);
            let wrong = self.court.wrong(&way.scenes(promises));
            if wrong.is_empty() {
                return Outcome::Found(self.explained(&way, explain), least);
            }
            let all = self.all();
            for promise in wrong {
                self.court.mistrust(promise, &all);
            }
        }
        Outcome::GivenUp(self.court.asked)
    }

    /// A plan with fewer windows, if there is one within what is left to try; and how many there have to be. Where every way
    /// to divide the machines was tried in vain, that is as many as were found.
    fn fewer(&mut self, mut steps: Vec<Taken>) -> (Vec<Taken>, usize) {
        let mut least = self.least();
        let exact = self.machines.len() <= FEW;
        while windows(&steps) > least {
            let most = windows(&steps) - 1;
            let mut found = None;
            let mut all_tried = exact;
            for stage in [Need::Early, Need::Beside, Need::Linked, Need::Connected] {
                let any = self.deeds.iter().any(|deed| deed.need == stage);
                if !any && stage > Need::Early {
                    continue;
                }
                self.exact = exact;
                match self.within(stage, most) {
                    Found::Steps(better) => {
                        found = Some(better);
                        break;
                    }
                    Found::Nothing(_) => {}
                    Found::TooLong => all_tried = false,
                }
            }
            self.exact = false;
            match found {
                Some(better) => steps = better,
                None if all_tried => least = windows(&steps),
                None => break,
            }
        }
        (steps, least)
    }

    /// Leaves out what is only for a time and not needed.
    fn trimmed(&mut self, mut steps: Vec<Taken>) -> Vec<Taken> {
        let all = steps.iter().flat_map(|step| step.deeds.iter().copied());
        let mut beside: Vec<usize> = all.filter(|at| self.deeds[*at].need > Need::Early).collect();
        // names before what they lead to
        beside.sort_by_key(|at| std::cmp::Reverse(*at));
        if beside.len() < 2 {
            return steps;
        }
        self.stage = Need::Connected;
        for at in beside {
            if let Some(less) = self.without(&steps, at) {
                steps = less;
            }
        }
        steps
    }

    /// The same steps without one deed, if they can still be taken.
    fn without(&mut self, steps: &[Taken], deed: usize) -> Option<Vec<Taken>> {
        let mut state = self.start();
        let mut less = Vec::new();
        for step in steps.iter().filter(|step| step.kind != Kind::Finish) {
            let mut step = step.clone();
            step.deeds.retain(|at| *at != deed);
            if step.deeds.is_empty() && step.machines.is_empty() {
                continue;
            }
            let (next, changes) = self.retried(&state, &step)?;
            step.changes = changes;
            less.push(step);
            state = next;
        }
        less.push(self.last(&state).ok()?);
        Some(less)
    }

    fn retried(
        &mut self,
        state: &State,
        step: &Taken,
    ) -> Option<(State, Vec<crate::model::Change>)> {
        let mut try_as = |strict| self.tried(state, &step.deeds, &step.machines, strict).ok();
        try_as(Strict::Yes).or_else(|| try_as(Strict::No))
    }

    /// Goes the way once more, and sees what holds where.
    fn way(&mut self, steps: &[Taken], lasting: &[usize]) -> Way {
        let mut way =
            Way { before: Vec::new(), steps: Vec::new(), after: Vec::new(), kept: Vec::new() };
        let mut state = self.start();
        for step in steps {
            let before = state.clone();
            for change in &step.changes {
                if let Ok(next) = apply(&state.network, change) {
                    state.network = next;
                }
            }
            state.done.join(&step.deeds.iter().copied().collect());
            state.done.join(&step.machines);
            // nothing is left to be done
            if step.changes.is_empty() {
                continue;
            }
            let holds = if step.kind == Kind::Finish {
                let all: Vec<usize> = (0..self.promises.len()).collect();
                let found = self.court.judged(&state.network, &all, &Numbers::default());
                all.into_iter().zip(found).collect()
            } else {
                let scene = Scene { network: &state.network, done: &state.done };
                self.court.found(&scene, lasting, &Numbers::default())
            };
            let holds = holds.into_iter().filter(|(_, kept)| *kept == Kept::Holds);
            way.kept.push(holds.map(|(at, _)| at).collect());
            way.before.push(before);
            way.after.push(state.network.clone());
            way.steps.push(step.clone());
        }
        way
    }

    /// The steps, and why each does not come earlier.
    fn explained(&mut self, way: &Way, explain: Option<&str>) -> Vec<Step> {
        let mut steps = Vec::new();
        let several = way.steps.len() > SEVERAL;
        for (at, taken) in way.steps.iter().enumerate() {
            let is_meant = [taken.name.english(), taken.name.chinese()]
                .iter()
                .any(|name| Some(*name) == explain);
            let first = if several && !is_meant { at.saturating_sub(1) } else { 0 };
            let earlier = self.earlier(way, at, first);
            let restarts = taken.machines.iter().map(|at| self.id(at).clone());
            steps.push(Step {
                name: taken.name.clone(),
                kind: taken.kind,
                changes: taken.changes.clone(),
                restarts: restarts.collect::<Vec<Id>>(),
                kept: way.kept[at].clone(),
                earlier,
            });
        }
        steps
    }

    /// The last place before its own, not before `first`, at which a step could not be taken.
    fn earlier(&mut self, way: &Way, at: usize, first: usize) -> Earlier {
        if at == 0 {
            return Earlier::First;
        }
        self.kept = (0..self.promises.len()).collect();
        self.stage = Need::Connected;
        let step = &way.steps[at];
        for before in (first..at).rev() {
            let state = &way.before[before];
            let tried = if step.kind == Kind::Finish {
                self.ended(state, step)
            } else {
                self.tried(state, &step.deeds, &step.machines, Strict::No).map(|_| ())
            };
            match tried {
                Ok(()) => {}
                Err(Blocked::Promises(broken)) => {
                    let promise = broken.first().copied().unwrap_or_default();
                    return Earlier::Breaks { before, promise };
                }
                Err(Blocked::Refused(words)) => return Earlier::Refused { before, words },
            }
        }
        Earlier::Free
    }

    /// What the last step would break if it came now.
    fn ended(&mut self, state: &State, step: &Taken) -> Result<(), Blocked> {
        let mut network = state.network.clone();
        for change in &step.changes {
            network = apply(&network, change).map_err(|it| Blocked::Refused(it.message))?;
        }
        let lasting = self.kept.iter().copied();
        let lasting = lasting.filter(|at| self.promises[*at].during() != During::AtEnd);
        let lasting: Vec<usize> = lasting.collect();
        let found = self.court.judged(&network, &lasting, &Numbers::default());
        let broken = lasting.into_iter().zip(found);
        let broken = broken.filter(|(_, kept)| *kept == Kept::Broken);
        let broken: Vec<usize> = broken.map(|(at, _)| at).collect();
        if broken.is_empty() {
            return Ok(());
        }
        Err(Blocked::Promises(broken))
    }
}

fn windows(steps: &[Taken]) -> usize {
    let waves = steps.iter().filter(|step| step.kind == Kind::Machines);
    waves.count()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::plan::followed;
    use crate::scenario::{Files, load};

    struct Text(&'static str);

    impl Files for Text {
        fn read(&self, _path: &str) -> io::Result<Vec<u8>> {
            Ok(self.0.into())
        }
    }

    fn scenario(text: &'static str) -> Scenario {
        load("plan.ron", &Text(text)).scenario.expect("a scenario")
    }

    fn names(outcome: &Outcome) -> Vec<&str> {
        let Outcome::Found(steps, _) = outcome else {
            panic!("no plan: {outcome:?}");
        };
        steps.iter().map(|step| step.name.english()).collect()
    }

    /// As if promises hung on nothing that happens: the first way is wrong, is found to be, and the plan is as it was.
    #[test]
    fn a_way_that_breaks_a_promise_when_it_is_asked_again_is_not_a_plan() {
        let from = scenario(include_str!("../../scenarios/migration/public-balancer.start.ron"));
        let goal = scenario(include_str!("../../scenarios/migration/public-balancer.goal.ron"));
        let task = Task::between(from.network.clone(), goal.network.clone());
        let promises = followed(&task, &from.base);
        let within = ("2027-01-31", Budget::default());
        let search = || Search::new(&task, &promises, &from, within, &|_, _| ());
        let right = search().planned(None);

        let mut blind = search();
        for promise in 0..promises.len() {
            blind.court.mistrust(promise, &Numbers::default());
        }
        let lasting: Vec<usize> = (0..promises.len()).collect();
        let Found::Steps(steps) = blind.find(&lasting) else {
            panic!("nothing stands in the way of a blind search");
        };
        let way = blind.way(&steps, &lasting);
        assert_eq!(
            blind.court.wrong(&way.scenes(&promises)),
            [0],
            "the shop is closed while both servers move"
        );

        let mut blind = search();
        for promise in 0..promises.len() {
            blind.court.mistrust(promise, &Numbers::default());
        }
        assert_eq!(names(&blind.planned(None)), names(&right));
    }
}
