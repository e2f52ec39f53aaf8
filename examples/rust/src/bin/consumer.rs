//! Reads a dataset batch by batch, one after the other: consumer [URI [DATASET]]

use std::time::{Duration, Instant};

use anyhow::Result;
use examples::source;
use examples::summary::{Summary, null_counts};
use futures::{StreamExt, pin_mut};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let uri = arguments.next().unwrap_or("grpc://127.0.0.1:8815".into());
    let dataset = arguments.next().unwrap_or("large_table".into());
    let started = Instant::now();
    let mut client = source::connect(&uri).await?;
    let info = client.get_flight_info(source::path(&dataset)).await?;
    let batches = source::batches(client, info);
    pin_mut!(batches);
    let mut summary = Summary::default();
    let mut busy = [Duration::ZERO; 3];
    loop {
        let began = Instant::now();
        let Some(batch) = batches.next().await.transpose()? else {
            break;
        };
        busy[0] += began.elapsed();
        let began = Instant::now();
        let nulls = null_counts(&batch);
        busy[1] += began.elapsed();
        let began = Instant::now();
        eprintln!("batch {}: {} rows", summary.batches, batch.num_rows());
        summary.add(batch.num_rows(), nulls);
        busy[2] += began.elapsed();
    }
    summary.print(started, busy);
    Ok(())
}
