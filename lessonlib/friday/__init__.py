"""Does the whole loop hold for a week that goes wrong?

The files in reading order, each with the first notebook that uses it:

    office    11  how is the whole loop held in one hand?
    scenario  11  what happens at Northgate in a week?
    week      11  how does a service stand a week, and what does it cost?
    plots     11  how did the week go?
"""
