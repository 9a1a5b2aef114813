// @generated automatically by Diesel CLI.

diesel::table! {
    addresses (id) {
        id -> BigInt,
        email_address -> Text,
        user_id -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    authors (id) {
        id -> BigInt,
        name -> Text,
        born_on -> Nullable<Date>,
        biography -> Nullable<Text>,
        version -> BigInt,
    }
}

diesel::table! {
    books (id) {
        id -> BigInt,
        title -> Text,
        author_id -> BigInt,
        isbn -> Nullable<Text>,
        published_on -> Nullable<Date>,
        price -> Nullable<BigInt>,
        in_print -> Bool,
        version -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        age -> Nullable<Integer>,
        created_at -> Timestamp,
        version -> BigInt,
    }
}

diesel::joinable!(addresses -> users (user_id));
diesel::joinable!(books -> authors (author_id));

diesel::allow_tables_to_appear_in_same_query!(addresses, authors, books, users,);
