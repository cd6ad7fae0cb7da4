{#
    The exact percentile by nearest rank of a column, per group: the smallest value whose rank is at least the fraction.
    BigQuery has percentile_disc only as a window function, so both engines rank: give it a relation's rows with
    `value_rank` (row_number over the group, ordered by value) and `value_count` (count over the group).
#}
{% macro nearest_rank(value, value_rank, value_count, percent) -%}
    min(
        case
            when {{ value_rank }} * 100 >= {{ percent }} * {{ value_count }}
                then {{ value }}
        end
    )
{%- endmacro %}
