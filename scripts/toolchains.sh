#!/usr/bin/env bash
# Installs what some tests need and a machine may lack: mono for the C# examples, chromium for pages in a browser.
# Where it cannot, it says so and ends well: the tests skip what is not there, and say that too.
set -uo pipefail

declare -A packages=(
  [mcs]="mono-mcs mono-runtime libmono-system-net-http4.0-cil libmono-system-runtime-serialization4.0-cil"
  [chromium]="chromium"
)

missing=()
for command in "${!packages[@]}"; do
  command -v "$command" >/dev/null || missing+=("$command")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "mcs and chromium are here."
  exit 0
fi
if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
  echo "Not here: ${missing[*]}. It takes apt-get and root to install them; tests that need them are skipped."
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
wait_for_others=(-o DPkg::Lock::Timeout=120)
log=$(mktemp)
apt-get "${wait_for_others[@]}" update >"$log" 2>&1 || tail -n 3 "$log"
for command in "${missing[@]}"; do
  # Words of one entry are packages, so they are split.
  # shellcheck disable=SC2086
  if timeout 600 apt-get "${wait_for_others[@]}" install -y --no-install-recommends ${packages[$command]} >"$log" 2>&1; then
    echo "$command is installed."
  else
    echo "$command could not be installed; tests that need it are skipped. What apt-get said last:"
    tail -n 5 "$log"
  fi
done
rm -f "$log"
