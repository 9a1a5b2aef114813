//! Where a person has been, to go back and forward.

/// Places kept at most.
const KEPT: usize = 200;

/// Places in the order in which they were visited, as a browser keeps them.
#[derive(Clone, Debug)]
pub struct History<P> {
    past: Vec<P>,
    here: Option<P>,
    future: Vec<P>,
}

impl<P> Default for History<P> {
    fn default() -> Self {
        Self { past: Vec::new(), here: None, future: Vec::new() }
    }
}

impl<P: PartialEq> History<P> {
    /// Returns where the person was last seen.
    pub const fn here(&mut self) -> Option<&mut P> {
        self.here.as_mut()
    }

    /// Notes that a person is here now. Nothing changes unless it is another place than before;
    /// what lay ahead is forgotten then.
    pub fn arrive(&mut self, place: P) {
        match &mut self.here {
            Some(here) if *here == place => *here = place,
            here => {
                self.past.extend(here.replace(place));
                self.future.clear();
                if self.past.len() > KEPT {
                    self.past.remove(0);
                }
            }
        }
    }

    /// Goes to the place before this one.
    pub fn back(&mut self) -> Option<&P> {
        let place = self.past.pop()?;
        self.future.extend(self.here.replace(place));
        self.here.as_ref()
    }

    /// Goes to the place that was left by going back.
    pub fn forward(&mut self) -> Option<&P> {
        let place = self.future.pop()?;
        self.past.extend(self.here.replace(place));
        self.here.as_ref()
    }

    /// Returns whether there is a place before this one.
    #[must_use]
    pub const fn has_past(&self) -> bool {
        !self.past.is_empty()
    }

    /// Returns whether there is a place after this one.
    #[must_use]
    pub const fn has_future(&self) -> bool {
        !self.future.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visited(places: &[u32]) -> History<u32> {
        let mut history = History::default();
        for place in places {
            history.arrive(*place);
        }
        history
    }

    #[test]
    fn back_and_forward_lead_through_the_same_places() {
        let mut history = visited(&[1, 2, 2, 3]);
        assert_eq!((history.back().copied(), history.back().copied()), (Some(2), Some(1)));
        assert_eq!(history.back(), None);
        assert_eq!((history.forward().copied(), history.forward().copied()), (Some(2), Some(3)));
        assert_eq!(history.forward(), None);
    }

    #[test]
    fn going_elsewhere_forgets_what_lay_ahead() {
        let mut history = visited(&[1, 2, 3]);
        history.back();
        history.arrive(4);
        assert!(!history.has_future());
        assert_eq!(history.back(), Some(&2));
    }

    #[test]
    fn staying_changes_nothing() {
        let mut history = visited(&[1, 2]);
        history.back();
        history.arrive(1);
        assert_eq!(history.forward(), Some(&2));
    }

    #[test]
    fn memory_is_bounded() {
        let mut history = History::default();
        (0..10_000_u32).for_each(|place| history.arrive(place));
        assert_eq!(history.past.len(), KEPT);
    }
}
