//! What public modules are made of: how much of each is read, is named and leaves open what it names, or is harmless.

use std::collections::BTreeSet;

use serde_json::json;

use crate::import_left;
use crate::plans::import;

/// The resource types of public modules of Terraform's registry and of the landing zone that builds on them: facts of
/// their files, without the prefix of the provider.
const MODULES: &str = include_str!("../import/terraform/modules.txt");
/// The page that says the shares.
const PAGE: &str = include_str!("../../docs/import.md");
/// What is read once it tells its subnets, which this test does not.
const POOLS: [&str; 3] =
    ["kubernetes_node_pool", "kubernetes_native_node_pool", "kubernetes_serverless_node_pool"];

/// What becomes of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Read,
    Named,
    Harmless,
}

fn fate(kind: &str) -> Fate {
    if POOLS.contains(&kind) {
        return Fate::Read;
    }
    let name = format!("tencentcloud_{kind}");
    let address = format!("{name}.x");
    let values = json!({ "id": "x-1", "made_up_by_this_test": "ins-1" });
    let imported = import(&import_left::built(&[(&address, values)]));
    let notes = imported.notes.iter();
    let whole = notes.filter(|it| it.attribute.is_none());
    let mut whole = whole.filter(|it| it.resource == address || it.resource == name);
    match whole.next().map(|note| note.why.english()) {
        Some(why) if why.starts_with("not imported: ") => Fate::Harmless,
        Some(why) if why.contains("does not know its type") => Fate::Named,
        Some(why) if why.ends_with("are not imported") => Fate::Named,
        Some(_) | None => Fate::Read,
    }
}

fn row(name: &str, fates: &[(&str, Fate)]) -> String {
    let of = |wanted| fates.iter().filter(|(_, fate)| *fate == wanted).count();
    let named = fates.iter().filter(|(_, fate)| *fate == Fate::Named);
    let named: Vec<String> = named.map(|(kind, _)| format!("`{kind}`")).collect();
    let (read, open, harmless) = (of(Fate::Read), of(Fate::Named), of(Fate::Harmless));
    format!("| {name} | {} | {read} | {open} | {harmless} | {} |", fates.len(), named.join(", "))
}

#[test]
fn the_table_of_public_modules_says_what_becomes_of_their_types() {
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for line in MODULES.lines() {
        let mut words = line.split(' ');
        let name = words.next().expect("a module");
        let fates: Vec<(&str, Fate)> = words.map(|kind| (kind, fate(kind))).collect();
        rows.push(row(name, &fates));
        all.extend(fates);
    }
    assert!(rows.len() > 30, "{}", rows.len());
    let kinds: BTreeSet<&str> = all.iter().map(|(kind, _)| *kind).collect();
    let each: Vec<(&str, Fate)> = kinds.into_iter().map(|kind| (kind, fate(kind))).collect();
    let open = row("each type once", &each);
    let open = open.split(" | ").take(5).collect::<Vec<_>>().join(" | ");
    rows.push(format!("{open} | |"));
    let missing: Vec<&String> = rows.iter().filter(|row| !PAGE.contains(*row)).collect();
    let table = rows.join("\n");
    assert!(missing.is_empty(), "{missing:#?} of\n{table}");
}
