# What went wrong, in words a person can act on.
error-not-found = There is no { $entity } with { $wanted }.
error-multiple-found = There is more than one { $entity } with { $wanted }.
error-invalid = The record breaks its own rules: { $problems }
error-not-unique = Another row has the same { $columns }.
error-still-referenced = Rows of { $tables } still refer to it.
error-reference = It refers to a row that does not exist, or another row refers to it: { $message }
error-no-such-reference = { $columns }: the row it refers to does not exist.
error-required = { $columns }: is required.
error-check = It breaks the database’s rule { $rule }.
error-changed-meanwhile = Record { $key } was changed by somebody else meanwhile.
error-deleted-meanwhile = Record { $key } was deleted by somebody else meanwhile.
error-filter = The filter does not fit: { $message }
error-retryable = The database was busy; try again. ({ $message })
error-unavailable = Cannot reach { $target }: { $message }
error-read-only = { $target } is read-only.
error-schema = The database does not fit: { $message }
error-corrupt = The database is damaged: { $message }
error-data = A value cannot be used: { $message }
error-cancelled = Cancelled.
error-other = The database says: { $message }
error-not-permitted = { $table }: you may not { $action ->
    [view] see rows
    [add] add rows
    [delete] delete rows, or rows that go along with them
   *[change] change rows
}
error-column-not-permitted = { $table }: you may not { $action ->
    [view] see “{ $column }”, or search and sort by it
   *[change] change “{ $column }”
}
