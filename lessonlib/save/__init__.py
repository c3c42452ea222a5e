"""How is a model kept, and why is the file to be trusted?

The files in reading order, each with the first notebook that uses it:

    columns    02  what does a row hold, and what may stand in it?
    answers    01  what does a model say, and what kind of answer is it?
    choices    01  which values does a model know, and refuse to go beyond?
    examples   01  what does an example of its data tell about a model?
    disk       01  what is in a file, and what if the disk refuses?
    imports    01  which code does a model's file need?
    manifest   01  what is a saved model, so that nobody has to guess?
    rehearsal  01  will a model answer rows that come as JSON, and can that be sent?
    turns      01  how do several programs change one folder, one after the other?
    artifacts  01  how does another process trust a saved model?
    registry   02  which saved model has which role?
    plots      01  how do model files differ, and what does one say inside?
"""
