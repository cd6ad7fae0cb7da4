{# The values that are not null as a sorted list; an aggregate. #}
{% macro list_of(expression) -%}
    {{ return(adapter.dispatch('list_of', 'bioqms')(expression)) }}
{%- endmacro %}

{% macro duckdb__list_of(expression) -%}
    coalesce(list_sort(list({{ expression }}) filter (where {{ expression }} is not null)), [])
{%- endmacro %}

{% macro bigquery__list_of(expression) -%}
    array_agg({{ expression }} ignore nulls order by {{ expression }})
{%- endmacro %}
