{# The instant at which a UTC date begins. #}
{% macro start_of_day(date_expression) -%}
    {{ return(adapter.dispatch('start_of_day', 'bioqms')(date_expression)) }}
{%- endmacro %}

{% macro duckdb__start_of_day(date_expression) -%}
    cast({{ date_expression }} as timestamp)
{%- endmacro %}

{% macro bigquery__start_of_day(date_expression) -%}
    timestamp({{ date_expression }})
{%- endmacro %}
