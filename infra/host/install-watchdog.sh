#!/usr/bin/env bash
# Installs argus-watchdog as a service. Run it again to update: nothing that people changed is
# overwritten, and nothing is done twice.
set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: install-watchdog.sh [options]
  --binary FILE   the program                 [argus-watchdog beside this script, else the one built]
  --user NAME     user it runs as             [who called sudo, else root]
  --unit NAME     a unit it may restart, such as nginx.service; may be given several times
  --prefix DIR    install below DIR instead of / and start nothing (for packages and tests)
  --no-start      install, but do not start
  --uninstall     remove program and service; settings and state stay
  -h, --help      this text

Example:
  sudo ./install-watchdog.sh --user train --unit jupyter.service
USAGE
}

die() { echo "install-watchdog: $*" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
binary="" user="" prefix="" start=yes uninstall=no units=()
while [ $# -gt 0 ]; do
  case "$1" in
    --binary) binary=${2:?--binary needs a file}; shift 2 ;;
    --user) user=${2:?--user needs a name}; shift 2 ;;
    --unit) units+=("${2:?--unit needs a name}"); shift 2 ;;
    --prefix) prefix=${2:?--prefix needs a folder}; start=no; shift 2 ;;
    --no-start) start=no; shift ;;
    --uninstall) uninstall=yes; shift ;;
    -h|--help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

[ -n "$prefix" ] || [ "$(id -u)" = 0 ] || die "needs root: sudo $0"
program=$prefix/usr/local/bin/argus-watchdog
service=$prefix/etc/systemd/system/argus-watchdog.service
rules=$prefix/etc/polkit-1/rules.d/60-argus-watchdog.rules
running() { [ -z "$prefix" ] && [ -d /run/systemd/system ]; }

if [ "$uninstall" = yes ]; then
  if running; then systemctl disable --now argus-watchdog.service 2>/dev/null || true; fi
  rm -f "$program" "$service" "$rules"
  if running; then systemctl daemon-reload; fi
  echo "removed; settings stay in $prefix/etc/argus, state in $prefix/var/lib/argus-watchdog"
  exit 0
fi

if [ -z "$binary" ]; then
  for candidate in "$here/argus-watchdog" "$here/../../target/release/argus-watchdog"; do
    if [ -x "$candidate" ]; then binary=$candidate; break; fi
  done
fi
[ -x "${binary:-/nonexistent}" ] || die "no program found: build it with 'cargo build --release -p argus-watchdog' or give --binary FILE"
user=${user:-${SUDO_USER:-root}}
id "$user" >/dev/null 2>&1 || die "there is no user '$user'"
home=$(getent passwd "$user" | cut -d: -f6)
for unit in "${units[@]}"; do
  [[ $unit =~ ^[A-Za-z0-9@._:-]+\.service$ ]] || die "'$unit' is not the full name of a service, such as nginx.service"
done

# put TARGET MODE: standard input, written only if it differs.
changed=no
put() {
  local target=$1 mode=$2 fresh
  mkdir -p "$(dirname "$target")"
  fresh=$(mktemp "$target.XXXXXX")
  cat >"$fresh"
  chmod "$mode" "$fresh"
  if cmp -s "$fresh" "$target"; then rm -f "$fresh"; else mv -f "$fresh" "$target"; changed=yes; echo "wrote $target"; fi
}

put "$program" 0755 <"$binary"

# Root keeps only what it needs to look at and end the processes of listed users.
capabilities="" private=yes
if [ "$user" = root ]; then capabilities="CAP_KILL CAP_SYS_PTRACE CAP_DAC_READ_SEARCH"; fi
# The driver of the GPUs is reached through its devices.
if [ -e /dev/nvidiactl ]; then private=no; fi
sed -e "s|@USER@|$user|" -e "s|@HOME@|$home|g" -e "s|@CAPABILITIES@|$capabilities|" \
  -e "s|@PRIVATE_DEVICES@|$private|" "$here/watchdog.service" | put "$service" 0644

mkdir -p "$prefix/etc/argus/credentials"
chmod 0700 "$prefix/etc/argus/credentials"
settings=$prefix/etc/argus/watchdog.toml
if [ ! -e "$settings" ]; then
  list=$(printf '"%s", ' "${units[@]}")
  [ ${#units[@]} -gt 0 ] || list=""
  "$binary" check-config --defaults | sed -e "s|^units = \[\]|units = [${list%, }]|" \
    -e 's|^state_dir = ""|state_dir = "/var/lib/argus-watchdog"|' | put "$settings" 0644
elif [ ${#units[@]} -gt 0 ]; then
  echo "kept $settings; add to its services.units what is missing: ${units[*]}"
fi

# A user who is not root may restart exactly these units, and do nothing else to any.
if [ "$user" != root ] && [ ${#units[@]} -gt 0 ]; then
  list=$(printf '"%s", ' "${units[@]}")
  put "$rules" 0644 <<RULES
// argus-watchdog may restart the units its settings list.
polkit.addRule(function (action, subject) {
  var units = [${list%, }];
  if (action.id == "org.freedesktop.systemd1.manage-units" && subject.user == "$user" &&
      action.lookup("verb") == "restart" && units.indexOf(action.lookup("unit")) >= 0) {
    return polkit.Result.YES;
  }
});
RULES
fi

ARGUS_STATE_DIR=${prefix}/var/lib/argus-watchdog HOME=$home "$program" --config "$settings" check-config ||
  die "the settings in $settings cannot be used; mend them and run this again"

if running; then
  systemctl daemon-reload
  if [ "$start" = yes ]; then
    systemctl enable argus-watchdog.service
    if [ "$changed" = yes ]; then systemctl restart argus-watchdog.service; else systemctl start argus-watchdog.service; fi
    echo "running; look at it with: argus-watchdog status"
  fi
fi
[ "$changed" = yes ] || echo "nothing to change"
echo "for the first 24 h it only looks; argus-watchdog explain says what it would do"
