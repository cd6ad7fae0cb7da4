{#
    dbt reads `partitions` and `incremental_predicates` when it parses a model, before it can query the warehouse. So this macro adds what
    new rows touch where dbt-bigquery writes the statement of an increment; it replaces dbt-bigquery's own. It leaves the partition column
    bare, which dbt's macro does not, so that BigQuery prunes.
#}
{% macro bq_generate_incremental_build_sql(
    strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
    tmp_relation_exists, copy_partitions, incremental_predicates
) -%}
    {%- set predicates = none -%}
    {%- if (unique_key or strategy == 'insert_overwrite') and partition_by and partition_by.field == 'event_date' -%}
        {%- set predicates = ['DBT_INTERNAL_DEST.event_date in (' ~ touched_dates() ~ ')'] -%}
    {%- endif -%}
    {%- if strategy == 'insert_overwrite' -%}
        {%- if not predicates -%}
            {{ exceptions.raise_compiler_error(this.identifier ~ ' is replaced by days but not partitioned by event_date') }}
        {%- endif -%}
        {%- set source_sql -%}
            ({{ 'select * from ' ~ tmp_relation if tmp_relation_exists else sql }})
        {%- endset -%}
        {{ get_insert_overwrite_merge_sql(
            target_relation, source_sql, dest_columns, predicates, include_sql_header=not tmp_relation_exists
        ) }};
        {% if tmp_relation_exists %}drop table if exists {{ tmp_relation }};{% endif %}
    {%- else -%}
        {{ return(bq_generate_incremental_merge_build_sql(
            tmp_relation, target_relation, sql, unique_key, partition_by, dest_columns, tmp_relation_exists,
            predicates or incremental_predicates
        )) }}
    {%- endif -%}
{%- endmacro %}
