{# The last value that is not null, by an ordinal; an aggregate. #}
{% macro last_by(expression, order_by) -%}
    {{ return(adapter.dispatch('last_by', 'bioqms')(expression, order_by)) }}
{%- endmacro %}

{% macro duckdb__last_by(expression, order_by) -%}
    arg_max({{ expression }}, {{ order_by }})
{%- endmacro %}

{% macro bigquery__last_by(expression, order_by) -%}
    any_value(
        {{ expression }}
        having max case when {{ expression }} is not null then {{ order_by }} end
    )
{%- endmacro %}
