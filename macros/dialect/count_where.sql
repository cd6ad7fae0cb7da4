{# How many rows meet a condition; an aggregate. #}
{% macro count_where(condition) -%}
    {{ return(adapter.dispatch('count_where', 'bioqms')(condition)) }}
{%- endmacro %}

{% macro duckdb__count_where(condition) -%}
    count_if({{ condition }})
{%- endmacro %}

{% macro bigquery__count_where(condition) -%}
    countif({{ condition }})
{%- endmacro %}
