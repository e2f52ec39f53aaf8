//! What the examples of all languages print at their end: one JSON object on one line.

use std::time::{Duration, Instant};

use arrow_array::{Array, RecordBatch};
use serde_json::{Map, Value, json};

pub type NullCounts = Vec<(String, usize)>;

pub fn null_counts(batch: &RecordBatch) -> NullCounts {
    let schema = batch.schema_ref();
    let names = schema.fields().iter().map(|field| field.name().clone());
    names
        .zip(batch.columns().iter().map(|column| column.null_count()))
        .collect()
}

/// Counts batches as they come.
#[derive(Default)]
pub struct Summary {
    pub rows: usize,
    pub batches: usize,
    null_counts: NullCounts,
    pub columns: Option<Value>,
}

impl Summary {
    pub fn add(&mut self, rows: usize, nulls: NullCounts) {
        self.rows += rows;
        self.batches += 1;
        if self.null_counts.is_empty() {
            self.null_counts = nulls;
            return;
        }
        for ((_, total), (_, count)) in self.null_counts.iter_mut().zip(nulls) {
            *total += count;
        }
    }

    /// Ends the program's output; the times are those of fetch, compute and sink.
    pub fn print(&self, started: Instant, busy: [Duration; 3]) {
        let nulls: Map<String, Value> = self
            .null_counts
            .iter()
            .map(|(name, count)| (name.clone(), json!(count)))
            .collect();
        let stages: Vec<Value> = ["fetch", "compute", "sink"]
            .iter()
            .zip(busy)
            .map(|(name, time)| json!({"name": name, "busy_s": time.as_secs_f64()}))
            .collect();
        let mut summary = json!({
            "language": "rust",
            "rows": self.rows,
            "batches": self.batches,
            "null_counts": nulls,
            "wall_s": started.elapsed().as_secs_f64(),
            "stages": stages,
        });
        if let Some(columns) = &self.columns {
            summary["columns"] = columns.clone();
        }
        println!("{summary}");
    }
}
