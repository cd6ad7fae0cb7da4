{# The UTC date of an instant. #}
{% macro date_of(ts) -%}
    cast({{ ts }} as date)
{%- endmacro %}
