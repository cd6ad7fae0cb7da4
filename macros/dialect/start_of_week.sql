{# The Monday of the ISO week of a date. (The first day of the year 1 was a Monday.) #}
{% macro start_of_week(date_expression) -%}
    {{ return(adapter.dispatch('start_of_week', 'bioqms')(date_expression)) }}
{%- endmacro %}

{% macro duckdb__start_of_week(date_expression) -%}
    cast(date_trunc('week', {{ date_expression }}) as date)
{%- endmacro %}

{% macro bigquery__start_of_week(date_expression) -%}
    date_sub(
        {{ date_expression }},
        interval mod(date_diff({{ date_expression }}, date '0001-01-01', day), 7) day
    )
{%- endmacro %}
