use persistence::Scalar;

#[derive(Clone, Copy, Debug, PartialEq, Scalar)]
enum State {
    New,
    Sold { to: i64 },
}

fn main() {}
