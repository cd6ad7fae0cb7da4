{# The Monday of the ISO week of a date. #}
{% macro start_of_week(date_expression) -%}
    {{ return(adapter.dispatch('start_of_week')(date_expression)) }}
{%- endmacro %}

{% macro duckdb__start_of_week(date_expression) -%}
    cast(date_trunc('week', {{ date_expression }}) as date)
{%- endmacro %}

{% macro bigquery__start_of_week(date_expression) -%}
    date_trunc({{ date_expression }}, isoweek)
{%- endmacro %}
