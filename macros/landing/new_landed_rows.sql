{#
    The condition on raw.events that keeps the rows which the model has not read yet.
    DuckDB: those of unseen segments, named one by one, so that no other file is opened. A sealed segment never changes.
    BigQuery: unseen messages, in the partitions that hold some. The search covers the partitions that can still receive some (var
    landing_lookback_days). For a table that is not this project's own landing, only rows that can be new: is_not_taken() decides.
#}
{% macro new_landed_rows() -%}
    {%- if not var('use_landing_log') -%}
        {{ return(appended_rows()) }}
    {%- endif -%}
    {{ return(adapter.dispatch('new_landed_rows', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__new_landed_rows() -%}
    {%- if execute and is_incremental() -%}
        {%- set unseen -%}
            select segments.file
            from glob({{ landing_segments() }}) as segments
            where
                substring(segments.file, {{ landing_log() | length + 1 }})
                not in (select distinct _landing_key from {{ this }})
            order by segments.file
        {%- endset -%}
        {%- set files = run_query(unseen).columns[0].values() -%}
        {%- if files -%}
            filename in (
                {%- for file in files %}
                '{{ file.replace("'", "''") }}'{{ ',' if not loop.last }}
                {%- endfor %}
            )
        {%- else -%}
            false
        {%- endif -%}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__new_landed_rows() -%}
    {%- if is_incremental() -%}
        {%- set lookback -%}
            timestamp_sub({{ newest_build() }}, interval {{ var('landing_lookback_days') }} day)
        {%- endset -%}
        {%- set unseen -%}
            message_id not in (
                select _landing_key
                from {{ this }}
                {#- A message can land while the run that takes it is under way: a day is longer than any run. #}
                where
                    _loaded_at >= timestamp_sub(
                        {{ newest_build() }}, interval {{ var('landing_lookback_days') | int + 1 }} day
                    )
            )
        {%- endset -%}
        {%- set dates = [] -%}
        {%- if execute -%}
            {#- Most partitions hold nothing new: only their ids are read. -#}
            {%- set ask -%}
                select distinct cast(date(publish_time) as string) as published_on
                from {{ source('raw', 'events') }}
                where
                    publish_time >= {{ lookback }}
                    and {{ unseen }}
                order by published_on
            {%- endset -%}
            {%- set dates = run_query(ask).columns[0].values() | list -%}
        {%- endif -%}
        {{ on_dates('publish_time', dates) }}
        and {{ unseen }}
    {%- else -%}
        publish_time >= timestamp '1970-01-01 00:00:00+00:00'
    {%- endif -%}
{%- endmacro %}
