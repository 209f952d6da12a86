# Sourced by the other scripts: which emulator, where, and as whom.
#   KIND   process (default: ministack from PyPI, no Docker), ministack or localstack (Docker compose)
#   PORT   where it listens, 4566
#   STAGE  name of the copy, local
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export KIND=${KIND:-process} PORT=${PORT:-4566} STAGE=${STAGE:-local}
export AWS_REGION=${AWS_REGION:-us-east-1} AWS_DEFAULT_REGION=${AWS_REGION:-us-east-1}
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_ENDPOINT_URL=http://127.0.0.1:$PORT
unset AWS_PROFILE AWS_SESSION_TOKEN
state=${XDG_STATE_HOME:-$HOME/.local/state}/argus/emulator-$PORT
venv=${XDG_CACHE_HOME:-$HOME/.cache}/argus/lambda-tests

case $KIND in
  process | ministack) health=/_ministack/health ;;
  localstack) health=/_localstack/health ;;
  *) echo "KIND is process, ministack or localstack, not $KIND" >&2; exit 2 ;;
esac

# The AWS CLI and the emulator, in the versions the tests use.
tools() {
  if ! cmp -s "$root/tests/lambda/requirements.txt" "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$root/tests/lambda/requirements.txt"
    cp "$root/tests/lambda/requirements.txt" "$venv/requirements.txt"
  fi
  export PATH=$venv/bin:$PATH
}
