# The record form.
form-save = Save
form-saving = Saving…
form-revert = Revert
form-delete = Delete record
form-copy = Copy to a new record
form-close = Close
form-new = New: { $entity }
form-required-mark = required
form-filled = filled in by the database
form-fixed-key = the key of a stored record cannot be changed
form-null = NULL
form-null-of = { $field } is NULL
form-empty = empty
form-was = was { $value }
form-undo = undo
form-undo-of = Undo { $field }
form-yes = yes
form-no = no
form-choose = choose…
form-open-reference = open
form-open-reference-of = Open { $field }
form-search = Search
form-searching = Searching…
form-nothing-found = Nothing found
form-summary = { $count ->
    [one] Something is wrong with { $count } field
   *[other] Something is wrong with { $count } fields
}
form-summary-record = It could not be saved
form-jump = { $field }: { $problem }
form-replace = Replace
form-replace-of = Replace { $field }
form-too-long = Too long to be edited here
form-read-only = Read-only: { $reason }
conflict-changed = Somebody else changed this record meanwhile.
conflict-taken-over = Taken over from them: { $fields }.
conflict-decide = Both of you changed:
conflict-decided = Save again to write your values.
conflict-was = It was
conflict-keep-mine = Keep mine
conflict-take-theirs = Take theirs
conflict-keep-mine-of = Keep mine: { $field }
conflict-take-theirs-of = Take theirs: { $field }
conflict-deleted = Somebody else deleted this record meanwhile.
conflict-insert-again = Insert again
form-tries-again = It is tried again by itself until the other program is done, as long as nothing else is typed here.
form-without-key = What is typed in this record is only kept once it is saved: save or revert it first
