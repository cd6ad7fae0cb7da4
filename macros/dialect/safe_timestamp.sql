{# Text (ISO 8601 with offset; UTC where it has none) as an instant; null where it cannot be read. #}
{% macro safe_timestamp(text_expression) -%}
    {{ return(adapter.dispatch('safe_timestamp', 'bioqms')(text_expression)) }}
{%- endmacro %}

{% macro duckdb__safe_timestamp(text_expression) -%}
    timezone('UTC', try_cast({{ text_expression }} as timestamptz))
{%- endmacro %}

{% macro bigquery__safe_timestamp(text_expression) -%}
    safe_cast({{ text_expression }} as timestamp)
{%- endmacro %}
