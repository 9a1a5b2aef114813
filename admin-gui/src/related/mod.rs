//! The rows that belong to a record: its relations in both directions, and the trail of records
//! that a person followed.

mod model;
mod preview;
mod trail;
mod view;

pub use crate::relations::{Count, RelatedRow, RelatedRows, RelatedTo, Way, relations};
pub use model::{Figures, RelatedModel};
pub use preview::{Preview, Previews};
pub use trail::{Crumb, Trail};
pub use view::{Editing, RelatedEvent, show, show_trail};
