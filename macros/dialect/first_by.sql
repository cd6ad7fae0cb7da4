{# The first value that is not null, by an ordinal; an aggregate. #}
{% macro first_by(expression, order_by) -%}
    {{ return(adapter.dispatch('first_by', 'bioqms')(expression, order_by)) }}
{%- endmacro %}

{% macro duckdb__first_by(expression, order_by) -%}
    arg_min({{ expression }}, {{ order_by }})
{%- endmacro %}

{% macro bigquery__first_by(expression, order_by) -%}
    any_value(
        {{ expression }}
        having min case when {{ expression }} is not null then {{ order_by }} end
    )
{%- endmacro %}
