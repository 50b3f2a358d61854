#!/usr/bin/env bash
# Backs up a whole PostgreSQL server at one moment, while it is used, and the definitions of the broker. docs/operations.md explains backup and restore.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: backup.sh [--to FOLDER] [--keep N | --keep Nd] [--passphrase-file FILE] [--programs FOLDER]

  --to FOLDER             Where backups are put; each gets a folder named by its UTC time. Also BACKUP_FOLDER.
  --keep N, --keep Nd     After a successful backup keep the newest N, or those of the last N days; never fewer than one. Also BACKUP_KEEP.
  --passphrase-file FILE  Encrypts with the first line of the file (AES-256-CBC, PBKDF2). Also BACKUP_PASSPHRASE_FILE.
  --programs FOLDER       PostgreSQL's client programs; otherwise those of the server's version are searched. Also POSTGRES_PROGRAMS.

Connections are in environment variables only, because other users can read command lines:
  PGHOST, PGPORT, PGUSER, PGPASSWORD or PGPASSFILE, PGSSLMODE, ... as for psql, or DATABASE_URL=postgresql://user:password@host:port/postgres
  BROKER_MANAGEMENT=http://host:15672 with BROKER_USER and BROKER_PASSWORD or BROKER_PASSWORD_FILE; without it the broker is left out.

Exit code: 0 the backup is complete and verified; 1 it failed and left nothing; 2 the options or variables are wrong.
USAGE
}

fail() { printf 'backup.sh: %s\n' "$1" >&2; exit "${2:-1}"; }
wrong() { fail "$1" 2; }
say() { printf '%s\n' "$1"; }

target=${BACKUP_FOLDER:-}
keep=${BACKUP_KEEP:-}
passphrase=${BACKUP_PASSPHRASE_FILE:-}
programs=${POSTGRES_PROGRAMS:-}
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --to | --keep | --passphrase-file | --programs)
      [ $# -ge 2 ] && [ -n "$2" ] || wrong "$1 needs a value."
      case $1 in --to) target=$2 ;; --keep) keep=$2 ;; --passphrase-file) passphrase=$2 ;; --programs) programs=$2 ;; esac
      shift 2 ;;
    *) wrong "unknown option $1; --help lists them." ;;
  esac
done
[ -n "$target" ] || wrong "--to or BACKUP_FOLDER must name the folder for backups."
[[ -z $keep || $keep =~ ^[1-9][0-9]{0,4}d?$ ]] || wrong "--keep must be a number of backups such as 14, or of days such as 14d."
if [ -n "$passphrase" ]; then
  [ -r "$passphrase" ] && [ ! -d "$passphrase" ] || wrong "the passphrase file $passphrase can't be read."
  [ -n "$(head -n 1 -- "$passphrase")" ] || wrong "the passphrase file $passphrase has no passphrase in its first line."
  [[ $(stat -L -c %a -- "$passphrase") =~ ^[0-7]?00$ ]] || wrong "other users have rights to the passphrase file $passphrase: chmod 600."
  passphrase=$(realpath -- "$passphrase")
fi

# Percent-encoding of URIs. A backslash isn't an escape there.
decode() { local text=${1//\\/\\\\}; printf '%b' "${text//%/\\x}"; }

# Sets libpq's variables. The URI isn't passed to the programs, because it would be on their command lines with its password.
use_uri() {
  local pattern='^postgres(ql)?://(([^:@/?]*)(:([^@/?]*))?@)?(\[[^]]+\]|[^]:@/?,[]*)(:([0-9]+))?(/([^?]*))?(\?(.*))?$' part parts
  [[ $1 =~ $pattern ]] || wrong "DATABASE_URL isn't postgresql://user:password@host:port/database?parameter=value."
  parts=("${BASH_REMATCH[@]}")
  [ -z "${parts[3]}" ] || { PGUSER=$(decode "${parts[3]}"); export PGUSER; }
  [ -z "${parts[5]}" ] || { PGPASSWORD=$(decode "${parts[5]}"); export PGPASSWORD; }
  [ -z "${parts[6]}" ] || { PGHOST=$(decode "${parts[6]//[\[\]]/}"); export PGHOST; }
  [ -z "${parts[8]}" ] || export PGPORT=${parts[8]}
  [ -z "${parts[10]}" ] || { PGDATABASE=$(decode "${parts[10]}"); export PGDATABASE; }
  local IFS='&'
  for part in ${parts[12]}; do
    local value
    value=$(decode "${part#*=}")
    case ${part%%=*} in
      sslmode) export PGSSLMODE=$value ;;
      sslrootcert) export PGSSLROOTCERT=$value ;;
      sslcert) export PGSSLCERT=$value ;;
      sslkey) export PGSSLKEY=$value ;;
      connect_timeout) export PGCONNECT_TIMEOUT=$value ;;
      *) wrong "DATABASE_URL has the parameter ${part%%=*}, which isn't supported; set libpq's environment variable instead." ;;
    esac
  done
}
[ -z "${DATABASE_URL:-}" ] || use_uri "$DATABASE_URL"
unset DATABASE_URL
export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-15} PGAPPNAME=energyaspire-backup PGDATABASE=${PGDATABASE:-postgres}

for program in tar gzip sha256sum ${BROKER_MANAGEMENT:+curl} ${passphrase:+openssl}; do
  command -v "$program" >/dev/null || fail "the program $program is missing."
done

# Folders that may contain PostgreSQL's programs, newest version first. Debian installs each version outside the PATH.
folders() {
  if [ -n "$programs" ]; then printf '%s\n' "$programs"; return; fi
  printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse
  tr ':' '\n' <<<"$PATH"
}

sql() { "$psql" --no-psqlrc --no-password --quiet --tuples-only --no-align --command "$1"; }

find_programs() {
  local folder
  psql=""
  while read -r folder; do
    if [ -x "$folder/psql" ]; then psql=$folder/psql; break; fi
  done < <(folders)
  [ -n "$psql" ] || fail "PostgreSQL's client programs are missing${programs:+ in $programs}. Install them (apt-get install postgresql-client) or name their folder by --programs."

  server_version=$(sql 'show server_version_num') || fail "PostgreSQL doesn't answer, see above."
  major=$((server_version / 10000))
  # The verification reads the WAL, so its programs must be of the server's version.
  bin=""
  local pattern="\) ${major}([^0-9]|\$)"
  while read -r folder; do
    if [ -x "$folder/pg_basebackup" ] && [ -x "$folder/pg_verifybackup" ] && [[ $("$folder/pg_basebackup" --version) =~ $pattern ]]; then bin=$folder; break; fi
  done < <(folders)
  [ -n "$bin" ] || fail "the server is PostgreSQL $major, but pg_basebackup and pg_verifybackup of that version are missing${programs:+ in $programs} (apt-get install postgresql-client-$major postgresql-$major)."
}
find_programs

[ "$(sql "select count(*) from pg_tablespace where spcname not in ('pg_default', 'pg_global')")" = 0 ] \
  || fail "the server has tablespaces, whose folders this backup doesn't contain."

umask 077
started=$(date -u +%Y%m%dT%H%M%SZ)
began=$SECONDS
[ -d "$target" ] || mkdir -p -m 0700 -- "$target" || fail "the folder $target can't be created."
target=$(realpath -- "$target")
[ -w "$target" ] || fail "the folder $target can't be written to."

# A backup that was killed could not delete its folder.
for leftover in "$target/.incomplete-$HOSTNAME-"*; do
  [ -d "$leftover" ] || continue
  process=${leftover#"$target/.incomplete-$HOSTNAME-"} && process=${process%%-*}
  if [[ $(tr '\0' ' ' <"/proc/$process/cmdline") == *backup.sh* ]] 2>/dev/null; then
    fail "another backup (process $process) writes to $target."
  fi
  rm -rf -- "$leftover"
done

size=$(sql 'select coalesce(sum(pg_database_size(oid)), 0)::bigint from pg_database') || fail "the size of the databases can't be read."
free=$(($(df --output=avail --block-size=1 -- "$target" | tail -n 1)))
[ "$free" -gt "$size" ] || fail "the databases have $((size / 1000000)) MB, but only $((free / 1000000)) MB are free in $target."

work=$target/.incomplete-$HOSTNAME-$$-$started
child=""
finish() {
  local code=$?
  trap - EXIT TERM INT HUP
  if [ -n "$child" ] && kill "$child" 2>/dev/null; then wait "$child" || true; fi
  rm -rf -- "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP
# Bash reacts to a signal at once only while it waits for a background process.
run() { "$@" & child=$!; local code=0; wait "$child" || code=$?; child=""; return "$code"; }

mkdir -- "$work"

encrypt() { if [ -n "$passphrase" ]; then openssl enc -aes-256-cbc -pbkdf2 -iter 600000 -salt -pass "file:$passphrase"; else cat; fi; }
decrypt() { if [ -n "$passphrase" ]; then openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass "file:$passphrase"; else cat; fi; }
suffix=${passphrase:+.enc}

broker=no
if [ -n "${BROKER_MANAGEMENT:-}" ]; then
  [[ $BROKER_MANAGEMENT =~ ^https?://[^@]+$ ]] || wrong "BROKER_MANAGEMENT must be an address such as http://host:15672, without an account."
  [ -z "${BROKER_PASSWORD_FILE:-}" ] || BROKER_PASSWORD=$(head -n 1 -- "$BROKER_PASSWORD_FILE") || wrong "BROKER_PASSWORD_FILE can't be read."
  [ -n "${BROKER_USER:-}" ] && [ -n "${BROKER_PASSWORD:-}" ] || wrong "BROKER_USER and BROKER_PASSWORD (or BROKER_PASSWORD_FILE) must be set with BROKER_MANAGEMENT."
  account="$BROKER_USER:$BROKER_PASSWORD"
  account=${account//\\/\\\\}
  printf 'user = "%s"\n' "${account//\"/\\\"}" \
    | curl --config - --fail --silent --show-error --max-time 60 --output "$work/definitions" "${BROKER_MANAGEMENT%/}/api/definitions" \
    || fail "the broker's definitions can't be read from $BROKER_MANAGEMENT. Without BROKER_MANAGEMENT, PostgreSQL alone is backed up."
  grep -q '"queues"' "$work/definitions" && grep -q '"permissions"' "$work/definitions" || fail "$BROKER_MANAGEMENT answered with something else than definitions."
  encrypt <"$work/definitions" >"$work/broker-definitions.json$suffix" || fail "the broker's definitions can't be written."
  rm -- "$work/definitions"
  broker=yes
fi
unset BROKER_PASSWORD account

# Plain files, because pg_verifybackup of the versions before 18 can't read an archive. The archive is compared with the verified files below.
data=$work/data
run "$bin/pg_basebackup" --pgdata="$data" --format=plain --wal-method=stream --checkpoint=fast --manifest-checksums=SHA256 --no-password --label="energyaspire $started" \
  || fail "pg_basebackup failed, see above. It needs a role with REPLICATION, and a line for replication in pg_hba.conf."
ended=$(date -u +%Y%m%dT%H%M%SZ)
run "$bin/pg_verifybackup" --quiet "$data" || fail "the copy isn't what the server sent, see above."

archive=$work/postgres.tar.gz$suffix
tar --create --file=- --directory="$data" . | gzip -1 | encrypt >"$archive" || fail "the archive can't be written."
decrypt <"$archive" | gzip --decompress | tar --compare --file=- --directory="$data" || fail "the archive differs from the verified files."
unpacked=$(du --bytes --summarize -- "$data" | cut -f 1)
rm -rf -- "$data"

cat >"$work/backup.txt" <<INFO
format=1
postgresql=$major
started=$started
ended=$ended
unpacked_bytes=$unpacked
encrypted=$([ -n "$passphrase" ] && echo yes || echo no)
broker=$broker
INFO
(cd -- "$work" && sha256sum -- backup.txt "postgres.tar.gz$suffix" $([ $broker = no ] || echo "broker-definitions.json$suffix") >SHA256SUMS)

# Complete: from here on it has its name. It is on the disk before that.
backup=$target/$started
[ ! -e "$backup" ] || fail "$backup exists already."
sync -- "$work"/* "$work"
mv --no-target-directory -- "$work" "$backup"
sync -- "$target"
say "Backup complete and verified: $backup ($(($(du --bytes --summarize -- "$backup" | cut -f 1) / 1000)) kB, $((SECONDS - began)) s)"

if [ -n "$keep" ]; then
  backups=()
  for folder in "$target"/*; do
    [[ ${folder##*/} =~ ^[0-9]{8}T[0-9]{6}Z$ && -f $folder/SHA256SUMS && -f $folder/backup.txt ]] && backups+=("$folder")
  done
  # The names sort by time. The last one is the newest and is never a candidate.
  for ((number = 0; number < ${#backups[@]} - 1; number++)); do
    if [[ $keep == *d ]]; then
      [[ ${backups[number]##*/} < $(date -u -d "${keep%d} days ago" +%Y%m%dT%H%M%SZ) ]] || break
    else
      ((number < ${#backups[@]} - keep)) || break
    fi
    # Renamed first, so that an interrupted deletion leaves nothing that looks like a backup.
    mv --no-target-directory -- "${backups[number]}" "$work"
    rm -rf -- "$work"
    say "Deleted: ${backups[number]}"
  done
fi
