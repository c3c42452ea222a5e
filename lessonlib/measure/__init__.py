"""How long do callers wait, and what do more of them get?

The files in reading order, each with the first notebook that uses it:

    latency        05  how is a long tail described?
    connection     05  how does one thread listen to many connections?
    client         05  how is each request asked when it is due?
    loadtest       05  what do callers feel?
    plots          05  how do response times look?
    scaling        06  what do more callers get: answers, or waiting?
    scaling_plots  06  where is the knee, and what does a batch win?
"""
