{# The texts of a group joined by commas; an aggregate. #}
{% macro joined_words(expression) -%}
    string_agg({{ expression }}, ',')
{%- endmacro %}
