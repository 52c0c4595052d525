//! The words for `from` and `to`: ids, addresses, tags, `internet`, joined by `|`, `&`, `!` and parentheses
//! (section 4 of the format). `!` binds strongest, then `&`, then `|`.
//!
//! The tree that comes out is as deep as the parentheses are, however many sets are joined.
//!
//! Deliberately not here: whether the ids and addresses exist (`who`).

use std::net::IpAddr;
use std::ops::Range;
use std::str::FromStr;

use ipnet::IpNet;

use super::mistake::Mistake;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::query::Selector;
use crate::space::AddressSet;

/// How deep parentheses and `!` may nest.
const DEEPEST: usize = 64;

/// A selector and the words it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The set.
    pub selector: Selector,
    /// Its words in order.
    pub atoms: Vec<Atom>,
}

/// One word of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Atom {
    /// Where in the text it stands.
    pub at: Range<usize>,
    /// What it means; a leaf.
    pub means: Selector,
    /// Whether what it names is left out of the set rather than taken in.
    pub excluded: bool,
    /// The CIDR as written, if it has host bits.
    pub host_bits: Option<IpNet>,
}

/// Reads a selector.
pub fn parse(text: &str) -> Result<Parsed, Mistake> {
    let mut parser = Parser { text, at: 0, depth: 0, excluded: false, atoms: Vec::new() };
    let selector = parser.either()?;
    match parser.peek() {
        None => Ok(Parsed { selector, atoms: parser.atoms }),
        Some(')') => {
            Err(parser.malformed(Words::new("this `)` closes nothing", "这个 `)` 没有对应的 `(`")))
        }
        Some(_) => Err(parser
            .malformed(Words::new("two sets stand side by side", "两个集合之间缺少运算符"))
            .with_help(Some(Words::new(
                "join them: `a | b` is either, `a & b` is both",
                "请用运算符连接：`a | b` 表示并集，`a & b` 表示交集",
            )))),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    excluded: bool,
    atoms: Vec<Atom>,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Selector, Mistake> {
        let mut sets = vec![self.both()?];
        while self.eat('|') {
            sets.push(self.both()?);
        }
        Ok(joined(sets, Selector::Or))
    }

    fn both(&mut self) -> Result<Selector, Mistake> {
        let mut sets = vec![self.one()?];
        while self.eat('&') {
            sets.push(self.one()?);
        }
        Ok(joined(sets, Selector::And))
    }

    fn one(&mut self) -> Result<Selector, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let mistake = self.malformed(Words::new(
                format!("more than {DEEPEST} levels of `(` and `!`"),
                format!("`(` 与 `!` 的嵌套超过 {DEEPEST} 层"),
            ));
            return Err(Mistake { code: Code::TooDeep, ..mistake });
        }
        let set = if self.eat('!') {
            self.excluded = !self.excluded;
            let set = self.one()?;
            self.excluded = !self.excluded;
            Selector::Not(Box::new(set))
        } else if self.peek() == Some('(') {
            let opened = self.at..self.at + 1;
            self.eat('(');
            let set = self.either()?;
            if !self.eat(')') {
                return Err(match self.peek() {
                    None => {
                        malformed(opened, Words::new("this `(` is not closed", "这个 `(` 没有闭合"))
                    }
                    Some(_) => self.malformed(Words::new(
                        "a `)` or `|` or `&` is missing before this",
                        "此处之前缺少 `)`、`|` 或 `&`",
                    )),
                });
            }
            set
        } else {
            self.word()?
        };
        self.depth -= 1;
        Ok(set)
    }

    fn word(&mut self) -> Result<Selector, Mistake> {
        match self.peek() {
            None if self.text.trim().is_empty() => {
                return Err(self.malformed(Words::new("the set is empty", "集合为空")));
            }
            None => {
                return Err(
                    self.malformed(Words::new("a set is missing at the end", "末尾缺少一个集合"))
                );
            }
            Some(',') => {
                let help = Some(Words::new("join sets with `|`", "请用 `|` 连接集合"));
                return Err(self
                    .malformed(Words::new("`,` has no meaning here", "`,` 在此处没有意义"))
                    .with_help(help));
            }
            Some(letter @ ('|' | '&' | ')')) => {
                return Err(self.malformed(Words::new(
                    format!("a set is missing before `{letter}`"),
                    format!("`{letter}` 之前缺少一个集合"),
                )));
            }
            Some(_) => {}
        }
        let rest = &self.text[self.at..];
        let end = rest.find(|letter: char| letter.is_whitespace() || "|&!(),".contains(letter));
        let word = &rest[..end.unwrap_or(rest.len())];
        let at = self.at..self.at + word.len();
        self.at = at.end;
        if let Some((means, ends)) = stretch(word) {
            self.atoms.extend(ends.map(|means| Atom {
                at: at.clone(),
                means,
                excluded: self.excluded,
                host_bits: None,
            }));
            return Ok(means);
        }
        let (means, host_bits) = meaning(word, &at)?;
        self.atoms.push(Atom { at, means: means.clone(), excluded: self.excluded, host_bits });
        Ok(means)
    }

    /// The next letter that is no blank.
    fn peek(&mut self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn eat(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        if found {
            self.at += letter.len_utf8();
        }
        found
    }

    /// A mistake at the next letter.
    fn malformed(&self, message: Words) -> Mistake {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        malformed(self.at..self.at + length, message)
    }
}

fn malformed(at: Range<usize>, message: Words) -> Mistake {
    Mistake { code: Code::EmptySelector, ..Mistake::invalid(at, message) }
}

/// Neighbouring members of an instance group, as answers name them (`asg-web[10.1.2.11-10.1.2.20]`): the set, and its
/// first and its last member, which are to be there.
fn stretch(word: &str) -> Option<(Selector, [Selector; 2])> {
    let (group, range) = word.strip_suffix(']')?.rsplit_once('[')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (IpAddr::from_str(first).ok()?, IpAddr::from_str(last).ok()?);
    if first.is_ipv4() != last.is_ipv4() || first > last {
        return None;
    }
    let ends = [first, last].map(|end| Selector::Id(Id::from(format!("{group}[{end}]").as_str())));
    let cidrs = AddressSet::range(first, last).cidrs().into_iter();
    let addresses = joined(cidrs.map(Selector::Cidr).collect(), Selector::Or);
    let group = Selector::Id(Id::from(group));
    Some((Selector::And(Box::new(group), Box::new(addresses)), ends))
}

/// What a single word means.
fn meaning(word: &str, at: &Range<usize>) -> Result<(Selector, Option<IpNet>), Mistake> {
    if word == "internet" {
        return Ok((Selector::Internet, None));
    }
    if let Some(tag) = word.strip_prefix("tag:") {
        return match tag.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                Ok((Selector::Tag(key.to_owned(), value.to_owned()), None))
            }
            _ => Err(malformed(
                at.clone(),
                Words::new("a tag is written `tag:key=value`", "标签的写法是 `tag:key=value`"),
            )),
        };
    }
    if let Some(classic) = word.strip_prefix("classic:") {
        let (region, account) = match classic.split_once('/') {
            Some((region, account)) => (region, Some(account.to_owned())),
            None => (classic, None),
        };
        if region.is_empty() || account.as_deref() == Some("") {
            return Err(malformed(
                at.clone(),
                Words::new(
                    "a classic network is written `classic:region` or `classic:region/account`",
                    "基础网络的写法是 `classic:地域` 或 `classic:地域/账号`",
                ),
            ));
        }
        return Ok((Selector::Classic(region.to_owned(), account), None));
    }
    if let Ok(address) = IpAddr::from_str(word) {
        return Ok((Selector::Address(address), None));
    }
    if let Ok(cidr) = IpNet::from_str(word) {
        let network = cidr.trunc();
        return Ok((Selector::Cidr(network), (network != cidr).then_some(cidr)));
    }
    Ok((Selector::Id(Id::from(word)), None))
}

/// Many sets joined as a balanced tree.
fn joined(mut sets: Vec<Selector>, join: fn(Box<Selector>, Box<Selector>) -> Selector) -> Selector {
    while sets.len() > 1 {
        let mut halves = Vec::with_capacity(sets.len().div_ceil(2));
        let mut rest = sets.into_iter();
        while let Some(first) = rest.next() {
            halves.push(match rest.next() {
                Some(second) => join(Box::new(first), Box::new(second)),
                None => first,
            });
        }
        sets = halves;
    }
    sets.pop().unwrap_or(Selector::Internet)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in words, fully parenthesised.
    fn tree(selector: &Selector) -> String {
        match selector {
            Selector::Id(id) => id.to_string(),
            Selector::Internet => String::from("internet"),
            Selector::Address(address) => format!("@{address}"),
            Selector::Cidr(cidr) => format!("@{cidr}"),
            Selector::Tag(key, value) => format!("#{key}={value}"),
            Selector::Classic(region, account) => format!("~{region}{account:?}"),
            Selector::And(a, b) => format!("({} & {})", tree(a), tree(b)),
            Selector::Or(a, b) => format!("({} | {})", tree(a), tree(b)),
            Selector::Not(a) => format!("!{}", tree(a)),
        }
    }

    fn read(text: &str) -> String {
        match parse(text) {
            Ok(parsed) => tree(&parsed.selector),
            Err(mistake) => format!("{} at {:?}: {}", mistake.code, mistake.at, mistake.message),
        }
    }

    #[test]
    fn not_binds_stronger_than_and_and_and_stronger_than_or() {
        assert_eq!(read("a | b & !c"), "(a | (b & !c))");
        assert_eq!(read("(a | b) & !(c|d)"), "((a | b) & !(c | d))");
        assert_eq!(read("!!a"), "!!a");
        assert_eq!(read("a|b|c|d|e"), "(((a | b) | (c | d)) | e)");
    }

    #[test]
    fn words_are_told_apart_by_their_form() {
        assert_eq!(read("internet"), "internet");
        assert_eq!(read("tag:role=web"), "#role=web");
        assert_eq!(read("tag:a=b=c"), "#a=b=c");
        assert_eq!(read("classic:ap-bj"), "~ap-bjNone");
        assert_eq!(read("classic:ap-bj/1"), "~ap-bjSome(\"1\")");
        assert_eq!(read("10.1.1.1"), "@10.1.1.1");
        assert_eq!(read("fd00::1"), "@fd00::1");
        assert_eq!(read("10.1.1.1/8"), "@10.0.0.0/8");
        assert_eq!(read("tencentcloud_instance.web[0]"), "tencentcloud_instance.web[0]");
        assert_eq!(read("asg-web[10.1.2.11]"), "asg-web[10.1.2.11]");
        assert_eq!(read("  数据库 "), "数据库");
    }

    #[test]
    fn neighbouring_members_of_a_group_are_a_set_whose_ends_are_there() {
        let parsed = parse("asg-web[10.1.2.11-10.1.2.14]").expect("a set");
        let cidrs = "((@10.1.2.11/32 | @10.1.2.12/31) | @10.1.2.14/32)";
        assert_eq!(tree(&parsed.selector), format!("(asg-web & {cidrs})"));
        let ends: Vec<String> = parsed.atoms.iter().map(|atom| tree(&atom.means)).collect();
        assert_eq!(ends, ["asg-web[10.1.2.11]", "asg-web[10.1.2.14]"]);
        for word in ["x[1-2]", "x[10.0.0.2-10.0.0.1]", "x[10.0.0.1-fd00::1]"] {
            assert_eq!(read(word), word);
        }
    }

    #[test]
    fn a_malformed_set_is_pointed_at() {
        assert_eq!(read(""), "empty-selector at 0..0: the set is empty");
        assert_eq!(read("a b"), "empty-selector at 2..3: two sets stand side by side");
        assert_eq!(read("a | "), "empty-selector at 4..4: a set is missing at the end");
        assert_eq!(read("| a"), "empty-selector at 0..1: a set is missing before `|`");
        assert_eq!(read("(a"), "empty-selector at 0..1: this `(` is not closed");
        assert_eq!(read("a)"), "empty-selector at 1..2: this `)` closes nothing");
        assert_eq!(read("a, b"), "empty-selector at 1..2: two sets stand side by side");
        assert_eq!(read("tag:role"), "empty-selector at 0..8: a tag is written `tag:key=value`");
    }

    #[test]
    fn nesting_is_bounded_and_joining_is_not() {
        let deep = format!("{}a{}", "(".repeat(1000), ")".repeat(1000));
        assert!(read(&deep).starts_with("too-deep"));
        assert!(read(&"!".repeat(100_000)).starts_with("too-deep"));
        let wide = vec!["a"; 100_000].join("|");
        assert_eq!(parse(&wide).map(|parsed| parsed.atoms.len()), Ok(100_000));
    }

    #[test]
    fn what_is_left_out_is_known() {
        let parsed = parse("a & !(b | !c)").expect("a selector");
        let excluded: Vec<bool> = parsed.atoms.iter().map(|atom| atom.excluded).collect();
        assert_eq!(excluded, [false, true, false]);
    }
}
