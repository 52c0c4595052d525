//! Parts as Parquet files. The same part gives the same bytes: no clock, no machine, row groups of a fixed length.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::table::Texts;
use super::{COMMON, Column, Facts, Kind, Part, Table, told};
use crate::cli::shard;

/// So many rows are one group.
const GROUP: usize = 1 << 18;

/// The files of a table and of those beside it: `all.parquet`, `all.members.parquet`.
#[must_use]
pub fn names(path: &str, schema: &str) -> Vec<String> {
    let stem = path.strip_suffix(".parquet").unwrap_or(path);
    let beside = told::beside(schema).iter();
    let beside = beside.map(|(name, _)| format!("{stem}.{name}.parquet"));
    std::iter::once(path.to_owned()).chain(beside).collect()
}

/// A part as the bytes of a file.
///
/// # Errors
///
/// If a row is not as its columns say, which would be a bug.
pub fn bytes(part: &Part) -> Result<Vec<u8>> {
    let columns = told::columns(&part.facts.schema);
    let mut message = String::from("message pathproof {\n");
    for (name, kind) in COMMON.iter().chain(columns) {
        let column = match kind {
            Kind::Text => format!("required binary {name} (UTF8);\n"),
            Kind::Optional => format!("optional binary {name} (UTF8);\n"),
            Kind::Number => format!("required int64 {name};\n"),
            Kind::Index => format!("required int32 {name};\n"),
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
    let all = part.table.rows();
    for first in (0..all).step_by(GROUP) {
        let rows = first..all.min(first + GROUP);
        let mut group = writer.next_row_group()?;
        for text in common {
            let text = ByteArray::from(text.as_str());
            put::<ByteArrayType>(&mut group, &vec![text; rows.len()], None)?;
        }
        for (column, (_, kind)) in part.table.columns.iter().zip(columns) {
            put_column(&mut group, column, *kind, rows.clone())?;
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
    facts.map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect()
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn put_column(
    group: &mut Group<'_>,
    column: &Column,
    kind: Kind,
    rows: Range<usize>,
) -> Result<()> {
    match column {
        Column::Number(all) => put::<Int64Type>(group, &all[rows], None),
        Column::Index(all) => put::<Int32Type>(group, &all[rows], None),
        Column::Flag(all) => put::<BoolType>(group, &all[rows], None),
        Column::Text(texts) => {
            let (values, rows) = texts.rows(rows);
            // Only those of these rows are made; few texts stand in many rows.
            let mut made: Vec<Option<ByteArray>> = vec![None; values.len()];
            let (mut given, mut levels) = (Vec::new(), Vec::new());
            for at in rows {
                levels.push(i16::from(at.is_some()));
                if let Some(at) = at {
                    let own = made[at].get_or_insert_with(|| ByteArray::from(&*values[at]));
                    given.push(own.clone());
                }
            }
            let levels = (kind == Kind::Optional).then_some(levels.as_slice());
            put::<ByteArrayType>(group, &given, levels)
        }
    }
}

fn put<T: DataType>(group: &mut Group<'_>, values: &[T::T], levels: Option<&[i16]>) -> Result<()> {
    let mut writer = group.next_column()?.ok_or_else(lacking)?;
    writer.typed::<T>().write_batch(values, levels, None)?;
    writer.close()
}

fn lacking() -> ParquetError {
    ParquetError::General("a column is missing".to_owned())
}

/// Reads a file, and those beside it; `None` = one of them is Parquet, but no part of ours.
///
/// # Errors
///
/// If one of them cannot be read, or is no Parquet; with its name.
pub fn read(path: &str) -> std::result::Result<Option<Part>, (String, ParquetError)> {
    let one = |path: &str| read_one(path).map_err(|error| (path.to_owned(), error));
    let Some(mut part) = one(path)? else {
        return Ok(None);
    };
    for name in names(path, &part.facts.schema).iter().skip(1) {
        let Some(beside) = one(name)? else {
            return Ok(None);
        };
        part.beside.push(beside);
    }
    Ok(Some(part))
}

fn read_one(path: &str) -> Result<Option<Part>> {
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
    let named = metadata.schema_descr().columns().iter();
    let wanted = COMMON.iter().chain(columns).map(|(name, _)| *name);
    if columns.is_empty() || !named.map(|column| column.name()).eq(wanted) {
        return Ok(None);
    }
    let mut columns = Table::new(columns).columns;
    let mut rows = 0;
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index)?;
        let count = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        for (at, column) in columns.iter_mut().enumerate() {
            let reader = group.get_column_reader(COMMON.len() + at)?;
            if !take_column(reader, column, count)? {
                return Ok(None);
            }
        }
        rows += count;
    }
    Ok(Table::of(columns, rows).map(|table| Part { facts, head, table, beside: Vec::new() }))
}

/// Reads so many rows to the end of a column; whether it is of that kind.
fn take_column(reader: ColumnReader, column: &mut Column, rows: usize) -> Result<bool> {
    match (reader, column) {
        (ColumnReader::Int64ColumnReader(reader), Column::Number(all)) => {
            all.extend(take(reader, rows)?.0);
        }
        (ColumnReader::Int32ColumnReader(reader), Column::Index(all)) => {
            all.extend(take(reader, rows)?.0);
        }
        (ColumnReader::BoolColumnReader(reader), Column::Flag(all)) => {
            all.extend(take(reader, rows)?.0);
        }
        (ColumnReader::ByteArrayColumnReader(reader), Column::Text(texts)) => {
            let (values, levels) = take(reader, rows)?;
            put_texts(texts, &values, &levels)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The values that are there, and of a column that may lack some, which are.
fn take<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
) -> Result<(Vec<T::T>, Vec<i16>)> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    Ok((values, levels))
}

fn put_texts(texts: &mut Texts, values: &[ByteArray], levels: &[i16]) -> Result<()> {
    let mut values = values.iter();
    if levels.is_empty() {
        for value in values {
            texts.push(Some(value.as_utf8()?));
        }
        return Ok(());
    }
    for level in levels {
        match level {
            0 => texts.push(None),
            _ => texts.push(Some(values.next().ok_or_else(lacking)?.as_utf8()?)),
        }
    }
    Ok(())
}
