"""Muscles in Action (MIA; Chiquier and Vondrick 2023): measured EMG beside poses from video, to fine-tune networks on.

Its folders (`reader`), its eight channels (`channels`), its poses as inputs of the networks and its EMG as targets
(`features`), fine-tuning and its scores (`finetune`), and the EMG of people of a dataset of this workflow as other
targets of the same code (`envelopes`).
"""
