//! Arrow values and types as the JSON of the scenarios, and back.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::temporal_conversions as temporal;
use arrow_array::types::*;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use serde_json::{Map, Value, json};

use crate::AnyError;

fn type_of(name: &str) -> Result<DataType, AnyError> {
    if let Some(numbers) = name.strip_prefix("decimal128(") {
        let (precision, scale) = numbers
            .trim_end_matches(')')
            .split_once(',')
            .ok_or("no decimal")?;
        return Ok(DataType::Decimal128(precision.parse()?, scale.parse()?));
    }
    Ok(match name {
        "bool" => DataType::Boolean,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "utf8" => DataType::Utf8,
        "binary" => DataType::Binary,
        "date32" => DataType::Date32,
        "timestamp_us" => DataType::Timestamp(TimeUnit::Microsecond, None),
        _ => return Err(format!("no type {name}").into()),
    })
}

/// A batch of `[[name, type], …]` and rows.
pub fn batch(columns: &[Value], rows: &[Value]) -> Result<RecordBatch, AnyError> {
    let mut fields = Vec::new();
    for column in columns {
        let name = column[0].as_str().ok_or("no name")?;
        fields.push(Field::new(
            name,
            type_of(column[1].as_str().ok_or("no type")?)?,
            true,
        ));
    }
    let objects: Vec<Value> = rows
        .iter()
        .map(|row| {
            let items = fields.iter().enumerate().map(|(place, field)| {
                let value = match (field.data_type(), row[place].as_str()) {
                    (DataType::Binary, Some(text)) => json!(text.trim_start_matches("0x")),
                    _ => row[place].clone(),
                };
                (field.name().clone(), value)
            });
            Value::Object(items.collect())
        })
        .collect();
    let mut decoder = arrow_json::ReaderBuilder::new(Arc::new(Schema::new(fields)))
        .with_batch_size(objects.len().max(1))
        .build_decoder()?;
    decoder.serialize(&objects)?;
    Ok(decoder.flush()?.ok_or("no rows")?)
}

pub fn parameters(step: &Value, rows: &[Value]) -> Result<RecordBatch, AnyError> {
    let types = step["parameter_types"]
        .as_array()
        .ok_or("no parameter_types")?;
    let columns: Vec<Value> = types
        .iter()
        .enumerate()
        .map(|(place, name)| json!([place.to_string(), name]))
        .collect();
    batch(&columns, rows)
}

fn unit_name(unit: &TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}

pub fn name_of(kind: &DataType) -> String {
    match kind {
        DataType::Boolean => "bool".into(),
        DataType::Decimal128(precision, scale) => format!("decimal128({precision},{scale})"),
        DataType::Timestamp(unit, zone) => {
            let suffix = if zone.is_some() { "_tz" } else { "" };
            format!("timestamp_{}{suffix}", unit_name(unit))
        }
        _ => kind.to_string().to_lowercase(),
    }
}

pub fn fields(schema: &Schema) -> Vec<Value> {
    let pair = |field: &Arc<Field>| json!([field.name(), name_of(field.data_type())]);
    schema.fields().iter().map(pair).collect()
}

pub fn answer(schema: &Schema, batches: &[RecordBatch]) -> Result<Value, AnyError> {
    let names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
    let types: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| name_of(field.data_type()))
        .collect();
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let values: Result<Vec<_>, _> = batch
                .columns()
                .iter()
                .map(|column| value(column.as_ref(), row))
                .collect();
            rows.push(values?);
        }
    }
    Ok(json!({"columns": names, "types": types, "rows": rows}))
}

fn fraction(number: f64) -> Value {
    if number.is_nan() {
        json!("NaN")
    } else if number.is_infinite() {
        json!(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
    } else {
        json!(number)
    }
}

/// Without the zeros at the end of a fraction of a second.
fn trimmed(text: String) -> String {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

fn moment(array: &dyn Array, row: usize, unit: &TimeUnit) -> Option<String> {
    let moment = match unit {
        TimeUnit::Second => temporal::timestamp_s_to_datetime(
            array.as_primitive::<TimestampSecondType>().value(row),
        ),
        TimeUnit::Millisecond => temporal::timestamp_ms_to_datetime(
            array.as_primitive::<TimestampMillisecondType>().value(row),
        ),
        TimeUnit::Microsecond => temporal::timestamp_us_to_datetime(
            array.as_primitive::<TimestampMicrosecondType>().value(row),
        ),
        TimeUnit::Nanosecond => temporal::timestamp_ns_to_datetime(
            array.as_primitive::<TimestampNanosecondType>().value(row),
        ),
    };
    moment.map(|moment| trimmed(moment.format("%Y-%m-%dT%H:%M:%S%.f").to_string()))
}

fn items(array: &dyn Array) -> Result<Value, AnyError> {
    let list: Result<Vec<_>, _> = (0..array.len()).map(|item| value(array, item)).collect();
    Ok(Value::Array(list?))
}

fn value(array: &dyn Array, row: usize) -> Result<Value, AnyError> {
    if array.is_null(row) || *array.data_type() == DataType::Null {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int8 => json!(array.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => json!(array.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => json!(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => json!(array.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => json!(array.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => json!(array.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => json!(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => fraction(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => fraction(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, _) => {
            json!(array.as_primitive::<Decimal128Type>().value_as_string(row))
        }
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::Binary => {
            json!(format!(
                "0x{}",
                hex::encode(array.as_binary::<i32>().value(row))
            ))
        }
        DataType::Date32 => {
            let date = array
                .as_primitive::<Date32Type>()
                .value_as_date(row)
                .ok_or("no date")?;
            json!(date.to_string())
        }
        DataType::Time64(TimeUnit::Microsecond) => {
            let time = array
                .as_primitive::<Time64MicrosecondType>()
                .value_as_time(row);
            json!(trimmed(
                time.ok_or("no time")?.format("%H:%M:%S%.f").to_string()
            ))
        }
        DataType::Timestamp(unit, zone) => {
            let text = moment(array, row, unit).ok_or("no moment")?;
            json!(if zone.is_some() { text + "Z" } else { text })
        }
        DataType::List(_) => items(array.as_list::<i32>().value(row).as_ref())?,
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            let pair = |item| -> Result<Value, AnyError> {
                let key = value(entries.column(0).as_ref(), item)?;
                Ok(json!([key, value(entries.column(1).as_ref(), item)?]))
            };
            let pairs: Result<Vec<_>, _> = (0..entries.len()).map(pair).collect();
            Value::Array(pairs?)
        }
        DataType::Struct(fields) => {
            let mut object = Map::new();
            for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                object.insert(field.name().clone(), value(column.as_ref(), row)?);
            }
            Value::Object(object)
        }
        kind => return Err(format!("the client does not know {kind}").into()),
    })
}
