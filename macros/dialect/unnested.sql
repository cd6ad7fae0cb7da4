{# A list as a table of one column, for a cross join. #}
{% macro unnested(list_expression, name) -%}
    {{ return(adapter.dispatch('unnested', 'bioqms')(list_expression, name)) }}
{%- endmacro %}

{% macro duckdb__unnested(list_expression, name) -%}
    unnest({{ list_expression }}) as t_{{ name }} ({{ name }})
{%- endmacro %}

{% macro bigquery__unnested(list_expression, name) -%}
    unnest({{ list_expression }}) as {{ name }}
{%- endmacro %}
