//! Fetches, computes and prints at the same time, in tasks joined by channels:
//!
//!     pipeline [--compute nulls|stats] [--queue N] [URI [DATASET]]
//!
//! Each channel holds N batches at most: a slow stage makes the ones before it wait. When
//! a stage fails, `try_join!` drops the others, and with them the stream from the server.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use arrow_array::RecordBatch;
use examples::source;
use examples::stats::{self, Column};
use examples::summary::{NullCounts, Summary, null_counts};
use futures::{StreamExt, pin_mut};
use tokio::sync::mpsc::{Receiver, Sender, channel};

struct Options {
    uri: String,
    dataset: String,
    stats: bool,
    queue: usize,
}

/// What the compute stage gives on.
struct Computed {
    rows: usize,
    nulls: NullCounts,
    columns: Vec<Column>,
}

/// A stage that the next one no longer listens to ends, without an error of its own.
async fn fetch(options: &Options, out: Sender<RecordBatch>) -> Result<Duration> {
    let mut busy = Duration::ZERO;
    let mut client = source::connect(&options.uri).await?;
    let info = client
        .get_flight_info(source::path(&options.dataset))
        .await?;
    let batches = source::batches(client, info);
    pin_mut!(batches);
    loop {
        let began = Instant::now();
        let Some(batch) = batches.next().await.transpose()? else {
            return Ok(busy);
        };
        busy += began.elapsed();
        if out.send(batch).await.is_err() {
            return Ok(busy);
        }
    }
}

/// Computing would keep the runtime from its other tasks, so it has a thread of its own.
fn compute(
    stats: bool,
    mut input: Receiver<RecordBatch>,
    out: Sender<Computed>,
) -> Result<Duration> {
    let mut busy = Duration::ZERO;
    while let Some(batch) = input.blocking_recv() {
        let began = Instant::now();
        let result = Computed {
            rows: batch.num_rows(),
            nulls: null_counts(&batch),
            columns: if stats {
                stats::of(&batch)?
            } else {
                Vec::new()
            },
        };
        busy += began.elapsed();
        if out.blocking_send(result).is_err() {
            break;
        }
    }
    Ok(busy)
}

async fn sink(stats: bool, mut input: Receiver<Computed>) -> Result<(Summary, Duration)> {
    let mut busy = Duration::ZERO;
    let mut summary = Summary::default();
    let mut columns = Vec::new();
    while let Some(result) = input.recv().await {
        let began = Instant::now();
        if stats {
            stats::merge(&mut columns, result.columns);
        } else {
            eprintln!("batch {}: {} rows", summary.batches, result.rows);
        }
        summary.add(result.rows, result.nulls);
        busy += began.elapsed();
    }
    if stats {
        summary.columns = Some(stats::to_json(&columns));
    }
    Ok((summary, busy))
}

fn options() -> Result<Options> {
    let mut options = Options {
        uri: "grpc://127.0.0.1:8815".into(),
        dataset: "large_table".into(),
        stats: false,
        queue: 8,
    };
    let mut positional = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--compute" => match arguments.next().as_deref() {
                Some("nulls") => options.stats = false,
                Some("stats") => options.stats = true,
                _ => bail!("--compute is nulls or stats"),
            },
            "--queue" => {
                let value = arguments.next().context("--queue needs a number")?;
                options.queue = value.parse().context("--queue needs a number")?;
                if options.queue == 0 {
                    bail!("--queue must be at least 1");
                }
            }
            _ => positional.push(argument),
        }
    }
    let mut positional = positional.into_iter();
    if let Some(uri) = positional.next() {
        options.uri = uri;
    }
    if let Some(dataset) = positional.next() {
        options.dataset = dataset;
    }
    Ok(options)
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = options()?;
    let stats = options.stats;
    let started = Instant::now();
    let (to_compute, fetched) = channel(options.queue);
    let (to_sink, computed) = channel(options.queue);
    let computing = tokio::task::spawn_blocking(move || compute(stats, fetched, to_sink));
    let (fetching, computing, (summary, sinking)) = tokio::try_join!(
        fetch(&options, to_compute),
        async { computing.await? },
        sink(stats, computed),
    )?;
    summary.print(started, [fetching, computing, sinking]);
    Ok(())
}
