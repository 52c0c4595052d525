//! One slip, one mistake: what only follows from another mistake is told with it.

use super::reader::sort;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Sources, Words};

/// The mistakes of a file without those that follow from others.
pub fn once(mut all: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    copied_ids(&mut all, sources);
    regions(&mut all, sources);
    all
}

/// What is underlined.
fn culprit<'s>(diagnostic: &Diagnostic, sources: &'s Sources) -> Option<&'s str> {
    let label = diagnostic.primary.as_ref()?;
    Some(sources.text(label.span)?.trim_matches('"'))
}

/// An id that is defined twice, and one that is defined nowhere: an entry was copied and its id left as it was.
fn copied_ids(all: &mut Vec<Diagnostic>, sources: &Sources) {
    let mut twice = (0..all.len()).filter(|at| all[*at].code == Code::DuplicateId);
    let (Some(twice), None) = (twice.next(), twice.next()) else {
        return;
    };
    let open: Vec<usize> = (0..all.len()).filter(|at| all[*at].code == Code::UnknownId).collect();
    let Some(id) = open.first().and_then(|at| culprit(&all[*at], sources)) else {
        return;
    };
    if open.iter().any(|at| culprit(&all[*at], sources) != Some(id)) {
        return;
    }
    let asked = all[open[0]].primary.take();
    let mistake = &mut all[twice];
    mistake.others.extend(asked.map(|mut label| {
        label.text = Words::new("nothing has this id", "没有任何对象使用此 ID");
        label
    }));
    mistake.help = Some(Words::new(
        format!("should one of the two be `{id}`?"),
        format!("其中一个是否应为 `{id}`？"),
    ));
    let mut at = 0;
    all.retain(|_| {
        at += 1;
        !open.contains(&(at - 1))
    });
}

/// A region that is misspelt differs from all others: the first thing that cannot be for it is told, with the word that is wrong.
fn regions(all: &mut Vec<Diagnostic>, sources: &Sources) {
    let misspelt = all.iter().filter(|it| it.code == Code::RegionUnusual);
    for misspelt in misspelt.cloned().collect::<Vec<_>>() {
        let Some(region) = culprit(&misspelt, sources) else {
            continue;
        };
        let follows = |it: &Diagnostic| {
            let message = it.message.to_string();
            let mut words = message.split([' ', ',']);
            it.code.name().ends_with("-region-mismatch") && words.any(|word| word == region)
        };
        let Some(first) = all.iter().position(follows) else {
            continue;
        };
        let mut told = all[first].clone();
        told.others = misspelt.primary.clone().into_iter().collect();
        for label in &mut told.others {
            label.text = Words::new("no region that is known", "不是已知的地域");
        }
        told.help.clone_from(&misspelt.help);
        all.retain(|it| !follows(it) && *it != misspelt);
        all.push(told);
        sort(all);
    }
}
