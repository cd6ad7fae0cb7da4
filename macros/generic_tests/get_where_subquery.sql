{#
    Replaces dbt's macro of this name: the rows of a table that a generic test reads, as its `where` says. With the var test_days also
    only the newest days of a partitioned table: its partition column, or for a view over one its meta.partition_column, decides.
    Not default__get_where_subquery: dbt would look for that in the project that is built, never in one that it installs. This
    name it finds in the test's own project, so it does not change the tests of a project that installs this one.
#}
{% macro get_where_subquery(relation) -%}
    {%- set conditions = [] -%}
    {%- if config.get('where') -%}
        {%- do conditions.append('(' ~ config.get('where') ~ ')') -%}
    {%- endif -%}
    {%- if execute and var('test_days') is not none -%}
        {%- set tested = graph.nodes.get(model.attached_node) -%}
        {%- set partition = (tested.config.get('partition_by') or {}) if tested else {} -%}
        {%- set column = partition.get('field') or (tested.config.meta.get('partition_column') if tested) -%}
        {%- if column -%}
            {%- set first = add_days(as_of_date(), 1 - var('test_days') | int) -%}
            {%- set is_timestamp = partition.get('data_type') == 'timestamp' -%}
            {%- do conditions.append(column ~ ' >= ' ~ (start_of_day(first) if is_timestamp else first)) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if conditions -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ conditions | join(' and ') ~ ') as dbt_subquery') }}
    {%- else -%}
        {{ return(relation) }}
    {%- endif -%}
{%- endmacro %}
