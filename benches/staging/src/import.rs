//! Rows of a CSV file that are taken in, in one transaction.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Result, ensure};
use bench_sizes::thousands;
use persistence::Catalog;
use transfer::file_rows::{FileFormat, FileRows, Reading};
use transfer::import::{Given, Mapping, import};

use crate::timed;

pub fn run(catalog: &Catalog, folder: &Path, author: i64, rows: u64) -> Result<()> {
    let path = folder.join("books.csv");
    write(&path, author, rows)?;
    println!("{} rows of a CSV file, recorded", thousands(rows));
    let reading = Reading { format: FileFormat::Csv, charset: None, sheet: None };
    let file = FileRows::new(File::open(&path)?, &reading)?;
    let entry = catalog.entry("books")?;
    let given = Given { defaults: catalog.defaults(entry.meta)?, ..Given::default() };
    let mapping = Mapping::new(entry.meta, file.header(), given)?;
    let mut session = catalog.writing_session()?;
    let counts =
        timed("check and insert", || Ok(import(&mut *session, entry, &mapping, file, &mut ())?))?;
    ensure!(counts.inserted == rows, "{counts:?}");
    timed("commit", || Ok(session.commit()?))
}

fn write(path: &Path, author: i64, rows: u64) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "title,author_id,price,in_print")?;
    for number in 0..rows {
        let (whole, hundredths) = (number % 100 + 1, number % 100);
        writeln!(
            file,
            "\"The Star Diaries, volume {number}\",{author},{whole}.{hundredths:02},true"
        )?;
    }
    Ok(file.flush()?)
}
