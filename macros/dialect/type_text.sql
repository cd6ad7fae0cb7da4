{# The engine's type of text. #}
{% macro type_text() -%}
    {{ return(adapter.dispatch('type_text', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__type_text() -%}
    varchar
{%- endmacro %}

{% macro bigquery__type_text() -%}
    string
{%- endmacro %}
