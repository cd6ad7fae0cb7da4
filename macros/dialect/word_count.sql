{# How many words a comma-joined text holds. #}
{% macro word_count(words) -%}
    {{ return(adapter.dispatch('word_count', 'bioqms')(words)) }}
{%- endmacro %}

{% macro duckdb__word_count(words) -%}
    len(string_split({{ words }}, ','))
{%- endmacro %}

{% macro bigquery__word_count(words) -%}
    array_length(split({{ words }}, ','))
{%- endmacro %}
