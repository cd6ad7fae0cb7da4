{# The texts of a group joined by commas; an aggregate. #}
{% macro joined_words(expression) -%}
    {{ return(adapter.dispatch('joined_words', 'bioqms')(expression)) }}
{%- endmacro %}

{% macro duckdb__joined_words(expression) -%}
    string_agg({{ expression }}, ',')
{%- endmacro %}

{% macro bigquery__joined_words(expression) -%}
    string_agg({{ expression }}, ',')
{%- endmacro %}
