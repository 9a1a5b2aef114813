//! Where a person has been, to go back and forward.

/// Places kept at most.
const KEPT: usize = 200;

/// Places in the order in which they were visited, as a browser keeps them.
#[derive(Clone, Debug)]
pub struct Visits<P> {
    past: Vec<P>,
    here: Option<P>,
    future: Vec<P>,
}

impl<P> Default for Visits<P> {
    fn default() -> Self {
        Self { past: Vec::new(), here: None, future: Vec::new() }
    }
}

impl<P: PartialEq> Visits<P> {
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

    fn visited(places: &[u32]) -> Visits<u32> {
        let mut visits = Visits::default();
        for place in places {
            visits.arrive(*place);
        }
        visits
    }

    #[test]
    fn back_and_forward_lead_through_the_same_places() {
        let mut visits = visited(&[1, 2, 2, 3]);
        assert_eq!((visits.back().copied(), visits.back().copied()), (Some(2), Some(1)));
        assert_eq!(visits.back(), None);
        assert_eq!((visits.forward().copied(), visits.forward().copied()), (Some(2), Some(3)));
        assert_eq!(visits.forward(), None);
    }

    #[test]
    fn going_elsewhere_forgets_what_lay_ahead() {
        let mut visits = visited(&[1, 2, 3]);
        visits.back();
        visits.arrive(4);
        assert!(!visits.has_future());
        assert_eq!(visits.back(), Some(&2));
    }

    #[test]
    fn staying_changes_nothing() {
        let mut visits = visited(&[1, 2]);
        visits.back();
        visits.arrive(1);
        assert_eq!(visits.forward(), Some(&2));
    }

    #[test]
    fn memory_is_bounded() {
        let mut visits = Visits::default();
        (0..10_000_u32).for_each(|place| visits.arrive(place));
        assert_eq!(visits.past.len(), KEPT);
    }
}
