{#
    The source raw.events. DuckDB: a view over the sealed segments of the landing log, typed as the contract says, with no
    guessing; an empty log is an empty view. BigQuery: the table that the Pub/Sub subscription writes; nothing to do.
#}
{% macro create_raw_events() -%}
    {{ return(adapter.dispatch('create_raw_events', 'bioqms')()) }}
{%- endmacro %}

{% macro duckdb__create_raw_events() -%}
    {%- set context_type -%}
        struct(
            page struct(url varchar, path varchar, title varchar, referrer varchar),
            user_agent varchar, ip varchar, locale varchar, timezone varchar,
            device struct("type" varchar, vendor varchar, model varchar),
            os struct("name" varchar, "version" varchar),
            browser struct("name" varchar, "version" varchar),
            extra varchar
        )
    {%- endset -%}
    {%- set column_types = {
        'event_id': 'varchar',
        'event_name': 'varchar',
        'event_version': 'varchar',
        'timestamp': 'varchar',
        'sent_at': 'varchar',
        'received_at': 'varchar',
        'session_id': 'varchar',
        'user_id': 'varchar',
        'anonymous_id': 'varchar',
        'tenant_id': 'varchar',
        'context': context_type,
        'properties': 'json',
        'traits': 'json',
    } -%}
    {%- if execute -%}
        {%- set segments = landing_log() ~ '**/*.jsonl' -%}
        {%- set count_segments = "select count(*) from glob('" ~ segments ~ "')" -%}
        {%- do run_query('create schema if not exists raw') -%}
        create or replace view raw.events as
        {%- if run_query(count_segments).columns[0].values()[0] > 0 %}
        select *
        from read_json(
            '{{ segments }}',
            format = 'newline_delimited',
            hive_partitioning = false,
            filename = true,
            columns = {
                {%- for name, type in column_types.items() %}
                "{{ name }}": '{{ type }}'{{ ',' if not loop.last }}
                {%- endfor %}
            }
        )
        {%- else %}
        select
            {%- for name, type in column_types.items() %}
            cast(null as {{ type }}) as "{{ name }}",
            {%- endfor %}
            cast(null as varchar) as filename
        where false
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__create_raw_events() -%}
{%- endmacro %}
