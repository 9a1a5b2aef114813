//! What is set on the command line or in the environment.

use std::fmt::Display;
use std::net::SocketAddr;
use std::str::FromStr;

use anyhow::{Context as _, Result};
use catalog::{Hosts, Limits, Policy, Pool, Settings, Shares, Tokens};
use clap::Parser;
use persistence::backend::{redact_message, redact_url};

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
    /// Connections that one client may use at once; `CATALOG_CLIENT_CONNECTIONS` [default: half]
    #[arg(long, value_name = "NUMBER")]
    client_connections: Option<String>,
    /// Names that requests may name as their host, with commas between; `CATALOG_HOSTS`
    /// [default: localhost; any where others than this computer can reach the address]
    #[arg(long, value_name = "NAMES")]
    hosts: Option<String>,
    /// A file of bearer tokens and what they allow, one a line: NAME TOKEN read=books,authors
    /// write=*; `CATALOG_TOKENS` [default: everybody may do everything]
    #[arg(long, value_name = "FILE")]
    tokens: Option<String>,
}

/// What `clap` says of the command line, without passwords in words that it repeats.
pub fn without_passwords(message: &str) -> String {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    words.filter(|word| redact_url(word) != *word).fold(message.to_owned(), |message, word| {
        let value = word.split_once('=').filter(|_| word.starts_with('-')).map(|(_, value)| value);
        redact_message(&message, value.unwrap_or(&word))
    })
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

    /// What the service does for whom.
    ///
    /// # Errors
    /// When a setting is wrong, or the file of tokens cannot be read.
    pub fn settings(&self) -> Result<Settings> {
        let hosts = setting(self.hosts.as_deref(), "CATALOG_HOSTS")?.unwrap_or_default();
        let hosts: Vec<String> = hosts.split(',').map(|name| name.trim().to_owned()).collect();
        let hosts: Vec<String> = hosts.into_iter().filter(|name| !name.is_empty()).collect();
        let policy = match setting(self.tokens.as_deref(), "CATALOG_TOKENS")? {
            Some(file) => {
                let text = std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read the tokens in {file}"))?;
                let tokens = Tokens::parse(&text).map_err(|error| anyhow::anyhow!(error));
                Policy::Tokens(tokens.with_context(|| format!("the tokens in {file}"))?)
            }
            None => Policy::Open,
        };
        let name = "CATALOG_CLIENT_CONNECTIONS";
        let each = setting(self.client_connections.as_deref(), name)?;
        let each = each.map(|text| parse(name, &text)).transpose()?;
        Ok(Settings {
            limits: Limits::default(),
            hosts: Hosts::of(self.listen()?, &hosts),
            policy,
            shares: Shares::of(self.pool()?, each),
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
        // A URL with a password may have got into the wrong variable.
        .with_context(|| format!("{name}: got {:?}", redact_url(text)))
}
