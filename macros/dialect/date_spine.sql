{# Every date from one to another, both included, as a table of one column `name`, for a cross join (lateral). #}
{% macro date_spine(from_date, to_date, name) -%}
    {{ return(adapter.dispatch('date_spine', 'bioqms')(from_date, to_date, name)) }}
{%- endmacro %}

{% macro duckdb__date_spine(from_date, to_date, name) -%}
    (
        select cast(spine_at as date) as {{ name }}
        from unnest(
            generate_series(
                cast({{ from_date }} as timestamp),
                cast({{ to_date }} as timestamp),
                interval 1 day
            )
        ) as spine (spine_at)
    ) as spine_{{ name }}
{%- endmacro %}

{% macro bigquery__date_spine(from_date, to_date, name) -%}
    unnest(generate_date_array({{ from_date }}, {{ to_date }})) as {{ name }}
{%- endmacro %}
