"""The supplement: the folder that goes with a paper, and the means to check every byte of it.

`contents` says what lies where, `plan_record` and `workflow_record` what was asked for and by which code, `citation`
how it is cited; `datapackage` and `crate` describe it for machines, `checksums` for anybody. `making` does all of
this in turn, `archive` packs it, and `verification` checks it, `recomputing` by making it again.
"""
