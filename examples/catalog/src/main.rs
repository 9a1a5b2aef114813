//! The bookshop as a web service: `cargo run -p catalog`, then `curl localhost:3000/books`.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use catalog::{Policy, Settings, Shop, router, server};
use clap::Parser;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

mod options;

use options::Options;

/// How long requests that are being answered have when the service is told to end.
const DRAIN_TIME: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) if error.use_stderr() => {
            eprint!("{}", options::without_passwords(&error.to_string()));
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
        Err(help) => help.exit(),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let (url, pool, address) = (options.database_url()?, options.pool()?, options.listen()?);
    let settings = options.settings()?;
    if matches!(settings.policy, Policy::Open) && !address.ip().is_loopback() {
        tracing::warn!(%address, "without tokens whoever reaches this may read and change everything");
    }
    let shop = Shop::open(&url, pool)?;
    for drift in shop.check()? {
        tracing::warn!(%drift, "the database is not as this program expects");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        if options.has_sample() {
            shop.write(domain::sample::stock).await?;
        }
        serve(shop, settings, address).await
    });
    // A database that does not answer holds nobody up: what waits for it ends with the process.
    runtime.shutdown_background();
    served
}

async fn serve(shop: Shop, settings: Settings, address: SocketAddr) -> Result<()> {
    let listener =
        TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    // Read by whoever asked for port 0.
    tracing::info!(address = %listener.local_addr()?, "listening");
    let (told_to_end, mut is_ending) = tokio::sync::watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("ending: requests that are being answered are answered");
        told_to_end.send_replace(true);
    });
    let (ending, limits) = (is_ending.clone(), settings.limits);
    tokio::select! {
        () = server::serve(listener, router(shop, settings), limits, ending) => {}
        () = async {
            drop(is_ending.wait_for(|&ends| ends).await);
            tokio::time::sleep(DRAIN_TIME).await;
        } => tracing::warn!("some requests are not answered after {DRAIN_TIME:?}"),
    }
    tracing::info!("ended");
    Ok(())
}
