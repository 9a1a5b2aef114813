# The history: who has changed what, and a way back.
history-actor = Who
history-when = When
history-entity = Entity
history-every-entity = Everything
history-always = Always
history-day = Last day
history-week = Last week
history-month = Last 30 days
history-refresh = Read the history again
history-all = Show the history of all records
history-of-row = { $entity } { $name }
history-nobody = unknown
history-row = { $when } { $who }: { $what }
history-reading = Reading …
history-empty = Nothing of this has been changed since the history is kept
history-older = Older changes
history-more-changes = More of these changes
history-inserted = Added
history-updated = Changed
history-deleted = Deleted
history-updated-where = Changed by a filter
history-deleted-where = Deleted by a filter
history-take-back = Take back: { $what }
history-staged = { $count ->
    [one] { $count } row staged to be as it was before: look at it and commit
   *[other] { $count } rows staged to be as they were before: look at them and commit
}
history-nothing-staged = Nothing was staged
history-conflicts = { $count } changed by others since: decide there
history-too-many = These are more than { $count } changes: take them back one by one
history-left-bulk = { $count ->
    [one] a statement about many rows cannot be taken back
   *[other] { $count } statements about many rows cannot be taken back
}
history-left-already = { $count ->
    [one] { $count } row is already as it was
   *[other] { $count } rows are already as they were
}
history-left-gone = { $count ->
    [one] { $count } row is deleted by now
   *[other] { $count } rows are deleted by now
}
history-left-taken = { $count ->
    [one] { $count } deleted row has another in its place by now
   *[other] { $count } deleted rows have others in their place by now
}
history-left-no-entity = { $count ->
    [one] { $count } change of a table that is not shown here
   *[other] { $count } changes of tables that are not shown here
}
history-left-column = { $count ->
    [one] { $column } of { $count } row does not take what it had
   *[other] { $column } of { $count } rows does not take what it had
}
