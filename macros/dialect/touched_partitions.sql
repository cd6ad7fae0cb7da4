{# The partitions that an increment overwrites, as BigQuery's insert_overwrite takes them; DuckDB has none. #}
{% macro touched_partitions() -%}
    {{ return(adapter.dispatch('touched_partitions')()) }}
{%- endmacro %}

{% macro duckdb__touched_partitions() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__touched_partitions() -%}
    {%- if execute and is_incremental() -%}
        {{ return(touched_dates().split(', ')) }}
    {%- else -%}
        {{ return(none) }}
    {%- endif -%}
{%- endmacro %}
