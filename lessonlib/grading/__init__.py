"""How is a class graded in minutes, without anybody who cheats, crashes or stalls it?

`python -m lessonlib.grading --help` has the commands. From the file to the grade:

intake     find what was handed in
merge      take the learner's cells, and all tests from the source
batch      a worker a core; `cluster` when a class outgrows one computer
runner     a worker's warm process, started once; `tasks` keeps it
stage      the warm process: it forks a checker and a learner's process
sandbox    what a learner's process may touch; `rungs` says what there is here
answers    the learner's process: it runs cells, and answers
wire       frames between the two; `codec` says which values cross
remote     the learner's things, as the checker sees them
checker    the source's tests, run against them
outputs    results, tables and penalties; `pages` what a learner reads,
           `overview` what the class did, `gradebook` nbgrader's own
release    before all that: what learners get
"""
