//! A small shop to look around in: well-known books with real ISBNs, their authors, and a few invented customers.

use std::collections::HashMap;

use chrono::NaiveDate;
use persistence::{Repository, Result};

use crate::{Address, Author, Book, NewAddress, NewAuthor, NewBook, NewUser, Price, User};

/// An author of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleAuthor {
    /// The name; no two authors of the sample share one.
    pub name: &'static str,
    /// The date of birth.
    pub born_on: Option<NaiveDate>,
    /// A sentence about the author.
    pub biography: Option<&'static str>,
}

/// A book of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleBook {
    /// The title.
    pub title: &'static str,
    /// The author's name, as in [`AUTHORS`].
    pub author: &'static str,
    /// Thirteen digits.
    pub isbn: Option<&'static str>,
    /// The date of the first publication; the first of January or of the month where no more is known.
    pub published_on: Option<NaiveDate>,
    /// The price in cents.
    pub price_cents: Option<i64>,
    /// Whether it can still be ordered.
    pub in_print: bool,
}

/// A user of the sample, with the addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleUser {
    /// The name.
    pub name: &'static str,
    /// The age in years.
    pub age: Option<i32>,
    /// The e-mail addresses, all on domains that are reserved for examples.
    pub email_addresses: &'static [&'static str],
}

/// Puts the sample into a shop's repositories.
///
/// # Errors
/// When the database refuses; nothing is taken back.
pub fn stock<R>(repositories: &mut R) -> Result<()>
where
    R: Repository<User> + Repository<Address> + Repository<Author> + Repository<Book> + ?Sized,
{
    let authors = AUTHORS.iter().map(|author| NewAuthor {
        name: author.name.to_owned(),
        born_on: author.born_on,
        biography: author.biography.map(ToOwned::to_owned),
    });
    let authors: Vec<Author> = repositories.insert_many(authors.collect())?;
    let authors: HashMap<&str, &Author> =
        authors.iter().map(|author| (author.name.as_str(), author)).collect();
    let books = BOOKS.iter().filter_map(|book| {
        Some(NewBook {
            title: book.title.to_owned(),
            author: (*authors.get(book.author)?).into(),
            isbn: book.isbn.map(ToOwned::to_owned),
            published_on: book.published_on,
            price: book.price_cents.map(Price::from_units),
            in_print: book.in_print,
        })
    });
    let _: Vec<Book> = repositories.insert_many(books.collect())?;
    for sample in USERS {
        let user: User =
            repositories.insert(NewUser { name: sample.name.to_owned(), age: sample.age })?;
        let addresses = sample.email_addresses.iter().map(|address| NewAddress {
            email_address: (*address).to_owned(),
            user: (&user).into(),
        });
        let _: Vec<Address> = repositories.insert_many(addresses.collect())?;
    }
    Ok(())
}

const fn date(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(year, month, day);
    assert!(date.is_some(), "dates of the sample are in the calendar");
    date
}

const fn author(
    name: &'static str,
    born_on: Option<NaiveDate>,
    biography: Option<&'static str>,
) -> SampleAuthor {
    SampleAuthor { name, born_on, biography }
}

const fn user(
    name: &'static str,
    age: Option<i32>,
    email_addresses: &'static [&'static str],
) -> SampleUser {
    SampleUser { name, age, email_addresses }
}

const fn book(
    title: &'static str,
    author: &'static str,
    isbn: &'static str,
    published_on: Option<NaiveDate>,
    price_cents: Option<i64>,
) -> SampleBook {
    SampleBook { title, author, isbn: Some(isbn), published_on, price_cents, in_print: true }
}

const fn out_of_print(book: SampleBook) -> SampleBook {
    SampleBook { in_print: false, ..book }
}

const fn without_isbn(book: SampleBook) -> SampleBook {
    SampleBook { isbn: None, ..book }
}

/// The authors.
#[rustfmt::skip] // One line each: a table is read faster than a column.
pub const AUTHORS: &[SampleAuthor] = &[
    author("Ursula K. Le Guin", date(1929, 10, 21), Some("American author of speculative fiction, best known for the Hainish universe and Earthsea.")),
    author("Михаил Булгаков", date(1891, 5, 15), Some("Русский писатель, драматург и театральный режиссёр.")),
    author("Octavia E. Butler", date(1947, 6, 22), None),
    author("Arkady Strugatsky", date(1925, 8, 28), Some("Wrote nearly everything together with his brother Boris.")),
    author("Stanisław Lem", date(1921, 9, 12), Some("Polish author of science fiction, essays and satire.")),
    author("William Gibson", date(1948, 3, 17), None),
    author("Аркадий Стругацкий", date(1925, 8, 28), None),
    author("Italo Calvino", date(1923, 10, 15), None),
    author("Frank Herbert", date(1920, 10, 8), None),
    author("Neal Stephenson", date(1959, 10, 31), None),
    author("Samuel R. Delany", date(1942, 4, 1), None),
    author("Philip K. Dick", date(1928, 12, 16), None),
    author("Isaac Asimov", date(1920, 1, 2), Some("Professor of biochemistry; wrote or edited some five hundred books.")),
    author("Alfred Bester", date(1913, 12, 18), None),
    author("Евгений Замятин", date(1884, 2, 1), None),
    author("Dan Simmons", date(1948, 4, 4), None),
    author("Jorge Luis Borges", date(1899, 8, 24), None),
    author("Ted Chiang", date(1967, 1, 1), None),
    author("Homer", None, Some("Of his life nothing is certain, not even that he was one man.")),
    author("Jane Austen", date(1775, 12, 16), None),
    author("George Orwell", date(1903, 6, 25), Some("Pen name of Eric Arthur Blair.")),
    author("Aldous Huxley", date(1894, 7, 26), None),
    author("Harper Lee", date(1926, 4, 28), None),
    author("F. Scott Fitzgerald", date(1896, 9, 24), None),
    author("Gabriel García Márquez", date(1927, 3, 6), None),
    author("Umberto Eco", date(1932, 1, 5), None),
    author("Fyodor Dostoyevsky", date(1821, 11, 11), None),
    author("Leo Tolstoy", date(1828, 9, 9), None),
    author("Miguel de Cervantes Saavedra", None, None),
    author("Herman Melville", date(1819, 8, 1), None),
    author("Charlotte Brontë", date(1816, 4, 21), None),
    author("Emily Brontë", date(1818, 7, 30), None),
    author("Mary Shelley", date(1797, 8, 30), None),
    author("Bram Stoker", date(1847, 11, 8), None),
    author("J.R.R. Tolkien", date(1892, 1, 3), Some("Philologist at Oxford; the languages came first, the stories after them.")),
    author("Toni Morrison", date(1931, 2, 18), None),
    author("Chinua Achebe", date(1930, 11, 16), None),
    author("Kurt Vonnegut", date(1922, 11, 11), None),
    author("Franz Kafka", date(1883, 7, 3), None),
    author("Haruki Murakami", date(1949, 1, 12), None),
    author("Margaret Atwood", date(1939, 11, 18), None),
    author("Kazuo Ishiguro", date(1954, 11, 8), None),
    author("Douglas R. Hofstadter", date(1945, 2, 15), None),
    author("Giuseppe Tomasi di Lampedusa", date(1896, 12, 23), None),
    author("Günter Grass", date(1927, 10, 16), None),
    author("Patrick Süskind", date(1949, 3, 26), None),
    author("Terry Pratchett", date(1948, 4, 28), None),
    author("Virginia Woolf", date(1882, 1, 25), None),
    author("James Joyce", date(1882, 2, 2), None),
    author("Ralph Ellison", date(1913, 3, 1), None),
    author("Vladimir Nabokov", date(1899, 4, 22), None),
    author("José Saramago", date(1922, 11, 16), None),
    author("Isabel Allende", date(1942, 8, 2), None),
    author("Liu Cixin", date(1963, 6, 23), None),
];

/// The books.
#[rustfmt::skip] // One line each: a table is read faster than a column.
pub const BOOKS: &[SampleBook] = &[
    book("The Left Hand of Darkness", "Ursula K. Le Guin", "9780441478125", date(1969, 3, 1), Some(1299)),
    book("Мастер и Маргарита", "Михаил Булгаков", "9785170918485", date(1967, 1, 1), Some(950)),
    book("Kindred", "Octavia E. Butler", "9780807083697", date(1979, 6, 1), Some(1425)),
    book("The Dispossessed", "Ursula K. Le Guin", "9780061054884", date(1974, 5, 1), Some(1100)),
    book("Roadside Picnic", "Arkady Strugatsky", "9781613743416", date(1972, 1, 1), Some(1340)),
    out_of_print(book("Solaris", "Stanisław Lem", "9780156027601", date(1961, 1, 1), None)),
    book("Neuromancer", "William Gibson", "9780441569595", date(1984, 7, 1), Some(899)),
    book("Parable of the Sower", "Octavia E. Butler", "9781538732182", date(1993, 10, 1), Some(1500)),
    out_of_print(without_isbn(book("Пикник на обочине", "Аркадий Стругацкий", "", date(1972, 1, 1), Some(675)))),
    book("Invisible Cities", "Italo Calvino", "9780156453806", date(1972, 1, 1), Some(1020)),
    book("If on a winter's night a traveler", "Italo Calvino", "9780156439619", date(1979, 1, 1), Some(1099)),
    book("Dune", "Frank Herbert", "9780441172719", date(1965, 8, 1), Some(999)),
    book("The Cyberiad", "Stanisław Lem", "9780156027595", date(1965, 1, 1), None),
    book("Snow Crash", "Neal Stephenson", "9780553380958", date(1992, 6, 1), Some(1700)),
    out_of_print(book("Babel-17", "Samuel R. Delany", "9780375706691", date(1966, 5, 1), Some(1200))),
    book("Ubik", "Philip K. Dick", "9780547572291", date(1969, 5, 1), Some(1310)),
    book("VALIS", "Philip K. Dick", "9780547572413", date(1981, 2, 1), None),
    book("Foundation", "Isaac Asimov", "9780553293357", date(1951, 6, 1), Some(799)),
    book("The Stars My Destination", "Alfred Bester", "9781876963460", date(1957, 1, 1), Some(830)),
    book("Мы", "Евгений Замятин", "9785171144203", date(1924, 1, 1), Some(590)),
    book("A Wizard of Earthsea", "Ursula K. Le Guin", "9780547773742", date(1968, 11, 1), Some(910)),
    book("Hyperion", "Dan Simmons", "9780553283686", date(1989, 5, 26), Some(999)),
    book("Fictions", "Jorge Luis Borges", "9780802130303", date(1944, 1, 1), Some(1600)),
    book("Stories of Your Life", "Ted Chiang", "9781101972120", date(2002, 7, 1), Some(1275)),
    out_of_print(book("Fiasco", "Stanisław Lem", "9780156306300", date(1986, 1, 1), Some(1450))),
    book("His Master's Voice", "Stanisław Lem", "9780810117310", date(1968, 1, 1), Some(1895)),
    book("Dune Messiah", "Frank Herbert", "9780441172696", date(1969, 7, 1), Some(899)),
    without_isbn(book("The Odyssey", "Homer", "", None, Some(1050))),
    book("Pride and Prejudice", "Jane Austen", "9780679783268", date(1813, 1, 28), Some(700)),
    book("1984", "George Orwell", "9780451524935", date(1949, 6, 8), Some(899)),
    book("Brave New World", "Aldous Huxley", "9780060929879", date(1932, 1, 1), Some(1499)),
    book("To Kill a Mockingbird", "Harper Lee", "9780061120084", date(1960, 7, 11), Some(1299)),
    book("The Great Gatsby", "F. Scott Fitzgerald", "9780743273565", date(1925, 4, 10), Some(1600)),
    book("One Hundred Years of Solitude", "Gabriel García Márquez", "9780060531041", date(1967, 5, 30), Some(1599)),
    book("The Name of the Rose", "Umberto Eco", "9780156001311", date(1980, 1, 1), Some(1395)),
    book("Crime and Punishment", "Fyodor Dostoyevsky", "9780143058144", date(1866, 1, 1), Some(1700)),
    without_isbn(book("Преступление и наказание", "Fyodor Dostoyevsky", "", date(1866, 1, 1), Some(480))),
    book("The Brothers Karamazov", "Fyodor Dostoyevsky", "9780374528379", date(1880, 1, 1), Some(2000)),
    book("Anna Karenina", "Leo Tolstoy", "9780345803924", date(1877, 1, 1), Some(1595)),
    book("War and Peace", "Leo Tolstoy", "9780192833983", date(1869, 1, 1), Some(1295)),
    book("Don Quixote", "Miguel de Cervantes Saavedra", "9780142437230", date(1605, 1, 16), Some(1800)),
    book("Moby-Dick", "Herman Melville", "9780142437247", date(1851, 10, 18), Some(1300)),
    book("Jane Eyre", "Charlotte Brontë", "9780142437209", date(1847, 10, 16), Some(1000)),
    book("Wuthering Heights", "Emily Brontë", "9780393978896", date(1847, 12, 1), Some(1175)),
    book("Frankenstein", "Mary Shelley", "9780141439471", date(1818, 1, 1), Some(800)),
    book("Dracula", "Bram Stoker", "9780393970128", date(1897, 5, 26), Some(1375)),
    book("The Hobbit", "J.R.R. Tolkien", "9780618260300", date(1937, 9, 21), Some(1495)),
    book("Beloved", "Toni Morrison", "9781400033416", date(1987, 9, 1), Some(1495)),
    book("Things Fall Apart", "Chinua Achebe", "9780385474542", date(1958, 6, 17), Some(1400)),
    book("Slaughterhouse-Five", "Kurt Vonnegut", "9780385333849", date(1969, 3, 31), Some(1600)),
    book("The Trial", "Franz Kafka", "9780099428640", date(1925, 4, 26), Some(899)),
    book("Norwegian Wood", "Haruki Murakami", "9780375704024", date(1987, 9, 4), Some(1500)),
    book("The Handmaid's Tale", "Margaret Atwood", "9780385490818", date(1985, 8, 1), Some(1595)),
    book("Never Let Me Go", "Kazuo Ishiguro", "9781400078776", date(2005, 3, 3), Some(1600)),
    book("The Remains of the Day", "Kazuo Ishiguro", "9780571225385", date(1989, 5, 1), Some(899)),
    book("Gödel, Escher, Bach", "Douglas R. Hofstadter", "9780465026562", date(1979, 1, 1), Some(2299)),
    book("The Leopard", "Giuseppe Tomasi di Lampedusa", "9780679731214", date(1958, 11, 1), Some(1495)),
    out_of_print(book("The Tin Drum", "Günter Grass", "9780099483502", date(1959, 1, 1), Some(1099))),
    book("Perfume", "Patrick Süskind", "9780140120837", date(1985, 1, 1), Some(999)),
    book("The Colour of Magic", "Terry Pratchett", "9780060855925", date(1983, 11, 24), Some(799)),
    book("Mrs. Dalloway", "Virginia Woolf", "9780151009985", date(1925, 5, 14), Some(1600)),
    book("Ulysses", "James Joyce", "9780679722762", date(1922, 2, 2), Some(1895)),
    book("Invisible Man", "Ralph Ellison", "9780679732761", date(1952, 4, 14), Some(1600)),
    book("Pale Fire", "Vladimir Nabokov", "9780141185262", date(1962, 4, 25), Some(999)),
    book("Blindness", "José Saramago", "9780156007757", date(1995, 1, 1), Some(1499)),
    out_of_print(book("The House of the Spirits", "Isabel Allende", "9780553383805", date(1982, 1, 1), Some(1600))),
    book("The Three-Body Problem", "Liu Cixin", "9780765377067", date(2008, 1, 1), Some(1899)),
];

/// The users.
#[rustfmt::skip] // One line each: a table is read faster than a column.
pub const USERS: &[SampleUser] = &[
    user("Amélie Laurent", Some(34), &["amelie@example.org", "a.laurent@example.com"]),
    user("Björn Lindqvist", Some(51), &["bjorn@example.net"]),
    user("Chidi Okafor", Some(27), &["chidi.okafor@example.com"]),
    user("Dana Whitfield", None, &["dana@example.org", "orders@whitfield.example", "dana.w@example.net"]),
    user("Ольга Смирнова", Some(42), &["olga.smirnova@example.com"]),
    user("Tomás Herrera", Some(19), &["tomas.herrera@example.org"]),
    user("Yuki Tanaka", Some(63), &["yuki@example.net", "tanaka@example.com"]),
    user("Zofia Nowak", Some(88), &[]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::isbn::Isbn;
    use crate::rules;

    fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
        texts.collect::<HashSet<_>>().len()
    }

    #[test]
    fn every_isbn_is_right_and_in_stored_form_and_given_once() {
        let isbns: Vec<&str> = BOOKS.iter().filter_map(|book| book.isbn).collect();
        for isbn in &isbns {
            assert_eq!(isbn.parse::<Isbn>().as_ref().map(Isbn::as_str), Ok(*isbn));
        }
        assert_eq!(distinct(isbns.iter().copied()), isbns.len());
    }

    #[test]
    fn every_book_has_an_author_of_the_sample_and_every_author_a_book() {
        let authors: HashSet<&str> = AUTHORS.iter().map(|author| author.name).collect();
        assert_eq!(authors.len(), AUTHORS.len());
        assert_eq!(BOOKS.iter().map(|book| book.author).collect::<HashSet<_>>(), authors);
    }

    #[test]
    fn every_value_obeys_the_shops_rules() {
        for book in BOOKS {
            assert_eq!(rules::title(book.title, &()), Ok(()));
            assert!(book.price_cents.is_none_or(|cents| cents > 0), "{book:?}");
        }
        for author in AUTHORS {
            assert_eq!(rules::name(author.name, &()), Ok(()));
            assert_eq!(rules::biography(author.biography.unwrap_or_default(), &()), Ok(()));
        }
        for user in USERS {
            assert_eq!(rules::name(user.name, &()), Ok(()));
            assert_eq!(user.age.map_or(Ok(()), |age| rules::age(&age, &())), Ok(()));
        }
    }

    #[test]
    fn every_address_could_be_one_and_belongs_to_one_user() {
        let addresses: Vec<&str> =
            USERS.iter().flat_map(|user| user.email_addresses).copied().collect();
        for address in &addresses {
            assert_eq!(rules::email_address(address, &()), Ok(()), "{address}");
        }
        assert_eq!(distinct(addresses.iter().copied()), addresses.len());
    }

    #[test]
    fn nobody_published_before_being_born() {
        for book in BOOKS {
            let author =
                AUTHORS.iter().find(|author| author.name == book.author).expect("checked above");
            let in_order = book
                .published_on
                .zip(author.born_on)
                .is_none_or(|(published, born)| born < published);
            assert!(in_order, "{book:?} by {author:?}");
        }
    }
}
