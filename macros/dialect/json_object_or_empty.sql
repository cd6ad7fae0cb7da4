{# A JSON column that is never null: an empty object where nothing was sent. #}
{% macro json_object_or_empty(json_column) -%}
    {{ return(adapter.dispatch('json_object_or_empty', 'bioqms')(json_column)) }}
{%- endmacro %}

{% macro duckdb__json_object_or_empty(json_column) -%}
    coalesce({{ json_column }}, cast('{}' as json))
{%- endmacro %}

{% macro bigquery__json_object_or_empty(json_column) -%}
    coalesce({{ json_column }}, json '{}')
{%- endmacro %}
