//! Numbers that people can read: 1,234,567.

/// A number with separators.
pub(super) fn number(count: usize) -> String {
    big(count as u128)
}

/// The same of one that may be larger.
pub(super) fn big(count: u128) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_three_digits_are_set_apart() {
        let told = [0, 7, 999, 1000, 20_103, 4_020_009].map(number);
        assert_eq!(told, ["0", "7", "999", "1,000", "20,103", "4,020,009"]);
    }
}
