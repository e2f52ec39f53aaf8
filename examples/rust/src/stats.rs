//! Statistics of columns, batch by batch and merged: count, nulls, min, max, mean and
//! standard deviation. The fields of a struct are columns of their own, "metadata.dept".

use anyhow::Result;
use arrow_arith::aggregate::{max, max_string, min, min_string};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::DataType;
use serde_json::{Value, json};

/// The least and greatest value, in the type of the column.
#[derive(Clone, PartialEq, PartialOrd)]
enum Limit {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl Limit {
    fn text(&self) -> String {
        match self {
            Limit::Bool(value) => value.to_string(),
            Limit::Int(value) => value.to_string(),
            Limit::Float(value) => value.to_string(),
            Limit::Text(value) => value.clone(),
        }
    }
}

/// How numbers vary.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    squares: f64, // of the distances from the mean
}

pub struct Column {
    name: String,
    count: usize,
    nulls: usize,
    limits: Option<(Limit, Limit)>,
    moments: Option<Moments>,
}

/// The statistics of a batch.
pub fn of(batch: &RecordBatch) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    for (field, values) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        add(&mut columns, field.name().clone(), values)?;
    }
    Ok(columns)
}

fn add(columns: &mut Vec<Column>, name: String, values: &ArrayRef) -> Result<()> {
    if let Some(fields) = values.as_struct_opt() {
        for (field, child) in fields.fields().iter().zip(fields.columns()) {
            // With the nulls of the struct itself.
            let nulls = arrow_buffer::NullBuffer::union(fields.nulls(), child.nulls());
            let child =
                arrow_array::make_array(child.to_data().into_builder().nulls(nulls).build()?);
            add(columns, format!("{name}.{}", field.name()), &child)?;
        }
        return Ok(());
    }
    let nulls = values.null_count();
    let mut column = Column {
        name,
        count: values.len() - nulls,
        nulls,
        limits: None,
        moments: None,
    };
    if column.count > 0 {
        match values.data_type() {
            DataType::Int64 => column.scan(values.as_primitive::<Int64Type>(), Limit::Int),
            DataType::Int32 => {
                column.scan(values.as_primitive::<Int32Type>(), |v| Limit::Int(v.into()))
            }
            DataType::Float64 => column.scan(values.as_primitive::<Float64Type>(), Limit::Float),
            DataType::Boolean => {
                let values = values.as_boolean();
                let trues = values.true_count() as f64;
                let count = column.count as f64;
                let mean = trues / count;
                column.limits = Some((Limit::Bool(trues == count), Limit::Bool(trues > 0.0)));
                column.moments = Some(Moments {
                    mean,
                    squares: count * mean * (1.0 - mean),
                });
            }
            DataType::Utf8 => column.scan_text(values.as_string()),
            _ => {}
        }
    }
    columns.push(column);
    Ok(())
}

trait Number {
    fn number(self) -> f64;
}
impl Number for i64 {
    fn number(self) -> f64 {
        self as f64
    }
}
impl Number for i32 {
    fn number(self) -> f64 {
        self.into()
    }
}
impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

impl Column {
    fn scan<T: ArrowPrimitiveType>(
        &mut self,
        values: &PrimitiveArray<T>,
        limit: impl Fn(T::Native) -> Limit,
    ) where
        T::Native: Number + arrow_array::ArrowNativeTypeOp,
    {
        self.limits = min(values)
            .zip(max(values))
            .map(|(a, b)| (limit(a), limit(b)));
        let mean = if values.null_count() == 0 {
            values.values().iter().map(|v| v.number()).sum::<f64>()
        } else {
            values.iter().flatten().map(Number::number).sum::<f64>()
        } / self.count as f64;
        let distance = |v: T::Native| (v.number() - mean) * (v.number() - mean);
        let squares = if values.null_count() == 0 {
            values.values().iter().map(|v| distance(*v)).sum()
        } else {
            values.iter().flatten().map(distance).sum()
        };
        self.moments = Some(Moments { mean, squares });
    }

    fn scan_text(&mut self, values: &StringArray) {
        let text = |value: &str| Limit::Text(value.to_owned());
        self.limits = min_string(values)
            .zip(max_string(values))
            .map(|(a, b)| (text(a), text(b)));
    }

    fn merge(&mut self, other: Column) {
        let (mine, theirs) = (self.count as f64, other.count as f64);
        self.moments = match (self.moments, other.moments) {
            (Some(a), Some(b)) => {
                let distance = b.mean - a.mean;
                Some(Moments {
                    mean: a.mean + distance * theirs / (mine + theirs),
                    squares: a.squares
                        + b.squares
                        + distance * distance * mine * theirs / (mine + theirs),
                })
            }
            (a, b) => a.or(b),
        };
        self.limits = match (self.limits.take(), other.limits) {
            (Some((a, b)), Some((c, d))) => {
                Some((if c < a { c } else { a }, if d > b { d } else { b }))
            }
            (a, b) => a.or(b),
        };
        self.count += other.count;
        self.nulls += other.nulls;
    }

    fn to_json(&self) -> Value {
        let stddev = self
            .moments
            .filter(|_| self.count > 1)
            .map(|m| (m.squares / (self.count - 1) as f64).sqrt());
        json!({
            "name": self.name,
            "count": self.count,
            "nulls": self.nulls,
            "min": self.limits.as_ref().map(|(least, _)| least.text()),
            "max": self.limits.as_ref().map(|(_, most)| most.text()),
            "mean": self.moments.map(|m| m.mean),
            "stddev": stddev,
        })
    }
}

/// Adds what is known of another batch of the same table.
pub fn merge(into: &mut Vec<Column>, other: Vec<Column>) {
    if into.is_empty() {
        *into = other;
        return;
    }
    for (column, other) in into.iter_mut().zip(other) {
        column.merge(other);
    }
}

pub fn to_json(columns: &[Column]) -> Value {
    columns.iter().map(Column::to_json).collect()
}
