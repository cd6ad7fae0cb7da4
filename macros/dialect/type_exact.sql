{# The engine's exact decimal, 9 digits after the point. #}
{% macro type_exact() -%}
    {{ return(adapter.dispatch('type_exact', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__type_exact() -%}
    decimal(38, 9)
{%- endmacro %}

{% macro bigquery__type_exact() -%}
    numeric
{%- endmacro %}
