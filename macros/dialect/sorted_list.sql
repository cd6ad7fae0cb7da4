{# A list in order. It must not be an aggregate: BigQuery cannot unnest an aggregate in the select that computes it. #}
{% macro sorted_list(list_expression) -%}
    {{ return(adapter.dispatch('sorted_list', 'bioqms')(list_expression)) }}
{%- endmacro %}

{% macro duckdb__sorted_list(list_expression) -%}
    list_sort({{ list_expression }})
{%- endmacro %}

{% macro bigquery__sorted_list(list_expression) -%}
    array(select item from unnest({{ list_expression }}) as item order by item)
{%- endmacro %}
