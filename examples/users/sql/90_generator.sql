-- Takes the place of the sign-up service. Leave this file out when real records come from outside.
CREATE SOURCE made_up_users (id TEXT)
WITH (connector = 'generator', kind = 'random_user', topic = 'users_created', seed = 7,
      rows_per_second = 50, invalid_share = 0.03, duplicate_share = 0.05);
