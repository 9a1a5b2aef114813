# The rows that belong to a record.
related-more-than = more than { $count }
related-show-all = show all
related-show-all-of = Show all: { $relation }
related-back = Back to { $label }
related-none = none
related-unfold = Edit here: { $relation }
related-fold = Only list: { $relation }
related-add = New in { $relation }
related-open = Open { $row }
related-delete = Delete { $row }
related-keep = Keep { $row }
related-no-rows = None yet
