{#
    The predicate that keeps a merge out of partitions that new rows do not touch. DuckDB deletes by key and needs none.
#}
{% macro touched_rows_predicate() -%}
    {{ return(adapter.dispatch('touched_rows_predicate')()) }}
{%- endmacro %}

{% macro duckdb__touched_rows_predicate() -%}
    {{ return(none) }}
{%- endmacro %}

{% macro bigquery__touched_rows_predicate() -%}
    {%- if execute and is_incremental() -%}
        {{ return(['DBT_INTERNAL_DEST.event_date in (' ~ touched_dates() ~ ')']) }}
    {%- else -%}
        {{ return(none) }}
    {%- endif -%}
{%- endmacro %}
