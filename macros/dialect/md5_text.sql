{# The md5 of a text as 32 lowercase hex digits. #}
{% macro md5_text(text_expression) -%}
    {{ return(adapter.dispatch('md5_text', 'bioqms')(text_expression)) }}
{%- endmacro %}

{% macro duckdb__md5_text(text_expression) -%}
    md5({{ text_expression }})
{%- endmacro %}

{% macro bigquery__md5_text(text_expression) -%}
    to_hex(md5({{ text_expression }}))
{%- endmacro %}
