{# The distinct texts of a group, sorted and joined by commas; an aggregate. #}
{% macro joined_distinct(expression) -%}
    string_agg(distinct {{ expression }}, ',' order by {{ expression }})
{%- endmacro %}
