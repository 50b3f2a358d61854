#!/usr/bin/env bash
# Signs in, refreshes and signs out with an OpenID Connect client that isn't ours: Apache's mod_auth_openidc on port 8090, with curl as the browser.
# Debian packages: apache2-bin libapache2-mod-auth-openidc. The system must run with this client registered:
#   Identity__Clients__apache__DisplayName=Apache Identity__Clients__apache__RedirectUris__0=http://localhost:8090/private/callback \
#   Identity__Clients__apache__PostLogoutRedirectUris__0=http://localhost:8090/ ./run.sh
# Usage: tests/openid-client.sh [gateway, http://localhost:8080] [username, alice] [password, alice123]
set -euo pipefail
gateway=${1:-http://localhost:8080} username=${2:-alice} password=${3:-alice123}
apache=http://localhost:8090
modules=/usr/lib/apache2/modules

folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$folder/www/private"
chmod -R a+rX "$folder"
echo '<!--#echo var="OIDC_CLAIM_preferred_username" --> <!--#echo var="OIDC_access_token" -->' > "$folder/www/private/index.shtml"
echo 'signed out' > "$folder/www/index.html"
cat > "$folder/apache.conf" <<CONF
ServerRoot "$folder"
ServerName localhost
Listen 127.0.0.1:8090
PidFile "$folder/pid"
ErrorLog "$folder/error.log"
User www-data
Group www-data
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule dir_module $modules/mod_dir.so
LoadModule mime_module $modules/mod_mime.so
LoadModule include_module $modules/mod_include.so
LoadModule auth_openidc_module $modules/mod_auth_openidc.so
TypesConfig /etc/mime.types
DocumentRoot "$folder/www"
DirectoryIndex index.html index.shtml
AddOutputFilter INCLUDES .shtml

OIDCProviderMetadataURL $gateway/.well-known/openid-configuration
OIDCClientID apache
OIDCProviderTokenEndpointAuth none
OIDCPKCEMethod S256
OIDCScope "openid profile offline_access"
OIDCRedirectURI $apache/private/callback
OIDCCryptoPassphrase "$(head -c 24 /dev/urandom | base64)"
OIDCPassClaimsAs environment
<Directory "$folder/www">
  Options +Includes
</Directory>
<Location /private>
  AuthType openid-connect
  Require valid-user
</Location>
CONF

apache2 -f "$folder/apache.conf" -DFOREGROUND &
server=$!
browser() { curl --silent --show-error --max-time 20 --cookie "$folder/cookies" --cookie-jar "$folder/cookies" "$@"; }
fail() { echo "failed: $1"; tail -5 "$folder/error.log"; exit 1; }
for _ in $(seq 50); do browser -o /dev/null "$apache/" 2>/dev/null && break; sleep 0.1; done

# The page that the client sends its browser to, and its form.
page=$(browser --location --write-out '\n%{url_effective}' "$apache/private/")
address=${page##*$'\n'}
[[ $page == *"<form"* ]] || fail "the client wasn't sent to the sign-in page but to $address"
fields=()
while read -r field; do
  name=$(sed -n 's/.* name="\([^"]*\)".*/\1/p' <<<"$field") value=$(sed -n 's/.* value="\([^"]*\)".*/\1/p' <<<"$field")
  fields+=(--data-urlencode "$name=$value")
done < <(grep -o '<input[^>]*type="hidden"[^>]*>' <<<"$page")
form=$(sed -n 's/.*<form[^>]* action="\([^"]*\)".*/\1/p' <<<"$page" | head -1 | sed 's/&amp;/\&/g')
case $form in "") form=$address ;; /*) form=$gateway$form ;; esac

seen() { browser --location "$@"; }
first=$(seen --data-urlencode "Username=$username" --data-urlencode "Password=$password" "${fields[@]}" "$form")
[[ $first == "$username eyJ"* ]] || fail "after the sign-in the client shows: $first"
echo "signed in as ${first%% *}"

token=${first#* }
second=$(seen "$apache/private/callback?refresh=$apache/private/&access_token=$token")
[[ $second == "$username eyJ"* && $second != "$first" ]] || fail "after the refresh the client shows: $second"
echo "refreshed: another access token"

last=$(seen "$apache/private/callback?logout=$apache/")
[[ $last == "signed out" ]] || fail "after the sign-out the browser shows: $last"
again=$(seen "$apache/private/")
[[ $again == *"<form"* ]] || fail "after the sign-out the private page shows: $again"
echo "signed out: the private page asks for a sign-in again"
