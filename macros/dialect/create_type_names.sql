{#
    Type names for the contracts in YAML, where macros do not work: contracts say float64, which DuckDB does not have.
    BigQuery: nothing to do.
#}
{% macro create_type_names() -%}
    {{ return(adapter.dispatch('create_type_names', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__create_type_names() -%}
    create type if not exists float64 as double
{%- endmacro %}

{% macro bigquery__create_type_names() -%}
    select 1
{%- endmacro %}
