//! The admin as an application declares it.

use eframe::egui::{Ui, ViewportBuilder};
use persistence::database::CatalogBuilder;
use persistence::{Catalog, Column, Database, Engine, Entity, Migrations, Scalar, Store};

use crate::app::{AdminApp, CloseRequest, Options};
use crate::error::Error;
use crate::extensions::{Action, Extensions};
use crate::i18n::{Language, TextSources};
use crate::settings::{Settings, SettingsFile};
use crate::theme::Appearance;

/// The application's name where none is given.
const UNNAMED: &str = "Bindery";

/// The window's size at first, in points.
const SIZE: [f32; 2] = [1380.0, 800.0];

/// The smallest size at which nothing is cut off, in points.
const SMALLEST: [f32; 2] = [860.0, 480.0];

/// An admin that is being put together: a database, its entities, and how the window is to be.
///
/// ```no_run
/// # mod schema { diesel::table! { users (id) { id -> BigInt, name -> Text } } }
/// # use schema::users;
/// # #[derive(Clone, Debug, PartialEq, persistence::Entity)]
/// # #[entity(table = users)]
/// # struct User { #[entity(key, generated)] id: i64, #[entity(label)] name: String }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use admin_gui::Admin;
/// use diesel::SqliteConnection;
/// use persistence::Database;
///
/// let database = Database::<SqliteConnection>::open("bookshop.db")?;
/// Admin::new(database).entity::<User>().title("Bookshop").run()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Admin<S> {
    entities: S,
    title: Option<String>,
    appearance: Option<Appearance>,
    language: Option<Language>,
    texts: TextSources,
    settings_file: Option<SettingsFile>,
    close_request: CloseRequest,
    extensions: Extensions,
}

/// What a catalog can be made of.
pub trait Entities: sealed::Sealed {
    /// Returns the catalog.
    fn into_catalog(self) -> Catalog;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for persistence::Catalog {}
    impl<C: persistence::Engine> Sealed for persistence::database::CatalogBuilder<C> {}
}

impl Entities for Catalog {
    fn into_catalog(self) -> Catalog {
        self
    }
}

impl<C: Engine> Entities for CatalogBuilder<C> {
    fn into_catalog(self) -> Catalog {
        self.build()
    }
}

impl<C: Engine> Admin<CatalogBuilder<C>> {
    /// Makes an admin of a database, without entities so far.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "the admin is what the database is for")]
    pub fn new(database: Database<C>) -> Self {
        Self::of(database.catalog())
    }

    /// Adds an entity.
    #[must_use]
    pub fn entity<E: Entity>(mut self) -> Self
    where
        C: Store<E>,
    {
        self.entities = self.entities.entity::<E>();
        self
    }

    /// Adds the migrations that make the tables: the window shows which of them the database has, and
    /// runs and reverts them when it is asked to.
    #[must_use]
    pub fn migrations(mut self, migrations: &'static Migrations) -> Self {
        self.entities = self.entities.migrations(migrations);
        self
    }
}

impl Admin<Catalog> {
    /// Makes an admin of entities that have been put together elsewhere.
    #[must_use]
    pub fn from_catalog(catalog: Catalog) -> Self {
        Self::of(catalog)
    }
}

impl<S: Entities> Admin<S> {
    fn of(entities: S) -> Self {
        Self {
            entities,
            title: None,
            appearance: None,
            language: None,
            texts: TextSources::new(),
            settings_file: None,
            close_request: CloseRequest::default(),
            extensions: Extensions::default(),
        }
    }

    /// Sets what the application is called.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Sets how it looks, whatever the person has chosen before.
    #[must_use]
    pub const fn theme(mut self, appearance: Appearance) -> Self {
        self.appearance = Some(appearance);
        self
    }

    /// Sets the language it speaks, whatever the person has chosen before.
    #[must_use]
    pub const fn language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// Sets the names of the application's entities, columns and values.
    #[must_use]
    pub fn texts(mut self, texts: TextSources) -> Self {
        self.texts = texts;
        self
    }

    /// Sets where to keep what the person chooses, instead of the platform's folder.
    #[must_use]
    pub fn settings(mut self, file: SettingsFile) -> Self {
        self.settings_file = Some(file);
        self
    }

    /// Draws the cells of a column by the program itself: see [`Extensions::cell`].
    ///
    /// ```no_run
    /// # mod schema { diesel::table! { todos (id) { id -> BigInt, title -> Text, urgency -> Integer } } }
    /// # use schema::todos;
    /// # #[derive(Clone, Debug, PartialEq, persistence::Entity)]
    /// # #[entity(table = todos)]
    /// # struct Todo { #[entity(key, generated)] id: i64, #[entity(label)] title: String, urgency: i32 }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let database = persistence::Database::<diesel::SqliteConnection>::open("todos.db")?;
    /// use admin_gui::Admin;
    ///
    /// Admin::new(database)
    ///     .entity::<Todo>()
    ///     .cell(Todo::URGENCY, |ui, urgency| {
    ///         ui.label("!".repeat(usize::try_from(urgency).unwrap_or(0)));
    ///     })
    ///     .run()?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn cell<E: Entity, T: Scalar + 'static>(
        mut self,
        column: Column<E, T>,
        draw: impl Fn(&mut Ui, T) + Send + Sync + 'static,
    ) -> Self {
        self.extensions = self.extensions.cell(column, draw);
        self
    }

    /// Adds an action of the program's own on selected rows.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.extensions = self.extensions.action(action);
        self
    }

    /// Closes the window, too, when that asks for it: the program's own handler of signals.
    #[must_use]
    pub fn close_request(mut self, request: CloseRequest) -> Self {
        self.close_request = request;
        self
    }

    /// Opens the window and stays until it is closed.
    ///
    /// # Errors
    /// [`Error::Window`] when there is no display to open it on.
    pub fn run(self) -> Result<(), Error> {
        let name = self.title.clone().unwrap_or_else(|| UNNAMED.to_owned());
        let (settings_file, mut settings, warning) = self.read_settings(&name);
        if let Some(appearance) = self.appearance {
            settings.appearance = appearance;
        }
        if self.language.is_some() {
            settings.language = self.language;
        }
        let catalog = self.entities.into_catalog();
        let viewport = ViewportBuilder::default()
            .with_title(window_title(&name, &catalog.target()))
            .with_app_id(name.to_lowercase())
            .with_inner_size(settings.window_size.unwrap_or(SIZE))
            .with_min_inner_size(SMALLEST)
            .with_maximized(settings.is_maximized);
        let journals = settings_file.as_ref().and_then(|file| file.path().parent());
        let journals = journals.map(|folder| folder.join("unsaved"));
        let options = Options {
            journals,
            texts: self.texts,
            settings,
            settings_file,
            warning,
            close_request: self.close_request,
            has_system_clipboard: true,
            most_staged: None,
            extensions: self.extensions,
        };
        let native = eframe::NativeOptions {
            viewport,
            // There are no gradients that it would smooth, and it costs time for every pixel
            // where no graphics card does it.
            dithering: false,
            ..eframe::NativeOptions::default()
        };
        eframe::run_native(
            &name,
            native,
            Box::new(move |creation| {
                Ok(Box::new(AdminApp::new(&creation.egui_ctx, catalog, options)?))
            }),
        )
        .map_err(|error| Error::Window { message: error.to_string() })
    }

    /// Reads what the person has chosen before; where the file cannot be used, the defaults are
    /// returned with the reason, so that the application opens anyway.
    fn read_settings(&self, name: &str) -> (Option<SettingsFile>, Settings, Option<String>) {
        let file = match &self.settings_file {
            Some(file) => Ok(file.clone()),
            None => SettingsFile::of_application(name),
        };
        match file {
            Ok(file) => match file.read() {
                Ok(settings) => (Some(file), settings, None),
                Err(error) => (Some(file), Settings::default(), Some(error.to_string())),
            },
            Err(error) => (None, Settings::default(), Some(error.to_string())),
        }
    }
}

/// Returns the window's title: "bookshop.db – Bindery".
fn window_title(name: &str, target: &str) -> String {
    format!("{} – {name}", crate::app::short_target(target))
}
