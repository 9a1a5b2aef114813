# The schema diagram.
diagram-counts = { $entities } { $entities ->
    [one] entity
   *[other] entities
} · { $references } { $references ->
    [one] reference
   *[other] references
}
diagram-fit = Show all of it
diagram-zoom-in = Zoom in
diagram-zoom-out = Zoom out
diagram-keys-only = Keys and references only
diagram-all-columns = All columns
diagram-more-columns = and { $count } more
diagram-on-delete-restrict = The row it refers to cannot be deleted
diagram-on-delete-cascade = Deleted together with the row it refers to
diagram-on-delete-set-null = Becomes NULL when the row it refers to is deleted
diagram-entity = { $entity }, { $columns } { $columns ->
    [one] column
   *[other] columns
}
diagram-entity-refers = { $entity }, { $columns } { $columns ->
    [one] column
   *[other] columns
}, refers to { $targets }
