//! Each lemma of a cut by itself: where only what it says is wrong, the certificate is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{certificates, checked, lies, shipped, written};
use crate::cli::file;
use crate::shipped::root;

/// A lemma, a scenario with a cut by it, and one thing changed in it so that what the lemma says is so no more.
const PREMISES: [(&str, &str, &str, &str); 11] = [
    (
        "ccn-no-route",
        "gateways/ccn-selection.ron",
        r#"selection: [(attachment: Vpc("vpc-a"), source: "10.1.2.0/24", route_table: "ccnrtb-shut")],"#,
        "",
    ),
    (
        "ccn-route-disabled",
        "gateways/ccn-disabled-routes.ron",
        "enabled: false",
        "enabled: true",
    ),
    (
        "classic-other-region",
        "classic-link/one-shared-pool.ron",
        r#"region: "ap-shanghai","#,
        r#"region: "ap-guangzhou","#,
    ),
    (
        "classic-other-tenant",
        "truth-table/17-across-tenants.ron",
        r#""cdb-ann": (account: "acct-ann""#,
        r#""cdb-ann": (account: "acct-tom""#,
    ),
    (
        "local-without-owner",
        "lint/overlapping-cidrs.ron",
        r#"cidr: "10.1.0.0/16", default_route_table: "rtb-a""#,
        r#"cidr: "10.1.1.0/24", default_route_table: "rtb-a""#,
    ),
    (
        "network-acl-ingress-denied",
        "classic-link/linked-neighbours.ron",
        r#", network_acl: "acl-shut""#,
        "",
    ),
    (
        "no-public-address",
        "vpc/another-route-table.ron",
        r#"route_table: "rtb-shut""#,
        r#"route_table: "rtb-out""#,
    ),
    (
        "no-target",
        "rules/load-balancer-redirects.ron",
        "state: Stopped",
        "state: Running",
    ),
    (
        "security-group-egress-denied",
        "gateways/outbound-mail-released.ron",
        r#"Drop(service: "tcp:25")"#,
        r#"Accept(service: "tcp:25")"#,
    ),
    (
        "endpoint-down",
        "lint/classic-link-idle.ron",
        "state: Stopped",
        "state: Running",
    ),
    (
        "no-route",
        "gateways/ccn-custom-tables.ron",
        ", action: Drop",
        "",
    ),
];

/// The only cut of a certificate: all that it claims.
fn only_cut(document: &Value) -> Option<&Value> {
    let pieces = document["pieces"].as_array()?;
    let [piece] = &pieces[..] else { return None };
    let cuts = piece["cuts"].as_array()?;
    let [cut] = &cuts[..] else { return None };
    (piece["claim"] == "cut").then_some(cut)
}

#[test]
fn a_cut_whose_lemma_holds_no_more_is_refused_and_all_else_of_the_file_accepted() {
    for (lemma, name, from, to) in PREMISES {
        let scenario = root().join("scenarios").join(name);
        let text = fs::read_to_string(&scenario).expect("a scenario");
        assert!(text.contains(from), "{name}: {from}");
        let home = format!("certificates-premise-{lemma}");
        let path = PathBuf::from(file(&home, "edited.ron", text.replacen(from, to, 1)));
        let digest = certificates(&path)[0]["sha256"].clone();
        let cuts = |document: &Value| -> Vec<Value> {
            let pieces = document["pieces"].as_array().into_iter().flatten();
            let cuts = pieces.filter_map(|piece| piece["cuts"].as_array());
            cuts.flatten().map(|cut| cut["lemma"].clone()).collect()
        };
        let mut base = certificates(&scenario);
        base.retain(|document| document["stage"]["kind"] == "base");
        for document in &mut base {
            document["sha256"] = digest.clone();
        }
        let (own, others): (Vec<Value>, Vec<Value>) = base
            .into_iter()
            .partition(|document| cuts(document).contains(&json!(lemma)));
        let tally = |documents: &[Value]| {
            let written = written("certificates-premise", documents);
            checked(false, &written, std::slice::from_ref(&path))
        };
        let (Some(own_tally), Some(others_tally)) = (tally(&own), tally(&others)) else {
            return;
        };
        assert!(own_tally.1 > 0, "{lemma}: {own_tally:?} of {own:#?}");
        assert_eq!(others_tally.1, 0, "{lemma}: {others_tally:?}");
    }
}

#[test]
fn a_cut_that_claims_another_lemma_is_refused() {
    // Certificates of one cut, by their lemma; and the files of those.
    let mut by_lemma: BTreeMap<String, Value> = BTreeMap::new();
    let mut files: Vec<(PathBuf, Vec<Value>)> = Vec::new();
    for scenario in shipped() {
        let text = fs::read_to_string(&scenario).expect("a scenario");
        if text.contains("include:") {
            continue;
        }
        let mut own = certificates(&scenario);
        own.retain(|it| it["stage"]["kind"] == "base" && only_cut(it).is_some());
        for document in &own {
            let lemma = only_cut(document).map(|cut| cut["lemma"].clone());
            let lemma = lemma.and_then(|lemma| lemma.as_str().map(str::to_owned));
            by_lemma
                .entry(lemma.expect("a lemma"))
                .or_insert_with(|| document.clone());
        }
        own.truncate(2);
        files.push((scenario, own));
    }
    assert!(by_lemma.len() >= 28, "{:?}", by_lemma.keys());
    let (mut told, most) = (0, lies(600));
    // Few files have many claims each: every lemma is claimed where others hold.
    let step = (files.len() * by_lemma.len() * 2 / most).max(1);
    for (at, (scenario, documents)) in files.iter().enumerate() {
        let mut lies = Vec::new();
        for document in documents {
            for (number, (lemma, other)) in by_lemma.iter().enumerate() {
                let own = only_cut(document).expect("a cut");
                if own["lemma"] == json!(lemma) || (at + number) % step > 0 {
                    continue;
                }
                let mut lie = document.clone();
                // All that goes with the lemma goes with it, so that nothing but the lemma is wrong.
                lie["rests_on"] = other["rests_on"].clone();
                let cut = &mut lie["pieces"][0]["cuts"][0];
                cut["lemma"] = json!(lemma);
                cut["rule"] = Value::Null;
                if only_cut(other).is_some_and(|cut| cut.get("rule").is_none())
                    && let Some(fields) = cut.as_object_mut()
                {
                    fields.remove("rule");
                }
                lies.push(lie);
            }
        }
        if lies.is_empty() {
            continue;
        }
        let written = written("certificates-lemma", &lies);
        let Some(tally) = checked(false, &written, std::slice::from_ref(scenario)) else {
            return;
        };
        told += lies.len();
        assert_eq!(tally.0, 0, "{}", scenario.display());
    }
    assert!(told >= most / 3, "{told}");
}
