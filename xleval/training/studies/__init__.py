"""Studies: the datasets, trainings, evaluations and figures of a paper as one plan of ordinary xleval commands.

`records` says what a plan is, `layout` where its folders are, `commands` makes its steps; `polyfact`, `collapse`,
`parallel_scaling` and `clo` make the plans, `execute` runs one, `report` shows what it found.
"""
