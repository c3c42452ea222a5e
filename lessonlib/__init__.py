"""The helper library of Lesson 8, short enough to read in an afternoon.

Read the modules in the order of the lesson. Import from the module itself
(`from lessonlib.latency import percentile`), so that a name says where it lives.

    module      notebook  its one question
    ----------  --------  -----------------------------------------------------
    errors         -      what can a caller catch?
    workbook       -      how does a notebook talk with its reader?
    mail          00      what arrives at Northgate?
    artifacts     01      how does another process trust a saved model?
    contract      03      what may a client send, and what does it get back?
    serving       04      how does a thread of this process answer HTTP?
    latency       05      how is a long tail described?
    loadtest      05      what do callers feel?
    figures        -      how does a figure say in words what it shows?
    plots          -      one function, one question, one figure
    latency_plots 05      how do response times look?
    checks/        -      is the answer right, and if not, which mistake is it?
    authoring/     -      for authors: run the notebooks again, make the exercises
"""
