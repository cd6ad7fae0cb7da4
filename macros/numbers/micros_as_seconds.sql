{# Whole microseconds as seconds with 6 decimals. #}
{% macro micros_as_seconds(micros) -%}
    (cast({{ micros }} as {{ type_double() }}) / 1000000)
{%- endmacro %}
