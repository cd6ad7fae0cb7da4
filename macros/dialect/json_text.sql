{# A scalar of a JSON object as text; null if it is missing, empty, JSON null, an object or a list. #}
{% macro json_text(json_column, key) -%}
    {{ return(adapter.dispatch('json_text', 'bioqms')(json_column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(json_column, key) -%}
    case
        when json_type({{ json_column }}, '$."{{ key }}"') not in ('OBJECT', 'ARRAY')
            then nullif(json_extract_string({{ json_column }}, '$."{{ key }}"'), '')
    end
{%- endmacro %}

{% macro bigquery__json_text(json_column, key) -%}
    nullif(json_value({{ json_column }}, '$.{{ key }}'), '')
{%- endmacro %}
