{#
    A percentage of two integers that are not negative, rounded half away from zero to 2 decimals; null over zero.
    Integer arithmetic keeps it exact, and therefore equal on every engine.
#}
{% macro pct(numerator, denominator) -%}
    (
        case
            when {{ denominator }} > 0
                then {{ int_divide(
                    '20000 * (' ~ numerator ~ ') + (' ~ denominator ~ ')',
                    '2 * (' ~ denominator ~ ')'
                ) }} / 100.0
        end
    )
{%- endmacro %}
