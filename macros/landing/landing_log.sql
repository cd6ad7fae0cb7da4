{#
    The folder of the landing log, with a slash at the end; only DuckDB reads it. The path is absolute, so that you can read raw.events
    from any folder, and spelled as DuckDB spells the files in it ('..' and doubled slashes resolved): what follows it in
    a file's name is the segment's key. DuckDB knows both, because its warehouse is next to the log.
#}
{% macro landing_log() -%}
    {%- set data = env_var('BIOQMS_DATA', 'data') -%}
    {%- if execute and target.path == data ~ '/warehouse.duckdb' -%}
        {%- set opened -%}
            select path
            from duckdb_databases()
            where database_name = current_database()
        {%- endset -%}
        {%- set data = run_query(opened).columns[0].values()[0].removesuffix('/warehouse.duckdb') -%}
    {%- endif -%}
    {{ return(data ~ '/log/') }}
{%- endmacro %}
