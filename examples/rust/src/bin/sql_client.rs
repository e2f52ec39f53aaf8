//! Asks four questions in SQL: sql_client [URI [TABLE]]

use anyhow::{Context, Result};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use examples::source;
use futures::TryStreamExt;
use serde_json::json;

const QUERIES: [&str; 4] = [
    "SELECT name, is_active FROM {table} WHERE id > 1",
    "SELECT * FROM {table}",
    "SELECT name, metadata FROM {table} WHERE is_active = true",
    "SELECT count(*) as total_count FROM {table}",
];

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let uri = arguments.next().unwrap_or("grpc://127.0.0.1:8816".into());
    let table = arguments.next().unwrap_or("feather_table".into());
    let mut answers = Vec::new();
    let mut total = None;
    for query in QUERIES {
        let query = query.replace("{table}", &table);
        let mut client = source::connect(&uri).await?;
        let info = client.get_flight_info(source::command(&query)).await?;
        let batches: Vec<RecordBatch> = source::batches(client, info).try_collect().await?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        eprintln!("{query}\n{rows} rows\n");
        let mut columns = Vec::new();
        if let Some(first) = batches.first() {
            let fields = first.schema_ref().fields();
            columns = fields.iter().map(|field| field.name().clone()).collect();
            total = first
                .column(0)
                .as_primitive_opt::<Int64Type>()
                .filter(|counts| !counts.is_empty())
                .map(|counts| counts.value(0));
        }
        answers.push(json!({"query": query, "rows": rows, "columns": columns}));
    }
    let total = total.context("the last query gave no count")?;
    println!(
        "{}",
        json!({"language": "rust", "queries": answers, "total_count": total})
    );
    Ok(())
}
