# Migrations, and in what the database differs from what the program expects.
migrations-look = Look at the database again
migrations-looking = Looking at the database …
migrations-run = Run pending
migrations-run-hint = Bring the tables up to what this program expects
migrations-revert = Revert last
migrations-revert-hint = Take back what the migration that was applied last has made; data may be lost
migrations-stop = Stop
migrations-stop-hint = Stop after the migration that is being run
migrations-none-to-run = Every migration is applied
migrations-none-to-revert = No migration is applied, or this program does not know the last one
migrations-read-only = The connection is read-only
migrations-staged = Something is staged, and belongs to the tables as they are now: write or discard it first
migrations-committing = What is staged is being written
migrations-running = Migrations are being run
migrations-list = Migrations
migrations-empty = This program has no migrations
migrations-applied = applied
migrations-pending = pending
migrations-unknown = unknown to this program
migrations-pending-count = { $count ->
    [0] all applied
   *[other] { $count } pending
}
migrations-drift = Differences from what this program expects
migrations-fits = Every table is as this program expects
migrations-harmless = hinders nothing
migrations-read-only-table = read-only
migrations-unreadable-table = cannot be read
migrations-open = Show the rows of { $entity }
migrations-progress-run = Running { $name } ({ $number } of { $all })
migrations-progress-revert = Reverting { $name }
migrations-ran = The migrations were run, the last of them { $name }
migrations-reverted = { $name } was reverted
migrations-ask-run = { $count ->
    [one] Run { $count } migration?
   *[other] Run { $count } migrations?
}
migrations-ask-revert = Revert the last migration?
migrations-ask-more = and { $count } more
migrations-run-means = This changes tables of the database for everybody who uses it.
migrations-revert-means = Tables and columns that it has made are removed with everything in them. That data cannot be brought back.
migrations-ask-run-yes = Run
migrations-ask-revert-yes = Revert
drift-reason = The table { $table } is not as this program expects, and is not written: { $drifts }.
drift-reason-unreadable = The table { $table } is not as this program expects, and can be neither read in full nor written: { $drifts }.
drift-may-mend = { $count ->
    [one] This pending migration may mend it: { $names }.
   *[other] These pending migrations may mend it: { $names }.
}
drift-show-migrations = Show migrations
drift-missing-table = the table { $table } is missing
drift-missing-column = the column { $column } is missing
drift-extra-column = the column { $column } is not known to this program
drift-required-column = the column { $column } must have a value and is not known to this program, so that no row can be added
drift-other-type = the column { $column } is of the type { $found }, expected { $expected }
drift-other-collation = the column { $column } is compared by { $found }: rows may come in another order
drift-not-generated = the database gives the column { $column } no value of its own
drift-takes-null = the column { $column } may be empty, which this program does not expect
drift-takes-no-null = the column { $column } must not be empty, which this program does not expect
drift-no-key = there is no primary key, expected { $expected }
drift-other-key = the primary key is { $found }, expected { $expected }
drift-missing-unique = nothing keeps { $columns } from being the same in two rows
drift-missing-reference = nothing keeps { $column } from referring to a row of { $table } that there is not
drift-other-on-delete = when the row that { $column } refers to is deleted, the database does { $found }, expected { $expected }
drift-missing-index = there is no index on { $column }: deleting and following references is slow
