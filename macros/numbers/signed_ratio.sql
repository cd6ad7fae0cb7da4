{#
    The quotient of an integer of either sign and a positive one, of type_wide(), as an integer rounded half away from zero;
    null over zero.
#}
{% macro signed_ratio(numerator, denominator) -%}
    (
        case
            when {{ denominator }} > 0
                then sign({{ numerator }}) * {{ wide_divide(
                    '2 * abs(' ~ numerator ~ ') + ' ~ denominator,
                    '2 * ' ~ denominator
                ) }}
        end
    )
{%- endmacro %}
