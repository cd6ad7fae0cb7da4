{#
    A quotient of two integers that are not negative, rounded half away from zero to 2 decimals; null over zero.
    Exact, as pct() is.
#}
{% macro ratio(numerator, denominator) -%}
    (
        case
            when {{ denominator }} > 0
                then {{ int_divide(
                    '200 * (' ~ numerator ~ ') + (' ~ denominator ~ ')',
                    '2 * (' ~ denominator ~ ')'
                ) }} / 100.0
        end
    )
{%- endmacro %}
