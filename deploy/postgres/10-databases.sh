#!/bin/sh
# Run once by the image, on an empty volume: a database and a user for each service, and one for the sealing keys.
set -eu
for name in applications meetings notifications keys; do
  password=$(cat "/run/secrets/${name}_database_password")
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$password" -U "$POSTGRES_USER" -d postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
