# What is staged: changed and not written yet.
staged-rows = { $count ->
    [one] { $count } row changed
   *[other] { $count } rows changed
}
staged-outside = { $count } of them outside this filter · show
staged-is-committing = Writing …
staged-committed = { $count ->
    [one] { $count } row saved
   *[other] { $count } rows saved
}
staged-was = Stored: { $value }
staged-conflict = Changed by others meanwhile to { $now }
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
