"""Which of two models is better, and who gets which?

The files in reading order, each with the first notebook that uses it:

    units        10  what is a unit called?
    traffic      10  which model answers whom?
    arms         10  what has an arm brought?
    experiments  10  which of two models is better?
    sequential   10  what if one looks while it runs?
    bandits      10  what if the better one gets the traffic meanwhile?
    plots        10  how often does chance win?
"""
