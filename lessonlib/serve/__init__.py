"""Who may ask the model, and what comes back?

The files in reading order, each with the first notebook that uses it:

    schema          03  what may a client send?
    reader          06  how is an ordinary body read in a few microseconds?
    openapi         03  how does a program read the contract?
    rates           12  how often may each caller ask?
    keys            12  who is asking, and may they?
    visit           12  what is known of a request, and written down of it?
    refusals        03  what is a client told whose request is refused?
    try_it          03  how does a person try the model, in a browser?
    contract        03  what does a client get back?
    flask_app       03  how does a contract become a Flask app?
    waitress_parts  04  what does waitress do otherwise here?
    server          04  how does a thread of this process answer HTTP?
    forks           06  what begins anew in a process that was forked?
    packed_trees    06  how are a hundred trees walked at once?
    predictors      06  where do the milliseconds of one row go?
    batching        06  how do many requests share one call of the model?
    monitor         07  what does a server count about itself?
    asgi_app        06  how does a turn of the loop become a batch?
    limits          06  what may a connection cost a worker?
    door            06  how does a worker let newcomers in?
    worker          06  what does one of several processes do?
    worker_process  06  how is such a process started, told something, and heard?
    pool            06  how are several processes kept at work, and alike?
    workers         06  how do several processes answer at one address?
    balancer        06  how do several machines look like one?
    plots           01  what did the server answer, and which of them was it?
"""
