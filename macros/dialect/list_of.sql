{# The values that are not null as a list, in no order; an aggregate. #}
{% macro list_of(expression) -%}
    {{ return(adapter.dispatch('list_of')(expression)) }}
{%- endmacro %}

{% macro duckdb__list_of(expression) -%}
    coalesce(list({{ expression }}) filter (where {{ expression }} is not null), [])
{%- endmacro %}

{% macro bigquery__list_of(expression) -%}
    array_agg({{ expression }} ignore nulls)
{%- endmacro %}
