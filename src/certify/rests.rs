//! What a proof stands on: rules of the cloud that no source states outright, and decisions of section 20 of the semantics.

use std::collections::BTreeSet;

use super::{Claim, Proof, Stage};

/// A stage or lemma, by how its name begins, and what it rests on. `tools/certcheck.py` holds the same rows.
const RESTS: [(&str, &[&str]); 26] = [
    ("security-group", &["SG-4", "SG-8"]),
    ("network-acl", &["ACL-9", "ACL-11"]),
    ("route", &["RT-1", "RT-5"]),
    ("peering", &["PCX-4"]),
    ("ccn", &["CCN-9", "D20-5"]),
    ("nat-", &["D20-2", "NAT-4", "NAT-5"]),
    ("load-balancer", &["CLB-2", "D20-10"]),
    ("no-route", &["D20-2"]),
    ("no-public-address", &["D20-2", "RT-13"]),
    ("private-destination-to-internet", &["D20-2"]),
    ("local-without-owner", &["D20-32"]),
    ("endpoint-cannot-initiate", &["D20-1"]),
    ("endpoint-down", &["D20-17"]),
    ("endpoint-connection", &["EP-6", "EP-7"]),
    ("port-not-served", &["D20-8", "D20-9"]),
    ("no-target", &["D20-10"]),
    ("attachment-down", &["D20-20"]),
    ("gateway-no-transit", &["PCX-4"]),
    ("classic-link-no-transit", &["CL-11", "CL-12"]),
    ("edge-firewall", &["EFW-1", "EFW-3", "EFW-4"]),
    ("forwarder", &["RT-16", "D20-11", "D20-36", "D20-40"]),
    ("public-gateway", &["RT-16", "D20-11", "D20-22"]),
    ("vpc-endpoint", &["PL-3", "PL-4", "PL-6", "PL-7", "PL-8"]),
    ("direct-connect-gateway", &["DC-7", "D20-42"]),
    ("direct-connect-nat", &["DC-7", "D20-42"]),
    ("direct-connect-secondary", &["DC-7"]),
];

/// The rules and decisions that a proof uses, sorted. Every walk rests on the order of PIPE-2.
#[must_use]
pub fn rests_on(proof: &Proof) -> BTreeSet<&'static str> {
    let claims = proof.pieces.iter().map(|piece| &piece.claim);
    let mut rules: BTreeSet<&'static str> = claims.flat_map(of_claim).collect();
    rules.extend(["D20-6", "PIPE-2", "PIPE-5"]);
    rules
}

fn of_claim(claim: &Claim) -> Vec<&'static str> {
    let stages = claim.walks.iter();
    let stages = stages.flat_map(|(there, back)| there.iter().chain(back));
    let stages = stages.map(|stage| match stage {
        Stage::Filter { stage, .. } | Stage::Device { stage, .. } => *stage,
        Stage::Route { .. } => "route",
    });
    let names = stages.chain(claim.cuts.iter().map(|cut| cut.code.name()));
    names.flat_map(of_name).copied().collect()
}

fn of_name(name: &str) -> &'static [&'static str] {
    let row = RESTS.iter().find(|(begins, _)| name.starts_with(begins));
    row.map_or(&[], |(_, rules)| *rules)
}
