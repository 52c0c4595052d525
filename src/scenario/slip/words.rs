//! What is said of each slip.

use std::ops::Range;

use super::Slip;
use super::letter::{Odd, odd};
use crate::diagnostic::Words;

/// The bracket that closes one.
pub fn closer(open: u8) -> char {
    match open {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    }
}

/// A bracket that nothing closes; `line` is where it was opened.
pub fn unclosed(open: Range<usize>, bracket: u8, line: usize) -> Slip {
    let (open_letter, close) = (char::from(bracket), closer(bracket));
    let message = Words::new(
        format!("the `{open_letter}` opened on line {line} is not closed"),
        format!("第 {line} 行的 `{open_letter}` 没有闭合"),
    );
    Slip::new(open, message).help(Words::new(
        format!("write `{close}` where it ends"),
        format!("请在其结束处写 `{close}`"),
    ))
}

/// A string that nothing closes, or whose quotes do not pair up.
pub fn open_text(at: Range<usize>, line: usize) -> Slip {
    let message = Words::new(
        format!("the string begun on line {line} is not closed"),
        format!("第 {line} 行开始的字符串没有闭合"),
    );
    Slip::new(at, message).help(Words::new(
        "write `\"` where it ends; a quote inside of a string is written `\\\"`",
        "请在其结束处写 `\"`；字符串内的引号写作 `\\\"`",
    ))
}

/// A bracket that closes nothing, or another one than was opened.
pub fn closes_nothing(
    at: Range<usize>,
    bracket: u8,
    open: Option<(u8, Range<usize>, usize)>,
) -> Slip {
    let letter = char::from(bracket);
    let Some((opened, place, line)) = open else {
        let message = Words::new(
            format!("this `{letter}` closes nothing"),
            format!("这个 `{letter}` 没有对应的开括号"),
        );
        return Slip::new(at, message).help(leave_out());
    };
    let (open_letter, close) = (char::from(opened), closer(opened));
    let message = Words::new(
        format!("`{letter}` does not close the `{open_letter}` opened on line {line}"),
        format!("`{letter}` 不能闭合第 {line} 行的 `{open_letter}`"),
    );
    Slip::new(at, message)
        .beside(place, Words::new("opened here", "在此处打开"))
        .help(write(&close.to_string()))
}

/// Something after the end.
pub fn after_the_end(at: Range<usize>, closed: Range<usize>) -> Slip {
    let message = Words::new(
        "the scenario is closed, and more text follows",
        "场景已结束，后面还有多余的文本",
    );
    let slip = Slip::new(at, message).beside(closed, Words::new("closed here", "在此处结束"));
    slip.help(Words::new(
        "leave the rest out, or close the scenario after it",
        "请删去其后的内容，或在其后再结束场景",
    ))
}

/// Text where only a string can stand.
pub fn unquoted(at: Range<usize>, text: &str) -> Slip {
    let message = Words::new(format!("`{text}` needs quotes"), format!("`{text}` 需要加引号"));
    Slip::new(at, message).help(write(&format!("\"{text}\"")))
}

/// A quote at the end and none at the start.
pub fn quote_missing_before(at: Range<usize>, text: &str) -> Slip {
    let message = Words::new(
        format!("the opening quote before `{text}` is missing"),
        format!("`{text}` 前缺少左引号"),
    );
    Slip::new(at, message).help(write(&format!("\"{text}\"")))
}

/// A name with quotes, as JSON has them.
pub fn quoted_name(at: Range<usize>, name: &str) -> Slip {
    let message = Words::new("the name of a field stands without quotes", "字段名不加引号");
    Slip::new(at, message).help(write(&format!("{name}:")))
}

/// An entry with an id where named fields stand.
pub fn id_among_fields(at: Range<usize>, open: Range<usize>) -> Slip {
    let message = Words::new(
        "an id stands here, and `(…)` holds named fields",
        "此处是 ID，而 `(…)` 中应为带名称的字段",
    );
    Slip::new(at, message)
        .beside(open, Words::new("opened here", "在此处打开"))
        .help(Words::new("entries with ids stand in `{…}`", "以 ID 为键的条目写在 `{…}` 中"))
}

/// A value where entries with ids stand.
pub fn list_in_braces(at: Range<usize>, open: Range<usize>) -> Slip {
    let message = Words::new(
        "a value stands here, and `{…}` holds entries with ids",
        "此处是值，而 `{…}` 中应为以 ID 为键的条目",
    );
    Slip::new(at, message)
        .beside(open, Words::new("opened here", "在此处打开"))
        .help(Words::new("a list stands in `[…]`", "列表写在 `[…]` 中"))
}

/// A name that cannot be one.
pub fn no_name(at: Range<usize>, name: &str) -> Slip {
    let message = Words::new(
        format!("`{name}` cannot be the name of a field"),
        format!("`{name}` 不能用作字段名"),
    );
    let slip = Slip::new(at, message);
    let meant = name.replace(['-', '.'], "_");
    if meant == name {
        return slip;
    }
    slip.help(Words::new(format!("did you mean `{meant}`?"), format!("是否想写 `{meant}`？")))
}

/// A comma that is not there.
pub fn comma_missing(after: Range<usize>, before: Range<usize>) -> Slip {
    let message = Words::new("a `,` is missing after this", "此处之后缺少 `,`");
    Slip::new(after, message).noticed(before.start)
}

/// A list as YAML has it.
pub fn dashed(at: Range<usize>) -> Slip {
    let message = Words::new("a list does not stand in lines with `-`", "列表不是以 `-` 开头的行");
    Slip::new(at, message).help(Words::new(
        "write `[…, …]`, with a `,` between its parts",
        "请写 `[…, …]`，各项之间用 `,` 分隔",
    ))
}

/// `Accept{…}` for `Accept(…)`.
pub fn other_bracket(at: Range<usize>, word: &str, bracket: u8) -> Slip {
    let (open, close) = (char::from(bracket), closer(bracket));
    let message = Words::new(
        format!("the fields of `{word}` stand in `(…)`, not in `{open}…{close}`"),
        format!("`{word}` 的字段写在 `(…)` 中，而不是 `{open}…{close}`"),
    );
    Slip::new(at, message).help(write(&format!("{word}(…)")))
}

/// A colon that is not there.
pub fn colon_missing(name: Range<usize>, text: &str, noticed: usize) -> Slip {
    let message =
        Words::new(format!("a `:` is missing after `{text}`"), format!("`{text}` 之后缺少 `:`"));
    Slip::new(name, message).noticed(noticed)
}

/// A value that is not there.
pub fn value_missing(name: Range<usize>, text: &str, noticed: usize) -> Slip {
    let message =
        Words::new(format!("the value of `{text}` is missing"), format!("`{text}` 缺少值"));
    Slip::new(name, message).noticed(noticed)
}

/// A value among fields that have names.
pub fn name_missing(at: Range<usize>) -> Slip {
    let message = Words::new(
        "this value has no name, and its neighbours have one",
        "此值没有名称，而相邻的字段都有名称",
    );
    Slip::new(at, message).help(Words::new("write `name: value`", "请写成 `名称: 值`"))
}

/// A comma with nothing before it.
pub fn comma_twice(at: Range<usize>) -> Slip {
    let message = Words::new("nothing stands before this `,`", "这个 `,` 之前没有内容");
    Slip::new(at, message).help(leave_out())
}

fn leave_out() -> Words {
    Words::new("leave it out", "请删去它")
}

/// What other programs leave in a text, or fill in, if it stands there.
pub fn left_behind(start: usize, text: &str) -> Option<Slip> {
    let (length, (message, help)) = left_of(&text[start..])?;
    Some(Slip::new(start..start + length, message).help(help))
}

/// How long it is, what it is, and what to do.
fn left_of(text: &str) -> Option<(usize, (Words, Words))> {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let begins = |mark: &str| text.starts_with(mark);
    if ["<<<<<<<", ">>>>>>>"].into_iter().any(begins) {
        let message = Words::new("a conflict of git is left here", "此处有未解决的版本合并冲突");
        let help = Words::new(
            "keep one of the two sides, and leave the lines with the marks out",
            "请保留其中一方，并删去带标记的行",
        );
        return Some((line.len(), (message, help)));
    }
    if begins("<!--") {
        let message = Words::new(
            "a comment begins with `//`, not with `<!--`",
            "注释以 `//` 开头，而不是 `<!--`",
        );
        return Some((4, (message, write("//"))));
    }
    if begins("${") {
        let end = line.find('}').map_or(2, |end| end + 1);
        let message = Words::new(
            "nothing is filled in here: there are no variables",
            "此处不会代入任何值：格式中没有变量",
        );
        let help = Words::new("write what it stands for", "请写出它所代表的值");
        return Some((end, (message, help)));
    }
    let dots = ["...", "…"].into_iter().find(|dots| begins(dots))?;
    let message = Words::new("something is left out here", "此处省略了内容");
    Some((dots.len(), (message, leave_out())))
}

/// `+` before a line, as in a difference.
pub fn of_a_difference(at: Range<usize>) -> Slip {
    let message = Words::new("`+` has no meaning here", "`+` 在此处没有意义");
    Slip::new(at, message).help(Words::new(
        "leave it out: it marks a line in a difference",
        "请删去它：它是差异文件中的行标记",
    ))
}

/// `!Reachable(…)`.
pub fn denied(at: Range<usize>, word: &str) -> Slip {
    let message = Words::new("an expectation is not turned round with `!`", "期望不能用 `!` 取反");
    let meant = match word {
        "Reachable" => "Unreachable(…)",
        _ => "Reachable(…)",
    };
    Slip::new(at, message).help(write(meant))
}

/// A colon where none belongs.
pub fn stray_colon(at: Range<usize>, bracket: u8) -> Slip {
    let message = Words::new("`:` has no meaning here", "`:` 在此处没有意义");
    let slip = Slip::new(at, message);
    if bracket != b'[' {
        return slip.help(leave_out());
    }
    slip.help(Words::new(
        "`[…]` holds values without names; `{…}` is for ids, `(…)` for named fields",
        "`[…]` 中是不带名称的值；`{…}` 用于 ID，`(…)` 用于带名称的字段",
    ))
}

/// Quotes of another kind: `'text'`.
pub fn other_quotes(at: Range<usize>, inner: &str) -> Slip {
    let message = Words::new("a string stands in double quotes", "字符串要用双引号");
    Slip::new(at, message).help(write(&format!("\"{inner}\"")))
}

/// What begins a comment elsewhere.
pub fn other_comment(at: Range<usize>, begins: &str) -> Slip {
    let message = Words::new(
        format!("a comment begins with `//`, not with `{begins}`"),
        format!("注释以 `//` 开头，而不是 `{begins}`"),
    );
    Slip::new(at, message).help(write("//"))
}

/// `=` or `=>` before a value.
pub fn equals(at: Range<usize>, written: &str) -> Slip {
    let message = Words::new(
        format!("a name and its value are joined by `:`, not by `{written}`"),
        format!("名称与值之间用 `:`，而不是 `{written}`"),
    );
    Slip::new(at, message).help(write(":"))
}

/// `;` after a value.
pub fn semicolon(at: Range<usize>) -> Slip {
    let message = Words::new("`,` separates, not `;`", "分隔用 `,`，而不是 `;`");
    Slip::new(at, message).help(write(","))
}

/// A letter that looks like another, cannot be seen, or means nothing; `more` of it follow.
pub fn letter(at: Range<usize>, letter: char, more: usize) -> Slip {
    let number = format!("U+{:04X}", letter as u32);
    let (message, english, chinese) = match odd(letter) {
        Some(Odd::Like(plain)) => (
            Words::new(
                format!("`{letter}` ({number}) is not `{plain}`"),
                format!("`{letter}`（{number}）不是 `{plain}`"),
            ),
            format!("write `{plain}`"),
            format!("请写 `{plain}`"),
        ),
        Some(Odd::Unseen { what, is_blank }) => (
            Words::new(
                format!("{what} stands here ({number})"),
                format!("此处有一个{}（{number}）", what.chinese()),
            ),
            String::from(if is_blank { "write a plain blank" } else { "delete it" }),
            String::from(if is_blank { "请改为普通空格" } else { "请删去它" }),
        ),
        Some(Odd::Stray) | None => {
            let message = Words::new(
                format!("`{letter}` has no meaning here"),
                format!("`{letter}` 在此处没有意义"),
            );
            return Slip::new(at, message);
        }
    };
    let help = match more {
        0 => Words::new(english, chinese),
        1 => Words::new(
            format!("{english}; it stands in one more place below"),
            format!("{chinese}；其后还有 1 处"),
        ),
        more => Words::new(
            format!("{english}; it stands in {more} more places below"),
            format!("{chinese}；其后还有 {more} 处"),
        ),
    };
    Slip::new(at, message).help(help)
}

fn write(text: &str) -> Words {
    Words::new(format!("write `{text}`"), format!("请写 `{text}`"))
}
