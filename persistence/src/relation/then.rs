//! Several relations, one after the other.

use super::{Include, Path};
use crate::backend::Engine;
use crate::error::Result;
use crate::sealed::Sealed;
use crate::session::{Key, Session};

/// Two ways joined: `Author::BOOKS.then(Book::REVIEWS)`.
#[derive(Clone, Copy, Debug)]
pub struct Then<A, B> {
    first: A,
    next: B,
}

impl<A, B> Then<A, B> {
    pub(super) const fn new(first: A, next: B) -> Self {
        Self { first, next }
    }
}

impl<A, B> Sealed for Then<A, B> {}

impl<A: Path, B: Path<From = A::To>> Path for Then<A, B> {
    type From = A::From;
    type To = B::To;
}

impl<C: Engine, A: Include<C>, B: Include<C> + Path<From = A::To>> Include<C> for Then<A, B> {
    fn load(&self, session: &mut Session<C>, rows: &[Key<A::From>]) -> Result<Vec<Key<B::To>>> {
        let between = self.first.load(session, rows)?;
        self.next.load(session, &between)
    }
}
