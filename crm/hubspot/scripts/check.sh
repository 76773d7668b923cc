#!/usr/bin/env bash
# Checks the HubSpot project: types, tests, and that the bundles in the sandbox are what the sources build.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null; then
  echo "crm/hubspot is not checked: it needs Node 20 or newer"
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
# Installing takes 20 s, so only where the lock has changed since.
if ! cmp -s package-lock.json node_modules/.leadgauge-lock; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.leadgauge-lock
fi
npm run --silent types
npm run --silent test
npm run --silent compare
echo "crm/hubspot: types, tests and bundles are as they should be"
