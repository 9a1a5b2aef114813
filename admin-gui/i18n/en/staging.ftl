# What is staged: changed and not written yet.
staged-rows = { $count ->
    [one] { $count } row changed
   *[other] { $count } rows changed
}
staged-new = { $count ->
    [one] { $count } new row
   *[other] { $count } new rows
}
staged-deleted = { $count ->
    [one] { $count } row to be deleted
   *[other] { $count } rows to be deleted
}
staged-outside = { $count } of them outside this filter · show
staged-is-committing = Writing …
staged-committed = { $count ->
    [one] { $count } row saved
   *[other] { $count } rows saved
}
staged-was = Before: { $value }
staged-conflict = Changed by others meanwhile to { $now }
staged-deleted-conflict = Others have changed the row since it was marked to be deleted
staged-automatic = auto
staged-in-entity = with changes that are not saved
staged-is-deleted = The row is to be deleted: take that back first (Delete)
staged-goes-along = { $count ->
    [one] { $count } new or changed row would be deleted along with others: nothing is saved. Take it or the deletion back
   *[other] { $count } new or changed rows would be deleted along with others: nothing is saved. Take them or the deletion back
}
staged-gone = The row has been deleted by others meanwhile
staged-obstacles = { $count ->
    [one] { $count } row cannot be saved as it is
   *[other] { $count } rows cannot be saved as they are
}
staged-filled-in = { $column } is filled in by the database
staged-key = { $column } is the key of the row and stays as it is
staged-not-all = Select the rows one by one, or a block of cells
staged-fill-what = Select a block of cells first: the topmost one fills the others
staged-paste-beyond = There are not { $count } rows from here on, or they have not been read yet: scroll down first
staged-paste-wider = There are not { $count } columns from here on
staged-committing = The changes are being saved; try again in a moment
review-title = { $count ->
    [one] { $count } statement
   *[other] { $count } statements
}
review-more = and { $count } more, which are copied as well
review-copy = Copy
staged-not-kept = What you change is kept in this window only: { $reason }
staged-recovered = { $count ->
    [one] { $count } row that was changed and not saved is here again
   *[other] { $count } rows that were changed and not saved are here again
}
staged-lost = { $count ->
    [one] { $count } value has no column any more
   *[other] { $count } values have no column any more
}
staged-not-recovered = What was changed and not saved could not be read: { $reason }
staged-was-not-committed = What was being saved when the connection or the program ended was not saved: save again
staged-commit-unknown = Whether the changes were saved cannot be told: others have written the same rows. Look at them before you save again
staged-others = { $count ->
    [one] Another window has changes of this database that are not saved
   *[other] { $count } other windows have changes of this database that are not saved
}
staged-fill-unread = The topmost cell is not shown whole, so that it cannot fill others
staged-cut = { $count } bytes at the end of what was kept could not be read, and are in a copy beside it
staged-more = { $count ->
    [one] another window has left changes behind as well, which are here the next time
   *[other] { $count } other windows have left changes behind as well, which are here the next time
}
staged-in-record = This column is edited in the record: F4
staged-in-large = This column is edited in a large field: Shift+Enter
staged-are-gone = { $count } of them deleted by others · give up
staged-no-such-row = No row of { $entity } is called “{ $name }”
staged-is-kept = Nothing is lost: save again once that is mended
staged-is-open = Whether the changes were saved is not known yet: save again, and it is looked for first
