"""For instructors: what has a class learned?

A class is graded in minutes, and nobody who cheats, crashes or stalls stops the batch.
`python -m lessonlib.grading --help` has the commands. The files in reading order:

    release          -   what do learners get?
    late             -   when was it due, when did it come, and what does that cost?
    cells            -   what are the cells of a notebook, whatever is wrong with it?
    merge            -   what of a submission is run, and what comes from the source?
    arrivals         -   what lies in a folder, and which of it is a notebook?
    archives         -   what is in a zip, and in a zip within it?
    names            -   what does a name say of a person and an assignment?
    whose            -   whose is a file that was handed in, and for which assignment?
    intake           -   who handed in what, and what became of all that came in?
    result           -   what decides about a result, and what is in one?
    channel          -   how do a checker and a learner's process talk?
    codec            -   which values cross between the two, and as what?
    shell            -   what is the learner's notebook, where nobody looks on?
    learner_process  -   who runs the learner's cells, and answers the checker?
    proxies          -   what does the checker see of a learner's things?
    checker          -   who runs the source's tests, and scores the answers?
    kernel           -   how is Linux asked for what Python has no function for?
    namespaces       -   what does a submission see of the computer?
    syscalls         -   which system calls is a submission refused?
    readable         -   which files may a submission read?
    sandbox          -   what may a submission touch?
    isolation        -   which sandbox does this computer have?
    usage            -   how much does a submission use in all?
    scratch          -   what does a run leave on the disk?
    keeper           -   who starts a learner's process, and ends all that is left?
    house            -   how does one submission live apart from the next?
    forkserver       -   how does a submission start without importing all once more?
    grader           -   how is one submission graded after the other?
    tasks            -   what does a worker do with one submission?
    cluster          -   how do many computers grade a class?
    batch            -   how is a class graded on all cores?
    tables           -   which CSV files do spreadsheets write, and open?
    student_page     -   what does a learner read about a submission?
    roster           -   who of a class handed in, and who did not?
    outputs          -   how do results become grades?
    overview         -   what does the class look like at a glance?
    gradebook        -   how do the scores get into nbgrader's gradebook?
    policy           -   what was asked, and is remembered for the next time?
    options          -   what is on the command line?
    __main__         -   what can an instructor ask for?
"""
