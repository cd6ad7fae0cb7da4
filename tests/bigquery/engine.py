"""Google's SQL engine in this process: ZetaSQL compiled to WebAssembly (PyPI ``zetasql``).

BigQuery's SQL is ZetaSQL with some features off. This module loads the engine, sets the language
options as near to BigQuery's as they go, and turns type names into types and back. What BigQuery
refuses beyond that is in ``tests.bigquery.rules``.
"""

from __future__ import annotations

import ctypes
import re
from functools import cache
from typing import Any

import wasmtime
from zetasql import types as zt
from zetasql.api import Analyzer
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.core.wasm_client import WasmClient, get_tzinfo_dir
from zetasql.wasi import get_wasm_path

# Features of ZetaSQL that BigQuery does not have (or has as a preview), by LanguageFeature name
# without its prefix. Everything else that ZetaSQL enables by default stays on.
NOT_IN_BIGQUERY = {
    "AGGREGATE_FILTERING",
    "ALIASES_FOR_STRING_AND_DATE_FUNCTIONS",
    "ARRAY_AGGREGATION_FUNCTIONS",
    "ARRAY_EQUALITY",
    "ARRAY_FIND_FUNCTIONS",
    "ARRAY_GREATEST_LEAST",
    "ARRAY_ORDERING",
    "ARRAY_ZIP",
    "BRACED_PROTO_CONSTRUCTORS",
    "CHAINED_FUNCTION_CALLS",
    "DML_RETURNING",
    "ENABLE_MEASURES",
    "FIRST_AND_LAST_N",
    "FOR_UPDATE",
    "INLINE_LAMBDA_ARGUMENT",
    "INSERT_ON_CONFLICT_CLAUSE",
    "JSON_CONTAINS_FUNCTION",
    "JSON_FLATTEN_FUNCTION",
    "JSON_TYPE_COMPARISON",
    "LATERAL_COLUMN_REFERENCES",
    "LATERAL_JOIN",
    "LIMIT_OFFSET_EXPRESSIONS",
    "LITERAL_CONCATENATION",
    "MAP_TYPE",
    "MATCH_RECOGNIZE",
    "MULTILEVEL_AGGREGATION",
    "MULTILEVEL_AGGREGATION_ON_UDAS",
    "MULTIWAY_UNNEST",
    "NULLIFZERO_ZEROIFNULL",
    "PI_FUNCTIONS",
    "RELAXED_WITH_RECURSIVE",
    "REPEAT",
    "ROW_TYPE",
    "SEQUENCE_ARG",
    "STRUCT_BRACED_CONSTRUCTORS",
    "STRUCT_POSITIONAL_ACCESSOR",
    "TIMESTAMP_NANOS",
    "TIMESTAMP_PICOS",
    "TIMESTAMP_PRECISION",
    "TVF_PSEUDO_COLUMNS",
    "UNNEST_AND_FLATTEN_ARRAYS",
    "UPDATE_CONSTRUCTOR",
    "UUID_TYPE",
    "WITH_EXPRESSION",
    "WITH_GROUP_ROWS",
    "WITH_RECURSIVE_DEPTH_MODIFIER",
}
_TYPE_NAMES = {"DOUBLE": "FLOAT64"}


class _Client(WasmClient):  # type: ignore[misc]
    """The package's client with a compilation cache and block copies.

    Compiling 28 MB of WebAssembly takes ten seconds, loading the compiled form from wasmtime's
    cache 0.2; the package copies memory byte by byte in Python.
    """

    def __init__(self, wasm_path: str) -> None:
        wasi = wasmtime.WasiConfig()
        wasi.inherit_stderr()
        if zones := get_tzinfo_dir():
            wasi.preopen_dir(zones, "/usr/share/zoneinfo")
        config = wasmtime.Config()
        config.shared_memory = True
        config.cache = True
        self.store = wasmtime.Store(wasmtime.Engine(config))
        self.store.set_wasi(wasi)
        self.module = wasmtime.Module.from_file(self.store.engine, wasm_path)
        linker = wasmtime.Linker(self.store.engine)
        linker.define_wasi()
        self.instance = linker.instantiate(self.store, self.module)
        self.exports = self.instance.exports(self.store)
        initialize: Any = self.exports["_initialize"]
        initialize(self.store)
        self.memory: Any = self.exports["memory"]

    def _address(self, pointer: int) -> int:
        return int(ctypes.addressof(self.memory.data_ptr().contents)) + pointer

    def write_bytes(self, ptr: int, data: bytes) -> None:
        ctypes.memmove(self._address(ptr), data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        return ctypes.string_at(self._address(ptr), size)


@cache
def service() -> Any:
    """Return the engine, loaded once a process."""
    engine = ZetaSqlLocalService.__new__(ZetaSqlLocalService)
    engine.wasm_client = _Client(str(get_wasm_path()))
    return engine


@cache
def language() -> Any:
    """Return the language options of BigQuery."""
    options = zt.LanguageOptions()
    options.name_resolution_mode = zt.NameResolutionMode.NAME_RESOLUTION_DEFAULT
    options.product_mode = zt.ProductMode.PRODUCT_EXTERNAL
    default = service().get_language_options(maximum_features=True).enabled_language_features
    options.enabled_language_features = [
        feature
        for feature in default
        if zt.LanguageFeature(feature).name.removeprefix("FEATURE_") not in NOT_IN_BIGQUERY
    ]
    options.reserved_keywords = ["QUALIFY"]
    return options


def analyzer_options(**settings: Any) -> Any:
    """Return analyzer options for BigQuery's language and time zone (the engine's is not UTC)."""
    return zt.AnalyzerOptions(language_options=language(), default_timezone="UTC", **settings)


def builtin_functions() -> Any:
    """Return the built-in functions that BigQuery's language options allow."""
    return zt.ZetaSQLBuiltinFunctionOptions(language_options=language())


@cache
def added_functions() -> Any:
    """Return the functions that BigQuery has and this build of the engine lacks.

    They can be analyzed, not run: ``min_by(value, order)`` and ``max_by``.
    """
    value, order = (
        zt.FunctionArgumentType(kind=kind, num_occurrences=1)
        for kind in (
            zt.SignatureArgumentKind.ARG_TYPE_ANY_1,
            zt.SignatureArgumentKind.ARG_TYPE_ANY_2,
        )
    )
    signature = zt.FunctionSignature(argument=[value, order], return_type=value)
    return [
        zt.Function(
            name_path=[name],
            group="BigQuery",
            mode=zt.FunctionEnums.Mode.AGGREGATE,
            signature=[signature],
        )
        for name in ("min_by", "max_by")
    ]


@cache
def parse_type(name: str) -> Any:
    """Return the ZetaSQL type of a BigQuery type name, ``STRUCT<a STRING, b ARRAY<DATE>>`` say.

    Raises ``ServerError`` if the name is not one.
    """
    catalog = zt.SimpleCatalog(name="types", builtin_function_options=builtin_functions())
    analyzer = Analyzer(analyzer_options(), catalog, service())
    return analyzer.analyze_expression(f"cast(null as {name})").type


def type_name(kind: Any) -> str:
    """Return the BigQuery name of a ZetaSQL type, in capitals, without blanks after commas."""
    if kind.is_array():
        return f"ARRAY<{type_name(kind.array_type.element_type)}>"
    if kind.is_struct():
        fields = (f"{f.field_name} {type_name(f.field_type)}" for f in kind.struct_type.field)
        return f"STRUCT<{','.join(fields)}>"
    name = str(kind.type_name())
    return _TYPE_NAMES.get(name, name)


def split_path_quotes(sql: str) -> str:
    """Quote each part of a table path by itself: BigQuery also reads `a.b.c` in one pair."""
    return re.sub(r"`([\w-]+)\.([\w-]+)(?:\.([\w-]+))?`", _requote, sql)


def _requote(match: re.Match[str]) -> str:
    return ".".join(f"`{part}`" for part in match.groups() if part)
