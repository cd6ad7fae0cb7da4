{# A date some days later; days may be negative. #}
{% macro add_days(date_expression, days) -%}
    {{ return(adapter.dispatch('add_days', 'bioqms')(date_expression, days)) }}
{%- endmacro %}

{% macro duckdb__add_days(date_expression, days) -%}
    cast({{ date_expression }} + to_days(cast({{ days }} as integer)) as date)
{%- endmacro %}

{% macro bigquery__add_days(date_expression, days) -%}
    date_add({{ date_expression }}, interval {{ days }} day)
{%- endmacro %}
