"""What adapters of several providers share: reading event streams, holding calls, and telling the true history.

Knows no provider's protocol, no sockets and no files.
"""
