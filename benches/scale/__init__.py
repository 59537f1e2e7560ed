"""Rows larger than memory and on a cluster: ``python -m benches scale`` measures what they cost.

`files.py` makes the rows, `outofcore.py` fits them from files, `cluster.py` on the workers of a
cluster, `growth.py` counts what a pass costs as rows and workers grow, and `table.py` says it.
"""
