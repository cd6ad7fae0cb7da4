{# A narrow stand-in for (tenant_id, event_id), by which BigQuery looks for copies in all of history; DuckDB needs none. #}
{% macro event_key() -%}
    {{ return(adapter.dispatch('event_key', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__event_key() -%}
    cast(null as bigint)
{%- endmacro %}

{% macro bigquery__event_key() -%}
    farm_fingerprint(concat(tenant_id, '/', event_id))
{%- endmacro %}
