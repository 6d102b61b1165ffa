"""Selections: what was brushed, described; resolved to samples and embedding points; kept, named.

>>> study = engine.open_study("model.study")
>>> sorted(study.selections)                     # what was saved under a name
['slanted ones']
>>> chosen = study.selections["slanted ones"]
>>> chosen.samples                               # bool[N], by row of the study
>>> chosen.points["fc1"]                         # int32[n, 2]: row, flat position in the map
"""
