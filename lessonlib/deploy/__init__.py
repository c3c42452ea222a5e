"""How does a saved model become a service on a real host?

`python -m lessonlib.deploy FOLDER --to DIR --domain NAME` writes all that a host needs:
DIR/README.md says how it is started. The files in reading order:

    wheel     12  how does this library travel?
    packages  12  which packages does a service need, and are they the tested ones?
    own_code  12  which code of one's own does a model need on a host?
    host      12  what does a host need to serve a saved model?
    __main__  12  what can be asked for in a terminal?
    terminal  12  how is a program started, as if typed into a terminal?
    tls       12  how does a server of Python's speak TLS?
    loopback  12  can a host be tried out on this computer?
    way       12  where does a stranger's wait go?
    plots     12  what do the pictures of this room show?
"""
