//! Load on a running catalog, with every answer checked: `cargo xtask load` runs it.
//!
//! Each client has an author of its own and keeps a ledger of that author's books: what was
//! acknowledged has to be there at the end, and nothing else. All of them count up one shared row,
//! guarded by its version: no step may be lost.

#![expect(clippy::indexing_slicing, reason = "what JSON lacks is null")]

mod client;
mod http;
mod ledger;
mod report;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Parser;

use client::Client;
use report::Report;

/// Load on a running catalog, with every answer checked.
#[derive(Parser)]
struct Options {
    /// Where the catalog listens.
    #[arg(long, value_name = "ADDRESS")]
    address: String,
    /// How long.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// How many clients at once, each on a connection of its own.
    #[arg(long, default_value_t = 16)]
    clients: u64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(&options))
}

async fn run(options: &Options) -> Result<()> {
    let report = Arc::new(Report::new());
    let shared = client::shared_row(&options.address, &report).await?;
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let mut clients = Vec::new();
    for number in 0..options.clients {
        let mut client = Client::new(&options.address, number, shared, Arc::clone(&report));
        client.register().await?;
        clients.push(tokio::spawn(async move {
            client.work_until(end).await;
            client
        }));
    }
    let mut finished = Vec::new();
    for client in clients {
        finished.push(client.await?);
    }
    let took = report.elapsed();

    let (mut rows, mut steps, mut unknown_steps) = (0, 0, 0);
    for client in &mut finished {
        rows += client.verify().await?;
        let (known, unknown) = client.steps();
        (steps, unknown_steps) = (steps + known, unknown_steps + unknown);
    }
    let counted = client::shared_count(&options.address, shared, &report).await?;
    if !(steps..=steps + unknown_steps).contains(&counted) {
        let allowed = format!("{steps} to {}", steps + unknown_steps);
        report.wrong(format!("the shared row counts {counted}, acknowledged were {allowed}"));
    }

    report.print(took);
    println!("acknowledged rows that are there as written  {rows}");
    println!("steps of the shared row                      {counted} ({steps} acknowledged)");
    let wrong = report.wrong_answers();
    ensure!(wrong == 0, "{wrong} wrong answers");
    ensure!(rows > 0 && steps > 0, "nothing was written");
    Ok(())
}
