"""The importable code behind Plumbline's scripts and rules, one subject to a module.

``ooi`` talks to the Ocean Observatories Initiative, ``retrieval`` keeps orders and files,
``samples`` counts samples into bins, ``tables`` turns bins into CSV, ``embedded`` is the OOI
server that travels with the workflow.
"""
