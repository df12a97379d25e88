INSERT INTO period (period_key, start_date, end_date) VALUES ('2022-Q1', '2021-12-15', '2022-03-14');
