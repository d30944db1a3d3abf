-- The request from the environment, and the outcome as one line of JSON. With PAUSE, each connection waits before each
-- request: for twice that many ms at most, evenly spread, so that requests come singly and at random.
wrk.method = os.getenv("METHOD")
wrk.headers["Authorization"] = "Bearer " .. os.getenv("API_KEY")
if wrk.method ~= "GET" then
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = os.getenv("BODY")
end

local pause = tonumber(os.getenv("PAUSE") or "0")
if pause > 0 then
  math.randomseed(1)
  function delay()
    return math.floor(math.random() * 2 * pause + math.random())
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"us":%d,"failed":%d,"mean":%d,"p50":%d,"p95":%d,"p99":%d}\n', summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout, latency.mean, latency:percentile(50),
    latency:percentile(95), latency:percentile(99)))
end
