"""Registration: markers that no marker set describes find their places while the model is scaled, or are refused.

May import `inverse` and `model`; neither leg model nor muscle paths are there yet.
"""
