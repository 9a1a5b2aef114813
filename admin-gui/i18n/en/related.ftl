# The rows that belong to a record.
related-more-than = more than { $count }
related-show-all = show all
related-show-all-of = Show all: { $relation }
related-back = Back to { $label }
related-none = none
