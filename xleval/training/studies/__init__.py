"""Studies: the datasets, trainings, evaluations and figures of a paper as one plan of ordinary xleval commands.

`records` says what a plan is, `layout` where its folders are, `commands` makes its steps; `polyfact`, `collapse`,
`parallel_scaling` and `clo` make the plans, `cost` says what they cost, `running` carries them out, `found` is what they
left, `sections` and `report` show it beside what is `published`.
"""
