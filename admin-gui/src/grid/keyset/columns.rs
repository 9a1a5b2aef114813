//! What an entity says of its columns, as a grid takes it.

use persistence::entity::Fill;
use persistence::{ColumnMeta, EntityMeta};

use crate::grid::source::{EntityColumn, Offers, SourceColumn};
use crate::pills::{Kind, Operator};

/// Returns all columns of an entity but the version, with their positions.
pub(super) fn entity_columns(meta: &'static EntityMeta) -> Vec<(usize, SourceColumn)> {
    let columns = meta.columns.iter().enumerate();
    let columns = columns.filter(|(_, column)| column.fill != Fill::Version);
    columns.map(|(position, column)| (position, described(meta, position, column))).collect()
}

/// Returns a column of an entity as a grid takes it.
#[must_use]
pub fn entity_column(meta: &'static EntityMeta, column: &'static ColumnMeta) -> SourceColumn {
    described(meta, meta.position(column.name).unwrap_or_default(), column)
}

fn described(
    meta: &'static EntityMeta,
    position: usize,
    column: &'static ColumnMeta,
) -> SourceColumn {
    let kind = Kind::of(column);
    SourceColumn {
        is_nullable: column.is_nullable,
        is_required: !column.is_nullable && column.fill == Fill::Draft,
        is_key: meta.key.contains(&position),
        is_unique: meta.unique.iter().any(|unique| unique.contains(&position)),
        names_rows: position == meta.label,
        offers: Offers {
            has_filter: Operator::of(kind).next().is_some(),
            has_values: kind != Kind::Document,
            has_statistics: true,
        },
        references: column.references.as_ref().map(|reference| reference.entity.meta()),
        entity_column: Some(EntityColumn { entity: meta, position }),
        ..SourceColumn::new(column.name, column.column_type)
    }
}
