//! States as Terraform and `OpenTofu` store them, in the form that `terraform show -json` has: for those that the program
//! at hand refuses, and for who has only the file.

use serde_json::{Map, Value, json};

use super::input::{get, list};

/// A stored state as a shown one; `None` if it is none.
pub fn shown(state: &Value) -> Option<Value> {
    let is_state = state.get("version").is_some() && state.get("serial").is_some();
    if !is_state {
        return None;
    }
    let resources = match state.get("modules") {
        Some(modules) => list(modules).iter().flat_map(third).collect(),
        None => list(get(state, "resources")).iter().flat_map(fourth).collect::<Vec<Value>>(),
    };
    Some(json!({
        "format_version": "1.0",
        "values": { "root_module": { "resources": resources } },
    }))
}

/// The instances of a resource of version 4.
fn fourth(resource: &Value) -> Vec<Value> {
    let text = |name| get(resource, name).as_str().unwrap_or_default();
    let mut block = Vec::new();
    block.extend(Some(text("module")).filter(|module| !module.is_empty()));
    block.extend((text("mode") == "data").then_some("data"));
    block.extend([text("type"), text("name")]);
    let block = block.join(".");
    let instances = list(get(resource, "instances")).iter();
    let shown = instances.map(|instance| {
        let key = get(instance, "index_key");
        let mut address = block.clone();
        if !key.is_null() {
            // a text is written as JSON writes it
            address = format!("{address}[{key}]");
        }
        // what was to be replaced and is still there
        if let Some(deposed) = get(instance, "deposed").as_str() {
            address = format!("{address} (deposed {deposed})");
        }
        let flat = get(instance, "attributes_flat").as_object();
        let values = match flat {
            Some(flat) => unfolded(flat),
            None => get(instance, "attributes").clone(),
        };
        let depends = instance.get("dependencies");
        json!({
            "address": address,
            "mode": text("mode"),
            "type": text("type"),
            "name": text("name"),
            "index": key,
            "values": values,
            "depends_on": depends.or_else(|| instance.get("depends_on")),
        })
    });
    shown.collect()
}

/// The resources of a module of version 3 and older, which lists attributes flat.
fn third(module: &Value) -> Vec<Value> {
    let path = list(get(module, "path")).iter().filter_map(Value::as_str);
    let path: Vec<String> = path.skip(1).map(|name| format!("module.{name}.")).collect();
    let module_path = path.concat();
    let resources = get(module, "resources").as_object();
    let shown = resources.into_iter().flatten().map(|(name, resource)| {
        let (mode, rest) = match name.strip_prefix("data.") {
            Some(rest) => ("data", rest),
            None => ("managed", name.as_str()),
        };
        let mut parts = rest.splitn(3, '.');
        let (kind, own) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let index = parts.next().and_then(|index| index.parse::<u64>().ok());
        let block = match mode {
            "data" => format!("{module_path}data.{kind}.{own}"),
            _ => format!("{module_path}{kind}.{own}"),
        };
        let primary = get(resource, "primary");
        let flat = get(primary, "attributes").as_object();
        json!({
            "address": index.map_or_else(|| block.clone(), |index| format!("{block}[{index}]")),
            "mode": mode,
            "type": kind,
            "name": own,
            "index": index,
            "values": flat.map(unfolded),
            "depends_on": get(resource, "depends_on"),
        })
    });
    shown.collect()
}

/// `a.#`, `a.0.b`, `m.%`, `m.k` as lists, objects and maps.
fn unfolded(flat: &Map<String, Value>) -> Value {
    let mut names: Vec<&str> = flat.keys().filter_map(|key| key.split('.').next()).collect();
    names.dedup();
    let members = names.into_iter().map(|name| {
        let value = flat.get(name).map_or_else(|| inside(flat, name), plain);
        (name.to_owned(), value)
    });
    Value::Object(members.collect())
}

/// What stands under a name of a flat list.
fn inside(flat: &Map<String, Value>, name: &str) -> Value {
    let below = |key: &String| key.strip_prefix(name)?.strip_prefix('.').map(str::to_owned);
    let inner: Map<String, Value> =
        flat.iter().filter_map(|(key, value)| Some((below(key)?, value.clone()))).collect();
    if !inner.contains_key("#") {
        let members = inner.into_iter().filter(|(key, _)| key != "%");
        return unfolded(&members.collect());
    }
    let mut keys: Vec<&str> =
        inner.keys().filter_map(|key| key.split('.').next()).filter(|key| *key != "#").collect();
    keys.sort_by_key(|key| key.parse::<u64>().unwrap_or(u64::MAX));
    keys.dedup();
    let items = keys.into_iter();
    items.map(|key| inner.get(key).map_or_else(|| inside(&inner, key), plain)).collect()
}

/// A value that is written as a text whatever it is.
fn plain(value: &Value) -> Value {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    if let Ok(flag) = text.parse::<bool>() {
        return Value::Bool(flag);
    }
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Value::from(number),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_list_unfolds() {
        let flat = json!({ "id": "sg-1", "port": "80", "on": "true", "groups.#": "2", "groups.93": "sg-b", "groups.7": "sg-a",
            "rule.#": "1", "rule.0.cidr": "10.0.0.0/8", "rule.0.ports.#": "1", "rule.0.ports.0": "22", "tags.%": "1", "tags.env": "x" });
        let unfolded = unfolded(flat.as_object().expect("an object"));
        assert_eq!(
            unfolded,
            json!({ "id": "sg-1", "port": 80, "on": true, "groups": ["sg-a", "sg-b"],
                "rule": [{ "cidr": "10.0.0.0/8", "ports": [22] }], "tags": { "env": "x" } })
        );
    }
}
