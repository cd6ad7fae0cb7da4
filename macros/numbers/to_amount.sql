{#
    Money from a text, exact; null if it is not a number, or 10^15 or more: a sum of such amounts would overflow the type, and one
    sender's bad data would stop the build for all tenants.
#}
{% macro to_amount(text_expression) -%}
    {%- set amount = to_numeric(text_expression) -%}
    case when abs({{ amount }}) < 1000000000000000 then {{ amount }} end
{%- endmacro %}
