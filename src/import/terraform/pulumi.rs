//! `pulumi stack export`, in the form that `terraform show -json` has. The provider of Pulumi is made of that of Terraform:
//! `tencentcloud:Security/groupLiteRule:GroupLiteRule` is `tencentcloud_security_group_lite_rule`, `cidrBlock` is
//! `cidr_block`, a list `ingress` is called `ingresses`, and a block that stands at most once is no list.

use serde_json::{Map, Value, json};

use super::input::{get, list};
use super::unread::is_understood;

/// The mark of a value that is kept as a secret.
const SECRET: &str = "4dabf18193072939515e22adb298388d";

/// What stands under no name of Terraform's.
const OWN: [&str; 2] = ["__meta", "__defaults"];

/// An exported stack as a shown state; `None` if it is none.
pub fn shown(export: &Value) -> Option<Value> {
    let resources = export.get("deployment")?.get("resources")?.as_array()?;
    let mut all: Vec<Value> = Vec::new();
    let mut regions: Vec<&str> = Vec::new();
    for resource in resources {
        let kind = get(resource, "type").as_str().unwrap_or_default();
        if kind == "pulumi:providers:tencentcloud" {
            regions.extend(get(get(resource, "inputs"), "region").as_str());
        }
        let Some(kind) = kind_of(kind) else {
            continue;
        };
        let urn = get(resource, "urn").as_str().unwrap_or_default();
        let name = urn.rsplit("::").next().unwrap_or_default();
        let mut address = format!("{kind}.{name}");
        let is_taken = |address: &str| all.iter().any(|it| get(it, "address") == address);
        for number in 2.. {
            if !is_taken(&address) {
                break;
            }
            address = format!("{kind}.{name}-{number}");
        }
        // what has not been made yet has inputs only
        let told = match get(resource, "outputs") {
            Value::Null => get(resource, "inputs"),
            told => told,
        };
        let mut values = renamed(told);
        if let Some(id) = get(resource, "id").as_str() {
            values["id"] = Value::from(id);
        }
        all.push(json!({
            "address": address, "mode": "managed", "type": kind, "name": name, "values": values,
        }));
    }
    regions.dedup();
    let providers = regions.iter().enumerate().map(|(number, region)| {
        let key = format!("tencentcloud.{number}");
        let expressions = json!({ "region": { "constant_value": region } });
        (key, json!({ "expressions": expressions }))
    });
    let providers: Map<String, Value> = providers.collect();
    Some(json!({
        "format_version": "1.0",
        "values": { "root_module": { "resources": all } },
        "configuration": { "provider_config": providers },
    }))
}

/// The type of Terraform that a type of Pulumi is.
fn kind_of(kind: &str) -> Option<String> {
    let path = kind.strip_prefix("tencentcloud:")?;
    let (path, _) = path.split_once(':')?;
    let (module, name) = path.split_once('/')?;
    let (module, name) = (snake(module), snake(name));
    let module = module.trim_start_matches('_');
    let whole = format!("tencentcloud_{module}_{name}");
    let short = format!("tencentcloud_{module}");
    // what has one word in Terraform is an instance of it here
    let is_short = name == "instance" && !is_understood(&whole) && is_understood(&short);
    Some(if is_short { short } else { whole })
}

/// `cidrBlock` as `cidr_block`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// A value with the names of Terraform.
fn renamed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(renamed).collect(),
        Value::Object(members) if members.contains_key(SECRET) => {
            let plain = get(value, "plaintext").as_str();
            plain.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        }
        Value::Object(members) => {
            let mut all = Map::new();
            for (name, member) in members {
                if OWN.contains(&name.as_str()) {
                    continue;
                }
                let name = snake(name);
                // labels are named as their owner likes
                if name == "tags" {
                    all.insert(name, member.clone());
                    continue;
                }
                let inner = renamed(member);
                let inner = match inner {
                    Value::Object(_) => json!([inner]),
                    inner => inner,
                };
                if !list(&inner).is_empty()
                    && let Some(single) = single(&name)
                {
                    all.entry(single).or_insert_with(|| inner.clone());
                }
                all.insert(name, inner);
            }
            Value::Object(all)
        }
        plain => plain.clone(),
    }
}

/// The name of a list in Terraform, where Pulumi has made a plural of it.
fn single(name: &str) -> Option<String> {
    if let Some(stem) = name.strip_suffix("ies") {
        return Some(format!("{stem}y"));
    }
    let stem = name.strip_suffix("es").filter(|stem| stem.ends_with("ss"));
    let stem = stem.or_else(|| name.strip_suffix('s').filter(|stem| !stem.ends_with('s')));
    stem.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_names_are_those_of_terraform() {
        for (pulumi, terraform) in [
            ("tencentcloud:Vpc/instance:Instance", Some("tencentcloud_vpc")),
            ("tencentcloud:Instance/instance:Instance", Some("tencentcloud_instance")),
            ("tencentcloud:Clb/instance:Instance", Some("tencentcloud_clb_instance")),
            (
                "tencentcloud:Security/groupLiteRule:GroupLiteRule",
                Some("tencentcloud_security_group_lite_rule"),
            ),
            ("tencentcloud:Route/tableEntry:TableEntry", Some("tencentcloud_route_table_entry")),
            ("tencentcloud:ApiGateway/plugin:Plugin", Some("tencentcloud_api_gateway_plugin")),
            ("pulumi:pulumi:Stack", None),
            ("aws:ec2/vpc:Vpc", None),
        ] {
            assert_eq!(kind_of(pulumi).as_deref(), terraform);
        }
        for (many, one) in [
            ("ingresses", Some("ingress")),
            ("assigned_eip_sets", Some("assigned_eip_set")),
            ("security_group_policies", Some("security_group_policy")),
            ("ingress", None),
        ] {
            assert_eq!(single(many).as_deref(), one);
        }
    }
}
