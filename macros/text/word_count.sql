{# How many words a comma-joined text holds. #}
{% macro word_count(words) -%}
    (length({{ words }}) - length(replace({{ words }}, ',', '')) + 1)
{%- endmacro %}
