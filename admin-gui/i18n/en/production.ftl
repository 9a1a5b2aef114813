# A database in production is asked about by its name.
production-title = This is a database in production
production-asks = { $count ->
    [one] { $count } row is to be added, changed or deleted. Type { $name } to go on.
   *[other] { $count } rows are to be added, changed or deleted. Type { $name } to go on.
}
production-name = Name of the database
production-write = { $count ->
    [one] Write { $count } row
   *[other] Write { $count } rows
}
production-cancel = Cancel
production-type = Type { $name } to go on
