//! Expressions of a configuration, evaluated as far as they are certain before anything is created.

use std::cell::Cell;

use hcl::expr::{
    BinaryOperator, Conditional, ForExpr, FuncCall, ObjectKey, Operation, TemplateExpr, Traversal,
    TraversalOperator, UnaryOperator,
};
use hcl::template::{Element, Strip, Template};
use hcl::{Expression, Number};
use serde_json::{Value, json};

use super::Config;
use super::function::{call, equal};
use super::term::{Term, Told};
use crate::diagnostic::{Words, words};
use crate::import::terraform::input::{Input, get, list, own_ids};
use crate::import::terraform::reference::{Call, Key};

/// How deep expressions may lead into one another.
const DEEPEST: usize = 200;

/// How many expressions may be evaluated for one resource: locals that double one another would never end.
const MOST: usize = 200_000;

/// Where an expression stands.
#[derive(Clone, Debug, Default)]
pub struct Frame<'c> {
    /// The module instance.
    pub module: Vec<Call>,
    /// The key of the instance that the expression belongs to.
    pub key: Option<Key>,
    /// What `for_each` of its block says.
    pub for_each: Option<&'c Expression>,
    /// Names that `for` gives.
    pub bound: Vec<(String, Term)>,
    /// How many expressions lead to it.
    pub depth: usize,
}

impl Frame<'_> {
    /// The place of something in a module instance that is no block of several.
    pub fn of(module: &[Call]) -> Self {
        Self { module: module.to_vec(), ..Self::default() }
    }

    /// What a name means that `for` gives.
    fn named(&self, name: &str) -> Told {
        let mut bound = self.bound.iter().rev().filter(|(own, _)| own == name);
        let bound = bound.next().map(|(_, it)| it.clone());
        bound.ok_or_else(|| lost(name))
    }
}

/// What is evaluated, and against what.
pub struct Evaluator<'c, 'j> {
    /// The `.tf` files.
    pub config: &'c Config,
    /// The plan.
    pub input: &'c Input<'j>,
    /// What data sources have read, by address.
    pub data: Vec<(&'j str, &'j Value)>,
    /// How many expressions were evaluated since `start`.
    pub spent: Cell<usize>,
}

/// What only the cloud will tell.
pub fn lost(what: &str) -> Words {
    words!("`{what}` is not known before the plan is applied", "`{what}` 在计划应用之前未知")
}

impl<'c> Evaluator<'c, '_> {
    /// Begins with another resource.
    pub fn start(&self) {
        self.spent.set(0);
    }

    /// What an expression gives.
    pub fn eval(&self, expression: &Expression, frame: &Frame<'c>) -> Told {
        if frame.depth > DEEPEST {
            return Err(Words::new("it leads in a circle", "表达式循环引用"));
        }
        self.spent.set(self.spent.get() + 1);
        if self.spent.get() > MOST {
            return Err(Words::new("it takes too many steps", "求值步骤过多"));
        }
        let frame = &Frame { depth: frame.depth + 1, ..frame.clone() };
        match expression {
            Expression::Null => Ok(Term::Known(Value::Null)),
            Expression::Bool(flag) => Ok(Term::Known(json!(flag))),
            Expression::Number(number) => Ok(Term::Known(of_number(number))),
            Expression::String(text) => Ok(Term::Known(json!(text))),
            Expression::Array(items) => {
                let items: Result<Vec<Term>, Words> =
                    items.iter().map(|it| self.eval(it, frame)).collect();
                items.map(Term::List)
            }
            Expression::Object(members) => {
                let mut all = std::collections::BTreeMap::new();
                for (key, value) in members {
                    let key = match key {
                        ObjectKey::Identifier(name) => name.to_string(),
                        ObjectKey::Expression(key) => self.word(key, frame)?,
                        _ => return Err(strange()),
                    };
                    all.insert(key, self.eval(value, frame)?);
                }
                Ok(Term::Map(all.into_iter().collect()))
            }
            Expression::TemplateExpr(template) => self.template(template, frame),
            Expression::Variable(name) => frame.named(name.as_str()),
            Expression::Traversal(traversal) => self.traversal(traversal, frame),
            Expression::FuncCall(function) => self.function(function, frame),
            Expression::Parenthesis(inner) => self.eval(inner, frame),
            Expression::Conditional(conditional) => self.conditional(conditional, frame),
            Expression::Operation(operation) => self.operation(operation, frame),
            Expression::ForExpr(each) => self.for_each_item(each, frame),
            _ => Err(strange()),
        }
    }

    /// A key of an object: a name stands for itself.
    pub(super) fn word(&self, key: &Expression, frame: &Frame<'c>) -> Result<String, Words> {
        if let Expression::Variable(name) = key {
            return Ok(name.to_string());
        }
        self.eval(key, frame)?.text().ok_or_else(strange)
    }

    /// A text with parts that are evaluated. One such part alone is its value, whatever that is.
    fn template(&self, template: &TemplateExpr, frame: &Frame<'c>) -> Told {
        let template = Template::from_expr(template).map_err(|_| strange())?;
        let is_plain = |inner: &hcl::template::Interpolation| inner.strip == Strip::None;
        if let [Element::Interpolation(only)] = template.elements() {
            return self.eval(&only.expr, frame);
        }
        let mut text = String::new();
        let mut is_known = true;
        for element in template.elements() {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(inner) if is_plain(inner) => {
                    match self.eval(&inner.expr, frame)? {
                        Term::Id(id) | Term::Woven(id) => {
                            is_known = false;
                            text.push_str(&id);
                        }
                        term => text.push_str(&term.text().ok_or_else(strange)?),
                    }
                }
                Element::Interpolation(_) | Element::Directive(_) => return Err(strange()),
            }
        }
        Ok(if is_known { Term::Known(Value::from(text)) } else { Term::Woven(text) })
    }

    fn traversal(&self, traversal: &Traversal, frame: &Frame<'c>) -> Told {
        let operators = &traversal.operators[..];
        let Expression::Variable(root) = &traversal.expr else {
            let base = self.eval(&traversal.expr, frame)?;
            return self.follow(base, operators, frame);
        };
        let root = root.as_str();
        if frame.bound.iter().any(|(own, _)| own == root) {
            return self.follow(frame.named(root)?, operators, frame);
        }
        let [TraversalOperator::GetAttr(name), rest @ ..] = operators else {
            return Err(lost(root));
        };
        let name = name.as_str();
        let (base, rest) = match (root, rest) {
            ("var", rest) => (self.variable(name, frame)?, rest),
            ("local", rest) => (self.local(name, frame)?, rest),
            ("each" | "count", rest) => (self.own(root, name, frame)?, rest),
            ("module", rest) => (self.modules(name, frame)?, rest),
            ("data", [TraversalOperator::GetAttr(of), rest @ ..]) => {
                (self.data(name, of.as_str(), frame)?, rest)
            }
            (kind, rest) => (self.resources(kind, name, frame)?, rest),
        };
        self.follow(base, rest, frame)
    }

    fn follow(&self, base: Term, operators: &[TraversalOperator], frame: &Frame<'c>) -> Told {
        let Some((operator, rest)) = operators.split_first() else {
            return Ok(base);
        };
        let next = match operator {
            TraversalOperator::GetAttr(name) => self.member(&base, name.as_str(), frame)?,
            TraversalOperator::Index(key) => base.element(&self.eval(key, frame)?)?,
            TraversalOperator::LegacyIndex(at) => base.element(&Term::Known(json!(at)))?,
            TraversalOperator::AttrSplat | TraversalOperator::FullSplat => {
                let items = match base.items().filter(|_| !base.is_map()) {
                    Some(items) => items,
                    None if base.is_null() => Vec::new(),
                    None => vec![base],
                };
                let all: Result<Vec<Term>, Words> =
                    items.into_iter().map(|it| self.follow(it, rest, frame)).collect();
                return all.map(Term::List);
            }
        };
        self.follow(next, rest, frame)
    }

    fn member(&self, base: &Term, name: &str, frame: &Frame<'c>) -> Told {
        match base {
            Term::Resource(index) => {
                let resource = &self.input.resources[*index];
                let value = get(resource.values, name);
                let unknown = get(resource.unknown, name);
                if !value.is_null() && !holds_true(unknown) {
                    return Ok(Term::Known(value.clone()));
                }
                if own_ids(resource.kind).contains(&name) {
                    return Ok(Term::Id(resource.address.to_owned()));
                }
                Err(lost(&format!("{}.{name}", resource.address)))
            }
            Term::Module(module) => self.output(module, name, frame),
            _ => base.element(&Term::Known(json!(name))),
        }
    }

    fn function(&self, function: &FuncCall, frame: &Frame<'c>) -> Told {
        let name = function.name.name.as_str();
        if !function.name.namespace.is_empty() {
            return Err(super::function::unknown(name));
        }
        if name == "try" {
            // whether the first one fails is only known where it is known
            let first = function.args.first().ok_or_else(strange)?;
            return self.eval(first, frame);
        }
        let arguments: Result<Vec<Term>, Words> =
            function.args.iter().map(|it| self.eval(it, frame)).collect();
        let mut arguments = arguments?;
        if function.expand_final
            && let Some(last) = arguments.pop()
        {
            arguments.extend(last.items().ok_or_else(strange)?);
        }
        call(name, &arguments)
    }

    fn conditional(&self, conditional: &Conditional, frame: &Frame<'c>) -> Told {
        let holds = self.eval(&conditional.cond_expr, frame)?.flag().ok_or_else(strange)?;
        let branch = if holds { &conditional.true_expr } else { &conditional.false_expr };
        self.eval(branch, frame)
    }

    fn operation(&self, operation: &Operation, frame: &Frame<'c>) -> Told {
        let flag = |flag: bool| Term::Known(Value::Bool(flag));
        let binary = match operation {
            Operation::Unary(unary) => {
                let value = self.eval(&unary.expr, frame)?;
                return match unary.operator {
                    UnaryOperator::Not => value.flag().map(|it| flag(!it)).ok_or_else(strange),
                    UnaryOperator::Neg => Err(strange()),
                };
            }
            Operation::Binary(binary) => binary,
        };
        let one = self.eval(&binary.lhs_expr, frame);
        let other = self.eval(&binary.rhs_expr, frame);
        let told = |it: &Told| it.as_ref().ok().and_then(Term::flag);
        // one side may decide alone
        match (binary.operator, told(&one), told(&other)) {
            (BinaryOperator::And, Some(false), _) | (BinaryOperator::And, _, Some(false)) => {
                return Ok(flag(false));
            }
            (BinaryOperator::Or, Some(true), _) | (BinaryOperator::Or, _, Some(true)) => {
                return Ok(flag(true));
            }
            _ => {}
        }
        let (one, other) = (one?, other?);
        let number = |term: &Term| term.text()?.parse::<f64>().ok();
        let both = number(&one).zip(number(&other));
        let outcome = match binary.operator {
            BinaryOperator::Eq => equal(&one, &other),
            BinaryOperator::NotEq => equal(&one, &other).map(|it| !it),
            BinaryOperator::And | BinaryOperator::Or => one.flag().and(other.flag()),
            BinaryOperator::Less => both.map(|(one, other)| one < other),
            BinaryOperator::LessEq => both.map(|(one, other)| one <= other),
            BinaryOperator::Greater => both.map(|(one, other)| one > other),
            BinaryOperator::GreaterEq => both.map(|(one, other)| one >= other),
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Mul
            | BinaryOperator::Div
            | BinaryOperator::Mod => {
                return counted(binary.operator, &one, &other).ok_or_else(strange);
            }
        };
        outcome.map(flag).ok_or_else(strange)
    }

    fn for_each_item(&self, each: &ForExpr, frame: &Frame<'c>) -> Told {
        if each.grouping {
            return Err(strange());
        }
        let all = self.eval(&each.collection_expr, frame)?;
        let mut items = Vec::new();
        let mut members = std::collections::BTreeMap::new();
        for (key, value) in all.members().ok_or_else(strange)? {
            let mut inner = frame.clone();
            if let Some(name) = &each.key_var {
                let key = match key.parse::<u64>() {
                    Ok(at) if all.is_list() => json!(at),
                    _ => json!(key),
                };
                inner.bound.push((name.to_string(), Term::Known(key)));
            }
            inner.bound.push((each.value_var.to_string(), value));
            if let Some(cond) = &each.cond_expr
                && !self.eval(cond, &inner)?.flag().ok_or_else(strange)?
            {
                continue;
            }
            let value = self.eval(&each.value_expr, &inner)?;
            match &each.key_expr {
                Some(key) => {
                    let key = self.eval(key, &inner)?.text().ok_or_else(strange)?;
                    members.insert(key, value);
                }
                None => items.push(value),
            }
        }
        Ok(match each.key_expr {
            Some(_) => Term::Map(members.into_iter().collect()),
            None => Term::List(items),
        })
    }
}

/// Whole numbers, as keys and positions are reckoned; a quotient is not one.
fn counted(operator: BinaryOperator, one: &Term, other: &Term) -> Option<Term> {
    let whole = |term: &Term| term.text()?.parse::<i64>().ok();
    let (one, other) = (whole(one)?, whole(other)?);
    let outcome = match operator {
        BinaryOperator::Plus => one.checked_add(other),
        BinaryOperator::Minus => one.checked_sub(other),
        BinaryOperator::Mul => one.checked_mul(other),
        BinaryOperator::Mod => one.checked_rem(other),
        _ => None,
    };
    outcome.map(|it| Term::Known(json!(it)))
}

/// What is not evaluated at all.
pub fn strange() -> Words {
    Words::new("a part of it is not evaluated", "其中一部分不求值")
}

fn of_number(number: &Number) -> Value {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => json!(whole),
        (None, Some(broken)) => json!(broken),
        (None, None) => Value::Null,
    }
}

/// Whether something in a mark of `after_unknown` says that it is not known.
pub fn holds_true(mark: &Value) -> bool {
    match mark {
        Value::Bool(flag) => *flag,
        Value::Array(_) => list(mark).iter().any(holds_true),
        Value::Object(members) => members.values().any(holds_true),
        _ => false,
    }
}
