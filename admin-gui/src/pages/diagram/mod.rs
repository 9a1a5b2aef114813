//! The schema diagram: the entities of a catalog as boxes, their foreign keys as lines.

mod camera;
mod drawing;
mod graph;
pub mod layout;
mod view;

pub use graph::{DiagramColumn, DiagramEntity, Graph, Link, LinkKind};
pub use view::{Detail, DiagramEvent, DiagramPage};
