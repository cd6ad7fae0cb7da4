{# The last value that is not null, by an ordinal; an aggregate. #}
{% macro last_by(expression, order_by) -%}
    {{ return(adapter.dispatch('last_by')(expression, order_by)) }}
{%- endmacro %}

{% macro duckdb__last_by(expression, order_by) -%}
    arg_max({{ expression }}, {{ order_by }})
{%- endmacro %}

{% macro bigquery__last_by(expression, order_by) -%}
    array_agg({{ expression }} ignore nulls order by {{ order_by }} desc limit 1)[safe_offset(0)]
{%- endmacro %}
