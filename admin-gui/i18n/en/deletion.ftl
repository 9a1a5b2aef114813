# What a deletion takes along.
