{#
    Milliseconds as text in whole microseconds, rounded half away from zero; null if it is not a number. A value below zero counts as zero
    and one above a day as a day, so that a client's bad data cannot overflow; a percentile within that range does not change.
#}
{% macro to_micros(milliseconds_text) -%}
    {%- set milliseconds = to_numeric(milliseconds_text) -%}
    (
        case
            when {{ milliseconds }} < 0
                then 0
            when {{ milliseconds }} > 86400000
                then 86400000000
            else cast(round({{ milliseconds }} * 1000) as {{ type_integer() }})
        end
    )
{%- endmacro %}
