{# A short hash of (tenant_id, event_id), with which BigQuery finds copies in all of history; DuckDB does not need it. #}
{% macro event_key() -%}
    {{ return(adapter.dispatch('event_key', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__event_key() -%}
    cast(null as bigint)
{%- endmacro %}

{% macro bigquery__event_key() -%}
    farm_fingerprint(concat(tenant_id, '/', event_id))
{%- endmacro %}
