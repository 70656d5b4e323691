#!/usr/bin/env bash
# Installs a whole build tree into an empty prefix, compares what is there with a list,
# has the installed programs answer, and runs the installed scheduler with a plugin in C
# that was built against that prefix with CMake and by hand.
#   install_test.sh BUILD_DIR VERSION with-vendor|without-vendor
set -euo pipefail
build=$1 version=$2 vendor=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$build/tests/install
rm -rf "$work"
mkdir -p "$work"
prefix=$work/prefix

fail() {
  echo "install_test: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$prefix" >"$work/install.log" 2>&1 || { cat "$work/install.log" >&2; exit 1; }

# Everything that is installed, and nothing else. A new file belongs here on purpose.
cat >"$work/expected" <<'TEXT'
bin/ostler
bin/ostler-cluster
include/ostler/base.h
include/ostler/draft/advisor.h
include/ostler/draft/advisor.hpp
include/ostler/host.h
include/ostler/http.h
include/ostler/metrics.h
include/ostler/offers.h
include/ostler/ostler.h
include/ostler/plugin.h
include/ostler/plugin.hpp
include/ostler/routes.h
include/ostler/secrets.h
include/ostler/state.h
lib/cmake/ostler/OstlerPlugin.cmake
lib/cmake/ostler/ostlerConfig.cmake
lib/cmake/ostler/ostlerConfigVersion.cmake
lib/cmake/ostler/ostlerTargets.cmake
lib/cmake/ostler/plugin.exports
lib/ostler/plugins/advisor-zookeeper.so
lib/ostler/plugins/http-pistache.so
lib/ostler/plugins/metrics-dropwizard.so
lib/ostler/plugins/metrics-prometheus.so
lib/ostler/plugins/metrics-statsd.so
lib/ostler/plugins/offers-matcher.so
lib/ostler/plugins/secrets-file.so
lib/ostler/plugins/state-sqlite.so
lib/ostler/plugins/state-zookeeper.so
lib/pkgconfig/ostler-plugin.pc
share/ostler/LICENSE
share/ostler/bootstrap
share/ostler/plugins-zookeeper.yaml
share/ostler/plugins.yaml
share/ostler/service/README.md
share/ostler/service/defaults.env
share/ostler/service/log4j.properties.mustache
share/ostler/service/logback.xml.mustache
share/ostler/service/start-server.sh.mustache
share/ostler/service/svc.yml
share/ostler/service/zoo.cfg.mustache
TEXT
(cd "$prefix" && find . -type f -o -type l | sed 's,^\./,,' | LC_ALL=C sort) >"$work/found"
LC_ALL=C sort -o "$work/expected" "$work/expected"
diff -u "$work/expected" "$work/found" || fail "the installed files are not those above"
links=$(find "$prefix" -type l)
[ -z "$links" ] || fail "installed as links to somewhere else: $links"

# The programs answer.
[ "$("$prefix/bin/ostler" --version)" = "ostler $version (plugin ABI 1.0)" ] || fail "ostler --version: $("$prefix/bin/ostler" --version)"
"$prefix/bin/ostler-cluster" --version | grep -qF "$version" || fail "ostler-cluster --version"

# The service definition is complete with its defaults.
cp "$prefix/share/ostler/service/defaults.env" "$work/service.env"
echo "BOOTSTRAP_URI=file://$prefix/share/ostler/bootstrap" >>"$work/service.env"
checked=$("$prefix/bin/ostler" check --env "$work/service.env" "$prefix/share/ostler/service/svc.yml") || fail "ostler check: $checked"
grep -qF "service 'confluent-zookeeper' with 3 pod instances can be deployed" <<<"$checked" || fail "ostler check: $checked"

# A vendor's plugin against the prefix, with CMake and by hand.
cp "$prefix/share/ostler/plugins.yaml" "$work/plugins.yaml"
if [ "$vendor" = with-vendor ]; then
  cp -r "$here/vendor" "$work/vendor"
  {
    cmake -S "$work/vendor" -B "$work/vendor-build" -DCMAKE_PREFIX_PATH="$prefix" && cmake --build "$work/vendor-build"
  } >"$work/vendor.log" 2>&1 || { cat "$work/vendor.log" >&2; fail "a vendor's project does not build"; }
  export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
  read -ra flags <<<"$(pkg-config --cflags --libs ostler-plugin)"
  cc -std=c11 -shared -fPIC "$work/vendor/counter.c" "${flags[@]}" -o "$work/by-hand.so" || fail "pkg-config's flags do not build a plugin"
  [ "$(nm -D --defined-only "$work/by-hand.so" | awk '{print $NF}')" = ostler_library_v1 ] || fail "by-hand.so exports more than one symbol"
  printf '  - name: counter\n    kind: metrics\n    library: %s\n' "$work/vendor-build/counter.so" >>"$work/plugins.yaml"
fi

# The installed scheduler serves its API, with the plugin, although there is no Mesos.
mkdir -p "$work/state"
export PORT_API=0 OSTLER_MASTER=127.0.0.1:1 OSTLER_API_HOST=127.0.0.1 OSTLER_STATE_DIR=$work/state
"$prefix/bin/ostler" run --env "$work/service.env" --plugins "$work/plugins.yaml" --log-format text >"$work/run.log" 2>&1 </dev/null &
scheduler=$!
trap 'kill -9 "$scheduler" 2>/dev/null || true' EXIT
# Until the log names the API, or the scheduler has ended; ctest's limit ends all else.
api=
while [ -z "$api" ] && kill -0 "$scheduler" 2>/dev/null; do
  sleep 0.05
  api=$(sed -n 's,.*the API is at \(http://[^/]*\)/.*,\1,p' "$work/run.log")
done
[ -n "$api" ] || { cat "$work/run.log" >&2; fail "the installed scheduler did not start"; }
api=${api/0.0.0.0/127.0.0.1}
list=$(curl -fsS --max-time 10 "$api/v1/plugins") || { cat "$work/run.log" >&2; fail "no answer from $api/v1/plugins"; }
grep -qF 'io.ostler.state.sqlite' <<<"$list" || fail "/v1/plugins: $list"
if [ "$vendor" = with-vendor ]; then
  grep -qF 'org.example.counter' <<<"$list" || fail "/v1/plugins: $list"
  [[ $(curl -fsS --max-time 10 "$api/v1/metrics/counter") =~ ^[1-9][0-9]*\ samples$ ]] || fail "the vendor's exporter does not answer"
fi
kill -TERM "$scheduler"
code=0
wait "$scheduler" || code=$?
[ $code -eq 0 ] || { cat "$work/run.log" >&2; fail "the scheduler ended with $code after SIGTERM"; }
echo "install_test: $(wc -l <"$work/found") files, all in place"
