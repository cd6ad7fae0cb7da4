{# The lists of a group as one sorted list; an aggregate. #}
{% macro concat_lists(list_expression) -%}
    {{ return(adapter.dispatch('concat_lists')(list_expression)) }}
{%- endmacro %}

{% macro duckdb__concat_lists(list_expression) -%}
    list_sort(flatten(list({{ list_expression }})))
{%- endmacro %}

{% macro bigquery__concat_lists(list_expression) -%}
    array(select item from unnest(array_concat_agg({{ list_expression }})) as item order by item)
{%- endmacro %}
