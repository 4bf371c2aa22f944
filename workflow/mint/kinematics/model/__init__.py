"""A model: read, written as plain numbers and moved by them; its joint loads; tables of coordinates and marker sets.

Imports no other room.
"""
