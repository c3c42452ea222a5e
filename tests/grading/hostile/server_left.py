"""A server that is never closed."""

from . import before

SCORES = {}
NOTE = ""


def submit(notebook):
    return before(notebook, "sol-rank", CODE)


CODE = """
import socket, threading
left = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=left.accept, daemon=True).start()
"""
