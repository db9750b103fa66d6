"""Generations on disk: where they lie, what is in them, whether they are whole; durable writes, the lock, history.

Takes finished files in and gives articles and passages out; does not know how the files are made.
"""
