-- Three million US flights of the first half of 2001, replayed from a file in its order (by departure).
-- `path` starts at this project's folder.
CREATE SOURCE flights (
  date        TIMESTAMP,
  delay       BIGINT,
  distance    BIGINT,
  origin      TEXT,
  destination TEXT,
  WATERMARK FOR date AS date - INTERVAL '1 hour'
) WITH (connector = 'file', path = 'data/flights-3m.parquet', topic = 'flights', partitions = 1)
  FORMAT PLAIN ENCODE JSON;
