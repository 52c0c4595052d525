//! Puts mutants into the sources, each behind its number.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::process::{Command, Stdio};

use proc_macro2::LineColumn;
use serde_json::Value;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Where the names of the woven mutants are kept, a line each: number, name.
pub const NAMES: &str = "mutants.names";

/// What asks whether a mutant is on.
const SWITCH: &str = "
#[doc(hidden)]
#[must_use]
pub fn mutated(number: usize) -> bool {
    static ON: std::sync::LazyLock<usize> = std::sync::LazyLock::new(|| {
        let told = std::env::var(\"PATHPROOF_MUTANT\");
        told.ok().and_then(|it| it.parse().ok()).unwrap_or(0)
    });
    *ON == number
}
";

/// A mutant of the list.
struct Mutant {
    file: String,
    name: String,
    genre: String,
    replacement: String,
    /// Line, and column of letters, both from 1, where what it replaces begins.
    at: (usize, usize),
    /// Where its function begins.
    function: (usize, usize),
}

fn place(value: &Value) -> (usize, usize) {
    let number = |name: &str| value[name].as_u64().unwrap_or(0) as usize;
    (number("line"), number("column"))
}

impl Mutant {
    fn of(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            file: text("file"),
            name: text("name"),
            genre: text("genre"),
            replacement: text("replacement"),
            at: place(&value["span"]["start"]),
            function: place(&value["function"]["span"]["start"]),
        }
    }
}

/// What can be done at a place of a source.
enum Site {
    /// The body of a function, after its brace.
    Body(usize),
    /// An expression with an operator: its parts around the operator.
    Operator { whole: Range<usize>, left: Range<usize>, right: Range<usize> },
    /// A guard.
    Guard(Range<usize>),
    /// An arm: where its pattern ends, and its guard.
    Arm(usize, Option<Range<usize>>),
    /// A field of a struct that takes the others from somewhere: all of it, its name, its value, from where.
    Field { whole: Range<usize>, name: String, value: Range<usize>, rest: Range<usize> },
}

/// All places of a source, by what kind of mutant stands there and where it says so.
struct Sites<'a> {
    text: &'a str,
    lines: Vec<usize>,
    found: BTreeMap<(&'static str, (usize, usize)), Site>,
    /// Inside what is evaluated while compiling.
    constant: usize,
}

impl<'a> Sites<'a> {
    fn of(text: &'a str) -> Result<Self, Box<dyn Error>> {
        let mut lines = vec![0];
        lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let mut sites = Self { text, lines, found: BTreeMap::new(), constant: 0 };
        sites.visit_file(&syn::parse_file(text)?);
        Ok(sites)
    }

    fn offset(&self, at: LineColumn) -> usize {
        let start = self.lines[at.line - 1];
        let mut letters = self.text[start..].char_indices();
        start + letters.nth(at.column).map_or(0, |(offset, _)| offset)
    }

    fn range(&self, of: &impl Spanned) -> Range<usize> {
        let span = of.span();
        self.offset(span.start())..self.offset(span.end())
    }

    fn put(&mut self, genre: &'static str, of: &impl Spanned, site: Site) {
        let start = of.span().start();
        if self.constant == 0 {
            self.found.insert((genre, (start.line, start.column + 1)), site);
        }
    }

    fn function(&mut self, whole: &impl Spanned, block: &syn::Block) {
        let body = Site::Body(self.range(block).start + 1);
        self.put("FnValue", whole, body);
    }
}

/// Whether a condition binds names, which cannot be done inside parentheses.
fn binds(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(it) => binds(&it.left) || binds(&it.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Sites<'_> {
    fn visit_item_const(&mut self, it: &'ast syn::ItemConst) {
        self.constant += 1;
        visit::visit_item_const(self, it);
        self.constant -= 1;
    }

    fn visit_item_static(&mut self, it: &'ast syn::ItemStatic) {
        self.constant += 1;
        visit::visit_item_static(self, it);
        self.constant -= 1;
    }

    fn visit_item_fn(&mut self, it: &'ast syn::ItemFn) {
        self.constant += usize::from(it.sig.constness.is_some());
        self.function(it, &it.block);
        visit::visit_item_fn(self, it);
        self.constant -= usize::from(it.sig.constness.is_some());
    }

    fn visit_impl_item_fn(&mut self, it: &'ast syn::ImplItemFn) {
        self.constant += usize::from(it.sig.constness.is_some());
        self.function(it, &it.block);
        visit::visit_impl_item_fn(self, it);
        self.constant -= usize::from(it.sig.constness.is_some());
    }

    fn visit_expr_binary(&mut self, it: &'ast syn::ExprBinary) {
        if !binds(&it.left) && !binds(&it.right) {
            let (whole, left, right) =
                (self.range(it), self.range(&it.left), self.range(&it.right));
            self.put("BinaryOperator", &it.op, Site::Operator { whole, left, right });
        }
        visit::visit_expr_binary(self, it);
    }

    fn visit_expr_unary(&mut self, it: &'ast syn::ExprUnary) {
        let (whole, right) = (self.range(it), self.range(&it.expr));
        let left = whole.start..whole.start;
        self.put("UnaryOperator", &it.op, Site::Operator { whole, left, right });
        visit::visit_expr_unary(self, it);
    }

    fn visit_expr_struct(&mut self, it: &'ast syn::ExprStruct) {
        if let Some(rest) = &it.rest {
            let rest = self.range(rest);
            for field in &it.fields {
                let syn::Member::Named(name) = &field.member else {
                    continue;
                };
                let (whole, value) = (self.range(field), self.range(&field.expr));
                let site = Site::Field { whole, name: name.to_string(), value, rest: rest.clone() };
                self.put("StructField", field, site);
            }
        }
        visit::visit_expr_struct(self, it);
    }

    fn visit_arm(&mut self, it: &'ast syn::Arm) {
        let guard = it.guard.as_ref().map(|(_, guard)| &**guard);
        if !guard.is_some_and(binds) {
            let guarded = guard.map(|guard| self.range(guard));
            let end = self.range(&it.pat).end;
            if let (Some(guard), Some(range)) = (guard, &guarded) {
                self.put("MatchArmGuard", guard, Site::Guard(range.clone()));
            }
            self.put("MatchArm", it, Site::Arm(end, guarded));
        }
        visit::visit_arm(self, it);
    }
}

/// An edit: what is replaced, and with what; insertions are empty ranges.
struct Edits {
    /// Ends of ranges by their beginning, with the text that comes there.
    all: Vec<(Range<usize>, String)>,
}

impl Edits {
    /// Whether an edit can be made beside the others.
    fn fits(&self, range: &Range<usize>) -> bool {
        let apart = |other: &Range<usize>| range.end <= other.start || other.end <= range.start;
        self.all.iter().all(|(other, _)| apart(other))
    }

    fn applied(mut self, text: &str) -> String {
        self.all.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut woven, mut at) = (String::new(), 0);
        for (range, new) in self.all {
            woven += &text[at..range.start];
            woven += &new;
            at = range.end;
        }
        woven + &text[at..]
    }
}

/// The text of a place with one mutant, or nothing where another one is in the way.
fn edit(text: &str, site: &Site, mutant: &Mutant, number: usize) -> (Range<usize>, String) {
    let on = format!("crate::mutated({number})");
    let replacement = &mutant.replacement;
    match site {
        Site::Body(at) => (*at..*at, format!(" if {on} {{ return {replacement}; }}")),
        Site::Operator { whole, left, right } => {
            let (left, right, old) =
                (&text[left.clone()], &text[right.clone()], &text[whole.clone()]);
            let new = format!("{left} {replacement} {right}");
            (whole.clone(), format!("(if {on} {{ {new} }} else {{ {old} }})"))
        }
        Site::Guard(range) => {
            let old = &text[range.clone()];
            let new = match replacement.as_str() {
                "true" => format!("({on} || ({old}))"),
                _ => format!("(!{on} && ({old}))"),
            };
            (range.clone(), new)
        }
        Site::Field { whole, name, value, rest } => {
            let (value, rest) = (&text[value.clone()], &text[rest.clone()]);
            (whole.clone(), format!("{name}: if {on} {{ ({rest}).{name} }} else {{ {value} }}"))
        }
        Site::Arm(end, None) => (*end..*end, format!(" if !{on}")),
        Site::Arm(_, Some(guard)) => {
            let old = &text[guard.clone()];
            (guard.clone(), format!("(!{on} && ({old}))"))
        }
    }
}

/// The same order for the same seed: a linear congruence is enough to shuffle.
fn shuffled(mut all: Vec<Mutant>, seed: u64) -> Vec<Mutant> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for at in (1..all.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = (state >> 33) as usize % (at + 1);
        all.swap(at, other);
    }
    all
}

/// A list of mutants, and the sources that they are of.
struct Cloth {
    shuffled: Vec<Mutant>,
    texts: BTreeMap<String, String>,
    root: String,
}

/// Takes a sample of the list and writes the sources with it; those that do not compile make room for others.
pub fn weave(list: &str, seed: &str, count: &str) -> Result<(), Box<dyn Error>> {
    let (seed, count): (u64, usize) = (seed.parse()?, count.parse()?);
    let list: Value = serde_json::from_str(&fs::read_to_string(list)?)?;
    let all = list.as_array().ok_or("the list is no array")?;
    let all: Vec<Mutant> = all.iter().map(Mutant::of).collect();
    let files: BTreeSet<String> = all.iter().map(|it| it.file.clone()).collect();
    let texts = files.into_iter().map(|file| {
        let text = fs::read_to_string(&file)?;
        Ok((file, text))
    });
    let texts = texts.collect::<std::io::Result<_>>()?;
    let cloth =
        Cloth { shuffled: shuffled(all, seed), texts, root: fs::read_to_string("src/lib.rs")? };
    let mut unviable = BTreeSet::new();
    loop {
        let woven = cloth.woven(count, &unviable)?;
        let wrong = not_compiling()?;
        if wrong.is_empty() {
            println!(
                "{} of {} mutants woven with seed {seed}; {} do not compile",
                woven.len(),
                cloth.shuffled.len(),
                unviable.len()
            );
            return Ok(());
        }
        unviable.extend(wrong.iter().filter_map(|number| woven.get(number - 1).cloned()));
        eprintln!("{} do not compile so far", unviable.len());
    }
}

impl Cloth {
    /// Writes the sources with so many mutants; their names.
    fn woven(
        &self,
        count: usize,
        unviable: &BTreeSet<String>,
    ) -> Result<Vec<String>, Box<dyn Error>> {
        let mut sites = BTreeMap::new();
        for (file, text) in &self.texts {
            sites.insert(
                file.as_str(),
                Sites::of(text).map_err(|error| format!("{file}: {error}"))?,
            );
        }
        let mut edits: BTreeMap<&str, Edits> = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        let mut passed_over: BTreeMap<String, usize> = BTreeMap::new();
        for mutant in &self.shuffled {
            if names.len() == count {
                break;
            }
            if unviable.contains(&mutant.name) {
                continue;
            }
            let (file, known) = sites.get_key_value(mutant.file.as_str()).ok_or("a file")?;
            let at = if mutant.genre == "FnValue" { mutant.function } else { mutant.at };
            let mut all = known.found.iter();
            let site = all.find(|((genre, place), _)| *genre == mutant.genre && *place == at);
            // Of an iterator there cannot be two types behind a switch.
            let site = site.filter(|_| !mutant.replacement.contains("::std::iter::"));
            let Some((_, site)) = site else {
                *passed_over
                    .entry(format!("{} that cannot be switched", mutant.genre))
                    .or_default() += 1;
                continue;
            };
            let (range, new) = edit(&self.texts[*file], site, mutant, names.len() + 1);
            let edits = edits.entry(*file).or_insert(Edits { all: Vec::new() });
            if !edits.fits(&range) {
                *passed_over.entry("beside another one".into()).or_default() += 1;
                continue;
            }
            edits.all.push((range, new));
            names.push(mutant.name.clone());
        }
        for (file, text) in &self.texts {
            let edits = edits.remove(file.as_str()).unwrap_or(Edits { all: Vec::new() });
            fs::write(file, edits.applied(text))?;
        }
        fs::write("src/lib.rs", format!("{}{SWITCH}", self.root))?;
        let lines = names.iter().zip(1..).map(|(name, number)| format!("{number}\t{name}\n"));
        fs::write(NAMES, lines.collect::<String>())?;
        eprintln!("passed over on the way: {passed_over:?}");
        Ok(names)
    }
}

/// The numbers of the mutants that the compiler complains about.
fn not_compiling() -> Result<BTreeSet<usize>, Box<dyn Error>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["check", "--lib", "--message-format", "json"]).stderr(Stdio::null());
    let output = cargo.output()?;
    let mut wrong = BTreeSet::new();
    let mut elsewhere = String::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(told) = serde_json::from_slice::<Value>(line) else {
            continue;
        };
        if told["message"]["level"] != "error" {
            continue;
        }
        let spans = told["message"]["spans"].as_array().cloned().unwrap_or_default();
        let before = wrong.len();
        for primary in [true, false] {
            for span in spans.iter().filter(|span| span["is_primary"] == primary) {
                if wrong.len() == before || primary {
                    wrong.extend(blamed(span)?);
                }
            }
        }
        if wrong.len() == before && !spans.is_empty() {
            elsewhere += told["message"]["rendered"].as_str().unwrap_or_default();
        }
    }
    if wrong.is_empty() && !output.status.success() {
        return Err(format!("it does not compile:\n{elsewhere}").into());
    }
    Ok(wrong)
}

/// The mutants on the lines that an error points at.
fn blamed(span: &Value) -> Result<Vec<usize>, Box<dyn Error>> {
    let line = |name: &str| span[name].as_u64().unwrap_or(1) as usize;
    let text = fs::read_to_string(span["file_name"].as_str().unwrap_or_default())?;
    let lines =
        text.lines().skip(line("line_start") - 1).take(line("line_end") + 1 - line("line_start"));
    let mut numbers = Vec::new();
    for line in lines {
        let after = line.split("crate::mutated(").skip(1);
        numbers.extend(after.filter_map(|rest| rest.split(')').next()?.parse::<usize>().ok()));
    }
    Ok(numbers)
}
