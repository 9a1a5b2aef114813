//! What can be written on the command line.

#![expect(clippy::doc_markdown, reason = "the comments are the help that a terminal shows")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use transfer::csv_records::Charset;
use transfer::file_rows::FileFormat;

use crate::output::Format;
use transfer::import::{DateFormat, Mode};

/// What `--help` says below the options.
const EXAMPLES: &str = "\
Examples:
  bindery                                  open the bookshop of this computer
  bindery shop.db                          open another file
  bindery shop.db --create                 make a new, empty bookshop and open it
  bindery postgres://ann@db.example.org/shop --read-only
  bindery list books --filter 'title ~ \"solaris\"'
  bindery import books catalogue.csv --url shop.db

Where the bookshop is:
  The first of: the URL, --url, the variable BINDERY_URL, and bookshop.db in the folder where this
  platform keeps application data. The last one is made and filled with a few well-known books when
  the window is opened for the first time. Any other database has to be there:
    shop.db, /srv/shop.db, sqlite://shop.db       a file of SQLite
    postgres://user@host:port/database            PostgreSQL
    mysql://user@host:port/database               MySQL and MariaDB
  `bindery migrate run` makes the tables, and a file of SQLite that is not there yet. Nothing else
  does without being told to: a database is left as it is found, in its journal mode, too.

Exit codes:
  0    done
  1    something failed that is none of the below
  2    the command line, a filter or an order is wrong
  3    the database, its tables, the entity or the file named is not there; or `check` found tables
       that are not as they should be
  4    rows were refused: they break a rule, or others refer to them; a file whose rows cannot be
       imported, or of which some were not
  5    another program got in the way: the row was changed, or the database was busy; try again
  6    the database cannot be reached or not be written to, or is damaged
  7    the connection was lost while the database was writing: whether it did is not known; look
       before you try again
  130  cancelled with Ctrl-C; nothing was written

Passwords:
  What stands on a command line can be read by everybody on this computer (`ps`). PostgreSQL's
  password is better kept in ~/.pgpass, or in the variable PGPASSWORD; a whole URL, of either
  server, in the variable BINDERY_URL. What is printed never has it.";

/// What the help of commands with a filter says below the options.
const FILTERS: &str = "\
Filters:
  age > 25                    =  !=  <  <=  >  >=
  title ~ \"master\"            contains, whatever the case; !~ does not contain
  title ^= \"The\"              starts with; $= ends with
  price between 5 and 9.99    both ends included
  id in (1, 2, 3)             one of; not in: none of
  isbn is null                there is none; is not null: there is one
  in_print and (price < 10 or not price > 0)
  author.name ~ \"Lem\"         by what a row belongs to; from authors: books.price > 10 (any)
  author (name ~ \"Lem\" and born_on is null)
  no books                    has none; any books, all books (in_print)
  count(books) >= 3           has so many; count(books where in_print) = 0
  Text, dates and times stand in quotes: published_on >= \"2001-01-01\".
  A comparison with NULL is never true.";

/// A bookshop's catalogue: a window to browse and edit it, and commands for scripts.
///
/// Without a command, the window opens.
#[derive(Parser)]
#[command(
    name = "bindery",
    version,
    after_help = "`bindery help COMMAND` shows examples; `bindery --help` where databases are, and exit codes.",
    after_long_help = EXAMPLES,
    max_term_width = 100
)]
pub struct Arguments {
    /// The database to open in the window: a file or a URL
    #[arg(value_name = "URL")]
    pub database: Option<String>,

    /// Opens the window without a way to change anything
    #[arg(long)]
    pub read_only: bool,

    /// Makes the database's tables, and its file, where they are missing
    #[arg(long, conflicts_with = "read_only")]
    pub create: bool,

    /// What is written in front of every command's own arguments, or behind them.
    #[command(flatten)]
    pub shared: Shared,

    /// What to do instead of opening the window.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Args, Clone)]
pub struct Shared {
    /// The database: a file or a URL [default: $BINDERY_URL, else bookshop.db of this computer]
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,

    /// Shows the statements sent to the database; twice: with their values. RUST_LOG says more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes the database's tables, or takes them back
    #[command(subcommand)]
    Migrate(Migrate),
    /// Compares the database's tables with what this program expects; prints every difference
    #[command(after_help = "\
Examples:
  bindery check --url shop.db
  bindery check --url postgres://ann@db.example.org/shop && ./deploy")]
    Check(Check),
    /// Prints rows
    List(List),
    /// Prints how many rows there are
    Count(Count),
    /// Brings rows in from a CSV file: all that are right, in one transaction
    Import(Import),
    /// Writes rows to a file, however many
    Export(Export),
    /// Deletes the rows a filter finds
    Delete(Delete),
    /// Makes up books and their authors, for trying out how large a bookshop may be
    Seed(Seed),
}

impl Command {
    /// Returns whether it may have written something by the time that it fails.
    pub const fn writes(&self) -> bool {
        match self {
            Self::Check(_) | Self::List(_) | Self::Count(_) | Self::Export(_) => false,
            Self::Migrate(migrate) => !matches!(migrate, Migrate::Status),
            Self::Import(_) | Self::Delete(_) | Self::Seed(_) => true,
        }
    }
}

/// What to do with the migrations.
#[derive(Clone, Copy, Debug, Subcommand)]
#[command(after_help = "\
Examples:
  bindery migrate status --url shop.db
  bindery migrate run --url postgres://ann@db.example.org/shop
  bindery migrate revert --url shop.db --yes")]
pub enum Migrate {
    /// Prints every migration, and whether the database has it
    Status,
    /// Runs the migrations the database does not have; makes the file where it is missing
    Run {
        /// Says that the bookshop's tables may be added to those of something else
        #[arg(long)]
        yes: bool,
    },
    /// Reverts the migration that was run last: its tables go, with all their rows
    Revert {
        /// Says that the tables and their rows may go
        #[arg(long)]
        yes: bool,
    },
}

/// Which rows, in which order.
#[derive(Args, Clone, Debug, Default)]
pub struct Selection {
    /// Only rows for which this is true, like 'price > 10 and title ~ "master"'
    #[arg(long, short, value_name = "FILTER", default_value = "", hide_default_value = true)]
    pub filter: String,

    /// Columns to sort by, a minus sorts descending, like -published_on,title [default: the key]
    #[arg(
        long,
        short,
        value_name = "COLUMNS",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub order: String,

    /// At most so many rows
    #[arg(long, short, value_name = "ROWS")]
    pub limit: Option<u64>,
}

/// Arguments of `list`.
#[derive(Args, Debug)]
#[command(after_help = FILTERS, after_long_help = format!("{FILTERS}\n\n{}", "\
Examples:
  bindery list authors
  bindery list books --filter 'title ~ \"мастер\" or price > 10' --order -published_on,title --limit 5
  bindery list books --filter 'isbn is null' --format csv
  bindery list users --format json | jq '.[].name'"))]
pub struct List {
    /// The table, like books
    pub entity: String,

    #[command(flatten)]
    pub selection: Selection,

    /// How the rows are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Arguments of `count`.
#[derive(Args, Debug)]
#[command(after_help = FILTERS, after_long_help = format!("{FILTERS}\n\n{}", "\
Examples:
  bindery count books
  bindery count books --filter 'price is null'"))]
pub struct Count {
    /// The table, like books
    pub entity: String,

    /// Only rows for which this is true
    #[arg(long, short, value_name = "FILTER", default_value = "", hide_default_value = true)]
    pub filter: String,
}

/// Arguments of `check`.
#[derive(Args, Debug)]
pub struct Check {
    /// Also read every row, and count the values that are not of their column's type
    #[arg(long)]
    pub values: bool,
}

/// What becomes of the rows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Taking {
    /// All are inserted; those that are there already are rejected
    Insert,
    /// Those that are there already are changed; others are rejected
    Update,
    /// Those that are there already are changed; others are inserted
    Upsert,
}

/// Arguments of `import`.
#[derive(Args, Debug)]
#[command(after_long_help = "\
The file:
  CSV, JSON or XLSX, by the end of its name or --format. JSON is an array of objects, or one object on
  each line; its columns are the names in the first 1000 of them. Of a workbook the first sheet is
  read, or --sheet; its table begins in the first row in which anything stands.
  CSV is UTF-8 or UTF-16, with a header; separated by commas, semicolons or tabs, whichever the header has,
  or by what a first line sep=| says. A header names the entity's columns, whatever the case. A
  foreign key may be given by what it points to: the column author with the author's name instead of
  author_id. Columns that the database fills in (id, version) are passed over; one that has a default
  in the database (in_print) may be missing.
  An empty field is NULL where the column takes NULL; in quotes it is the empty text, unless the file
  has even its header in quotes. Dates are like 2024-12-31, or 31.12.2024; years have four digits.
  Where semicolons separate fields, 12,50 is a number. An ISBN may have its hyphens.
  The catalogue of goodbooks-10k is recognised by its header and needs no --map: authors are
  created, ISBNs that a spreadsheet has damaged are repaired where their check digit proves it.

The outcome:
  Every row of the file is accounted for: inserted, or rejected and written to FILE.rejected.csv
  with its line and the reason; to FILE.rejected-2.csv where that is there already. Rows that are
  there already (the same ISBN, say) are rejected, unless --mode says that they are changed: then the
  columns of the file are written, and no others. When
  some rows were rejected, the others are kept and the exit code is 4; on any other error, and with
  Ctrl-C, nothing is kept.

Examples:
  bindery import books goodbooks-books.csv
  bindery import books catalogue.csv --dry-run
  bindery import books catalogue.xlsx --sheet 2024
  bindery import books prices.json --mode update --by isbn
  bindery import books catalogue.csv --map 'Book title=title' --map Writer=author --map Shelf=
  bindery import books catalogue.csv --set in_print=true
  bindery import books list.csv --encoding windows-1251 --date-format DD/MM/YYYY --null NULL")]
pub struct Import {
    /// The table, like books
    pub entity: String,

    /// The file: CSV, JSON (an array of objects, or one on each line), XLSX; - reads standard input
    pub file: PathBuf,

    /// What the file is: csv, json or xlsx [default: as its name ends, else csv]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<FileFormat>,

    /// The sheet of a workbook [default: the first]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,

    /// What becomes of rows that are there already, and of those that are not
    #[arg(long, value_enum, default_value_t = Taking::Insert)]
    pub mode: Taking,

    /// The columns by which update and upsert find rows, like isbn
    /// [default: the key, or else what is unique in the file]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub by: Vec<String>,

    /// The file's column HEADER is the entity's COLUMN; an empty COLUMN leaves it out
    #[arg(long, value_name = "HEADER=COLUMN")]
    pub map: Vec<String>,

    /// Gives a column that the file does not have a value, in every row
    #[arg(long, value_name = "COLUMN=VALUE")]
    pub set: Vec<String>,

    /// What the file is written in, like windows-1251 [default: utf-8, or utf-16 by its looks]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<Charset>,

    /// What stands for NULL where it is not in quotes, like \N; may be given more than once
    /// [default: an empty field]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub null: Vec<String>,

    /// What stands before decimals [default: a point; with semicolons between fields, a comma too]
    #[arg(long, value_enum, value_name = "MARK")]
    pub decimal: Option<Decimal>,

    /// How dates are written, in D, M and YYYY, like MM/DD/YYYY
    #[arg(long, value_name = "FORMAT")]
    pub date_format: Option<DateFormat>,

    /// Does everything but keep the rows, and writes no file: shows the first rows it would reject
    #[arg(long)]
    pub dry_run: bool,

    /// Makes a new bookshop where there is no file yet
    #[arg(long, conflicts_with = "dry_run")]
    pub create: bool,

    /// Where rejected rows are written; a file that is there is spared [default: FILE.rejected.csv]
    #[arg(long, value_name = "REJECTS", conflicts_with = "dry_run")]
    pub rejects: Option<PathBuf>,

    /// Where to write what was changed or left out in rows that were taken in, line by line
    #[arg(long, value_name = "NOTES", conflicts_with = "dry_run")]
    pub notes: Option<PathBuf>,
}

impl Import {
    /// Returns what becomes of the rows.
    pub fn mode(&self) -> Mode {
        match self.mode {
            Taking::Insert => Mode::Insert,
            Taking::Update => Mode::Update(self.by.clone()),
            Taking::Upsert => Mode::Upsert(self.by.clone()),
        }
    }
}

/// What stands before the decimals of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Decimal {
    /// 12.50
    Point,
    /// 12,50
    Comma,
}

/// Arguments of `export`.
#[derive(Args, Debug)]
#[command(after_help = FILTERS, after_long_help = format!("{FILTERS}\n\n{}", "\
Examples:
  bindery export books --output books.csv
  bindery export books --filter 'in_print' --order title --output books.xlsx
  bindery export books --columns title,author,price --format tsv
  bindery export authors --format sql | gzip > authors.sql.gz"))]
pub struct Export {
    /// The table, like books
    pub entity: String,

    #[command(flatten)]
    pub selection: Selection,

    /// Only these columns, in this order, like title,author,price
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub columns: Vec<String>,

    /// How the rows are written [default: as the file's name ends, else csv]
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Leaves out the names of the columns, where the format can do without
    #[arg(long)]
    pub no_header: bool,

    /// Puts an apostrophe before texts that a spreadsheet would take for formulas, in csv and tsv
    #[arg(long)]
    pub guard_formulas: bool,

    /// The file, which is replaced only when everything is written, and never if it is a database
    /// [default: standard output]
    #[arg(long, short = 'O', value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `delete`.
#[derive(Args, Debug)]
#[command(after_help = FILTERS, after_long_help = format!("{FILTERS}\n\n{}", "\
Examples:
  bindery delete books --filter 'in_print = false and price is null' --dry-run
  bindery delete users --filter 'name = \"John Doe\"'"))]
pub struct Delete {
    /// The table, like books
    pub entity: String,

    /// Which rows; all of them are 'id >= 0'
    #[arg(long, short, value_name = "FILTER")]
    pub filter: String,

    /// Shows what would be deleted, and deletes nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `seed`.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_long_help = "\
The same number makes the same books, on every engine. Their ISBNs are valid and from a range that
is given to no publisher. Run again, it adds more books.

All of it is one transaction: ended by Ctrl-C, it leaves nothing behind. Meanwhile nobody else can
use a database that is a file.

Examples:
  bindery seed --books 100000 --url scale.db --create
  bindery seed --books 10000000 --seed 7 --url postgres://ann@localhost/scale")]
#[expect(
    clippy::struct_field_names,
    reason = "the number that random books come from is called a seed"
)]
pub struct Seed {
    /// How many books
    #[arg(long, value_name = "BOOKS", value_parser = clap::value_parser!(u64).range(1..=500_000_000))]
    pub books: u64,

    /// Makes a new bookshop where there is no file yet
    #[arg(long)]
    pub create: bool,

    /// Other books for another number
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_word_before_a_command_is_a_database_and_a_descending_order_no_option() {
        let parsed = Arguments::try_parse_from([
            "bindery",
            "--url",
            "a.db",
            "list",
            "books",
            "--order",
            "-price,title",
            "-l",
            "5",
        ]);
        let arguments = parsed.expect("sound arguments");
        assert_eq!(arguments.shared.url.as_deref(), Some("a.db"));
        match arguments.command {
            Some(Command::List(list)) => {
                assert_eq!(list.selection.order, "-price,title");
                assert_eq!(list.selection.limit, Some(5));
                assert_eq!(list.format, Format::Table);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn deleting_needs_a_filter() {
        assert!(Arguments::try_parse_from(["bindery", "delete", "books"]).is_err());
    }
}
