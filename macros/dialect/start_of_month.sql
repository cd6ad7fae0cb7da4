{# The first day of the month of a date. #}
{% macro start_of_month(date_expression) -%}
    {{ return(adapter.dispatch('start_of_month', 'bioqms')(date_expression)) }}
{%- endmacro %}

{% macro duckdb__start_of_month(date_expression) -%}
    cast(date_trunc('month', {{ date_expression }}) as date)
{%- endmacro %}

{% macro bigquery__start_of_month(date_expression) -%}
    cast(date_trunc({{ date_expression }}, month) as date)
{%- endmacro %}
