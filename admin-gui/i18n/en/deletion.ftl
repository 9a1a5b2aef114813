# What a deletion takes along.
deletion-title-one = Delete { $entity } “{ $label }”?
deletion-title-many = { $entity }: delete { $count ->
    [one] { $count } record
   *[other] { $count } records
}?
deletion-looking = Looking for what would go along…
deletion-plan-failed = What would go along could not be found out: { $reason }
deletion-nothing-else = Nothing else refers to { $count ->
    [one] it
   *[other] them
}.
deletion-changed = Somebody else has changed { $count ->
    [one] it
   *[other] them
} since; this is what there is now.
deletion-as-tree = By what it belongs to
deletion-deleting = Deleting…
deletion-too-many = No more than { $limit } records can be deleted at once; filter for fewer
deletion-in-the-way = These rows still refer to them and block the deletion
deletion-goes-along = Deleted along
deletion-loses-reference = Kept, but their reference becomes NULL
deletion-line = { $entity }: { $count }
deletion-line-column = { $entity }, { $column }: { $count }
deletion-at-least = at least { $count }
deletion-and-more = { $named } · and { $count } more
deletion-blocked = Delete or change what is in the way first.
deletion-delete = Delete
deletion-cancel = Cancel
