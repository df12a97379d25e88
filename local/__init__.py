"""The whole system on one machine: PostgreSQL, Airflow, a mail server. `make up`, `make down`, `make demo`."""
