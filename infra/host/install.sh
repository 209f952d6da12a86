#!/usr/bin/env bash
# Puts argus-agent on this host: the program and a systemd unit. Run it again to upgrade; what is
# in place already is left alone, and runs go on meanwhile.
#
#   ./install.sh                     for yourself: ~/.local/bin and your own systemd
#   sudo ./install.sh --system USER  for USER: /usr/local/bin and the machine's systemd
#
#   --binary FILE   program to install; otherwise the one beside this script or below target/release
#   --root DIR      install into a folder, e.g. for a package; starts nothing
#   --uninstall     take away what was installed; tokens, logs and runs stay
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mode=user user='' root='' binary='' remove=no
while [ $# -gt 0 ]; do
    case $1 in
        --system) mode=system; user=${2:?--system needs a user}; shift ;;
        --binary) binary=${2:?--binary needs a file}; shift ;;
        --root) root=${2:?--root needs a folder}; shift ;;
        --uninstall) remove=yes ;;
        -h|--help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
        *) echo "install.sh: what is $1? see --help" >&2; exit 2 ;;
    esac
    shift
done

if [ $mode = system ]; then
    program=$root/usr/local/bin/argus-agent
    unit=$root/etc/systemd/system/argus-agent@.service
    source=$here/agent.service name=argus-agent@$user ctl='systemctl'
    if [ -z "$root" ]; then
        [ "$(id -u)" = 0 ] || { echo "install.sh: --system needs root: sudo $0 --system $user" >&2; exit 1; }
        id "$user" >/dev/null || { echo "install.sh: there is no user $user" >&2; exit 1; }
    fi
else
    program=$root$HOME/.local/bin/argus-agent
    unit=$root${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user/argus-agent.service
    source=$here/agent.user.service name=argus-agent ctl='systemctl --user'
fi
systemd() { [ -z "$root" ] && command -v systemctl >/dev/null && $ctl show-environment >/dev/null 2>&1; }

if [ $remove = yes ]; then
    ! systemd || $ctl disable --now "$name" 2>/dev/null || true
    rm -f "$unit" "$program"
    ! systemd || $ctl daemon-reload
    echo "argus-agent is gone; its state is in ~/.argus-agent"
    exit 0
fi

if [ -z "$binary" ]; then
    for found in "$here/argus-agent" "$here/../../target/release/argus-agent"; do
        [ -x "$found" ] && binary=$found && break
    done
fi
[ -n "$binary" ] && [ -x "$binary" ] || {
    echo "install.sh: no program to install: cargo build --release -p argus-agent, or --binary FILE" >&2; exit 1; }

# In one piece: a daemon that starts meanwhile sees the old one or the new one.
put() {
    local from=$1 to=$2 bits=$3
    cmp -s "$from" "$to" && [ "$(stat -c %a "$to")" = "$bits" ] && return 1
    mkdir -p "$(dirname "$to")"
    install -m "$bits" "$from" "$to.new"
    mv -f "$to.new" "$to"
    echo "installed $to"
}
changed=no
put "$binary" "$program" 755 && changed=yes
put "$source" "$unit" 644 && changed=yes
[ $changed = yes ] || echo "everything is in place"

if systemd; then
    $ctl daemon-reload
    if $ctl is-active --quiet "$name"; then
        [ $changed = no ] || { $ctl restart "$name" && echo "restarted $name; runs went on"; }
    else
        echo "next: log in and start it"
        if [ $mode = system ]; then
            echo "  sudo -u $user ARGUS_URL=https://… ARGUS_TOKEN=em_live_… $program login"
        else
            echo "  ARGUS_URL=https://… ARGUS_TOKEN=em_live_… $program login"
        fi
        echo "  $ctl enable --now $name"
    fi
fi
