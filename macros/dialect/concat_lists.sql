{# The lists of a group as one list, in any order; an aggregate. #}
{% macro concat_lists(list_expression) -%}
    {{ return(adapter.dispatch('concat_lists', 'bioqms')(list_expression)) }}
{%- endmacro %}

{% macro duckdb__concat_lists(list_expression) -%}
    flatten(list({{ list_expression }}))
{%- endmacro %}

{% macro bigquery__concat_lists(list_expression) -%}
    array_concat_agg({{ list_expression }})
{%- endmacro %}
