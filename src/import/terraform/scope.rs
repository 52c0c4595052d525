//! What a reference leads to: resources, values, or nothing that the plan tells.
//!
//! A plan writes an expression as a flat list of references, without what joins them. Each is followed here through
//! variables, outputs and the keys of `count` and `for_each`; choosing among several is done in `resolve`.

use serde_json::Value;

use super::input::{Input, NOTHING, get, list};
use super::reference::{Call, Key, Step, collapse, steps};

/// How many references may lead to one another.
const DEEPEST: usize = 40;

/// Where an expression stands.
#[derive(Clone, Debug)]
pub struct Frame<'j> {
    /// The module instance.
    pub module: Vec<Call>,
    /// The key of the instance that the expression belongs to.
    key: Option<Key>,
    /// What `for_each` of its block says.
    for_each: &'j Value,
    /// The keys of all instances of its block.
    keys: Vec<Key>,
}

/// What one reference leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// One resource, and the attribute of it.
    Resource(usize, Vec<Step>),
    /// The instances of a block, without saying which.
    Several(Vec<(Key, usize)>, Vec<Step>),
    /// A value that the plan tells.
    Value(Value),
    /// `each.key` or `count.index`: the own key, and all keys of the own block.
    Own(Key, Vec<Key>),
    /// What is no part of the cloud: a workspace, a path, a resource of another provider.
    Foreign,
    /// What the plan does not tell: the reference, and the module instance where it stands.
    Untold(String, Vec<Call>),
}

impl<'j> Frame<'j> {
    /// What `for_each` of the block says.
    pub fn for_each(&self) -> &'j Value {
        self.for_each
    }
}

impl<'j> Input<'j> {
    /// Where the expressions of a resource stand.
    pub fn frame(&self, resource: usize) -> Frame<'j> {
        let resource = &self.resources[resource];
        let siblings = self.instances(&resource.module, resource.kind, resource.name);
        let keys = siblings.iter().filter_map(|index| self.resources[*index].key.clone());
        Frame {
            module: resource.module.clone(),
            key: resource.key.clone(),
            for_each: get(resource.block, "for_each_expression"),
            keys: keys.collect(),
        }
    }

    /// What the references of an expression lead to, in their order.
    pub fn items(&self, frame: &Frame<'j>, expression: &'j Value, depth: usize) -> Vec<Item> {
        if let Some(value) = expression.get("constant_value") {
            return vec![Item::Value(value.clone())];
        }
        let references = list(get(expression, "references")).iter();
        let references = collapse(references.filter_map(Value::as_str));
        references
            .into_iter()
            .flat_map(|reference| self.item(frame, reference, depth + 1))
            .collect()
    }

    fn item(&self, frame: &Frame<'j>, reference: &str, depth: usize) -> Vec<Item> {
        let untold = || vec![Item::Untold(reference.to_owned(), frame.module.clone())];
        let steps = steps(reference);
        let (Some(Step::Name(head)), true) = (steps.first(), depth < DEEPEST) else {
            return untold();
        };
        match (head.as_str(), steps.get(1)) {
            ("var", Some(Step::Name(name))) => self
                .variable(frame, name, depth)
                .map_or_else(untold, |items| within(items, &steps[2..], &untold)),
            ("each" | "count", Some(Step::Name(part))) if part != "value" => frame
                .key
                .clone()
                .map_or_else(untold, |key| vec![Item::Own(key, frame.keys.clone())]),
            ("each", Some(_)) => self.element(frame, &steps[2..], depth, &untold),
            ("module", Some(Step::Name(name))) => {
                self.output(frame, name, &steps[2..], depth, &untold)
            }
            ("path" | "terraform" | "self", _) => vec![Item::Foreign],
            (kind, Some(Step::Name(name))) if kind != "local" && kind != "data" => {
                if !kind.starts_with("tencentcloud_") {
                    return vec![Item::Foreign];
                }
                self.resource(frame, kind, name, &steps[2..])
            }
            _ => untold(),
        }
    }

    /// The resource that `TYPE.NAME…` names, or the instances of the block.
    fn resource(&self, frame: &Frame<'j>, kind: &str, name: &str, rest: &[Step]) -> Vec<Item> {
        let instances = self.instances(&frame.module, kind, name);
        if let Some(Step::Index(key)) = rest.first() {
            let mut instances = instances.iter();
            let found = instances.find(|index| self.resources[**index].key.as_ref() == Some(key));
            let found = found.map(|index| Item::Resource(*index, rest[1..].to_vec()));
            return found.into_iter().collect();
        }
        match *instances {
            [] => Vec::new(),
            [one] if self.resources[one].key.is_none() => {
                vec![Item::Resource(one, rest.to_vec())]
            }
            _ => {
                let keyed = instances.iter();
                let keyed =
                    keyed.filter_map(|index| Some((self.resources[*index].key.clone()?, *index)));
                vec![Item::Several(keyed.collect(), rest.to_vec())]
            }
        }
    }

    /// What a variable holds: the root's are in the plan, a module's come from its caller.
    fn variable(&self, frame: &Frame<'j>, name: &str, depth: usize) -> Option<Vec<Item>> {
        let Some((call, caller)) = frame.module.split_last() else {
            let value = get(get(self.variables, name), "value");
            let default = get(get(get(self.configuration, "variables"), name), "default");
            let value = if value.is_null() { default } else { value };
            return (!value.is_null()).then(|| vec![Item::Value(value.clone())]);
        };
        let block = get(get(self.module(caller), "module_calls"), &call.name);
        let expression = get(get(block, "expressions"), name);
        if expression.is_null() {
            let variables = get(self.module(&frame.module), "variables");
            let default = get(get(variables, name), "default");
            return (!default.is_null()).then(|| vec![Item::Value(default.clone())]);
        }
        let items = self.items(&self.caller(call, caller, block), expression, depth);
        (!items.is_empty()).then_some(items)
    }

    /// What the call of a module gives it, whatever the names.
    pub fn given(&self, module: &[Call]) -> Vec<Item> {
        let Some((call, caller)) = module.split_last() else {
            return Vec::new();
        };
        let block = get(get(self.module(caller), "module_calls"), &call.name);
        let frame = self.caller(call, caller, block);
        let all = get(block, "expressions").as_object().into_iter().flatten();
        all.flat_map(|(_, expression)| self.items(&frame, expression, 0)).collect()
    }

    /// Where the expressions of a module call stand.
    fn caller(&self, call: &Call, caller: &[Call], block: &'j Value) -> Frame<'j> {
        let mut keys: Vec<Key> = Vec::new();
        for resource in &self.resources {
            let is_instance = resource.module.len() > caller.len()
                && resource.module.starts_with(caller)
                && resource.module[caller.len()].name == call.name;
            let key = is_instance.then(|| resource.module[caller.len()].key.clone()).flatten();
            keys.extend(key.filter(|key| !keys.contains(key)));
        }
        Frame {
            module: caller.to_vec(),
            key: call.key.clone(),
            for_each: get(block, "for_each_expression"),
            keys,
        }
    }

    /// `each.value…`: the element of `for_each` at the own key.
    fn element(
        &self,
        frame: &Frame<'j>,
        rest: &[Step],
        depth: usize,
        untold: &dyn Fn() -> Vec<Item>,
    ) -> Vec<Item> {
        let Some(key) = &frame.key else {
            return untold();
        };
        let all = self.items(frame, frame.for_each, depth);
        match &all[..] {
            // a set that a function made of constants: its elements are its keys
            [] if frame.for_each.get("references").is_none() && rest.is_empty() => {
                vec![Item::Own(key.clone(), frame.keys.clone())]
            }
            [Item::Value(Value::Array(_))] if rest.is_empty() => {
                vec![Item::Own(key.clone(), frame.keys.clone())]
            }
            [_] => {
                let mut steps = vec![Step::Index(key.clone())];
                steps.extend_from_slice(rest);
                within(all, &steps, untold)
            }
            _ => untold(),
        }
    }

    /// `module.NAME[KEY].OUTPUT…`.
    fn output(
        &self,
        frame: &Frame<'j>,
        name: &str,
        rest: &[Step],
        depth: usize,
        untold: &dyn Fn() -> Vec<Item>,
    ) -> Vec<Item> {
        let (key, rest) = match rest {
            [Step::Index(key), rest @ ..] => (Some(key.clone()), rest),
            rest => (None, rest),
        };
        let [Step::Name(output), rest @ ..] = rest else {
            return untold();
        };
        let mut module = frame.module.clone();
        module.push(Call { name: name.to_owned(), key });
        let config = self.module(&module);
        let expression = get(get(get(config, "outputs"), output), "expression");
        if expression.is_null() {
            return untold();
        }
        let inside = Frame { module, key: None, for_each: NOTHING, keys: Vec::new() };
        let items = self.items(&inside, expression, depth);
        if items.is_empty() {
            return untold();
        }
        within(items, rest, untold)
    }

    /// A value that an expression of the root gives, as far as the plan tells.
    pub fn value(&self, frame: &Frame<'j>, expression: &'j Value) -> Option<Value> {
        match &self.items(frame, expression, 0)[..] {
            [Item::Value(value)] => Some(value.clone()),
            [Item::Own(Key::Text(key), _)] => Some(Value::from(key.as_str())),
            [Item::Own(Key::Number(number), _)] => Some(Value::from(*number)),
            _ => None,
        }
    }

    /// Where the expressions of the root module stand.
    pub fn root() -> Frame<'j> {
        Frame { module: Vec::new(), key: None, for_each: NOTHING, keys: Vec::new() }
    }
}

/// What stands behind a reference, picked from what it leads to.
fn within(items: Vec<Item>, rest: &[Step], untold: &dyn Fn() -> Vec<Item>) -> Vec<Item> {
    let [first, more @ ..] = rest else {
        return items;
    };
    if let (Step::Index(Key::Number(number)), true) = (first, items.len() > 1) {
        let number = usize::try_from(*number).unwrap_or(usize::MAX);
        let item = items.into_iter().nth(number);
        return item.map_or_else(untold, |item| within(vec![item], more, untold));
    }
    let items = items.into_iter().flat_map(|item| match (item, first) {
        (Item::Value(value), step) => match step_into(&value, step) {
            Some(inner) => within(vec![Item::Value(inner.clone())], more, untold),
            None => untold(),
        },
        (Item::Several(all, steps), Step::Index(key)) => {
            match all.iter().find(|(other, _)| other == key) {
                Some((_, index)) => {
                    let steps = [&steps[..], more].concat();
                    vec![Item::Resource(*index, steps)]
                }
                None => untold(),
            }
        }
        (Item::Several(all, steps), Step::Name(_)) => {
            vec![Item::Several(all, [&steps[..], rest].concat())]
        }
        // a list of one element, written out
        (Item::Resource(index, steps), Step::Index(_)) => {
            vec![Item::Resource(index, [&steps[..], more].concat())]
        }
        (Item::Resource(index, steps), Step::Name(_)) => {
            vec![Item::Resource(index, [&steps[..], rest].concat())]
        }
        (other, _) => vec![other],
    });
    items.collect()
}

fn step_into<'v>(value: &'v Value, step: &Step) -> Option<&'v Value> {
    match step {
        Step::Name(name) | Step::Index(Key::Text(name)) => value.get(name),
        Step::Index(Key::Number(number)) => match value {
            Value::Array(_) => value.get(usize::try_from(*number).ok()?),
            _ => value.get(number.to_string()),
        },
    }
}
