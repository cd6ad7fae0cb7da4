{# A pre-hook of the models that replace whole event dates: on DuckDB, removes those that the run recomputes. #}
{% macro delete_touched_dates() -%}
    {{ return(adapter.dispatch('delete_touched_dates', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__delete_touched_dates() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ on_touched_dates() }}
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__delete_touched_dates() -%}
{%- endmacro %}
