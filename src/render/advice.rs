//! What can be done about a reason: what its code's row says, unless the cause says more. What a change would open besides is not
//! said.

use crate::code::{Code, Language};
use crate::query::Cause;

/// The line for a cause: at a NAT gateway one of its own, since a CCN alone does not help there (D20-38).
pub(super) fn advice_for(cause: &Cause, language: Language) -> Option<&'static str> {
    if cause.code == Code::GatewayNoTransit && cause.facts.cidr.is_some() {
        return Some(match language {
            Language::English => {
                "give that VPC a NAT gateway of its own, or publish a route to a standard one by CCN"
            }
            Language::Chinese => {
                "为该私有网络单独配置 NAT 网关，或经云联网发布指向标准型 NAT 网关的路由"
            }
        });
    }
    cause.code.advice(language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::CodeKind;

    #[test]
    fn the_advice_for_a_reason_fits_on_a_line() {
        for &code in Code::ALL {
            if code.kind() == CodeKind::Lint {
                continue;
            }
            for text in [Language::English, Language::Chinese].map(|it| code.advice(it)) {
                let text = text.unwrap_or_default();
                assert!(super::super::wrap::columns(text) <= 90, "{code}: {text}");
            }
        }
    }
}
