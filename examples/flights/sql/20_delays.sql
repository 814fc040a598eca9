-- Flights, mean and worst delay of each airport and hour, into a table and a topic.
CREATE MATERIALIZED VIEW delays_per_hour AS
  SELECT window_start AS hour, origin, count(*) AS flights, avg(delay) AS mean_delay, max(delay) AS max_delay
  FROM tumble(flights, date, INTERVAL '1 hour')
  GROUP BY window_start, origin
EMIT ON WINDOW CLOSE CLOSE AFTER IDLE INTERVAL '5 seconds'
ON LATE DEAD LETTER;

CREATE SINK delays_table FROM delays_per_hour
WITH (connector = 'cassandra', keyspace = 'flights', table = 'delays_per_hour', primary_key = '(origin), hour');

CREATE SINK delays_topic FROM delays_per_hour
WITH (connector = 'kafka', topic = 'delays_per_hour')
FORMAT UPSERT ENCODE JSON;
