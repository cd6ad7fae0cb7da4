{# A value of a JSON object as it stands there, a text in quotes; null where it is missing. #}
{% macro json_literal(json_column, key) -%}
    {{ return(adapter.dispatch('json_literal')(json_column, key)) }}
{%- endmacro %}

{% macro duckdb__json_literal(json_column, key) -%}
    cast(json_extract({{ json_column }}, '$."{{ key }}"') as varchar)
{%- endmacro %}

{% macro bigquery__json_literal(json_column, key) -%}
    to_json_string(json_query({{ json_column }}, '$.{{ key }}'))
{%- endmacro %}
