-- The first record of an id becomes its row; rows live ten minutes from the record's
-- timestamp on, also when an old topic is read again (without write_timestamp: from the write on).
CREATE SINK created_users AS
  SELECT DISTINCT ON (id)
         CAST(id AS UUID) AS id, first_name, last_name, gender, address, post_code, email, username,
         registered_date, phone, picture
  FROM users_created
WITH (connector = 'cassandra', keyspace = 'spark_streams', table = 'created_users', primary_key = 'id',
      ttl = '600 s', write_timestamp = 'record_time', delivery = 'idempotent')
TRIGGER EVERY '10 seconds';
