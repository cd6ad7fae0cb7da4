{# The instant at which a UTC date begins. #}
{% macro start_of_day(date_expression) -%}
    cast({{ date_expression }} as timestamp)
{%- endmacro %}
