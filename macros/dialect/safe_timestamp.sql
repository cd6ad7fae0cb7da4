{# Text (ISO 8601; without an offset it is UTC) as an instant; null if it is not a valid time. #}
{% macro safe_timestamp(text_expression) -%}
    {{ return(adapter.dispatch('safe_timestamp', 'bioqms')(text_expression)) }}
{%- endmacro %}

{% macro duckdb__safe_timestamp(text_expression) -%}
    timezone('UTC', try_cast({{ text_expression }} as timestamptz))
{%- endmacro %}

{% macro bigquery__safe_timestamp(text_expression) -%}
    safe_cast({{ text_expression }} as timestamp)
{%- endmacro %}
