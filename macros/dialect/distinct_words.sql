{# The distinct words of a comma-joined text, sorted and joined again. #}
{% macro distinct_words(words) -%}
    {{ return(adapter.dispatch('distinct_words', 'bioqms')(words)) }}
{%- endmacro %}

{% macro duckdb__distinct_words(words) -%}
    array_to_string(list_sort(list_distinct(string_split({{ words }}, ','))), ',')
{%- endmacro %}

{% macro bigquery__distinct_words(words) -%}
    (select string_agg(distinct word, ',' order by word) from unnest(split({{ words }}, ',')) as word)
{%- endmacro %}
