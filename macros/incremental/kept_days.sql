{# For how many days tables keep the events of a day: BigQuery drops a partition after the var retention_days; DuckDB keeps all, none. #}
{% macro kept_days() -%}
    {{ return(adapter.dispatch('kept_days', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__kept_days() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__kept_days() -%}
    {{ return(var('retention_days')) }}
{%- endmacro %}
