//! SeaORM as its cookbook uses it, on a runtime with one thread (sqlx adds one of its own).

use std::path::Path;

use anyhow::{Context, Result};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectOptions, Database, DatabaseConnection,
    DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, LoaderTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, TransactionTrait,
};
use tokio::runtime::{Builder, Runtime};

use crate::dataset::NewRow;
use crate::measure::Clock;
use crate::row::Digest;
use crate::workload::{
    AUTHORS_AT_ONCE, From, PageRequest, Plan, Side, Variant, WALK_PAGE, Workload,
};

/// Rows of a bulk insert's statement: 7 binds each, 32,766 in all.
const ROWS_PER_STATEMENT: usize = 4_000;

mod book {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: String,
        pub author_id: i64,
        pub isbn: Option<String>,
        pub published_on: Option<NaiveDate>,
        pub price: Option<i64>,
        pub in_print: bool,
        pub version: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::author::Entity",
            from = "Column::AuthorId",
            to = "super::author::Column::Id"
        )]
        Author,
    }

    impl Related<super::author::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod author {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub born_on: Option<NaiveDate>,
        pub biography: Option<String>,
        pub version: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::book::Entity")]
        Books,
    }

    impl Related<super::book::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Books.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// SeaORM.
#[derive(Debug)]
pub struct SeaOrmSide {
    runtime: Runtime,
    database: DatabaseConnection,
}

async fn open(path: &Path) -> Result<DatabaseConnection> {
    let path = path.to_str().context("a path in UTF-8")?;
    let mut options = ConnectOptions::new(format!("sqlite://{path}"));
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|options| {
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .pragma("cache_size", "-131072")
    });
    Ok(Database::connect(options).await?)
}

impl SeaOrmSide {
    /// Opens the database with all books.
    ///
    /// # Errors
    /// SeaORM's.
    pub fn open(path: &Path) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let database = runtime.block_on(open(path))?;
        Ok(Self { runtime, database })
    }
}

impl Side for SeaOrmSide {
    fn name(&self) -> &'static str {
        "SeaORM 2.0.4"
    }

    fn rounds(&self) -> usize {
        3
    }

    fn variants(&self, workload: Workload) -> &'static [Variant] {
        match workload {
            Workload::Insert => const { &[Variant::of("insert_many")] },
            Workload::Load => const { &[Variant::of("find().all()")] },
            Workload::Get => const { &[Variant::of("find_by_id().one()")] },
            Workload::Page => const { &[Variant::of("find().filter()")] },
            Workload::Eager => const { &[Variant::of("load_many")] },
            Workload::Update => const { &[Variant::of("ActiveModel::update")] },
            Workload::Walk => const { &[Variant::of("cursor_by")] },
        }
    }

    fn run(
        &mut self,
        workload: Workload,
        _: usize,
        plan: &Plan,
        clock: &mut Clock,
    ) -> Result<Digest> {
        let Self { runtime, database } = self;
        match workload {
            Workload::Insert => {
                let fresh = runtime.block_on(open(&plan.fresh))?;
                let inserted = clock.time(|| runtime.block_on(insert(&fresh, &plan.inserts)))?;
                runtime.block_on(fresh.close())?;
                // It tells the last key only; the rows are checked afterwards.
                let mut digest = Digest::default();
                (1..=inserted).for_each(|key| digest.number(key));
                Ok(digest)
            }
            Workload::Load => {
                let books = clock.time(|| runtime.block_on(load(database)))?;
                Ok(digest_of(&books))
            }
            Workload::Get => {
                let books = clock.time(|| runtime.block_on(get(database, &plan.keys)))?;
                Ok(digest_of(&books))
            }
            Workload::Page => Ok(clock.time(|| runtime.block_on(pages(database, &plan.pages)))?),
            Workload::Eager => clock.time(|| {
                let mut digest = Digest::default();
                for &first in &plan.first_authors {
                    for (author, books) in runtime.block_on(authors_with_books(database, first))? {
                        books.iter().for_each(|book| digest.pair(author.id, book.id));
                    }
                }
                Ok(digest)
            }),
            Workload::Update => {
                let mut books = runtime.block_on(load(database))?;
                books.truncate(usize::try_from(plan.updates)?);
                let updated = clock.time(|| runtime.block_on(update(database, books)))?;
                let mut digest = Digest::default();
                digest.number(updated);
                Ok(digest)
            }
            Workload::Walk => Ok(clock.time(|| runtime.block_on(walk(database)))?),
        }
    }
}

fn take(digest: &mut Digest, book: &book::Model) {
    digest.book(
        book.id,
        &book.title,
        book.author_id,
        book.isbn.as_deref(),
        book.published_on,
        book.price,
        book.in_print,
        book.version,
    );
}

fn digest_of(books: &[book::Model]) -> Digest {
    let mut digest = Digest::default();
    books.iter().for_each(|book| take(&mut digest, book));
    digest
}

async fn insert(database: &DatabaseConnection, rows: &[NewRow]) -> Result<i64, DbErr> {
    let transaction = database.begin().await?;
    let mut last = 0;
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let models = rows.iter().map(|row| book::ActiveModel {
            title: Set(row.title.clone()),
            author_id: Set(row.author_id),
            isbn: Set(row.isbn.clone()),
            published_on: Set(row.published_on),
            price: Set(row.price),
            in_print: Set(row.in_print),
            version: Set(1),
            ..Default::default()
        });
        let inserted = book::Entity::insert_many(models).exec(&transaction).await?;
        last = inserted.last_insert_id.unwrap_or(last);
    }
    transaction.commit().await?;
    Ok(last)
}

async fn load(database: &DatabaseConnection) -> Result<Vec<book::Model>, DbErr> {
    let transaction = database.begin().await?;
    let books = book::Entity::find().order_by_asc(book::Column::Id).all(&transaction).await?;
    transaction.commit().await?;
    Ok(books)
}

async fn get(database: &DatabaseConnection, keys: &[i64]) -> Result<Vec<book::Model>, DbErr> {
    let transaction = database.begin().await?;
    let mut books = Vec::with_capacity(keys.len());
    for &key in keys {
        let book = book::Entity::find_by_id(key).one(&transaction).await?;
        books.push(book.ok_or_else(|| DbErr::RecordNotFound(key.to_string()))?);
    }
    transaction.commit().await?;
    Ok(books)
}

async fn pages(database: &DatabaseConnection, requests: &[PageRequest]) -> Result<Digest, DbErr> {
    let transaction = database.begin().await?;
    let mut digest = Digest::default();
    for request in requests {
        let books = page(&transaction, request).await?;
        books.iter().for_each(|book| take(&mut digest, book));
    }
    transaction.commit().await?;
    Ok(digest)
}

async fn page(
    transaction: &DatabaseTransaction,
    request: &PageRequest,
) -> Result<Vec<book::Model>, DbErr> {
    use book::Column;
    let mut query = book::Entity::find();
    let (column, value): (_, sea_orm::Value) = match &request.from {
        From::Id(id) => (Column::Id, (*id).into()),
        From::Title(title) => (Column::Title, title.clone().into()),
        From::PublishedOn(day) => (Column::PublishedOn, (*day).into()),
    };
    query = if request.is_descending {
        query.filter(column.lte(value)).order_by_desc(column)
    } else {
        query.filter(column.gte(value)).order_by_asc(column)
    };
    if !matches!(request.from, From::Id(_)) {
        query = if request.is_descending {
            query.order_by_desc(Column::Id)
        } else {
            query.order_by_asc(Column::Id)
        };
    }
    if let Some(in_print) = request.in_print {
        query = query.filter(Column::InPrint.eq(in_print));
    }
    if let Some(price) = request.below_price {
        query = query.filter(Column::Price.lt(price));
    }
    query.limit(request.limit).all(transaction).await
}

async fn authors_with_books(
    database: &DatabaseConnection,
    first: i64,
) -> Result<Vec<(author::Model, Vec<book::Model>)>, DbErr> {
    let transaction = database.begin().await?;
    let authors = author::Entity::find()
        .filter(author::Column::Id.gte(first))
        .order_by_asc(author::Column::Id)
        .limit(AUTHORS_AT_ONCE)
        .all(&transaction)
        .await?;
    let books = authors.load_many(book::Entity, &transaction).await?;
    transaction.commit().await?;
    Ok(authors.into_iter().zip(books).collect())
}

async fn update(database: &DatabaseConnection, books: Vec<book::Model>) -> Result<i64, DbErr> {
    let transaction = database.begin().await?;
    let mut updated = 0;
    for book in books {
        let (price, version) = (book.price.unwrap_or(0) + 1, book.version + 1);
        let mut changed = book.into_active_model();
        changed.price = Set(Some(price));
        changed.version = Set(version);
        changed.update(&transaction).await?;
        updated += 1;
    }
    transaction.commit().await?;
    Ok(updated)
}

async fn walk(database: &DatabaseConnection) -> Result<Digest, DbErr> {
    let transaction = database.begin().await?;
    let (mut last, mut digest) = (0, Digest::default());
    loop {
        let mut cursor = book::Entity::find().cursor_by(book::Column::Id);
        let page = cursor.after(last).first(WALK_PAGE).all(&transaction).await?;
        page.iter().for_each(|book| take(&mut digest, book));
        match page.last() {
            Some(book) => last = book.id,
            None => break,
        }
    }
    transaction.commit().await?;
    Ok(digest)
}
