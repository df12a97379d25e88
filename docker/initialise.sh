#!/usr/bin/env bash
# Bring both databases to the shape of this version, and make the first user and the pools. Doing it twice changes nothing.
set -euo pipefail

airflow db migrate
airflow fab-db migrate
airflow pools import config/pools.json
airflow users create --username admin --role Admin --email admin@localhost --firstname Town --lastname Operator \
  --password "$AIRFLOW_ADMIN_PASSWORD"
WARD_REPORTS_DATABASE_URL="$WAREHOUSE_OWNER_URL" ward-reports migrate
