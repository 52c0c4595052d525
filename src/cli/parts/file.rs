//! Parts as Parquet files. The same part gives the same bytes: no clock, no machine, row groups of a fixed length.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::Field;
use parquet::schema::parser::parse_message_type;

use super::{COMMON, Cell, Facts, Kind, Part, told};
use crate::cli::shard;

/// So many rows are one group.
const GROUP: usize = 1 << 18;

/// A part as the bytes of a file.
///
/// # Errors
///
/// If a row is not as its columns say, which would be a bug.
pub fn bytes(part: &Part) -> Result<Vec<u8>> {
    let columns = part.columns();
    let mut message = String::from("message pathproof {\n");
    for (name, kind) in COMMON.iter().chain(columns) {
        let column = match kind {
            Kind::Text => format!("required binary {name} (UTF8);\n"),
            Kind::Optional => format!("optional binary {name} (UTF8);\n"),
            Kind::Number => format!("required int64 {name};\n"),
            Kind::Flag => format!("required boolean {name};\n"),
        };
        message += &column;
    }
    message.push('}');
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("pathproof {}", super::VERSION))
        .set_key_value_metadata(Some(facts(part)));
    let schema = Arc::new(parse_message_type(&message)?);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
    let own = &part.facts;
    let common = [&own.file, &own.digest, &own.stage, &own.version];
    for rows in part.rows.chunks(GROUP) {
        let mut group = writer.next_row_group()?;
        for text in common {
            let text = ByteArray::from(text.as_str());
            texts(&mut group, &vec![Some(text); rows.len()], false)?;
        }
        for (at, (_, kind)) in columns.iter().enumerate() {
            column(&mut group, rows, at, *kind)?;
        }
        group.close()?;
    }
    writer.into_inner()
}

/// What a file says of itself.
fn facts(part: &Part) -> Vec<KeyValue> {
    let own = &part.facts;
    let facts = [
        ("pathproof.schema", own.schema.clone()),
        ("pathproof.version", own.version.clone()),
        ("pathproof.digest", own.digest.clone()),
        ("pathproof.file", own.file.clone()),
        ("pathproof.stage", own.stage.clone()),
        ("pathproof.shard", own.shard.to_string()),
        ("pathproof.head", part.head.to_string()),
    ];
    let facts = facts.into_iter();
    facts
        .map(|(key, value)| KeyValue::new(key.to_owned(), value))
        .collect()
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn column(group: &mut Group<'_>, rows: &[Vec<Cell>], at: usize, kind: Kind) -> Result<()> {
    match kind {
        Kind::Text | Kind::Optional => {
            // Few texts stand in many rows.
            let mut known: HashMap<&str, ByteArray> = HashMap::new();
            let values = rows.iter().map(|row| match &row[at] {
                Cell::Text(text) => {
                    let known = known.entry(text.as_str());
                    Some(
                        known
                            .or_insert_with(|| ByteArray::from(text.as_str()))
                            .clone(),
                    )
                }
                _ => None,
            });
            let values: Vec<Option<ByteArray>> = values.collect();
            texts(group, &values, kind == Kind::Optional)
        }
        Kind::Number => {
            let numbers = rows.iter().map(|row| match row[at] {
                Cell::Number(number) => number,
                _ => 0,
            });
            let numbers: Vec<i64> = numbers.collect();
            let mut writer = group.next_column()?.ok_or_else(lacking)?;
            writer
                .typed::<Int64Type>()
                .write_batch(&numbers, None, None)?;
            writer.close()
        }
        Kind::Flag => {
            let flags: Vec<bool> = rows.iter().map(|row| row[at] == Cell::Flag(true)).collect();
            let mut writer = group.next_column()?.ok_or_else(lacking)?;
            writer.typed::<BoolType>().write_batch(&flags, None, None)?;
            writer.close()
        }
    }
}

fn texts(group: &mut Group<'_>, values: &[Option<ByteArray>], optional: bool) -> Result<()> {
    let mut writer = group.next_column()?.ok_or_else(lacking)?;
    let given: Vec<ByteArray> = values.iter().flatten().cloned().collect();
    let levels: Vec<i16> = values
        .iter()
        .map(|value| i16::from(value.is_some()))
        .collect();
    let levels = optional.then_some(levels.as_slice());
    writer
        .typed::<ByteArrayType>()
        .write_batch(&given, levels, None)?;
    writer.close()
}

fn lacking() -> ParquetError {
    ParquetError::General("a column is missing".to_owned())
}

/// Reads a file; `None` = it is Parquet, but no part of ours.
///
/// # Errors
///
/// If it cannot be read, or is no Parquet.
pub fn read(path: &str) -> Result<Option<Part>> {
    let reader = SerializedFileReader::new(File::open(path)?)?;
    let metadata = reader.metadata().file_metadata();
    let Some(pairs) = metadata.key_value_metadata() else {
        return Ok(None);
    };
    let fact = |key: &str| -> Option<String> {
        let pair = pairs.iter().find(|pair| pair.key == key)?;
        pair.value.clone()
    };
    let facts = || -> Option<(Facts, serde_json::Value)> {
        let facts = Facts {
            schema: fact("pathproof.schema")?,
            version: fact("pathproof.version")?,
            digest: fact("pathproof.digest")?,
            file: fact("pathproof.file")?,
            stage: fact("pathproof.stage")?,
            shard: shard::read(&fact("pathproof.shard")?).ok()?,
        };
        Some((facts, serde_json::from_str(&fact("pathproof.head")?).ok()?))
    };
    let Some((facts, head)) = facts() else {
        return Ok(None);
    };
    let columns = told::columns(&facts.schema);
    let mut rows = Vec::new();
    for row in reader.get_row_iter(None)? {
        let fields = row?;
        let fields = fields.get_column_iter().skip(COMMON.len());
        let row: Vec<Cell> = fields
            .map(|(_, field)| match field {
                Field::Str(text) => Cell::Text(text.clone()),
                Field::Long(number) => Cell::Number(*number),
                Field::Bool(flag) => Cell::Flag(*flag),
                _ => Cell::None,
            })
            .collect();
        if row.len() != columns.len() {
            return Ok(None);
        }
        rows.push(row);
    }
    Ok(Some(Part { facts, head, rows }))
}
