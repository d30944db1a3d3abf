-- The request from the environment, and the outcome as one line of JSON.
wrk.method = os.getenv("METHOD")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("API_KEY")
if wrk.method ~= "GET" then
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = os.getenv("BODY")
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"us":%d,"failed":%d,"p50":%d,"p95":%d,"p99":%d}\n', summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50),
    latency:percentile(95), latency:percentile(99)))
end
