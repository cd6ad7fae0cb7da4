"""One event, five descriptions: JSON Schema, Avro, DDL, Terraform and the dbt source agree."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import fastavro
import pytest
import yaml
from google.api_core.exceptions import InvalidArgument
from google.pubsub_v1.types import Encoding, PubsubMessage, Schema, SchemaSettings, Topic

from ingest.message import from_message, to_message
from tests.bigquery.analyzer import Warehouse
from tests.infra.avro_json import branch, decode, encode
from tests.servers import ROOT, BigQueryEmulator, PubSubEmulator

SCHEMAS = ROOT / "ingest" / "schemas"
AVRO = json.loads((SCHEMAS / "event.avsc").read_text())
DDL = (SCHEMAS / "raw_events.sql").read_text()
EVENT = json.loads((SCHEMAS / "event-v1.0.json").read_text())
METADATA = {
    "subscription_name": "STRING",
    "message_id": "STRING",
    "publish_time": "TIMESTAMP",
    "attributes": "JSON",
}
JSON_COLUMNS = {"properties", "traits"}
ROW: dict[str, Any] = {
    "event_id": "evt_1",
    "event_name": "feature.used",
    "event_version": "1.0.0",
    "timestamp": "2026-02-16T14:32:15.234000Z",
    "sent_at": None,
    "received_at": "2026-02-16T14:32:16.000001Z",
    "session_id": None,
    "user_id": "usr_1",
    "anonymous_id": "anon_1",
    "tenant_id": "tnt_1",
    "context": {
        "page": {"url": "/a?b=“ü”", "path": "/a", "title": None, "referrer": None},
        "user_agent": "Mozilla/5.0",
        "ip": None,
        "locale": "en-US",
        "timezone": None,
        "device": None,
        "os": {"name": "Linux", "version": None},
        "browser": None,
        "extra": '{"screen":{"width":1}}',
    },
    "properties": '{"feature_key":"x","n":1.5,"nested":{"a":[null]}}',
    "traits": "{}",
}


def avro_columns(record: Mapping[str, Any] = AVRO) -> dict[str, str]:
    """The columns that BigQuery needs for the topic's schema."""
    return {field["name"]: _column_type(field) for field in record["fields"]}


def _column_type(field: Mapping[str, Any]) -> str:
    kind = branch(field)
    if isinstance(kind, dict):
        inner = ",".join(f"{name} {type_}" for name, type_ in avro_columns(kind).items())
        return f"STRUCT<{inner}>"
    assert kind == "string"
    return "JSON" if field["name"] in JSON_COLUMNS else "STRING"


@pytest.fixture(scope="module")
def table() -> Mapping[str, str]:
    """The columns of raw.events as Google's analyzer reads the DDL."""
    [statement] = Warehouse().run(DDL)
    assert statement.created is not None
    assert statement.created.path == ("raw", "events")
    assert statement.created.partition_column == "publish_time"
    assert statement.created.requires_partition_filter
    return statement.created.columns


def test_the_table_has_the_topic_s_fields_and_the_metadata(table: Mapping[str, str]) -> None:
    assert dict(table) == avro_columns() | METADATA
    assert list(table) == [*avro_columns(), *METADATA]


def test_the_table_keeps_two_years_and_is_clustered() -> None:
    [create] = Warehouse().run(DDL)
    options = {option.name: option.value.value.value for option in create.resolved.option_list}
    assert options["partition_expiration_days"].int64_value == 730
    clustered = [reference.column.name for reference in create.resolved.cluster_by_list]
    assert clustered == ["tenant_id", "event_name", "user_id"]


def test_every_column_may_be_null(table: Mapping[str, str]) -> None:
    [create] = Warehouse().run(DDL)
    assert all(c.annotations is None or not c.annotations.not_null for c in _definitions(create))


def _definitions(create: Any) -> list[Any]:
    return list(create.resolved.column_definition_list)


def terraform_types(columns: list[dict[str, Any]]) -> dict[str, str]:
    """The columns of Terraform's table."""
    assert {column["mode"] for column in columns} == {"NULLABLE"}
    return {column["name"]: _terraform_type(column) for column in columns}


def _terraform_type(column: dict[str, Any]) -> str:
    if column["type"] != "RECORD":
        return str(column["type"])
    inner = terraform_types(column["fields"])
    return f"STRUCT<{','.join(f'{name} {kind}' for name, kind in inner.items())}>"


def test_terraform_makes_the_same_table(table: Mapping[str, str]) -> None:
    columns = json.loads((ROOT / "infra" / "terraform" / "raw_events.json").read_text())
    assert terraform_types(columns) == dict(table)


def test_the_dbt_source_names_the_same_columns() -> None:
    source = yaml.safe_load((ROOT / "models" / "staging" / "_staging__sources.yml").read_text())
    [events] = source["sources"][0]["tables"]
    kinds = {column["name"]: column["data_type"].upper() for column in events["columns"]}
    expected = {name: kind.partition("<")[0] for name, kind in avro_columns().items()}
    # The segment of the landing log: what DuckDB has in place of the subscription's metadata.
    assert kinds == expected | METADATA | {"filename": "STRING"}


def test_the_json_schema_names_the_same_fields() -> None:
    assert set(EVENT["properties"]) == set(avro_columns())
    context = branch(next(f for f in AVRO["fields"] if f["name"] == "context"))
    assert _tree(EVENT["properties"]["context"]) == _tree_of_avro(context) - {("extra",)}


def _tree(schema: Mapping[str, Any]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, inner in schema.get("properties", {}).items():
        found |= {(name, *path) for path in _tree(inner)} or {(name,)}
    return found


def _tree_of_avro(record: Mapping[str, Any]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for field in record["fields"]:
        kind = branch(field)
        inner = _tree_of_avro(kind) if isinstance(kind, dict) else {()}
        found |= {(field["name"], *path) for path in inner}
    return found


def test_what_the_json_schema_calls_text_is_text_in_avro() -> None:
    for name, schema in EVENT["properties"].items():
        kinds = set(_kinds(schema)) - {"null"}
        expected = "object" if avro_columns()[name] != "STRING" else "string"
        assert kinds == {expected}, name


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    if "type" not in schema:
        schema = EVENT["$defs"][schema["$ref"].rpartition("/")[2]]
    kind = schema["type"]
    return kind if isinstance(kind, list) else [kind]


def test_a_message_is_avro_and_decodes_to_the_row() -> None:
    message = encode(ROW, AVRO)
    [read] = fastavro.json_reader(io.StringIO(message.decode()), fastavro.parse_schema(AVRO))
    assert read == ROW
    assert decode(message, AVRO) == ROW


def test_the_collector_publishes_this_encoding(pubsub_emulator: PubSubEmulator, topic: str) -> None:
    message = to_message(json.dumps(ROW).encode())
    assert json.loads(message.data) == json.loads(encode(ROW, AVRO))
    assert from_message(message.data) == ROW
    _publish(pubsub_emulator, topic, message.data)


def test_objects_become_json_text() -> None:
    message = encode(ROW | {"properties": {"b": 1, "a": None}, "traits": None}, AVRO)
    plain = decode(message, AVRO)
    assert plain["properties"] == '{"a":null,"b":1}'
    assert plain["traits"] is None


@pytest.fixture
def topic(pubsub_emulator: PubSubEmulator) -> Iterator[str]:
    """A topic with the event's schema on Google's emulator."""
    schemas, publisher = pubsub_emulator.schemas(), pubsub_emulator.publisher()
    name = f"events-{uuid.uuid4().hex[:8]}"
    schema = schemas.create_schema(
        parent=f"projects/{pubsub_emulator.project}",
        schema=Schema(type_=Schema.Type.AVRO, definition=json.dumps(AVRO)),
        schema_id=name,
    )
    path = publisher.topic_path(pubsub_emulator.project, name)
    settings = SchemaSettings(schema=schema.name, encoding=Encoding.JSON)
    publisher.create_topic(request=Topic(name=path, schema_settings=settings))
    yield path
    publisher.delete_topic(topic=path)
    schemas.delete_schema(name=schema.name)


def _publish(emulator: PubSubEmulator, topic: str, data: bytes) -> None:
    emulator.publisher().publish(topic=topic, messages=[PubsubMessage(data=data)], timeout=10)


@pytest.mark.parametrize(
    "row",
    [ROW, dict.fromkeys(ROW), {}, ROW | {"context": None}],
    ids=["full", "nulls", "empty", "no context"],
)
def test_the_topic_takes_what_the_landing_zone_takes(
    pubsub_emulator: PubSubEmulator, topic: str, row: dict[str, Any]
) -> None:
    _publish(pubsub_emulator, topic, encode(row, AVRO))


MALFORMED = {
    "not json": b"hello",
    "the landed row itself": json.dumps(ROW).encode(),
    "missing fields": b'{"event_id": {"string": "a"}}',
    "a number": encode(ROW, AVRO).replace(b'{"string":"evt_1"}', b'{"int":1}'),
    "an object as properties": encode(ROW, AVRO).replace(
        b'"traits":{"string":"{}"}', b'"traits":{}'
    ),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_the_topic_refuses_what_is_malformed(
    pubsub_emulator: PubSubEmulator, topic: str, data: bytes
) -> None:
    with pytest.raises(InvalidArgument):
        _publish(pubsub_emulator, topic, data)


def test_the_ddl_runs(bigquery_emulator: BigQueryEmulator, table: Mapping[str, str]) -> None:
    client = bigquery_emulator.client()
    client.create_dataset("raw", exists_ok=True, timeout=60)
    client.query(DDL).result(timeout=60)
    made = client.get_table("raw.events", timeout=60)
    assert [field.name for field in made.schema] == list(table)
    assert made.time_partitioning.require_partition_filter
