#!/usr/bin/env bash
# Checks the Salesforce project: types, SLDS, tests, the manifest, and that the sandbox ships what the sources build.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' 2>/dev/null; then
  echo "crm/salesforce is not checked: it needs Node 20 or newer"
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
# Installing takes half a minute, so only where the lock has changed since.
if ! cmp -s package-lock.json node_modules/.leadgauge-lock; then
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.leadgauge-lock
fi
npm run --silent types
# The linter fails on errors only; a color without a hook is a warning to it.
found=$(npm run --silent lint 2>&1) || { echo "$found"; exit 1; }
echo "$found"
grep -q "0 errors  0 warnings" <<<"$found"
npm run --silent test
npm run --silent manifest
npm run --silent compare
echo "crm/salesforce: types, styles, tests, manifest and bundle are as they should be"
