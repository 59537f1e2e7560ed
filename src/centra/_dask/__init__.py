"""Rows in a cluster: collections of Dask, held in shards on its workers.

`blocks.py` cuts a collection into blocks, `tasks.py` is what workers run, `transport.py` brings
orders to them, `rows.py` makes a data set of all that, and `lazily.py` gives labels and distances
as collections.
"""
