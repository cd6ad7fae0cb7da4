{# Whether any row meets a condition; an aggregate. #}
{% macro any_where(condition) -%}
    ({{ count_where(condition) }} > 0)
{%- endmacro %}
