//! The admin as an application declares it.

use persistence::{Catalog, Database, Engine, Entity, Store};

use crate::app::{AdminApp, Options};
use crate::error::Error;
use crate::i18n::{Language, TextSources};
use crate::settings::SettingsFile;
use crate::theme::Appearance;
