//! How a text is written that is no UTF-8: the encodings that editors save under, each by its marks.

use crate::diagnostic::Words;

/// The encoding of bytes that are no UTF-8, as far as it can be told, and how to make UTF-8 of it.
pub fn guess(bytes: &[u8]) -> Option<Words> {
    let name = if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        "UTF-16"
    } else if is_gbk(bytes) {
        "GBK"
    } else {
        return None;
    };
    Some(Words::new(
        format!("this is {name}: save the file as UTF-8, or run `iconv -f {name} -t UTF-8`"),
        format!("该文件是 {name} 编码：请另存为 UTF-8，或运行 `iconv -f {name} -t UTF-8`"),
    ))
}

/// Whether everything that is not ASCII stands in pairs of GBK, most of them usual letters.
fn is_gbk(bytes: &[u8]) -> bool {
    let (mut pairs, mut usual) = (0_usize, 0_usize);
    let mut rest = bytes.iter();
    while let Some(&first) = rest.next() {
        if first.is_ascii() {
            continue;
        }
        let Some(&second) = rest.next() else {
            return false;
        };
        let is_pair = (0x81..=0xFE).contains(&first) && (0x40..=0xFE).contains(&second);
        if !is_pair || second == 0x7F {
            return false;
        }
        pairs += 1;
        // the letters and signs of GB2312
        let sign = (0xA1..=0xA9).contains(&first);
        usual += usize::from((sign || (0xB0..=0xF7).contains(&first)) && second >= 0xA1);
    }
    pairs > 0 && usual * 2 > pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gbk_and_utf_16_are_told_by_name() {
        let named = |bytes: &[u8]| guess(bytes).map(|words| words.english()[..12].to_owned());
        // 广州，测试
        let gbk = b"(name: \"\xB9\xE3\xD6\xDD\xA3\xAC\xB2\xE2\xCA\xD4\")";
        assert_eq!(named(gbk).as_deref(), Some("this is GBK:"));
        assert_eq!(named(b"\xFF\xFE(\0").as_deref(), Some("this is UTF-"));
        assert_eq!(named(b"(\n \xFFname: 1)"), None);
        assert_eq!(named(b"caf\xE9 ("), None);
    }
}
