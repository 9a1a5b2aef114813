//! One struct a table of Chinook.

use chrono::NaiveDateTime;
use persistence::{Decimal, Entity};

use super::schema;

/// An amount of money. SQLite stores `NUMERIC(10,2)` as a floating-point number.
pub type Money = Decimal<2>;

/// A musician or a band.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = schema::artists, table_name = "Artist", validate, icon = "artist")]
#[entity(has_many(albums: Album.artist_id))]
#[garde(allow_unvalidated)]
pub struct Artist {
    /// The primary key.
    #[entity(key, generated)]
    pub artist_id: i32,
    /// What they are called.
    #[entity(label, search)]
    #[garde(inner(length(chars, max = 120)))]
    pub name: Option<String>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = schema::albums, table_name = "Album", validate, icon = "album")]
#[entity(has_many(tracks: Track.album_id))]
#[garde(allow_unvalidated)]
pub struct Album {
    /// The primary key.
    #[entity(key, generated)]
    pub album_id: i32,
    /// The title.
    #[entity(label, search)]
    #[garde(length(chars, min = 1, max = 160))]
    pub title: String,
    /// Who made it.
    #[entity(references(Artist, on_delete = restrict))]
    pub artist_id: i32,
}

/// A piece of music or video that is sold by itself.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = schema::tracks, table_name = "Track", validate, icon = "music_note")]
#[entity(has_many(invoice_lines: InvoiceLine.track_id))]
#[entity(has_many(playlist_tracks: PlaylistTrack.track_id))]
#[garde(allow_unvalidated)]
pub struct Track {
    /// The primary key.
    #[entity(key, generated)]
    pub track_id: i32,
    /// The title.
    #[entity(label, search)]
    #[garde(length(chars, min = 1, max = 200))]
    pub name: String,
    /// The record it is on.
    #[entity(references(Album, on_delete = restrict))]
    pub album_id: Option<i32>,
    /// How it is encoded.
    #[entity(references(MediaType, on_delete = restrict))]
    pub media_type_id: i32,
    /// What sort of music it is.
    #[entity(references(Genre, on_delete = restrict))]
    pub genre_id: Option<i32>,
    /// Who wrote it.
    #[entity(search)]
    #[garde(inner(length(chars, max = 220)))]
    pub composer: Option<String>,
    /// How long it plays.
    #[garde(range(min = 1))]
    pub milliseconds: i32,
    /// How large its file is.
    pub bytes: Option<i32>,
    /// What it costs.
    pub unit_price: Money,
}

/// A sort of music.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::genres, table_name = "Genre", icon = "category")]
#[entity(has_many(tracks: Track.genre_id))]
pub struct Genre {
    /// The primary key.
    #[entity(key, generated)]
    pub genre_id: i32,
    /// What it is called.
    #[entity(label, search)]
    pub name: Option<String>,
}

/// An encoding.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::media_types, table_name = "MediaType", icon = "audio_file")]
pub struct MediaType {
    /// The primary key.
    #[entity(key, generated)]
    pub media_type_id: i32,
    /// What it is called.
    #[entity(label, search)]
    pub name: Option<String>,
}

/// A list of tracks.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::playlists, table_name = "Playlist", icon = "playlist_play")]
#[entity(has_many(playlist_tracks: PlaylistTrack.playlist_id))]
pub struct Playlist {
    /// The primary key.
    #[entity(key, generated)]
    pub playlist_id: i32,
    /// What it is called; several are called alike.
    #[entity(label, search)]
    pub name: Option<String>,
}

/// A track's place on a list: nothing but its key.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::playlist_tracks, table_name = "PlaylistTrack", icon = "queue_music")]
pub struct PlaylistTrack {
    /// The list.
    #[entity(key, references(Playlist, on_delete = restrict))]
    pub playlist_id: i32,
    /// The track.
    #[entity(key, references(Track, on_delete = restrict))]
    pub track_id: i32,
}

/// A person who buys.
#[derive(Clone, Debug, PartialEq, Eq, Entity, garde::Validate)]
#[entity(table = schema::customers, table_name = "Customer", validate, icon = "person")]
#[entity(has_many(invoices: Invoice.customer_id))]
#[garde(allow_unvalidated)]
pub struct Customer {
    /// The primary key.
    #[entity(key, generated)]
    pub customer_id: i32,
    /// The given name.
    #[entity(search)]
    #[garde(length(chars, min = 1, max = 40))]
    pub first_name: String,
    /// The family name.
    #[entity(label, search)]
    #[garde(length(chars, min = 1, max = 20))]
    pub last_name: String,
    /// Where they work.
    #[entity(search)]
    pub company: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City or town.
    pub city: Option<String>,
    /// State, province or the like.
    pub state: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Telefax.
    pub fax: Option<String>,
    /// E-mail address.
    #[entity(search)]
    #[garde(contains("@"), length(chars, max = 60))]
    pub email: String,
    /// The employee who looks after them.
    #[entity(references(Employee, on_delete = restrict, as = support_representative))]
    pub support_rep_id: Option<i32>,
}

/// A person who works here.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::employees, table_name = "Employee", icon = "badge")]
#[entity(has_many(reports: Employee.reports_to), has_many(customers: Customer.support_rep_id))]
pub struct Employee {
    /// The primary key.
    #[entity(key, generated)]
    pub employee_id: i32,
    /// The family name.
    #[entity(label, search)]
    pub last_name: String,
    /// The given name.
    #[entity(search)]
    pub first_name: String,
    /// The position.
    pub title: Option<String>,
    /// Whom this one reports to; nobody, for the general manager.
    #[entity(references(Employee, on_delete = restrict, as = manager))]
    pub reports_to: Option<i32>,
    /// The day of birth, at midnight.
    pub birth_date: Option<NaiveDateTime>,
    /// The first day of work, at midnight.
    pub hire_date: Option<NaiveDateTime>,
    /// Street and number.
    pub address: Option<String>,
    /// City or town.
    pub city: Option<String>,
    /// State, province or the like.
    pub state: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Telefax.
    pub fax: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// A purchase.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::invoices, table_name = "Invoice", icon = "receipt_long")]
#[entity(has_many(lines: InvoiceLine.invoice_id))]
pub struct Invoice {
    /// The primary key.
    #[entity(key, generated)]
    pub invoice_id: i32,
    /// Who bought.
    #[entity(references(Customer, on_delete = restrict))]
    pub customer_id: i32,
    /// When.
    #[entity(label)]
    pub invoice_date: NaiveDateTime,
    /// Street and number of who pays.
    pub billing_address: Option<String>,
    /// City or town of who pays.
    #[entity(search)]
    pub billing_city: Option<String>,
    /// State, province or the like of who pays.
    pub billing_state: Option<String>,
    /// Country of who pays.
    #[entity(search)]
    pub billing_country: Option<String>,
    /// Postal code of who pays.
    pub billing_postal_code: Option<String>,
    /// The sum of the lines.
    pub total: Money,
}

/// One track of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Entity)]
#[entity(table = schema::invoice_lines, table_name = "InvoiceLine", icon = "receipt")]
pub struct InvoiceLine {
    /// The primary key.
    #[entity(key, generated)]
    pub invoice_line_id: i32,
    /// The purchase.
    #[entity(references(Invoice, on_delete = restrict))]
    pub invoice_id: i32,
    /// What was bought.
    #[entity(references(Track, on_delete = restrict))]
    pub track_id: i32,
    /// What it cost then.
    pub unit_price: Money,
    /// How many.
    pub quantity: i32,
}
