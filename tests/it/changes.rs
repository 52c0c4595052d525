//! Every kind of change is told in a shipped scenario: what it does, and for what the cloud refuses it.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use pathproof::code::Code;
use pathproof::diagnostic::Words;
use pathproof::id::Id;
use pathproof::model::{Change, Kind, Network};
use pathproof::query::Verdict;
use pathproof::scenario::{PlannedChange, Scenario, Stage};
use pathproof::verify::{self, Budget, Situation};

use crate::shipped::{is_chinese, loaded, scenarios};

/// Changes that leave the network as it is (CL-19).
const WITHOUT_EFFECT: [&str; 3] = ["MigrateInstance", "ResizeInstance", "ResetInstance"];

/// What can fail; each fails and recovers in some story.
const FALLIBLE: [Kind; 9] = [
    Kind::Instance,
    Kind::Vpc,
    Kind::ClassicInstance,
    Kind::Peering,
    Kind::NatGateway,
    Kind::VpnGateway,
    Kind::VpnConnection,
    Kind::DirectConnectGateway,
    Kind::DirectConnectTunnel,
];

/// Whole things whose making, changing and end is told by what it does to connections.
const CREATED: [Kind; 10] = [
    Kind::Vpc,
    Kind::Subnet,
    Kind::SecurityGroup,
    Kind::Instance,
    Kind::Database,
    Kind::LoadBalancer,
    Kind::ClassicInstance,
    Kind::EndpointConnection,
    Kind::Peering,
    Kind::Ccn,
];
const REPLACED: [Kind; 12] = [
    Kind::Vpc,
    Kind::AddressTemplate,
    Kind::ServiceTemplate,
    Kind::Instance,
    Kind::HaVip,
    Kind::LoadBalancer,
    Kind::ClassicInstance,
    Kind::Peering,
    Kind::Ccn,
    Kind::NatGateway,
    Kind::VpnGateway,
    Kind::DirectConnectGateway,
];
const DELETED: [Kind; 6] = [
    Kind::EndpointConnection,
    Kind::Peering,
    Kind::Ccn,
    Kind::NatGateway,
    Kind::VpnConnection,
    Kind::DirectConnectGateway,
];

/// A name that leads nowhere, or to a thing of another kind.
const NAMES: [Code; 2] = [Code::UnknownId, Code::WrongKind];

/// What each change can be refused for; `Create` and `Replace` for all that a network can break.
const REFUSED_FOR: [(&str, &[Code]); 31] = [
    (
        "AttachClassicLinkVpc",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::ClassicLinkVpcCidrNotEligible,
            Code::ClassicLinkAlreadyLinked,
            Code::ClassicLinkQuotaExceeded,
            Code::ClassicLinkRegionMismatch,
            Code::ClassicLinkAccountMismatch,
            Code::ClassicLinkNotAClassicInstance,
            Code::ClassicLinkAddressConflict,
        ],
    ),
    ("DetachClassicLinkVpc", &[Code::UnknownId, Code::WrongKind, Code::ClassicLinkNotAttached]),
    (
        "ModifyPrivateIpAddress",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::AddressOutsideSubnet,
            Code::AddressReserved,
            Code::AddressInUse,
        ],
    ),
    ("TerminateInstances", &NAMES),
    ("IsolateInstance", &NAMES),
    ("RecoverInstance", &NAMES),
    ("MigrateInstance", &NAMES),
    ("ResizeInstance", &NAMES),
    ("ResetInstance", &NAMES),
    (
        "RegisterTargets",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::ClassicLinkLoadBalancerTarget,
            Code::LoadBalancerForeignTarget,
        ],
    ),
    ("DeregisterTargets", &NAMES),
    (
        "CreateSecurityGroupPolicies",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::InvalidValue,
            Code::QuotaExceeded,
            Code::SecurityGroupRegionMismatch,
        ],
    ),
    ("DeleteSecurityGroupPolicies", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
    (
        "ModifySecurityGroupPolicies",
        &[Code::UnknownId, Code::WrongKind, Code::QuotaExceeded, Code::SecurityGroupRegionMismatch],
    ),
    (
        "AssociateSecurityGroups",
        &[Code::UnknownId, Code::WrongKind, Code::InvalidValue, Code::SecurityGroupRegionMismatch],
    ),
    ("ModifyNetworkAclEntries", &NAMES),
    ("AssociateNetworkAclSubnets", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
    ("DisassociateNetworkAclSubnets", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
    (
        "CreateRoutes",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::InvalidValue,
            Code::QuotaExceeded,
            Code::PeeringRouteOutsidePeer,
            Code::RouteConflict,
            Code::RouteNotPublishable,
        ],
    ),
    ("DeleteRoutes", &NAMES),
    ("EnableRoutes", &[Code::UnknownId, Code::WrongKind, Code::QuotaExceeded, Code::RouteConflict]),
    ("DisableRoutes", &[Code::UnknownId, Code::WrongKind, Code::RouteNotPublishable]),
    ("ReplaceRouteTableAssociation", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
    (
        "ModifyInstancesVpcAttribute",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::InvalidValue,
            Code::QuotaExceeded,
            Code::MigrationBound,
            Code::MigrationElsewhere,
            Code::AddressOutsideSubnet,
            Code::AddressReserved,
            Code::AddressInUse,
            Code::SecurityGroupRegionMismatch,
        ],
    ),
    (
        "ModifyDBInstanceVipVport",
        &[
            Code::UnknownId,
            Code::WrongKind,
            Code::InvalidValue,
            Code::MigrationElsewhere,
            Code::AddressOutsideSubnet,
            Code::AddressReserved,
            Code::AddressInUse,
            Code::SecurityGroupRegionMismatch,
        ],
    ),
    ("ReleaseOldVip", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
    ("Advance", &[]),
    ("SwitchName", &NAMES),
    ("Delete", &[Code::UnknownId, Code::ClassicLinkVpcInUse]),
    ("Down", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
    ("Up", &[Code::UnknownId, Code::WrongKind, Code::InvalidValue]),
];

/// Refusals that no file can provoke, since the file itself is refused first.
const BEFORE_IT_IS_TRIED: [(&str, Code, &str); 2] = [
    (
        "ModifyNetworkAclEntries",
        Code::InvalidValue,
        "GRE and lists of ports are mistakes of a rule of an ACL wherever it is read",
    ),
    (
        "RegisterTargets",
        Code::InvalidValue,
        "a weight above 100 is a mistake of a target wherever it is read",
    ),
];

/// A change of a stage, tried where it stands.
struct Tried {
    path: String,
    action: &'static str,
    /// What it names: what fails, what is created, replaced or deleted.
    kinds: BTreeSet<Kind>,
    /// Why it was refused, if it was.
    refused: Option<Code>,
    /// In words.
    said: Option<Words>,
    /// Whether an expectation of its stage is answered in another way than just before it.
    effect: bool,
    /// Whether its stage expects anything.
    asks: bool,
}

fn tried() -> Vec<Tried> {
    let mut all = Vec::new();
    for path in scenarios("scenarios") {
        let scenario = loaded(&path).scenario.expect("a scenario");
        let base = verify::base(&scenario);
        let mut now = base.clone();
        for step in &scenario.steps {
            now = stage(&path, &scenario, step, now, &mut all);
        }
        for what_if in &scenario.what_if {
            stage(&path, &scenario, what_if, base.clone(), &mut all);
        }
    }
    all
}

/// Tries the changes of a stage one after the other.
fn stage(
    path: &str,
    scenario: &Scenario,
    stage: &Stage,
    mut now: Situation,
    all: &mut Vec<Tried>,
) -> Situation {
    let asked = Scenario { base: stage.expectations.clone(), ..scenario.clone() };
    let mut answers = answered(&asked, &now);
    for planned in &stage.changes {
        let (next, reports) = verify::applied(&now, slice::from_ref(planned));
        let then = answered(&asked, &next);
        all.push(Tried {
            path: path.to_owned(),
            action: planned.change.action(),
            kinds: kinds(planned, &now.network),
            refused: reports[0].refused.as_ref().map(|(code, _)| *code),
            said: reports[0].refused.clone().map(|(_, words)| words),
            effect: answers != then,
            asks: !stage.expectations.is_empty(),
        });
        (now, answers) = (next, then);
    }
    now
}

/// The verdicts; none where somebody does not exist.
fn answered(asked: &Scenario, situation: &Situation) -> Vec<Option<Verdict>> {
    let report = verify::rerun(situation, asked, "2026-01-01", Budget::default());
    let found = report.expectations.into_iter().map(|report| report.found);
    found.map(|found| found.map(|found| found.verdict)).collect()
}

fn kinds(planned: &PlannedChange, network: &Network) -> BTreeSet<Kind> {
    let of = |ids: &[Id]| {
        let kinds = ids.iter().filter_map(|id| network.kind_of(id.as_str()));
        kinds.collect()
    };
    match &planned.change {
        Change::Create(fragment) | Change::Replace(fragment) => {
            fragment.network.ids().map(|(_, kind)| kind).collect()
        }
        Change::Delete(ids) => of(ids),
        Change::Down(id) | Change::Up(id) => of(slice::from_ref(id)),
        _ => BTreeSet::new(),
    }
}

/// What each kind of change is refused for in some story.
fn refused_for(tried: &[Tried]) -> BTreeMap<&'static str, BTreeSet<Code>> {
    let mut codes: BTreeMap<&str, BTreeSet<Code>> = BTreeMap::new();
    for it in tried {
        codes.entry(it.action).or_default().extend(it.refused);
    }
    codes
}

#[test]
fn every_change_takes_effect_in_a_story_and_those_that_change_nothing_never_do() {
    let tried = tried();
    for action in Change::ACTIONS {
        let mut applied = tried.iter().filter(|it| it.action == action && it.refused.is_none());
        if WITHOUT_EFFECT.contains(&action) {
            assert!(applied.clone().any(|it| it.asks), "{action} is not told");
            assert!(!applied.any(|it| it.effect), "{action} changes something");
        } else {
            assert!(
                applied.any(|it| it.effect),
                "no expectation is answered in another way after {action}"
            );
        }
    }
}

#[test]
fn whatever_can_fail_fails_and_recovers_in_a_story() {
    takes_effect("Down", &FALLIBLE);
    takes_effect("Up", &FALLIBLE);
}

#[test]
fn whole_things_come_change_and_go_in_stories() {
    takes_effect("Create", &CREATED);
    takes_effect("Replace", &REPLACED);
    takes_effect("Delete", &DELETED);
}

#[track_caller]
fn takes_effect(action: &str, wanted: &[Kind]) {
    let tried = tried();
    let effective = tried.iter().filter(|it| it.action == action && it.effect);
    let kinds: BTreeSet<Kind> = effective.flat_map(|it| it.kinds.iter().copied()).collect();
    let missing: Vec<_> = wanted.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missing.is_empty(), "{action}: {missing:?}");
}

#[test]
fn every_change_is_refused_in_stories_for_all_that_it_can_be_refused_for() {
    let told = refused_for(&tried());
    for action in Change::ACTIONS {
        let expected: BTreeSet<Code> = match REFUSED_FOR.iter().find(|(name, _)| *name == action) {
            Some((_, codes)) => codes.iter().copied().collect(),
            None => by_the_whole(),
        };
        assert_eq!(told[action], expected, "{action}");
    }
    for (action, code, why) in BEFORE_IT_IS_TRIED {
        assert!(!told[action].contains(&code), "{action} {code}: {why}");
    }
}

/// What `Create` and `Replace` can be refused for: all that a network can break.
fn by_the_whole() -> BTreeSet<Code> {
    let one_action = [
        Code::ClassicLinkVpcInUse,
        Code::ClassicLinkNotAttached,
        Code::MigrationBound,
        Code::MigrationElsewhere,
    ];
    let codes = Code::ALL.iter().copied();
    codes.filter(|code| code.can_refuse() && !one_action.contains(code)).collect()
}

#[test]
fn every_code_that_can_refuse_a_change_does_in_a_story() {
    let told: BTreeSet<Code> = refused_for(&tried()).into_values().flatten().collect();
    let codes = Code::ALL.iter().filter(|code| code.can_refuse());
    let missing: Vec<_> = codes.filter(|code| !told.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_story_of_changes_asks_after_every_refusal_whether_all_is_as_before() {
    let tried = tried();
    let refused =
        tried.iter().filter(|it| it.refused.is_some() && it.path.starts_with("scenarios/changes/"));
    let silent: BTreeSet<_> =
        refused.filter(|it| !it.asks).map(|it| (&it.path, it.action)).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn a_refusal_is_told_in_chinese_as_well() {
    let tried = tried();
    let said: BTreeSet<&Words> = tried.iter().filter_map(|it| it.said.as_ref()).collect();
    let left: Vec<_> = said.iter().filter(|words| !is_chinese(words)).collect();
    assert!(left.is_empty() && said.len() > 100, "{left:#?}");
}
