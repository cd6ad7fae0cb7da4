{# Whether a text holds a match of a regular expression. #}
{% macro matches(text_expression, pattern) -%}
    {{ return(adapter.dispatch('matches', 'bioqms')(text_expression, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(text_expression, pattern) -%}
    regexp_matches({{ text_expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro bigquery__matches(text_expression, pattern) -%}
    regexp_contains({{ text_expression }}, r'{{ pattern }}')
{%- endmacro %}
