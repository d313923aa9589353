#!/usr/bin/env bash
# Packs the project, installs the package into a clean folder, without what only development needs, and runs it there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
clean=$(mktemp -d)
trap 'rm -rf "$clean"' EXIT
package=$(npm pack --silent --pack-destination "$clean")
cd "$clean"
npm init -y >/dev/null
npm install --silent --omit=dev "./$package"
version=$(npx --no-install synaudit --version)
wanted=$(node -p "require('./node_modules/synaudit/package.json').version")
[ "$version" = "$wanted" ] || { echo "the installed package says version '$version', not '$wanted'" >&2; exit 1; }
npx --no-install synaudit init >/dev/null
[ -s inventory.yaml ] || { echo "the installed package cannot write an inventory" >&2; exit 1; }
for page in $(grep -oE '\]\([^):]+\)' node_modules/synaudit/README.md | tr -d '])('); do
  [ -e "node_modules/synaudit/$page" ] || { echo "the README of the package names $page, which is not in it" >&2; exit 1; }
done
echo "synaudit $version installs and runs from a package of $(du -h "$package" | cut -f1)"
