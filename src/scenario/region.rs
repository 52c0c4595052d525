//! The regions of the cloud, for suggestions only: new ones appear, so another name is no mistake unless it is near one.

use super::near;
use super::reader::Reader;
use super::value::Value;
use super::word::words;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};

/// Regions as the API names them, and as people do.
const REGIONS: [(&str, &str); 22] = [
    ("ap-guangzhou", "广州"),
    ("ap-shanghai", "上海"),
    ("ap-nanjing", "南京"),
    ("ap-beijing", "北京"),
    ("ap-chengdu", "成都"),
    ("ap-chongqing", "重庆"),
    ("ap-hongkong", "香港"),
    ("ap-taipei", "台北"),
    ("ap-singapore", "新加坡"),
    ("ap-jakarta", "雅加达"),
    ("ap-seoul", "首尔"),
    ("ap-tokyo", "东京"),
    ("ap-bangkok", "曼谷"),
    ("ap-mumbai", "孟买"),
    ("na-siliconvalley", "硅谷"),
    ("na-ashburn", "弗吉尼亚"),
    ("na-toronto", "多伦多"),
    ("sa-saopaulo", "圣保罗"),
    ("eu-frankfurt", "法兰克福"),
    ("eu-moscow", "莫斯科"),
    ("ap-shanghai-fsi", "上海金融"),
    ("ap-shenzhen-fsi", "深圳金融"),
];

/// How many letters a slip changes at most; regions of one family differ in more.
const SLIP: usize = 2;

/// A region. One that is nearly the name of another is told.
pub fn region<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<String> {
    let name = words(value, at)?;
    if let Some(meant) = meant(&name) {
        let span = at.span(value.text());
        let message = Words::new(
            format!("`{name}` is no region that is known"),
            format!("`{name}` 不是已知的地域"),
        );
        let warning = Diagnostic::warning(Code::RegionUnusual, span, message);
        at.report(warning.with_help(near::question(meant)));
    }
    Some(name)
}

fn meant(name: &str) -> Option<&'static str> {
    if REGIONS.iter().any(|(region, _)| *region == name) {
        return None;
    }
    let lower = name.trim().to_lowercase();
    let is_meant = |(region, chinese): &&(&str, &str)| {
        *chinese == lower
            || region.split_once('-').is_some_and(|(_, city)| city == lower)
            || strsim::damerau_levenshtein(region, &lower) <= SLIP
    };
    REGIONS.iter().find(is_meant).map(|(region, _)| *region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_region_is_not() {
        for (name, region) in [
            ("ap-guangzou", Some("ap-guangzhou")),
            ("AP-Guangzhou", Some("ap-guangzhou")),
            ("beijing", Some("ap-beijing")),
            ("广州", Some("ap-guangzhou")),
            ("ap-guangzhou", None),
            ("ap-guangzhou-open", None),
            ("ap-shanghai-adc", None),
            ("x", None),
        ] {
            assert_eq!(meant(name), region, "{name}");
        }
    }
}
