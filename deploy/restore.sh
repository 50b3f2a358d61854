#!/usr/bin/env bash
# Unpacks a backup of backup.sh into an empty folder, which PostgreSQL can then be started on. docs/operations.md explains backup and restore.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: restore.sh [--passphrase-file FILE] [--definitions FILE] [--owner USER] [--programs FOLDER] BACKUP TARGET_DATA_FOLDER

  BACKUP                  Folder of one backup, named by its UTC time.
  TARGET_DATA_FOLDER      PostgreSQL's new data folder. It must be empty or not exist yet.
  --passphrase-file FILE  Passphrase of an encrypted backup in the first line. Also BACKUP_PASSPHRASE_FILE.
  --definitions FILE      Writes the broker's definitions to this file, which must not exist.
  --owner USER            Owner of the data folder; only root can set another one. For root the default is postgres.
  --programs FOLDER       PostgreSQL's programs; otherwise those of the backup's version are searched. Also POSTGRES_PROGRAMS.

Exit code: 0 the folder is restored and verified; 1 it failed, and the target is as before; 2 the options are wrong.
USAGE
}

fail() { printf 'restore.sh: %s\n' "$1" >&2; exit "${2:-1}"; }
wrong() { fail "$1" 2; }

passphrase=${BACKUP_PASSPHRASE_FILE:-}
programs=${POSTGRES_PROGRAMS:-}
definitions=""
owner=""
names=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --passphrase-file | --definitions | --owner | --programs)
      [ $# -ge 2 ] && [ -n "$2" ] || wrong "$1 needs a value."
      case $1 in --passphrase-file) passphrase=$2 ;; --definitions) definitions=$2 ;; --owner) owner=$2 ;; --programs) programs=$2 ;; esac
      shift 2 ;;
    -*) wrong "unknown option $1; --help lists them." ;;
    *) names+=("$1"); shift ;;
  esac
done
[ ${#names[@]} = 2 ] || { usage >&2; exit 2; }
backup=${names[0]%/} target=${names[1]%/}

[ -f "$backup/backup.txt" ] && [ -f "$backup/SHA256SUMS" ] || wrong "$backup isn't a complete backup."
[ ! -e "$target" ] || [ -d "$target" ] || wrong "$target is a file."
[ ! -d "$target" ] || [ -z "$(ls -A -- "$target")" ] || wrong "$target isn't empty. Nothing was changed; name an empty folder."
[ -z "$definitions" ] || [ ! -e "$definitions" ] || wrong "$definitions exists already."
if [ "$(id -u)" = 0 ]; then
  owner=${owner:-postgres}
  id -u -- "$owner" >/dev/null 2>&1 || wrong "there is no user $owner; --owner names another one."
elif [ -n "$owner" ] && [ "$owner" != "$(id -un)" ]; then
  wrong "only root can restore for another user."
fi
read_info() { sed -n "s/^$1=//p" "$backup/backup.txt"; }

(cd -- "$backup" && sha256sum --check --quiet --strict SHA256SUMS) || fail "the backup is damaged, see above."
[ "$(read_info format)" = 1 ] || fail "the backup has a format that this version doesn't know."
major=$(read_info postgresql)
suffix=""
if [ "$(read_info encrypted)" = yes ]; then
  [ -n "$passphrase" ] || wrong "the backup is encrypted: --passphrase-file must name the file with its passphrase."
  [ -r "$passphrase" ] || wrong "the passphrase file $passphrase can't be read."
  command -v openssl >/dev/null || fail "the program openssl is missing."
  passphrase=$(realpath -- "$passphrase")
  suffix=.enc
else
  passphrase=""
fi
decrypt() { if [ -n "$passphrase" ]; then openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass "file:$passphrase"; else cat; fi; }

folders() {
  if [ -n "$programs" ]; then printf '%s\n' "$programs"; return; fi
  printf '%s\n' "/usr/lib/postgresql/$major/bin"
  tr ':' '\n' <<<"$PATH"
}
bin=""
pattern="\) ${major}([^0-9]|\$)"
while read -r folder; do
  if [ -x "$folder/pg_verifybackup" ] && [[ $("$folder/pg_verifybackup" --version) =~ $pattern ]]; then bin=$folder; break; fi
done < <(folders)
[ -n "$bin" ] || fail "the backup is of PostgreSQL $major, whose programs are missing${programs:+ in $programs} (apt-get install postgresql-$major)."

umask 077
existed=no
[ ! -d "$target" ] || existed=yes
# Not its parents: with these modes PostgreSQL could not reach the folder.
[ $existed = yes ] || mkdir -- "$target" || fail "the folder $target can't be created."
target=$(realpath -- "$target")
needed=$(read_info unpacked_bytes)
free=$(($(df --output=avail --block-size=1 -- "$target" | tail -n 1)))
work=$target/.restoring
made=""
finish() {
  local code=$?
  trap - EXIT TERM INT HUP
  rm -rf -- "$work"
  if [ "$code" != 0 ]; then
    [ -z "$made" ] || rm -f -- "$made"
    # Nothing but files of this restoration can be there, because the folder was empty.
    find "$target" -mindepth 1 -delete
    [ $existed = yes ] || rmdir -- "$target"
  fi
  exit "$code"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP
[ "$free" -gt "$needed" ] || fail "the backup needs $((needed / 1000000)) MB, but only $((free / 1000000)) MB are free in $target."

if [ -n "$definitions" ]; then
  [ "$(read_info broker)" = yes ] || fail "the backup contains no definitions of a broker."
  made=$definitions
  decrypt <"$backup/broker-definitions.json$suffix" >"$definitions" || fail "the broker's definitions can't be decrypted; is it the right passphrase?"
fi

mkdir -- "$work"
decrypt <"$backup/postgres.tar.gz$suffix" | gzip --decompress | tar --extract --file=- --directory="$work" --no-same-owner --preserve-permissions \
  || fail "the archive can't be unpacked${passphrase:+; is it the right passphrase?}"
[ "$(cat -- "$work/PG_VERSION")" = "$major" ] || fail "the archive isn't of PostgreSQL $major."
"$bin/pg_verifybackup" --quiet "$work" || fail "the unpacked files aren't those of the backup, see above."

# PostgreSQL requires these modes, and refuses to start as root.
find "$work" -type d -exec chmod 0700 {} + -o -type f -exec chmod 0600 {} +
[ -z "$owner" ] || chown -R -- "$owner:$(id -gn -- "$owner")" "$work"
[ -z "$owner" ] || chown -- "$owner:$(id -gn -- "$owner")" "$target"
chmod 0700 -- "$target"
sync -f -- "$work"
# PG_VERSION last: PostgreSQL doesn't start on a folder without it.
find "$work" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv --target-directory="$target" -- {} +
mv --target-directory="$target" -- "$work/PG_VERSION"
rmdir -- "$work"
sync -f -- "$target"

cat <<NEXT
Restored and verified: $target (PostgreSQL $major, as at $(read_info ended))
Next:
1. Start PostgreSQL on it as ${owner:-$(id -un)}: $bin/postgres -D $target, or by its service unit with this data folder. It recovers by itself.
2. Import the definitions if the broker is new: rabbitmqctl import_definitions FILE (--definitions FILE writes it). The passwords are those of before.
3. Remove events that are newer than the backup, while the services are stopped: rabbitmqctl purge_queue user_sync_queue, device_sync_queue and sync_queue
   (one command each). Leave device_data_queue: it holds readings that are not stored yet.
4. Start the services with the same Identity:KeyPassphrase as before.
5. Rebuild the replicas: POST /api/devices/users/rebuild, then POST /api/monitoring/replicas/rebuild.
6. Verify the ledger: GET /api/monitoring/ledger?verify=true
NEXT
