#!/bin/sh
# Prints what an image consists of as SPDX 2.3 (tag-value): its Debian packages, and the sources of a lock file of npm
# packages (engines.lock). Runs while the image is built.
#   sbom.sh NAME [LOCK]
set -eu
name=$1
lock=${2:-}

cat <<END
SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: $name
DocumentNamespace: https://retellai-mvp.com/spdx/$name
Creator: Tool: scripts/sbom.sh
Created: 1970-01-01T00:00:00Z
END

# package NAME VERSION PURL
package() {
  printf '\nPackageName: %s\nSPDXID: SPDXRef-%s\nPackageVersion: %s\nPackageDownloadLocation: NOASSERTION\nFilesAnalyzed: false\n' \
    "$1" "$(echo "$1" | tr -c 'A-Za-z0-9.\n-' '-')" "$2"
  printf 'ExternalRef: PACKAGE-MANAGER purl %s\n' "$3"
}

dpkg-query -W -f='${Package} ${Version} ${Architecture}\n' | while read -r package version architecture; do
  package "$package" "$version" "pkg:deb/debian/$package@$version?arch=$architecture"
done
if [ -n "$lock" ]; then
  grep -v '^#' "$lock" | while read -r engine client what _; do
    if [ "$client" = npm ]; then package "$engine" "${what##*@}" "pkg:npm/${what%@*}@${what##*@}"; fi
  done
fi
