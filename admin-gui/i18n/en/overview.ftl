# The overview.
overview-note = { $entities } { $entities ->
    [one] entity
   *[other] entities
}
overview-refresh = Compute everything anew
overview-refresh-section = Compute anew: { $section }
overview-rows = Rows
overview-growth = Growth
overview-nulls = Missing values
overview-computing = computing…
overview-no-rows = No rows yet
overview-growth-spoken = { $entity }: { $count } { $count ->
    [one] row
   *[other] rows
} made from { $first } to { $last }
