-- Sign-ups of each minute by gender: kept in a view, told to a topic and to a table.
CREATE MATERIALIZED VIEW signups_per_minute AS
  SELECT window_start, window_end, gender, count(*) AS signups
  FROM tumble(users_created, ingested_at, INTERVAL '1 minute')
  GROUP BY window_start, window_end, gender
EMIT ON WINDOW CLOSE CLOSE AFTER IDLE INTERVAL '15 seconds'
ON LATE DEAD LETTER;

CREATE SINK signups_topic FROM signups_per_minute
WITH (connector = 'kafka', topic = 'signups_per_minute', delivery = 'exactly_once')
FORMAT UPSERT ENCODE JSON;

CREATE SINK signups_table FROM signups_per_minute
WITH (connector = 'cassandra', keyspace = 'spark_streams', table = 'signups_per_minute',
      primary_key = '(gender), window_start');
