//! Comma-separated values, for spreadsheets.

/// A line of CSV (RFC 4180).
#[must_use]
pub fn csv_line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let fields = fields.into_iter().map(|field| {
        // What a spreadsheet would take for a formula is kept from being one.
        let field = match field.chars().next() {
            Some('=' | '+' | '-' | '@') => format!("'{field}"),
            _ => field.to_owned(),
        };
        if field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field
        }
    });
    fields.collect::<Vec<_>>().join(",") + "\r\n"
}
