{#
    The source raw.events. DuckDB: a view over the sealed segments of the landing log, typed as the contract says, with no
    guessing; an empty log is an empty view. BigQuery: the table that the Pub/Sub subscription writes; nothing to do. A table that is
    not this project's own landing (var use_landing_log: false) is not changed.
#}
{% macro create_raw_events() -%}
    {%- if var('use_landing_log') -%}
        {{ return(adapter.dispatch('create_raw_events', 'bioqms')()) }}
    {%- endif -%}
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
        {%- set segments = landing_segments() -%}
        {%- set count_segments = "select count(*) from glob(" ~ segments ~ ")" -%}
        {%- set events = api.Relation.create(
            database=var('events_database') or target.database,
            schema=var('events_schema'),
            identifier=var('events_table'),
        ) -%}
        {#- Whose table is it? A view of the log names segments; one without them belongs to somebody else. -#}
        {#- By a query: the adapter's function would begin a transaction, which dbt rolls back, including the view. -#}
        {%- set ask_columns -%}
            select column_name
            from duckdb_columns()
            where
                database_name = '{{ events.database }}'
                and schema_name = '{{ events.schema }}'
                and table_name = '{{ events.identifier }}'
        {%- endset -%}
        {%- set columns = run_query(ask_columns).columns[0].values() | list -%}
        {%- if columns and 'filename' not in columns -%}
            {%- do exceptions.raise_compiler_error(
                events ~ " is not this project's view of the landing log, so it was left as it is. To build from it, set the var "
                ~ "use_landing_log to false; to build from the log, set events_schema or events_table to a free name (docs/dbt.md)."
            ) -%}
        {%- endif -%}
        {%- do run_query('create schema if not exists ' ~ events.without_identifier()) -%}
        create or replace view {{ events }} as
        {%- if run_query(count_segments).columns[0].values()[0] > 0 %}
        select *
        from read_json(
            {{ segments }},
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
