{# A scalar of a JSON object as text; null where it is missing or JSON null. #}
{% macro json_text(json_column, key) -%}
    {{ return(adapter.dispatch('json_text')(json_column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(json_column, key) -%}
    json_value({{ json_column }}, '$."{{ key }}"')
{%- endmacro %}

{% macro bigquery__json_text(json_column, key) -%}
    json_value({{ json_column }}, '$.{{ key }}')
{%- endmacro %}
