use persistence::Database;

struct Connection;

fn main() {
    let _ = Database::<Connection>::open("books.db");
}
