#!/usr/bin/env bash
# Runs once, when PostgreSQL's volume is empty: Airflow's database, the warehouse, and who may do what in them.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres \
  --set airflow="$AIRFLOW_DB_PASSWORD" --set owner="$WAREHOUSE_OWNER_PASSWORD" \
  --set loader="$WAREHOUSE_LOADER_PASSWORD" --set analyst="$WAREHOUSE_ANALYST_PASSWORD" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE DATABASE airflow OWNER airflow;

CREATE ROLE warehouse_owner LOGIN PASSWORD :'owner';
CREATE DATABASE warehouse OWNER warehouse_owner;

-- The roles that sql/migrations gives its rights to, and one login for each.
CREATE ROLE loader NOLOGIN;
CREATE ROLE reader NOLOGIN;
CREATE ROLE warehouse_loader LOGIN PASSWORD :'loader' IN ROLE loader;
CREATE ROLE analyst LOGIN PASSWORD :'analyst' IN ROLE reader;

REVOKE CONNECT, TEMPORARY ON DATABASE airflow, warehouse FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE warehouse TO loader;
GRANT CONNECT ON DATABASE warehouse TO reader;
SQL
