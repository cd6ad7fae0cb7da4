{# The population standard deviation; an aggregate. #}
{% macro population_stddev(expression) -%}
    {{ return(adapter.dispatch('population_stddev')(expression)) }}
{%- endmacro %}

{% macro duckdb__population_stddev(expression) -%}
    stddev_pop({{ expression }})
{%- endmacro %}

{% macro bigquery__population_stddev(expression) -%}
    stddev_pop({{ expression }})
{%- endmacro %}
