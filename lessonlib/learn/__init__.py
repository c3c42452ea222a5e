"""What turned out true, and does a new model do better?

The files in reading order, each with the first notebook that uses it:

    failures  09  is it the log that fails, or only what was asked of it?
    sql       09  what is written down, and how is it found again?
    files     09  does the log lie in the file that was opened?
    servers   09  does the server that keeps the log still answer?
    store     09  how does a row reach the disk, and stay?
    audits    09  which answers should a person check?
    labels    09  what turned out true, and when may one say so?
    log       09  what was predicted, and what turned out true?
    gate      09  may this model go to work?
    plots     09  which accuracy is the true one?
"""
