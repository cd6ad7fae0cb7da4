{#
    The first hour of receipt that new rows touch, as a literal instant, so that what was received before it is not read:
    that of a new row, or of a copy of its event. The beginning of time in a full build, the end of it where nothing is new.
#}
{% macro first_touched_receipt() -%}
    {%- set first = '0001-01-01 00:00:00' -%}
    {%- if execute and is_incremental() -%}
        {%- set ask -%}
            with

            new_rows as (

                select
                    tenant_id,
                    event_id,
                    received_at
                from {{ ref('stg_events') }}
                where _loaded_at > {{ newest_build() }}

            ),

            touched as (

                select received_at from new_rows

                union all

                select event_copies.received_at
                from {{ ref('int_event_copies') }} as event_copies
                inner join new_rows
                    on
                        event_copies.tenant_id = new_rows.tenant_id
                        and event_copies.event_id = new_rows.event_id

            )

            select {{ start_of_hour('min(received_at)') }} from touched
        {%- endset -%}
        {%- set hour = run_query(ask).columns[0].values()[0] -%}
        {%- set first = hour.strftime('%Y-%m-%d %H:%M:%S') if hour else '9999-12-31 00:00:00' -%}
    {%- endif -%}
    cast('{{ first }}' as timestamp)
{%- endmacro %}
