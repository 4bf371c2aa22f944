"""Where every value comes from: traces of results as a graph, as a table, and as an RO-Crate."""
