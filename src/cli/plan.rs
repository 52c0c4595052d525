//! `pathproof whatif --terraform`: what a plan opens and closes, resource by resource.

use std::collections::BTreeMap;
use std::io;

use super::args::Global;
use super::exit::Exit;
use super::import::{configuration, refuse};
use super::one::{open, tell};
use super::output::Output;
use super::whatif::{WhatifArgs, answer, read};
use crate::ask::Two;
use crate::ask::to_read;
use crate::code::Language;
use crate::diagnostic::{Sources, visible};
use crate::import::terraform::{self, BeforeAndAfter, ResourceChange, before_and_after};
use crate::import::{self, Document, Imported, Outcome};
use crate::scenario::{Files, load_within};
use crate::verify::{
    Budget, ChangedPart as Part, Deed, Situation, Turned, base, differences, untold,
};

/// Runs `whatif` on a plan.
pub fn run(plan: &str, args: &WhatifArgs, global: &Global, output: &mut Output) -> Exit {
    let budget = args.asked.budget.budget;
    let asked = match args.file.as_ref().map(|file| open(file, &args.at, budget, global, output)) {
        Some(Err(exit)) => return exit,
        Some(Ok(asked)) => Some(asked),
        None => None,
    };
    let Some(text) = read(plan, global, output) else {
        return Exit::Unusable;
    };
    let both = configuration(args.config.as_deref()).and_then(|config| {
        let options =
            terraform::Options { region: args.region.clone(), language: global.language(), config };
        before_and_after(&text, &options)
    });
    let both = match both {
        Ok(both) => both,
        Err(error) => {
            refuse(&error, global, output);
            return Exit::Unusable;
        }
    };
    let sides = [("<before>", &both.before), ("<after>", &both.after)];
    let mut situations = Vec::new();
    for (name, imported) in sides {
        match situation((name, &imported.document), budget, global, output) {
            Some(situation) => situations.push(situation),
            None => return Exit::Unusable,
        }
    }
    let (Some(new), Some(old)) = (situations.pop(), situations.pop()) else {
        return Exit::Unusable;
    };
    output.note(&notes(&both, global.language()));
    let (names, deeds, owners) = deeds(&both, &old.0, &new.0, global.language());
    let networks = [&*old.0.network, &*new.0.network];
    let left = untold(networks, &|address| deed(&both, &owners, address));
    let two = Two {
        written: Vec::new(),
        old,
        new,
        deeds,
        names,
        changes: Vec::new(),
        warnings: asked.as_ref().map_or_else(Vec::new, |asked| asked.warnings(global.language())),
        left,
    };
    let path = args.file.as_deref().unwrap_or(plan);
    answer(path, (asked.as_ref(), None), &two, &args.asked, global, output)
}

/// A text in memory.
struct Text<'a>(&'a str);

impl Files for Text<'_> {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.as_bytes().to_vec())
    }
}

/// One side of a plan, by the road that every scenario takes.
fn situation(
    (name, document): (&str, &Document),
    budget: Budget,
    global: &Global,
    output: &mut Output,
) -> Option<(Situation, Sources)> {
    let text = import::write(document);
    let loaded = load_within(name, &Text(&text), to_read(budget));
    let Some(scenario) = loaded.scenario else {
        tell(&loaded.sources, &loaded.diagnostics, global, output);
        return None;
    };
    Some((base(&scenario), loaded.sources))
}

/// What could not be brought over, or had to be made up: the answer holds for these.
fn notes(both: &BeforeAndAfter, language: Language) -> String {
    let notes = |imported: &Imported| {
        let notes = imported.notes.iter();
        let notes = notes.filter(|note| {
            matches!(note.outcome, Outcome::LeftOut | Outcome::StoodIn | Outcome::Doubtful)
        });
        notes.map(|note| visible(&note.line(language)).into_owned() + "\n").collect::<Vec<_>>()
    };
    let before = notes(&both.before);
    let mut all = notes(&both.after);
    all.extend(before.into_iter().filter(|note| !all.contains(note)).collect::<Vec<_>>());
    all.concat()
}

/// What the plan does, resource by resource; resources that make one entity together go together.
fn deeds(
    both: &BeforeAndAfter,
    old: &Situation,
    new: &Situation,
    language: Language,
) -> (Vec<String>, Vec<Deed>, BTreeMap<usize, usize>) {
    let differing: Vec<(Part, Turned)> = differences(&old.network, &new.network);
    let mut owners: BTreeMap<usize, usize> = (0..both.changes.len()).map(|at| (at, at)).collect();
    let mut rest: Vec<Part> = Vec::new();
    let mut parts: BTreeMap<usize, Vec<Part>> = BTreeMap::new();
    for (part, _) in differing {
        let makers = both.changes.iter().enumerate();
        let makers: Vec<usize> =
            makers.filter(|(_, change)| makes(change, &part)).map(|(at, _)| at).collect();
        let Some(first) = makers.first().map(|at| owners[at]) else {
            rest.push(part);
            continue;
        };
        for maker in makers {
            let was = owners[&maker];
            owners.values_mut().filter(|owner| **owner == was).for_each(|owner| *owner = first);
            let moved =
                if was == first { Vec::new() } else { parts.remove(&was).unwrap_or_default() };
            parts.entry(first).or_default().extend(moved);
        }
        parts.entry(first).or_default().push(part);
    }
    let mut names = Vec::new();
    let mut deeds = Vec::new();
    let mut deed_of = BTreeMap::new();
    for (at, _) in both.changes.iter().enumerate() {
        let together: Vec<String> = owners
            .iter()
            .filter(|(_, owner)| **owner == at)
            .map(|(index, _)| name(&both.changes[*index]))
            .collect();
        if together.is_empty() {
            continue;
        }
        for (index, owner) in &owners {
            if *owner == at {
                deed_of.insert(*index, deeds.len());
            }
        }
        names.push(together.join(" + "));
        deeds.push(Deed::Parts(parts.remove(&at).unwrap_or_default()));
    }
    if !rest.is_empty() {
        names.push(match language {
            Language::English => "what else differs".to_owned(),
            Language::Chinese => "其他差异".to_owned(),
        });
        deeds.push(Deed::Parts(rest));
    }
    (names, deeds, deed_of)
}

/// Which deed changes the resource with this address; the outer `None` = nothing does.
#[expect(
    clippy::option_option,
    reason = "nothing to say, and nothing that can be said, are two things"
)]
fn deed(
    both: &BeforeAndAfter,
    deed_of: &BTreeMap<usize, usize>,
    address: &str,
) -> Option<Option<usize>> {
    let mut changes = both.changes.iter();
    let change = changes.position(|change| {
        change.address == address || change.previous_address.as_deref() == Some(address)
    });
    change.map(|change| deed_of.get(&change).copied())
}

/// Whether a resource is, or is a part of, what differs.
fn makes(change: &ResourceChange, part: &Part) -> bool {
    let mut own = change.before.iter().chain(&change.after);
    own.any(|own| match part {
        Part::Entity(kind, id) => own.kind == *kind && own.id == *id,
        Part::Links(id) | Part::Failure(id) => own.id == *id,
        Part::Name(_) | Part::Platform => false,
    })
}

/// `update tencentcloud_security_group_rule_set.web`.
fn name(change: &ResourceChange) -> String {
    format!("{} {}", change.action.word(), change.address)
}
