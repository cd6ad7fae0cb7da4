{# The engine's float. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}

{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}
