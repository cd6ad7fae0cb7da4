{# Text as an exact decimal; null where it is not a number. #}
{% macro to_numeric(text_expression) -%}
    {{ return(adapter.dispatch('to_numeric')(text_expression)) }}
{%- endmacro %}

{% macro duckdb__to_numeric(text_expression) -%}
    try_cast({{ text_expression }} as decimal(38, 9))
{%- endmacro %}

{% macro bigquery__to_numeric(text_expression) -%}
    safe_cast({{ text_expression }} as numeric)
{%- endmacro %}
