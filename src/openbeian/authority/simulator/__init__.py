"""A simulated administration: good enough to develop against, to train reviewers, and to run a demo.

Where the specification is silent the behaviour is ours; the guide on the authority's interface lists each such place.
"""
