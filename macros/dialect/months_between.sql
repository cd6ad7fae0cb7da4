{# Calendar months between two first days of months. #}
{% macro months_between(start_month, end_month) -%}
    {{ return(adapter.dispatch('months_between', 'bioqms')(start_month, end_month)) }}
{%- endmacro %}

{% macro duckdb__months_between(start_month, end_month) -%}
    date_diff('month', {{ start_month }}, {{ end_month }})
{%- endmacro %}

{% macro bigquery__months_between(start_month, end_month) -%}
    date_diff({{ end_month }}, {{ start_month }}, month)
{%- endmacro %}
