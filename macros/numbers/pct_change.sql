{#
    The change from one count to another in percent of the earlier one, rounded half away from zero to 2 decimals; null if the earlier one
    is null or zero.
#}
{% macro pct_change(current_value, previous_value) -%}
    (
        case
            when {{ previous_value }} > 0
                then sign({{ current_value }} - {{ previous_value }}) * {{ int_divide(
                    '20000 * abs(' ~ current_value ~ ' - ' ~ previous_value ~ ') + ' ~ previous_value,
                    '2 * ' ~ previous_value
                ) }} / 100.0
        end
    )
{%- endmacro %}
