{#
    Money from a text, exact; null where it is no number, or one of 10^15 or more: a sum of such amounts would leave the
    type, and one sender's nonsense would stop everybody's build.
#}
{% macro to_amount(text_expression) -%}
    {%- set amount = to_numeric(text_expression) -%}
    case when abs({{ amount }}) < 1000000000000000 then {{ amount }} end
{%- endmacro %}
