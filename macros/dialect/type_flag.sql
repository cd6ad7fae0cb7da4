{# The engine's truth value. #}
{% macro type_flag() -%}
    {{ return(adapter.dispatch('type_flag')()) }}
{%- endmacro %}

{% macro duckdb__type_flag() -%}
    boolean
{%- endmacro %}

{% macro bigquery__type_flag() -%}
    bool
{%- endmacro %}
