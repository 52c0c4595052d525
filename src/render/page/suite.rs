//! How good the expectations of a file are, beside its source: lines in the colour of what holds what stands on them, and the
//! mistakes that nobody would notice.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::book::Book;
use super::data::{cut, place_json};
use crate::diagnostic::visible;
use crate::model::Change;
use crate::mutate::{Covered, Fate, Mutation, PairsAsserted, Thing};
use crate::render::coverage::{Total, headline, said, worst};
use crate::render::mutate::{MutationScene, mutant, tally_text};
use crate::render::scene::Scene;

/// What the expectations of a file were measured to notice.
pub struct Measure {
    /// What is mutated.
    pub things: Vec<Thing>,
    /// What of the network is held how.
    pub covered: Vec<Covered>,
    /// The cells that an expectation speaks about.
    pub pairs: Option<PairsAsserted>,
    /// What became of the mutants.
    pub mutation: Mutation,
    /// A change in the words of scenario files.
    pub told: fn(&Change) -> String,
}

/// So many lines around one that is coloured are shown, too.
const AROUND: usize = 1;

/// So many survivors are told; the others are counted.
const MOST: usize = 60;

/// The data of a file.
pub(super) fn suite(book: &mut Book, scene: Scene<'_>, path: &str, measure: &Measure) -> Value {
    let mut total = Total::none();
    total.add(&measure.covered, measure.pairs);
    let tally = measure.mutation.tally();
    let survivors = measure.mutation.mutants.iter();
    let survivors = survivors.filter(|fated| matches!(fated.fate, Fate::Survived { .. }));
    let told = survivors.clone().take(MOST).map(|fated| {
        let place = scene.find(&measure.things[fated.thing].place);
        let place = place.map(|place| book.place(&place_json(scene, place)));
        let told = book.lines(scene, |scene| {
            let all = MutationScene {
                path,
                scene,
                things: &measure.things,
                mutation: &measure.mutation,
                told: &measure.told,
            };
            let text = mutant(all, fated);
            let text = anstream::adapter::strip_str(&text).to_string();
            text.lines().map(str::to_owned).collect()
        });
        json!({ "place": place, "lines": told })
    });
    let told: Vec<Value> = told.collect();
    json!({
        "headline": headline(&total).trim_end(),
        "tally": book.text(|language| tally_text(&tally, language).trim_end().to_owned()),
        "files": files(book, scene, &measure.covered),
        "survivors": told,
        "more": survivors.count().saturating_sub(MOST),
    })
}

/// The sources, of each the lines with something on them and those around: number, text, class, and what is said of it.
fn files(book: &mut Book, scene: Scene<'_>, covered: &[Covered]) -> Vec<Value> {
    let mut on: BTreeMap<u32, BTreeMap<usize, Vec<&Covered>>> = BTreeMap::new();
    for covered in covered {
        if let Some(spot) = scene.find(&covered.place) {
            let lines = on.entry(spot.span.file).or_default();
            lines.entry(spot.line).or_default().push(covered);
        }
    }
    let files = on.iter().filter_map(|(file, on)| {
        let source = scene.sources.get(*file).filter(|source| !source.veiled)?;
        let near = |line: usize| on.range(line.saturating_sub(AROUND)..=line + AROUND);
        let lines = (1..).zip(source.text.lines());
        let lines = lines.filter(|(number, _)| near(*number).next().is_some());
        let lines = lines.map(|(number, text)| {
            let own = on.get(&number).map_or(&[][..], Vec::as_slice);
            let told = (!own.is_empty()).then(|| {
                book.text(|language| {
                    let own = own.iter().map(|covered| said(covered, language));
                    own.collect::<Vec<_>>().join("\n")
                })
            });
            let indent: String = text.chars().take_while(|it| it.is_whitespace()).collect();
            json!([number, format!("{indent}{}", cut(text)), worst(own), told])
        });
        Some(json!({ "path": visible(&source.path), "lines": lines.collect::<Vec<_>>() }))
    });
    files.collect()
}
