#!/bin/sh
# A database for each service, its owner (for migrations) and its own role (for the service). Run
# once, by the image of PostgreSQL, as its superuser.
set -eu

for service in intake triage allocation notifications console; do
    psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet \
        --set=app="frontdoor_${service}" --set=owner="frontdoor_${service}_owner" \
        --set=app_password="${FRONTDOOR_APP_PASSWORD}" \
        --set=owner_password="${FRONTDOOR_OWNER_PASSWORD}" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
CREATE DATABASE :"app" OWNER :"owner" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"app" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"app" TO :"app";
SQL
done
