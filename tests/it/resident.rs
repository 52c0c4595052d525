//! A network that stays in hand: edit after edit, each compiled from what the one before has left, answers as one that is
//! compiled from nothing.

use std::sync::Arc;

use pathproof::model::{Change, Network, Peer, SecurityGroupRule, apply};
use pathproof::query::Traffics;
use pathproof::scenario::Origins;
use pathproof::space::{Action, AddressSet};
use pathproof::verify::{
    Budget, By, Difference, Matrix, MatrixRow, Request, Situation, difference,
};

use crate::random::{self, Dice};
use crate::scale::region;
use crate::three_voices::setting;

const NETWORKS: u64 = 15;
const EDITS: usize = 12;

/// A network that nothing is known of.
fn alone(network: &Network) -> Situation {
    Situation::new(Arc::new(network.clone()), Arc::new(Origins::default()))
}

/// All that a difference says, but how many ends were looked at for it.
fn told(difference: Difference) -> String {
    let difference = Difference { touched: 0, ..difference };
    format!("{difference:#?}")
}

/// Everybody to everybody.
fn matrix(situation: &Situation) -> Vec<MatrixRow> {
    let mut rows = Vec::new();
    let traffic = Traffics::default();
    let matrix = Matrix::new(situation, By::Endpoint, &traffic, Budget::default());
    matrix.each_row(|row| rows.push(row));
    rows
}

#[test]
fn edit_after_edit_a_resident_network_answers_as_one_that_is_compiled_from_nothing() {
    let request = Request::default();
    let (mut edited, mut shared, mut turned) = (0, 0, 0);
    for seed in 0..setting("PATHPROOF_NETWORKS").unwrap_or(NETWORKS) {
        let mut dice = Dice::new(seed);
        let mut now = alone(&random::network(seed));
        let mut before = vec![now.clone()];
        for step in 0..EDITS {
            let Some((change, network)) = random::edit(&now.network, &mut dice) else {
                continue;
            };
            let next = now.after(Arc::new(network), Arc::clone(&now.origins));
            let here = || format!("seed {seed}, edit {step}: {change:?}");
            let found = difference(&now, &next, &request);
            turned += found.pieces.len();
            let anew = difference(&alone(&now.network), &alone(&next.network), &request);
            assert_eq!(told(found), told(anew), "{}", here());
            // What takes a bound away makes one class of two.
            let back = next.after(Arc::clone(&now.network), Arc::clone(&now.origins));
            let undone = told(difference(&next, &back, &request));
            let anew = difference(&alone(&next.network), &alone(&back.network), &request);
            assert_eq!(undone, told(anew), "{}, undone", here());
            shared += usize::from(next.fabric().shares_ways(&now.fabric()));
            edited += 1;
            now = next;
            before.push(now.clone());
        }
        assert_eq!(matrix(&now), matrix(&alone(&now.network)), "seed {seed}");
        // Undone is what was before: nobody has written to it.
        for situation in before.iter().rev().step_by(5) {
            let anew = matrix(&alone(&situation.network));
            assert_eq!(matrix(situation), anew, "seed {seed}, undone");
        }
    }
    assert!(
        edited > 20 && shared > edited / 10 && turned > edited / 10,
        "{edited} edits, {shared} of them of rules only, {turned} pieces"
    );
}

#[test]
fn what_one_comparison_leaves_changes_no_answer_of_the_next_with_the_same_network() {
    let request = Request::default();
    let (mut edited, mut turned) = (0, 0);
    for seed in 100..100 + setting("PATHPROOF_NETWORKS").unwrap_or(NETWORKS) {
        let mut dice = Dice::new(seed);
        let base = alone(&random::network(seed));
        for step in 0..EDITS {
            let Some((change, network)) = random::edit(&base.network, &mut dice) else {
                continue;
            };
            let next = base.after(Arc::new(network), Arc::clone(&base.origins));
            let found = difference(&base, &next, &request);
            turned += found.pieces.len();
            edited += 1;
            let anew = difference(&alone(&base.network), &alone(&next.network), &request);
            assert_eq!(told(found), told(anew), "seed {seed}, edit {step}: {change:?}");
        }
    }
    assert!(edited > 20 && turned > edited / 10, "{edited} edits, {turned} pieces");
}

/// A rule at the top of the group of a machine's neighbours, about one address of theirs.
fn about_one(network: &Network, nth: usize) -> Option<(Change, Network)> {
    let groups = network.instance_groups.values();
    let mut several = groups.filter(|group| group.ips.0 != group.ips.1);
    let group = several.nth(nth)?;
    let meant = &network.security_groups[group.security_groups.first()?];
    let rule = SecurityGroupRule {
        peer: Peer::Addresses(AddressSet::single(group.ips.1)),
        ..meant.ingress.first()?.clone()
    };
    let flipped = SecurityGroupRule {
        action: match rule.action {
            Action::Accept => Action::Drop,
            Action::Drop => Action::Accept,
        },
        ..rule
    };
    let change = Change::CreateSecurityGroupPolicies {
        security_group: group.security_groups.first()?.clone(),
        ingress: vec![flipped],
        egress: Vec::new(),
        at: 0,
    };
    let network = apply(network, &change).ok()?;
    Some((change, network))
}

#[test]
fn a_rule_about_one_of_many_divides_them_and_makes_them_one_again() {
    let request = Request::default();
    let network = region(1_500, 5);
    let old = alone(&network);
    let (mut turned, mut classes) = (0, Vec::new());
    for nth in 0..12 {
        let Some((change, edited)) = about_one(&network, nth * 7) else {
            continue;
        };
        let new = old.after(Arc::new(edited), Arc::clone(&old.origins));
        let there = difference(&old, &new, &request);
        let back = new.after(Arc::clone(&old.network), Arc::clone(&old.origins));
        let again = difference(&new, &back, &request);
        classes.push((old.classes().len(), new.classes().len(), back.classes().len()));
        turned += there.pieces.len();
        let fresh = |a: &Situation, b: &Situation| {
            difference(&alone(&a.network), &alone(&b.network), &request)
        };
        assert_eq!(told(there), told(fresh(&old, &new)), "{change:?}");
        assert_eq!(told(again), told(fresh(&new, &old)), "{change:?}, undone");
    }
    assert!(turned > 0, "some rule does something");
    let divides = |(old, new, back): &(usize, usize, usize)| old < new && old == back;
    assert!(classes.iter().any(divides), "{classes:?}");
}
