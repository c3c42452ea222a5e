"""How is a model kept, and why is the file to be trusted?

The files in reading order, each with the first notebook that uses it:

    artifacts  01  how does another process trust a saved model?
    registry   02  which saved model has which role?
    plots      01  how do model files differ, and what does one say inside?
"""
