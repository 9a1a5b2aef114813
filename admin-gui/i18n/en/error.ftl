# What went wrong, in words a person can act on.
