-- Users as the sign-up service reports them. A record that breaks a rule goes to users_created.dlq with all of its reasons.
CREATE SOURCE users_created (
  id              TEXT COERCE,
  first_name      TEXT COERCE,
  last_name       TEXT COERCE,
  gender          TEXT COERCE,
  address         TEXT COERCE,
  post_code       TEXT COERCE,              -- a number in some countries, a text in others
  email           TEXT COERCE,
  username        TEXT COERCE,
  registered_date TEXT COERCE,
  phone           TEXT COERCE,
  picture         TEXT COERCE,
  ingested_at     TIMESTAMPTZ METADATA FROM 'timestamp',
  CONSTRAINT id_present    CHECK (id IS NOT NULL),
  CONSTRAINT email_present CHECK (email IS NOT NULL),
  CONSTRAINT date_present  CHECK (registered_date IS NOT NULL),
  CONSTRAINT id_uuid       CHECK (regexp_full_match(id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}')),
  -- Something, an at sign, something, a dot, something; all in one line.
  CONSTRAINT email_shape   CHECK (regexp_matches(email,
    '[^\n\r\x{85}\x{2028}\x{2029}]+@[^\n\r\x{85}\x{2028}\x{2029}]+\.[^\n\r\x{85}\x{2028}\x{2029}]+')),
  CONSTRAINT gender_known  CHECK (gender IS NOT NULL AND gender IN ('male', 'female')),
  WATERMARK FOR ingested_at AS ingested_at - INTERVAL '5 seconds'
) WITH (connector = 'kafka', topic = 'users_created', startup = 'earliest')
  FORMAT PLAIN ENCODE JSON (unknown_fields = 'ignore')
  ON ERROR DEAD LETTER TO TOPIC 'users_created.dlq';
