//! What is set on the command line or in the environment.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use anyhow::{Context as _, Result};
use catalog::Pool;
use clap::Parser;

/// A database that is there as long as the process is.
const IN_MEMORY: &str = ":memory:";

/// The bookshop as a web service. Each option can be set in the environment as well.
#[derive(Parser)]
#[command(name = "catalog", version)]
pub struct Options {
    /// A path, `postgres://…` or `mysql://…`; a small shop in memory where nothing is said.
    /// `CATALOG_DATABASE_URL`, which other users of the computer cannot read
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Address and port; `CATALOG_LISTEN` [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Connections to the database at most; `CATALOG_CONNECTIONS` [default: 10]
    #[arg(long, value_name = "NUMBER")]
    connections: Option<String>,
}

impl Options {
    /// Where the database is.
    ///
    /// # Errors
    /// When the environment has no text there.
    pub fn database_url(&self) -> Result<String> {
        let url = setting(self.database_url.as_deref(), "CATALOG_DATABASE_URL")?;
        Ok(url.unwrap_or_else(|| IN_MEMORY.to_owned()))
    }

    /// Where to listen.
    ///
    /// # Errors
    /// When that is no address.
    pub fn listen(&self) -> Result<SocketAddr> {
        let listen = setting(self.listen.as_deref(), "CATALOG_LISTEN")?;
        parse("CATALOG_LISTEN", listen.as_deref().unwrap_or("127.0.0.1:3000"))
    }

    /// How the database is used.
    ///
    /// # Errors
    /// When a number is none.
    pub fn pool(&self) -> Result<Pool> {
        let connections = setting(self.connections.as_deref(), "CATALOG_CONNECTIONS")?;
        let default = Pool::default();
        Ok(match connections {
            Some(text) => Pool { connections: parse("CATALOG_CONNECTIONS", &text)?, ..default },
            None => default,
        })
    }

    /// Whether the shop is stocked: where it would be empty every time.
    pub fn has_sample(&self) -> bool {
        self.database_url().is_ok_and(|url| url == IN_MEMORY)
    }
}

fn setting(argument: Option<&str>, variable: &str) -> Result<Option<String>> {
    match (argument, std::env::var(variable)) {
        (Some(argument), _) => Ok(Some(argument.to_owned())),
        (None, Ok(value)) => Ok(Some(value)),
        (None, Err(std::env::VarError::NotPresent)) => Ok(None),
        (None, Err(_)) => anyhow::bail!("{variable} is no text"),
    }
}

fn parse<T: FromStr<Err: Display>>(name: &str, text: &str) -> Result<T> {
    text.parse()
        .map_err(|error| anyhow::anyhow!("{error}"))
        .with_context(|| format!("{name}: got {text:?}"))
}
