//! What the grid costs from ten thousand to ten million rows, on SQLite and PostgreSQL: reading,
//! drawing, memory; and beside DB Browser for SQLite, on the same file and display.

mod frames;
mod process;
mod reading;
mod report;
mod screen;
mod shop;
mod window;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::shop::{Engine, Shop};

/// What the grid costs from ten thousand to ten million rows.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reading on each engine at each size, then frames and memory at the largest of SQLite's.
    Grid(Grid),
    /// Time from start to rows and from Ctrl+End to the last rows, beside DB Browser for SQLite.
    Window(window::Arguments),
    /// Frames and memory of one SQLite file, in a process of its own.
    #[command(hide = true)]
    Frames(frames::Arguments),
}

#[derive(Debug, clap::Args)]
struct Grid {
    /// How many books the table has, one run for each: 10k,100k,1M,10M.
    #[arg(long, value_delimiter = ',', value_parser = size, default_value = "10k,100k,1M,10M")]
    sizes: Vec<u64>,
    /// On which engines.
    #[arg(long, value_delimiter = ',', value_enum, default_value = "sqlite,postgres")]
    engines: Vec<Engine>,
    /// Readings of each kind, the sizes in turns; the median counts.
    #[arg(long, default_value_t = 31)]
    rounds: u64,
    /// Frames of each gesture.
    #[arg(long, default_value_t = 600)]
    frames: usize,
    /// Frames of random scrolling, over which memory must not grow: 36000 are ten minutes'.
    #[arg(long, default_value_t = 36_000)]
    scrolling: usize,
    /// Only reading, without frames and memory.
    #[arg(long)]
    no_frames: bool,
    /// Where the databases are kept for the next run.
    #[arg(long, env = "BINDERY_BENCH_FOLDER", default_value = "target/bench-grid")]
    folder: PathBuf,
    /// A PostgreSQL server; databases called bindery_grid_… are made there and kept.
    #[arg(long, env = "BINDERY_TEST_POSTGRES_URL", hide_env_values = true)]
    postgres: Option<String>,
}

fn size(text: &str) -> Result<u64, String> {
    bench_sizes::parse(text, &(1_000..=100_000_000))
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Grid(arguments) => grid(&arguments),
        Command::Window(arguments) => window::run(&arguments),
        Command::Frames(arguments) => frames::run(&arguments),
    }
}

fn grid(arguments: &Grid) -> Result<()> {
    let place =
        shop::Place { folder: arguments.folder.clone(), postgres: arguments.postgres.clone() };
    for &engine in &arguments.engines {
        let sizes = &arguments.sizes;
        let shops = sizes.iter().map(|&books| Shop::make(&place, engine, books));
        let measured = reading::measure(&shops.collect::<Result<Vec<_>>>()?, arguments.rounds)?;
        print!("{}", report::reading(engine, sizes, &measured));
    }
    let largest = arguments.sizes.iter().max().copied();
    if let Some(books) = largest.filter(|_| !arguments.no_frames) {
        let shop = Shop::make(&place, Engine::Sqlite, books)?;
        frames::in_a_process(&shop, arguments.frames, arguments.scrolling)?;
    }
    Ok(())
}
