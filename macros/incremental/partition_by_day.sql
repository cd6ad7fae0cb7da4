{# The config that partitions a table by the day of a column, a date or a timestamp; DuckDB has no partitions. #}
{% macro partition_by_day(column, data_type='date') -%}
    {{ return(adapter.dispatch('partition_by_day', 'bioqms')(column, data_type)) }}
{%- endmacro %}

{% macro duckdb__partition_by_day(column, data_type) -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__partition_by_day(column, data_type) -%}
    {{ return({'field': column, 'data_type': data_type, 'granularity': 'day'}) }}
{%- endmacro %}
