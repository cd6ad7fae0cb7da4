{#
    The condition that keeps the rows whose `_landing_key` this model has not read. True for this project's own landing, where
    new_landed_rows() has already selected them. A row without a key is always kept, so that the test of the column finds it.
#}
{% macro is_not_taken() -%}
    {%- if var('use_landing_log') or not is_incremental() -%}
        true
    {%- else -%}
        (
            _landing_key is null
            or _landing_key not in (
                select taken._landing_key
                from {{ this }} as taken
                where
                    taken._landing_key is not null
                    {#- A row can land during the run that reads it: a day is longer than any run. #}
                    and taken._loaded_at >= {{ add_seconds(appended_since(), -86400) }}
            )
        )
    {%- endif -%}
{%- endmacro %}
