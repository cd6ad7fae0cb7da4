{# A value of a JSON object as JSON text, so a string keeps its quotes; null if it is missing or JSON null. #}
{% macro json_literal(json_column, key) -%}
    {{ return(adapter.dispatch('json_literal', 'bioqms')(json_column, key)) }}
{%- endmacro %}

{% macro duckdb__json_literal(json_column, key) -%}
    nullif(cast(json_extract({{ json_column }}, '$."{{ key }}"') as varchar), 'null')
{%- endmacro %}

{% macro bigquery__json_literal(json_column, key) -%}
    nullif(to_json_string(json_query({{ json_column }}, '$.{{ key }}')), 'null')
{%- endmacro %}
