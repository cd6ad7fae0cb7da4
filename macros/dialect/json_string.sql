{# A JSON column as its text. #}
{% macro json_string(json_column) -%}
    {{ return(adapter.dispatch('json_string', 'bioqms')(json_column)) }}
{%- endmacro %}

{% macro duckdb__json_string(json_column) -%}
    cast({{ json_column }} as varchar)
{%- endmacro %}

{% macro bigquery__json_string(json_column) -%}
    to_json_string({{ json_column }})
{%- endmacro %}
