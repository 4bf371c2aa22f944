"""The benchmark of motion to muscles: examples, floors, training, scores, tables, model folders, prediction."""
