use persistence::Entity;

mod schema {
    diesel::table! { measures (at) { at -> Double } }
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = schema::measures)]
struct Measure {
    #[entity(key)]
    at: f64,
}

fn main() {}
