//! Every kind of field, to look at.
use admin_gui::{
    Admin,
    i18n::{Language, TextSources},
    theme::Appearance,
};
use domain::{Address, Author, Book, NewAddress, NewAuthor, NewBook, NewUser, User};
use persistence::{Memory, Ref, Repository};

diesel::table! {
    loans (id) {
        id -> BigInt,
        code -> Text,
        state -> Text,
        book_id -> Nullable<BigInt>,
        due_at -> Nullable<Timestamp>,
        weight -> Nullable<Double>,
        returned -> Nullable<Bool>,
        notes -> Nullable<Text>,
        version -> BigInt,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, persistence::Scalar)]
enum State {
    Ordered,
    Lent,
    Returned,
}

#[derive(Clone, Debug, PartialEq, persistence::Entity)]
#[entity(table = loans, icon = "bookmark")]
struct Loan {
    #[entity(key, generated)]
    id: i64,
    #[entity(label, search)]
    code: String,
    state: State,
    #[entity(references(Book, on_delete = set_null))]
    book_id: Option<i64>,
    due_at: Option<chrono::NaiveDateTime>,
    weight: Option<f64>,
    returned: Option<bool>,
    notes: Option<String>,
    #[entity(version)]
    version: i64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut memory = Memory::new()
        .with::<Author>()
        .with::<Book>()
        .with::<User>()
        .with::<Address>()
        .with::<Loan>();
    let lem: Author = memory.insert(NewAuthor {
        name: "Stanisław Lem".into(),
        born_on: "1921-09-12".parse().ok(),
        biography: Some("Polish writer of science fiction and essays.\nBorn in Lwów.\n".repeat(9)),
    })?;
    let names = [
        "Ursula K. Le Guin",
        "Михаил Булгаков",
        "Octavia E. Butler",
        "Arkady Strugatsky",
        "William Gibson",
        "Italo Calvino",
        "Frank Herbert",
        "Neal Stephenson",
        "Samuel R. Delany",
        "Philip K. Dick",
    ];
    let mut authors: Vec<Author> = vec![];
    for name in names {
        authors.push(memory.insert(NewAuthor {
            name: name.into(),
            born_on: None,
            biography: None,
        })?);
    }
    let mut last = None;
    for (i, title) in [
        "Solaris",
        "The Cyberiad",
        "Fiasco",
        "His Master's Voice",
        "Eden",
        "Голос неба",
        "Непобедимый",
        "Глас Господа",
    ]
    .iter()
    .enumerate()
    {
        let book: Book = memory.insert(NewBook {
            title: (*title).into(),
            author: Ref::Id(lem.id),
            isbn: if i == 0 { Some("9780156027601".into()) } else { None },
            published_on: "1961-01-01".parse().ok(),
            price: if i % 2 == 0 { None } else { "11.40".parse().ok() },
            in_print: i % 2 == 0,
        })?;
        last = Some(book.id);
    }
    for (i, a) in authors.iter().enumerate() {
        let _: Book = memory.insert(NewBook {
            title: format!("A book {i}"),
            author: Ref::Id(a.id),
            isbn: None,
            published_on: None,
            price: None,
            in_print: false,
        })?;
    }
    let user: User = memory.insert(NewUser { name: "Ольга".into(), age: Some(31) })?;
    for i in 0..3 {
        let _: Address = memory.insert(NewAddress {
            email_address: format!("olga{i}@example.org"),
            user: Ref::Id(user.id),
        })?;
    }
    let _: Loan = memory.insert(NewLoan {
        code: "L-1".into(),
        state: State::Lent,
        book: last.map(Ref::Id),
        due_at: None,
        weight: Some(0.5),
        returned: None,
        notes: Some("Handle with care".into()),
    })?;
    memory.commit()?;
    let language =
        if std::env::var("G_RU").is_ok() { Language::Russian } else { Language::English };
    let theme = if std::env::var("G_LIGHT").is_ok() { Appearance::Light } else { Appearance::Dark };
    let mut texts = TextSources::new();
    texts.add(Language::English, include_str!("../src/bin/bindery/i18n/en.ftl"))?;
    texts.add(Language::Russian, include_str!("../src/bin/bindery/i18n/ru.ftl"))?;
    let catalog =
        if std::env::var("G_RO").is_ok() { memory.read_only().catalog() } else { memory.catalog() };
    Admin::from_catalog(catalog)
        .title("Gallery")
        .texts(texts)
        .language(language)
        .theme(theme)
        .run()?;
    Ok(())
}
