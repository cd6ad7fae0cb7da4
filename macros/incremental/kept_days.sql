{#
    For how many days tables keep the events of a day: BigQuery drops a partition after the var retention_days; none on DuckDB, which
    keeps all.
#}
{% macro kept_days() -%}
    {{ return(adapter.dispatch('kept_days', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__kept_days() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__kept_days() -%}
    {{ return(var('retention_days')) }}
{%- endmacro %}
