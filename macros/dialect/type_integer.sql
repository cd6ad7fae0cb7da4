{# The engine's 64 bit integer. #}
{% macro type_integer() -%}
    {{ return(adapter.dispatch('type_integer', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__type_integer() -%}
    bigint
{%- endmacro %}

{% macro bigquery__type_integer() -%}
    int64
{%- endmacro %}
