{# Text as an exact decimal; null if it is not a number. #}
{% macro to_numeric(text_expression) -%}
    {{ return(adapter.dispatch('to_numeric', 'bioqms')(text_expression)) }}
{%- endmacro %}

{# Only DuckDB accepts an underscore between digits. #}
{% macro duckdb__to_numeric(text_expression) -%}
    try_cast(replace({{ text_expression }}, '_', '?') as decimal(38, 9))
{%- endmacro %}

{% macro bigquery__to_numeric(text_expression) -%}
    safe_cast({{ text_expression }} as numeric)
{%- endmacro %}
