{# A pre-hook of the models that replace days: on DuckDB, removes the device-days that the run recomputes. #}
{% macro delete_touched_days() -%}
    {{ return(adapter.dispatch('delete_touched_days', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__delete_touched_days() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ touched_days() }}
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__delete_touched_days() -%}
{%- endmacro %}
