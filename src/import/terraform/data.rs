//! What data sources have read, as the resources that it is: whatever a managed resource names and nobody manages here.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::input::{get, list};

/// How a data source lists what it has read: its type, the list, the type of what is in it, its id there, and other
/// members that a resource has by another name.
type Source = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What a data source tells wholly: of a load balancer it has no listeners, of a NAT gateway no rules, of a CCN no route
/// tables, so these are not among them, and what names them says so.
const SOURCES: [Source; 12] = [
    ("tencentcloud_eips", "eip_list", "tencentcloud_eip", "eip_id", &[]),
    ("tencentcloud_enis", "enis", "tencentcloud_eni", "id", &[]),
    ("tencentcloud_ha_vips", "ha_vip_list", "tencentcloud_ha_vip", "id", &[]),
    ("tencentcloud_address_templates", "template_list", "tencentcloud_address_template", "id", &[]),
    (
        "tencentcloud_address_template_groups",
        "group_list",
        "tencentcloud_address_template_group",
        "id",
        &[],
    ),
    (
        "tencentcloud_protocol_templates",
        "template_list",
        "tencentcloud_protocol_template",
        "id",
        &[],
    ),
    (
        "tencentcloud_protocol_template_groups",
        "group_list",
        "tencentcloud_protocol_template_group",
        "id",
        &[],
    ),
    ("tencentcloud_vpc_instances", "instance_list", "tencentcloud_vpc", "vpc_id", &[]),
    ("tencentcloud_vpc_subnets", "instance_list", "tencentcloud_subnet", "subnet_id", &[]),
    (
        "tencentcloud_vpc_route_tables",
        "instance_list",
        "tencentcloud_route_table",
        "route_table_id",
        &[],
    ),
    (
        "tencentcloud_security_groups",
        "security_groups",
        "tencentcloud_security_group",
        "security_group_id",
        &[],
    ),
    (
        "tencentcloud_instances",
        "instance_list",
        "tencentcloud_instance",
        "instance_id",
        &[("status", "instance_status")],
    ),
];

/// Adds to the resources of a module tree what `read`, another tree or the same, has read with data sources.
pub fn add(tree: &mut Value, read: &Value) {
    let mut managed = Vec::new();
    resources(get(tree, "root_module"), "managed", &mut managed);
    let mut sources = Vec::new();
    resources(get(read, "root_module"), "data", &mut sources);
    let mut named = BTreeSet::new();
    let mut own = BTreeSet::new();
    let mut written = BTreeSet::new();
    for resource in &managed {
        texts(get(resource, "values"), &mut named);
        own.extend(get(get(resource, "values"), "id").as_str());
        if get(resource, "type") != "tencentcloud_security_group" {
            written.extend(get(get(resource, "values"), "security_group_id").as_str());
        }
    }
    let mut offered: Vec<(&Value, Source, usize)> = Vec::new();
    for source in sources {
        let mut forms = SOURCES.iter();
        if let Some(form) = forms.find(|form| get(source, "type") == form.0) {
            let count = list(get(get(source, "values"), form.1)).len();
            offered.extend((0..count).map(|index| (source, *form, index)));
        }
    }
    let mut added = Vec::new();
    // what is added names more
    loop {
        let before = added.len();
        for (source, form, index) in &offered {
            let thing = &get(get(source, "values"), form.1)[*index];
            let Some(id) = get(thing, form.3).as_str() else {
                continue;
            };
            // the first interface of a machine is the machine
            let is_machine = form.2 == "tencentcloud_eni" && *get(thing, "primary") == true;
            if named.contains(id) && !is_machine && own.insert(id) {
                texts(thing, &mut named);
                added.extend(as_resources(source, form, (*index, id), !written.contains(id)));
            }
        }
        if added.len() == before {
            break;
        }
    }
    if added.is_empty() {
        return;
    }
    let root = &mut tree["root_module"];
    match root.get_mut("resources").and_then(Value::as_array_mut) {
        Some(resources) => resources.extend(added),
        None => root["resources"] = Value::Array(added),
    }
}

/// One thing that was read, and its parts.
fn as_resources(
    source: &Value,
    (_, list_name, kind, _, renamed): &Source,
    (index, id): (usize, &str),
    with_rules: bool,
) -> Vec<Value> {
    let thing = &get(get(source, "values"), list_name)[index];
    let address =
        format!("{}.{list_name}[{index}]", get(source, "address").as_str().unwrap_or_default());
    let resource = |kind: &str, part: &str, values: Value| json!({ "address": format!("{address}{part}"), "mode": "managed", "type": kind, "name": "", "values": values });
    let mut values: Map<String, Value> = thing.as_object().cloned().unwrap_or_default();
    values.insert("id".to_owned(), Value::from(id));
    for (from, to) in *renamed {
        let value = values.remove(*from).unwrap_or(Value::Null);
        values.insert((*to).to_owned(), value);
    }
    let mut parts = Vec::new();
    match *kind {
        "tencentcloud_security_group" if with_rules => {
            let rules = json!({ "id": id, "security_group_id": id, "ingress": thing["ingress"], "egress": thing["egress"] });
            parts.push(resource("tencentcloud_security_group_lite_rule", ".rules", rules));
        }
        "tencentcloud_route_table" => {
            let routes = list(get(thing, "route_entry_infos")).iter().enumerate();
            parts.extend(routes.map(|(number, route)| {
                let mut entry = route.as_object().cloned().unwrap_or_default();
                entry.insert("route_table_id".to_owned(), Value::from(id));
                let part = format!(".route_entry_infos[{number}]");
                resource("tencentcloud_route_table_entry", &part, Value::Object(entry))
            }));
        }
        "tencentcloud_instance" => {
            let has_public = get(thing, "public_ip").as_str().is_some_and(|it| !it.is_empty());
            values.insert("allocate_public_ip".to_owned(), Value::Bool(has_public));
        }
        "tencentcloud_eip" => parts.extend(bound(thing, "instance_id").map(|instance| {
            let values = json!({ "eip_id": id, "instance_id": instance });
            resource("tencentcloud_eip_association", ".instance_id", values)
        })),
        "tencentcloud_eni" => parts.extend(bound(thing, "instance_id").map(|instance| {
            let values = json!({ "eni_id": id, "instance_id": instance });
            resource("tencentcloud_eni_attachment", ".instance_id", values)
        })),
        "tencentcloud_ha_vip" => {
            parts.extend(bound(thing, "instance_id").map(|instance| {
                let values = json!({ "ha_vip_id": id, "instance_id": instance });
                let kind = "tencentcloud_ha_vip_instance_attachment";
                resource(kind, ".instance_id", values)
            }));
            parts.extend(bound(thing, "address_ip").map(|address| {
                let values = json!({ "havip_id": id, "address_ip": address });
                let kind = "tencentcloud_ha_vip_eip_attachment";
                resource(kind, ".address_ip", values)
            }));
        }
        _ => {}
    }
    let mut all = vec![resource(kind, "", Value::Object(values))];
    all.extend(parts);
    all
}

/// What something is bound to.
fn bound<'j>(thing: &'j Value, name: &str) -> Option<&'j str> {
    get(thing, name).as_str().filter(|it| !it.is_empty())
}

/// The resources of a module and of those in it.
pub fn resources<'j>(module: &'j Value, mode: &str, found: &mut Vec<&'j Value>) {
    let own = list(get(module, "resources")).iter();
    found.extend(own.filter(|resource| get(resource, "mode") == mode));
    for child in list(get(module, "child_modules")) {
        resources(child, mode, found);
    }
}

fn texts<'j>(value: &'j Value, found: &mut BTreeSet<&'j str>) {
    match value {
        Value::String(text) => {
            found.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
