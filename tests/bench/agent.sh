#!/usr/bin/env bash
# What an idle argus-agent costs: memory and processor time over a while, against a real server.
#   ARGUS_LOCAL_BIN=… ARGUS_AGENT_BIN=… bash tests/bench/agent.sh [SECONDS]
# Fails above 12 MB of memory or 0.2 % of a core.
set -euo pipefail
seconds=${1:-60}
folder=$(mktemp -d)
trap 'kill "${agent:-}" "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
"$ARGUS_LOCAL_BIN" --ephemeral --port 0 >"$folder/server" 2>/dev/null &
server=$!
until grep -q listening "$folder/server"; do sleep 0.05; done
url=$(grep -o 'http://[^ ]*' "$folder/server")
post() { curl -sf -H 'Content-Type: application/json' ${3:+-H "Authorization: Bearer $3"} -d "$2" "$url$1"; }
field() { python3 -c "import json,sys; print(json.load(sys.stdin)['$1'])"; }
post /api/auth/register '{"username":"bench","email":"b@example.com","password":"correct-horse-7"}' >/dev/null
session=$(post /api/auth/login '{"username_or_email":"bench","password":"correct-horse-7"}' | field access_token)
token=$(post /api/tokens '{"name":"bench","scope":"reporter"}' "$session" | field token)
export HOME=$folder ARGUS_URL=$url ARGUS_AGENT_HOME=$folder/agent
ARGUS_TOKEN=$token "$ARGUS_AGENT_BIN" login >/dev/null
"$ARGUS_AGENT_BIN" 2>/dev/null &
agent=$!
until "$ARGUS_AGENT_BIN" status >/dev/null; do sleep 0.1; done
ticks() { awk '{print $14 + $15}' "/proc/$agent/stat"; }
before=$(ticks)
sleep "$seconds"
after=$(ticks)
rss=$(awk '/^VmRSS/ {print $2}' "/proc/$agent/status")
peak=$(awk '/^VmHWM/ {print $2}' "/proc/$agent/status")
python3 - "$rss" "$peak" "$before" "$after" "$seconds" "$(getconf CLK_TCK)" <<'P'
import sys
rss, peak, before, after, seconds, hz = map(int, sys.argv[1:])
cpu = (after - before) / hz / seconds * 100
print("| what | measured | bound |\n|---|---|---|")
print(f"| idle memory (RSS) | {rss / 1024:.1f} MB, peak {peak / 1024:.1f} MB | 12 MB |")
print(f"| idle processor time over {seconds} s | {cpu:.3f} % of a core | 0.2 % |")
sys.exit(rss > 12 * 1024 or cpu > 0.2)
P
