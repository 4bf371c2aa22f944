"""Figures of the dataset: what its paper shows, made from the tables of the dataset, drawn by plotly."""
