"""Is the service well, and is its model still right?

The files in reading order, each with the first notebook that uses it:

    metrics        07  is it well now?
    alerts         07  when should somebody be woken?
    ml_test_score  07  how much may a service be trusted?
    plots          07  what does a dashboard show, and what not?
    contingency    08  how many rows of each category are there, before and now?
    drift          08  has the traffic moved?
    column_drift   08  which columns of a table have moved?
    performance    08  has the model got worse?
    drift_plots    08  which alarm is about accuracy?
"""
