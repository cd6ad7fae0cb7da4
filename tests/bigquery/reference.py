"""Google's reference implementation of the language, run on small tables.

Slow (joins are nested loops) and right by definition: it decides where two engines differ.
``evaluate`` takes rows as Python values and returns the rows of a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from google.protobuf.timestamp_pb2 import (  # type: ignore[import-untyped]
    Timestamp as TimestampMessage,
)
from zetasql import types as zt
from zetasql.api import PreparedQuery
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2
from zetasql.wasi._pb2.zetasql.local_service.local_service_pb2 import TableContent, TableData
from zetasql.wasi._pb2.zetasql.public.value_pb2 import ValueProto

from tests.bigquery.engine import (
    analyzer_options,
    builtin_functions,
    parse_type,
    service,
    split_path_quotes,
    type_name,
)

EPOCH = date(1970, 1, 1)
NUMERIC_SCALE = 9
BIGNUMERIC_SCALE = 38
DIGITS = Context(prec=77)
"""What a bignumeric holds; Python's own limit is 28."""
Writer = Callable[[Any], ValueProto]


@dataclass(frozen=True)
class Content:
    """A table: its columns with their BigQuery types, and its rows in the columns' order."""

    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]


def evaluate(sql: str, tables: Mapping[tuple[str, ...], Content]) -> Content:
    """Run a query; tables go by their path. Raises ``ServerError`` if it cannot run."""
    text = split_path_quotes(sql)
    catalog = zt.SimpleCatalog(name="root", builtin_function_options=builtin_functions())
    contents = {}
    for path, table in tables.items():
        # Only tables of the root can have content: the path becomes one name.
        quoted, name = ".".join(f"`{part}`" for part in path), "__".join(path)
        if quoted not in text:
            continue
        text = text.replace(quoted, f"`{name}`")
        kinds = [parse_type(kind) for kind in table.columns.values()]
        columns = [
            zt.SimpleColumn(name=column, type=kind)
            for column, kind in zip(table.columns, kinds, strict=True)
        ]
        catalog.table.append(zt.SimpleTable(name=name, column=columns))
        contents[name] = _content(table.rows, [writer(kind) for kind in kinds])
    query = PreparedQuery.builder().set_sql(text).set_analyzer_options(analyzer_options())
    query = query.set_catalog(catalog).set_table_content(contents).set_service(service())
    with query.prepare() as prepared:
        kinds = [column.type for column in prepared.columns]
        names = [column.name for column in prepared.columns]
        found = _execute(prepared.prepared_query_id)
    return Content(
        dict(zip(names, map(type_name, kinds), strict=True)),
        [
            [from_value(cell, kind) for cell, kind in zip(row.cell, kinds, strict=True)]
            for row in found
        ],
    )


def _content(rows: Sequence[Sequence[Any]], writers: Sequence[Writer]) -> TableContent:
    """Return rows as protobuf: the package's own classes take most of a query's time to make."""
    return TableContent(
        table_data=TableData(
            row=[
                TableData.Row(cell=[write(v) for write, v in zip(writers, row, strict=True)])
                for row in rows
            ]
        )
    )


def _execute(prepared_id: int) -> Any:
    """Run a prepared query; the rows as protobuf, because the package's own classes drop times."""
    request = local_service_pb2.EvaluateQueryRequest(prepared_query_id=prepared_id)
    answer = service().wasm_client.call_grpc_func(
        "ZetaSqlLocalService_EvaluateQuery", request, local_service_pb2.EvaluateQueryResponse
    )
    return answer.content.table_data.row


def writer(kind: Any) -> Writer:
    """Return what turns Python values of a type into the engine's (protobuf messages)."""
    if kind.is_array():
        write = _array_writer(writer(kind.array_type.element_type))
    elif kind.is_struct():
        fields = kind.struct_type.field
        write = _struct_writer({field.field_name: writer(field.field_type) for field in fields})
    elif type_name(kind) in SCALARS:
        write = SCALARS[type_name(kind)]
    else:
        raise TypeError(f"no values of type {type_name(kind)}")
    return lambda value: ValueProto() if value is None else write(value)


def _array_writer(write: Writer) -> Writer:
    return lambda value: ValueProto(
        array_value=ValueProto.Array(element=[write(element) for element in value])
    )


def _struct_writer(writers: Mapping[str, Writer]) -> Writer:
    return lambda value: ValueProto(
        struct_value=ValueProto.Struct(
            field=[write(value.get(name)) for name, write in writers.items()]
        )
    )


def _timestamp(value: datetime) -> ValueProto:
    message = TimestampMessage()
    message.FromDatetime(value)
    return ValueProto(timestamp_value=message)


def _packed(value: Any, scale: int) -> bytes:
    """Scale to an integer: little endian, two's complement, as few bytes as hold it."""
    number = int(Decimal(str(value)).scaleb(scale, DIGITS))
    size = (number.bit_length() + 8) // 8
    return number.to_bytes(size, "little", signed=True)


SCALARS: dict[str, Writer] = {
    "INT64": lambda value: ValueProto(int64_value=int(value)),
    "FLOAT64": lambda value: ValueProto(double_value=float(value)),
    "BOOL": lambda value: ValueProto(bool_value=bool(value)),
    "DATE": lambda value: ValueProto(date_value=(value - EPOCH).days),
    "TIMESTAMP": _timestamp,
    "JSON": lambda value: ValueProto(json_value=value),
    "NUMERIC": lambda value: ValueProto(numeric_value=_packed(value, NUMERIC_SCALE)),
    "BIGNUMERIC": lambda value: ValueProto(bignumeric_value=_packed(value, BIGNUMERIC_SCALE)),
    "STRING": lambda value: ValueProto(string_value=value),
}


def from_value(value: Any, kind: Any) -> Any:  # noqa: PLR0911 - one line a type
    """Return the Python value of an engine's value (a protobuf message) of a type."""
    field = value.WhichOneof("value")
    if field is None:
        return None
    content = getattr(value, field)
    match field:
        case "array_value":
            return [
                from_value(element, kind.array_type.element_type) for element in content.element
            ]
        case "struct_value":
            parts = zip(kind.struct_type.field, content.field, strict=True)
            return {part.field_name: from_value(inner, part.field_type) for part, inner in parts}
        case "date_value":
            return EPOCH + timedelta(days=content)
        case "timestamp_value":
            return content.ToDatetime(tzinfo=UTC)
        case "numeric_value":
            return _unpacked(content, NUMERIC_SCALE)
        case "bignumeric_value":
            return _unpacked(content, BIGNUMERIC_SCALE)
    return content


def _unpacked(data: bytes, scale: int) -> Decimal:
    return Decimal(int.from_bytes(data, "little", signed=True)).scaleb(-scale, DIGITS)


def table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> Content:
    """Make a table of rows given by column name; a missing column is null."""
    return Content(columns, [[row.get(name) for name in columns] for row in rows])
