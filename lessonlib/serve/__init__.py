"""Who may ask the model, and what comes back?

The files in reading order, each with the first notebook that uses it:

    validation   03  what may a client send?
    openapi      03  how does a program read the contract?
    contract     03  what does a client get back?
    dispatchers  04  who answers what has arrived: threads, or the loop?
    server       04  how does a thread of this process answer HTTP?
    predictors   06  where do the milliseconds of one row go?
    batching     06  how do many requests share one call of the model?
    monitor      07  what does a server count about itself?
    worker       06  what does one of several processes do?
    workers      06  how do several processes answer at one address?
    balancer     06  how do several machines look like one?
    plots        01  what did the server answer, and which of them was it?
"""
