# One image for every Airflow service: exactly the packages of uv.lock.
FROM python:3.11.13-slim-bookworm

ENV UV_PROJECT_ENVIRONMENT=/opt/venv \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PATH=/opt/venv/bin:$PATH

RUN python -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9 \
 && useradd --uid 50000 --gid 0 --home-dir /opt/airflow --create-home airflow \
 && mkdir -p /opt/airflow/logs /srv/ward-reports/inbox /srv/ward-reports/archive /srv/ward-reports/published \
 && chown -R airflow:0 /opt/airflow /srv/ward-reports

WORKDIR /opt/ward-reports
COPY pyproject.toml uv.lock README.md ./
RUN /opt/uv/bin/uv sync --locked --no-dev --extra celery --no-install-project --no-cache

COPY etl ./etl
COPY expectations ./expectations
COPY sql ./sql
COPY reference ./reference
COPY dags ./dags
COPY plugins ./plugins
COPY config ./config
COPY docker ./docker
RUN /opt/uv/bin/uv sync --locked --no-dev --extra celery --no-cache

ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/ward-reports/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/ward-reports/plugins \
    PYTHONPATH=/opt/ward-reports/config

USER airflow
