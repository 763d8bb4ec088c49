"""What surfaces show of verified rows: values made of rows, and texts made of values.

Rows come from `occasio_core.reading`; nothing here opens a log.
"""
