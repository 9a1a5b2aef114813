# The grid: header, cells, filter pills, paging.
