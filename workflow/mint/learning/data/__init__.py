"""What is learned from: recordings of a dataset, their activations on one grid, windows free of gaps, splits.

A dataset is one of this workflow (`own`) or MinT as its authors publish it (`published`); `sources.open_source` tells
which. What is behind a `recording.Source` does not show: activations at their own times, names, people, labels.
`grid` brings them to 20 samples a second, `windows` cuts windows, `splits` says which of them train, validate and test.
"""
