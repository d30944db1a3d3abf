// Counters, gauges and histograms in Prometheus' text format. Any thread. Handles stay valid as long as Metrics.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace retell::core {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  void add(double amount = 1.0);

 private:
  friend class Metrics;
  void* impl_ = nullptr;
};

class Gauge {
 public:
  void set(double value);
  void add(double amount);

 private:
  friend class Metrics;
  void* impl_ = nullptr;
};

class Histogram {
 public:
  void observe(double value);

 private:
  friend class Metrics;
  void* impl_ = nullptr;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  // The same name and labels give the same series; names end in the unit (retell_turn_latency_seconds).
  [[nodiscard]] Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  [[nodiscard]] Histogram histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                                    const Labels& labels = {});
  [[nodiscard]] std::string render() const;  // text exposition format 0.0.4
  // The counters or gauges of one name added up, those that `which` wants; 0 when there is none.
  [[nodiscard]] double sum(
      const std::string& name,
      const std::function<bool(const Labels&)>& which = [](const Labels&) { return true; }) const;

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
};

}  // namespace retell::core
