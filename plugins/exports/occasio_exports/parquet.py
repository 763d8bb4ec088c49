"""The table of rows as an Apache Parquet file, by PyArrow, in row groups: memory is that of one group.

PyArrow is the extra `parquet`; it is imported when a file is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from occasio_core import UsageError
from occasio_exports.members import Fields
from occasio_exports.table import COLUMNS, Type, records

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_ROWS = 8192  # about 10 MB while it is being built


def write_parquet(rows: Iterable[Fields], file: IO[bytes], version: str) -> int:
    """Write the rows to `file`, compressed (zstd), and return how many they were; `version` is Occasio's.

    Raises `UsageError` if PyArrow is not installed.
    """
    pa, pq = _pyarrow()
    schema = pa.schema([(column.name, _arrow_type(column.type)) for column in COLUMNS])
    schema = schema.with_metadata({"occasio.version": version})
    written = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in records(rows, GROUP_ROWS):
            columns = [
                pa.array(values, field.type) for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema), row_group_size=GROUP_ROWS)
            written += len(batch)
    return written


def _pyarrow() -> tuple[Any, Any]:  # the library has no types
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UsageError("Parquet needs PyArrow", hint="pip install 'occasio[parquet]'") from error
    return pa, pq


def _arrow_type(type_: Type) -> pa.DataType:
    import pyarrow as pa

    match type_:
        case Type.TEXT:
            return pa.string()
        case Type.INTEGER:
            return pa.int64()
        case Type.BOOLEAN:
            return pa.bool_()
        case Type.TIME:
            return pa.timestamp("ms", tz="UTC")
        case Type.TEXTS:
            return pa.list_(pa.string())
