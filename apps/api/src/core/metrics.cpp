#include "core/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace retell::core {

struct Metrics::Registry {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
};

void Counter::add(double amount) {
  if (impl_ != nullptr) static_cast<prometheus::Counter*>(impl_)->Increment(amount);
}

void Gauge::set(double value) {
  if (impl_ != nullptr) static_cast<prometheus::Gauge*>(impl_)->Set(value);
}

void Gauge::add(double amount) {
  if (impl_ != nullptr) static_cast<prometheus::Gauge*>(impl_)->Increment(amount);
}

void Histogram::observe(double value) {
  if (impl_ != nullptr) static_cast<prometheus::Histogram*>(impl_)->Observe(value);
}

Metrics::Metrics() : registry_(std::make_unique<Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  Counter handle;
  handle.impl_ = &prometheus::BuildCounter().Name(name).Help(help).Register(registry_->registry).Add(labels);
  return handle;
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  Gauge handle;
  handle.impl_ = &prometheus::BuildGauge().Name(name).Help(help).Register(registry_->registry).Add(labels);
  return handle;
}

Histogram Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                             const Labels& labels) {
  Histogram handle;
  handle.impl_ = &prometheus::BuildHistogram().Name(name).Help(help).Register(registry_->registry).Add(labels, bounds);
  return handle;
}

double Metrics::sum(const std::string& name, const std::function<bool(const Labels&)>& which) const {
  double total = 0;
  for (const auto& family : registry_->registry.Collect()) {
    if (family.name != name) continue;
    for (const auto& series : family.metric) {
      Labels labels;
      for (const auto& label : series.label) labels.emplace(label.name, label.value);
      // The kind that a series is not stays 0.
      if (which(labels)) total += series.counter.value + series.gauge.value;
    }
  }
  return total;
}

std::string Metrics::render() const { return prometheus::TextSerializer().Serialize(registry_->registry.Collect()); }

}  // namespace retell::core
